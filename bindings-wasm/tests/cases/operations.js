// Every operation, through the whole binding and back.
import { expect } from "chai";
import * as pocketkms from "pocketkms";
import { ACCOUNT, REGION, START, bytes, text, vault } from "../support/help.js";

const arn = (resource) => `arn:aws:kms:${REGION}:${ACCOUNT}:${resource}`;
const later = (days) => new Date(START.getTime() + days * 86_400_000);

export default {
  async "a key is created, described, listed, disabled and enabled"() {
    const { kms } = await vault();
    const request = { description: "first", tags: [{ tagKey: "team", tagValue: "web" }] };
    const { keyMetadata: key } = await kms.createKey(request);
    expect(key).to.deep.include({
      awsAccountId: ACCOUNT,
      arn: arn(`key/${key.keyId}`),
      creationDate: START,
      enabled: true,
      description: "first",
      keySpec: "SYMMETRIC_DEFAULT",
      encryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    });
    expect(key).not.to.have.property("deletionDate");
    expect(await kms.listResourceTags({ keyId: key.keyId })).to.deep.equal({ tags: request.tags, truncated: false });

    expect(await kms.updateKeyDescription({ keyId: key.keyId, description: "second" })).to.equal(undefined);
    await kms.disableKey({ keyId: key.keyId });
    const { keyMetadata: disabled } = await kms.describeKey({ keyId: key.arn });
    expect(disabled).to.include({ description: "second", enabled: false, keyState: "Disabled" });
    await kms.enableKey({ keyId: key.keyId });
    expect((await kms.describeKey({ keyId: key.keyId })).keyMetadata.keyState).to.equal("Enabled");
  },

  async "lists come page by page"() {
    const { kms } = await vault();
    await kms.createKey({});
    const first = await kms.listKeys({ limit: 1 });
    expect(first).to.include({ truncated: true });
    const second = await kms.listKeys({ limit: 1, marker: first.nextMarker });
    expect(second).to.have.keys("keys", "truncated");
    const all = await kms.listKeys();
    expect(all).to.deep.equal({ keys: [...first.keys, ...second.keys], truncated: false });
  },

  async "an alias is moved to another key, and old data still decrypts"() {
    const { kms, key } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("old") });
    const { keyMetadata: other } = await kms.createKey();
    await kms.updateAlias({ aliasName: "alias/test", targetKeyId: other.keyId });
    const { aliases } = await kms.listAliases({ keyId: other.keyId });
    expect(aliases).to.have.length(1);
    expect(aliases[0]).to.include({ aliasName: "alias/test", aliasArn: arn("alias/test"), targetKeyId: other.keyId });
    expect(await kms.decrypt({ ciphertextBlob })).to.deep.include({ plaintext: bytes("old"), keyId: key.arn });
    await kms.deleteAlias({ aliasName: "alias/test" });
    expect((await kms.listAliases()).aliases).to.deep.equal([]);
  },

  async "data is encrypted, decrypted and encrypted anew"() {
    const { kms, key } = await vault();
    const encryptionContext = { purpose: "test", KeyId: "names stay as they are", ключ: "鍵", __proto__x: "" };
    const encrypted = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("Grüße"), encryptionContext });
    expect(encrypted).to.include({ keyId: key.arn, encryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    expect(encrypted.ciphertextBlob).to.be.an.instanceof(Uint8Array);

    const { ciphertextBlob } = encrypted;
    const decrypted = await kms.decrypt({ ciphertextBlob, encryptionContext });
    expect(text(decrypted.plaintext)).to.equal("Grüße");
    expect(decrypted).to.include({ keyId: key.arn, keyMaterialId: key.currentKeyMaterialId });

    const { keyMetadata: other } = await kms.createKey();
    const moved = await kms.reEncrypt({
      ciphertextBlob,
      sourceEncryptionContext: encryptionContext,
      destinationKeyId: other.keyId,
      destinationEncryptionContext: { purpose: "moved" },
    });
    expect(moved).to.include({ sourceKeyId: key.arn, keyId: other.arn });
    const request = { ciphertextBlob: moved.ciphertextBlob, encryptionContext: { purpose: "moved" } };
    expect(text((await kms.decrypt(request)).plaintext)).to.equal("Grüße");
  },

  async "data keys and random bytes are made"() {
    const { kms } = await vault();
    const dataKey = await kms.generateDataKey({ keyId: "alias/test", keySpec: "AES_256" });
    expect(dataKey.plaintext).to.have.length(32);
    const { plaintext } = await kms.decrypt({ ciphertextBlob: dataKey.ciphertextBlob });
    expect(plaintext).to.deep.equal(dataKey.plaintext);

    const sealed = await kms.generateDataKeyWithoutPlaintext({ keyId: "alias/test", numberOfBytes: 64 });
    expect(sealed).not.to.have.property("plaintext");
    expect((await kms.decrypt({ ciphertextBlob: sealed.ciphertextBlob })).plaintext).to.have.length(64);

    const random = (await kms.generateRandom({ numberOfBytes: 1024 })).plaintext;
    expect(new Set(random).size).to.be.above(200);
  },

  async "a key rotates by the clock and on demand"() {
    const { kms, clock, key } = await vault();
    const { keyId } = key;
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: bytes("old") });
    await kms.enableKeyRotation({ keyId });
    expect(await kms.getKeyRotationStatus({ keyId })).to.deep.include({
      keyRotationEnabled: true,
      rotationPeriodInDays: 365,
      nextRotationDate: later(365),
    });
    clock.advanceDays(366);
    const rotated = (await kms.describeKey({ keyId })).keyMetadata.currentKeyMaterialId;
    expect(rotated).not.to.equal(key.currentKeyMaterialId);
    await kms.rotateKeyOnDemand({ keyId });
    const { rotations } = await kms.listKeyRotations({ keyId, includeKeyMaterial: "ALL_KEY_MATERIAL" });
    expect(rotations.map(({ rotationType }) => rotationType).sort()).to.deep.equal(["AUTOMATIC", "ON_DEMAND", undefined]);
    expect(rotations.map(({ rotationDate }) => rotationDate?.getTime())).to.include.members([later(365).getTime()]);
    await kms.disableKeyRotation({ keyId });
    expect((await kms.getKeyRotationStatus({ keyId })).keyRotationEnabled).to.equal(false);
    expect(text((await kms.decrypt({ ciphertextBlob })).plaintext)).to.equal("old");
  },

  async "a key is deleted after its waiting period, unless that is cancelled"() {
    const { kms, clock, key } = await vault();
    const { keyId } = key;
    const scheduled = await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    expect(scheduled).to.deep.include({ keyState: "PendingDeletion", deletionDate: later(7) });
    await kms.cancelKeyDeletion({ keyId });
    expect((await kms.describeKey({ keyId })).keyMetadata.keyState).to.equal("Disabled");
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(8);
    const error = await kms.describeKey({ keyId }).catch((error) => error);
    expect(error).to.be.an.instanceof(pocketkms.NotFoundException);
  },

  async "tags are set and removed"() {
    const { kms, key } = await vault();
    const { keyId } = key;
    await kms.tagResource({ keyId, tags: [{ tagKey: "a", tagValue: "" }, { tagKey: "b", tagValue: "2" }] });
    await kms.untagResource({ keyId, tagKeys: ["a"] });
    expect((await kms.listResourceTags({ keyId })).tags).to.deep.equal([{ tagKey: "b", tagValue: "2" }]);
  },
};
