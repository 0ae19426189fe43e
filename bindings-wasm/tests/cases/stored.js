// Stored messages: moved to other keys, read in parts, encrypted anew; data keys and branch keys that are kept.
import { expect } from "chai";
import {
  CachingMaterialsManager, CallbackKeyring, DisabledException, EncryptionClient, HierarchicalKeyring, InvalidMessageException,
  KmsKeyring, ManualClock, MultiKeyring, RangeReader, RawEcdhKeyring, UnableToDecryptDataKeyException, UnsupportedOperationException,
  ValidationException,
} from "pocketkms";
import { SIGNED, altered, bytes, clients, inPieces, pattern, rawAes, readAll, rejection, vault } from "../support/help.js";
import { ecKeyPair } from "../support/key-pairs.js";

const client = new EncryptionClient();
const plaintext = pattern(1000);
const options = { frameLength: 64, encryptionContext: { purpose: "test" } };
const encrypt = async (keyring, more) => (await client.encrypt(keyring, plaintext, { ...options, ...more })).message;
const dataKeyOf = async (message) => (await client.inspect(message)).header.encryptedDataKeys[0].ciphertext;

/** A keyring whose promises take their time, and how often it was asked. */
function later(fingerprint) {
  const calls = [];
  const keyring = new CallbackKeyring("hsm", {
    wrap: async (dataKey) => (calls.push("wrap"), { providerInfo: bytes("slot"), ciphertext: dataKey.map((byte) => byte ^ 1) }),
    unwrap: async ({ ciphertext }) => (calls.push("unwrap"), ciphertext.map((byte) => byte ^ 1)),
    fingerprint,
  });
  return { keyring, calls };
}

export default {
  async "a message is rewrapped into a sidecar, and opens under the new key with it alone"() {
    const { keyring: hsm } = later();
    for (const [from, to] of [[rawAes(1), rawAes(2)], [hsm, rawAes(2)], [rawAes(1), new MultiKeyring(hsm, [rawAes(2)])]]) {
      const message = await encrypt(from);
      expect(await rejection(client.rewrap(rawAes(3), to, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
      const { sidecar, header } = await client.rewrap(from, to, new Blob([message]));
      expect(header).to.equal(undefined);
      expect(await rejection(client.decrypt(rawAes(2), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
      for (const at of [0, 10, 60, -1]) {
        expect((await rejection(client.decrypt(rawAes(2), message, { sidecar: altered(sidecar, at) }))).code).to.be.a("number");
      }
      expect(await rejection(client.decrypt(rawAes(2), await encrypt(from), { sidecar }))).to.be.an.instanceof(InvalidMessageException);
      for (const each of clients()) {
        expect((await each.decrypt(rawAes(2), message, { sidecar })).plaintext).to.deep.equal(plaintext);
        const stream = inPieces(message, 100).pipeThrough(each.decryptStream(rawAes(2), { sidecar }));
        expect(await readAll(stream)).to.deep.equal({ bytes: plaintext, error: undefined });
      }
      const info = await client.inspectSidecar(sidecar);
      expect(info.messageId).to.deep.equal((await client.inspect(message)).header.messageId);
      expect(info.wrappingKeys.at(-1)).to.include({ providerId: "tests", keyName: "key 2" });
    }
  },

  async "an old message gets a new header"() {
    const algorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256";
    const [old] = clients(algorithmSuite);
    const { message } = await old.encrypt(rawAes(1), plaintext, { ...options, algorithmSuite });
    const { header, replaces } = await old.rewrap(rawAes(1), rawAes(2), message);
    const moved = new Uint8Array(await new Blob([header, message.subarray(replaces)]).arrayBuffer());
    expect((await old.decrypt(rawAes(2), moved)).plaintext).to.deep.equal(plaintext);
    expect(await rejection(old.decrypt(rawAes(1), moved))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(await old.rewrap(rawAes(1), rawAes(2), message, { sidecarOnly: true })).to.have.keys("sidecar");
  },

  async "what needs rewrapping is told without decrypting"() {
    const { kms, key } = await vault();
    const keyring = new KmsKeyring(kms, key.keyId);
    const message = await encrypt(keyring);
    expect(await client.needsRewrap(keyring, message)).to.equal(false);
    expect(await client.needsRewrap(rawAes(), message)).to.equal(true);
    expect(await client.needsRewrap(later().keyring, message)).to.equal(true);
    await kms.rotateKeyOnDemand({ keyId: key.keyId });
    expect(await client.needsRewrap(keyring, message)).to.equal(true);
    const { sidecar } = await client.rewrap(keyring, keyring, message);
    expect(await client.needsRewrap(keyring, message, { sidecar })).to.equal(false);
  },

  async "a part is read without what comes before it, and nothing of it is believed unverified"() {
    const message = await encrypt(rawAes());
    const { headerLength } = await client.inspect(message);
    const asked = [];
    const source = (bytes) => ({ size: bytes.length, read: async (start, end) => (asked.push([start, end]), bytes.slice(start, end)) });
    const reader = await client.rangeReader(rawAes(), source(message));
    expect(reader).to.be.an.instanceof(RangeReader);
    expect([reader.plaintextLength, reader.header.frameLength, reader.encryptionContext.purpose]).to.deep.equal([1000, 64, "test"]);
    for (const [start, end] of [[0, 0], [0, 1], [63, 65], [128, 192], [100, 900], [990, 1000], [990, 2000], [1000, 1010], [5000, 5001], [0, 1000]]) {
      expect(await reader.read(start, end)).to.deep.equal(plaintext.subarray(start, end));
    }
    asked.length = 0;
    await reader.read(130, 140);
    expect(asked).to.deep.equal([[headerLength + 2 * 96, headerLength + 3 * 96]]);
    const tampered = await client.rangeReader(rawAes(), new Blob([altered(message, headerLength + 2 * 96 + 20)]));
    expect(await tampered.read(0, 128)).to.deep.equal(plaintext.subarray(0, 128));
    expect(await rejection(tampered.read(120, 130))).to.be.an.instanceof(InvalidMessageException);
    const cut = await client.rangeReader(rawAes(), message.subarray(0, headerLength + 3 * 96 + 50)).catch((error) => error);
    expect(cut instanceof InvalidMessageException || await rejection(cut.read(150, 1000))).to.be.ok;
    for (const range of [[-1, 5], [0], [0, 1.5], ["0", 1]]) {
      expect(await rejection(reader.read(...range))).to.be.an.instanceof(TypeError);
    }
    expect(await rejection(reader.read(5, 4))).to.be.an.instanceof(ValidationException);
    expect(await rejection(client.rangeReader(rawAes(8), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    const signed = await encrypt(rawAes(), { algorithmSuite: SIGNED });
    expect(await rejection(client.rangeReader(rawAes(), signed))).to.be.an.instanceof(UnsupportedOperationException);
    const accepted = await client.rangeReader(rawAes(), signed, { acceptUnverifiedSignature: true });
    expect(await accepted.read(70, 80)).to.deep.equal(plaintext.subarray(70, 80));
  },

  async "a message is encrypted anew, bound to the same context"() {
    for (const each of clients()) {
      for (const length of [0, 1000]) {
        const { message } = await each.encrypt(rawAes(1), pattern(length), { ...options, requiredEncryptionContextKeys: ["purpose"] });
        const given = { encryptionContext: { purpose: "test" } };
        const stream = each.reencryptStream(rawAes(1), later().keyring, { ...given, algorithmSuite: SIGNED, frameLength: 100 });
        const { bytes, error } = await readAll(inPieces(message, 70).pipeThrough(stream));
        expect(error).to.equal(undefined);
        expect(await stream.header).to.include({ algorithmSuite: SIGNED, frameLength: 100 });
        expect((await stream.header).encryptionContext).to.have.keys("aws-crypto-public-key");
        expect((await each.decrypt(later().keyring, bytes, given)).plaintext).to.deep.equal(pattern(length));
        const broken = inPieces(altered(message, -1), 70).pipeThrough(each.reencryptStream(rawAes(1), rawAes(2), given));
        expect((await readAll(broken)).error).to.be.an.instanceof(InvalidMessageException);
        const stranger = each.reencryptStream(rawAes(3), rawAes(2), given);
        expect((await readAll(inPieces(message, 70).pipeThrough(stranger))).error).to.be.an.instanceof(UnableToDecryptDataKeyException);
        expect(await rejection(stranger.header)).to.be.an.instanceof(UnableToDecryptDataKeyException);
      }
    }
  },

  async "a cache shares data keys, of keyrings that answer later, too, until one may not be used"() {
    let state = "one";
    const { keyring, calls } = later(async () => { if (state === "gone") throw new RangeError("gone"); return state; });
    const clock = new ManualClock(new Date(0));
    const cache = new CachingMaterialsManager(keyring, { clock, maxMessages: 4, maxAge: 10 });
    const first = await encrypt(cache);
    expect(await dataKeyOf(await encrypt(cache))).to.deep.equal(await dataKeyOf(first));
    expect(await dataKeyOf(await encrypt(cache, { encryptionContext: {} }))).not.to.deep.equal(await dataKeyOf(first));
    for (let count = 0; count < 3; count++) {
      expect((await client.decrypt(cache, first)).plaintext).to.deep.equal(plaintext);
    }
    expect(calls).to.deep.equal(["wrap", "wrap", "unwrap"]);
    clock.advanceDays(1);
    expect(await dataKeyOf(await encrypt(cache))).not.to.deep.equal(await dataKeyOf(first));
    const third = await encrypt(cache);
    state = "two";
    expect(await dataKeyOf(await encrypt(cache)), "rotated").not.to.deep.equal(await dataKeyOf(third));
    state = "gone";
    expect(await rejection(client.encrypt(cache, plaintext))).to.be.an.instanceof(RangeError);
    const never = new CachingMaterialsManager(later().keyring);
    expect(await dataKeyOf(await encrypt(never))).not.to.deep.equal(await dataKeyOf(await encrypt(never)));
    const [one, two] = await Promise.all([1, 2].map(async () => {
      const stream = client.encryptStream(cache);
      await readAll(inPieces(plaintext, 100).pipeThrough(stream)).catch(() => {});
      return stream.header.catch((error) => error);
    }));
    expect([one, two].map((each) => each.name)).to.deep.equal(["RangeError", "RangeError"]);
    cache.clear();
  },

  async "a cache in front of a vault sees rotations and disabled keys at once"() {
    const { kms, key } = await vault();
    const cache = new CachingMaterialsManager(new MultiKeyring(new KmsKeyring(kms, key.keyId)));
    const first = await encrypt(cache);
    expect(await dataKeyOf(await encrypt(cache))).to.deep.equal(await dataKeyOf(first));
    await kms.rotateKeyOnDemand({ keyId: key.keyId });
    expect(await dataKeyOf(await encrypt(cache))).not.to.deep.equal(await dataKeyOf(first));
    await kms.disableKey({ keyId: key.keyId });
    expect(await rejection(client.encrypt(cache, plaintext))).to.be.an.instanceof(DisabledException);
    expect(await rejection(client.decrypt(cache, first))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    kms.close();
    expect((await rejection(client.decrypt(cache, first))).name).to.equal("InvalidStateError");
    expect(() => new CachingMaterialsManager({})).to.throw(TypeError, "a keyring is needed");
    expect(() => new CachingMaterialsManager(rawAes(), { maxAgee: 1 })).to.throw(TypeError, "maxAgee is no option");
    expect(() => new CachingMaterialsManager(rawAes(), { maxAge: "1" })).to.throw(TypeError, "maxAge must be a number");
    expect(await rejection(client.encrypt(new CachingMaterialsManager(rawAes(), { maxEntries: 0 }), plaintext))).to.be.an.instanceof(ValidationException);
  },

  async "branch keys wrap data keys; rotating and leaving a KMS key touches no message"() {
    const { kms, key } = await vault();
    const { branchKeyIdentifier, activeVersion } = await kms.createBranchKey({ kmsKeyId: key.keyId });
    const keyring = new HierarchicalKeyring(kms, branchKeyIdentifier, { ttl: 60 });
    const message = await encrypt(keyring);
    expect((await client.inspect(message)).wrappingKeys[0].providerId).to.equal("aws-kms-hierarchy");
    const rotated = await kms.rotateBranchKey({ branchKeyIdentifier });
    expect(rotated).to.include({ versions: 2, kmsKeyArn: key.arn });
    expect(rotated.activeVersion).not.to.equal(activeVersion);
    const { keyMetadata: other } = await kms.createKey();
    expect(await kms.rewrapBranchKeys({ destinationKmsKeyId: other.keyId })).to.deep.equal({ branchKeys: 1, versions: 2 });
    await kms.disableKey({ keyId: key.keyId });
    for (const each of [message, await encrypt(keyring)]) {
      expect((await client.decrypt(keyring, each)).plaintext).to.deep.equal(plaintext);
    }
    expect((await kms.describeBranchKey({ branchKeyIdentifier })).kmsKeyArn).to.equal(other.arn);
    expect((await kms.listBranchKeys()).branchKeys.map((found) => found.branchKeyIdentifier)).to.deep.equal([branchKeyIdentifier]);
    await kms.disableKey({ keyId: other.keyId });
    expect(await rejection(client.decrypt(keyring, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(await rejection(kms.createBranchKey({ kmsKeyID: key.keyId }))).to.be.an.instanceof(TypeError);
    kms.close();
    expect((await rejection(client.decrypt(keyring, message))).name).to.equal("InvalidStateError");
  },

  async "a branch key is chosen for each message, later if need be"() {
    const { kms, key } = await vault();
    const ids = {};
    for (const tenant of ["a", "b"]) {
      ids[tenant] = (await kms.createBranchKey({ kmsKeyId: key.keyId })).branchKeyIdentifier;
    }
    const keyring = new HierarchicalKeyring(kms, async ({ tenant }) => ids[tenant] ?? Promise.reject(new RangeError("no such tenant")), { ttl: 60, maxEntries: 1 });
    for (const tenant of ["a", "b"]) {
      const message = await encrypt(keyring, { encryptionContext: { tenant } });
      expect((await client.inspect(message)).wrappingKeys[0].keyName).to.equal(ids[tenant]);
      expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
    }
    expect(await rejection(client.encrypt(keyring, plaintext))).to.be.an.instanceof(RangeError);
    const fixed = new HierarchicalKeyring(kms, ids.a, { ttl: 60 });
    const error = await rejection(client.decrypt(keyring, await encrypt(fixed)));
    expect(error.explanation).to.contain("no such tenant");
    expect((await client.decrypt(new MultiKeyring(undefined, [keyring, fixed]), await encrypt(fixed))).plaintext).to.deep.equal(plaintext);
    expect(await rejection(client.encrypt(new HierarchicalKeyring(kms, ids.a, { ttl: 0 }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(() => new HierarchicalKeyring(kms, 7, { ttl: 1 })).to.throw(TypeError, "branch key id");
    expect(() => new HierarchicalKeyring(kms, "a")).to.throw(TypeError, "ttl");
    expect(() => new HierarchicalKeyring(kms, "a", { ttl: 1, max: 1 })).to.throw(TypeError, "max is no option");
  },

  async "ECDH: only the parties open"() {
    const curveSpec = "ECC_NIST_P384";
    const [sender, recipient, other] = await Promise.all(Array.from({ length: 3 }, () => ecKeyPair("P-384")));
    const both = (own, peer) => RawEcdhKeyring.rawPrivateKeyToStaticPublicKey({ senderPrivateKey: own.privateKey, recipientPublicKey: peer.publicKey, curveSpec });
    const message = await encrypt(both(sender, recipient));
    for (const keyring of [both(sender, recipient), both(recipient, sender), RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec })]) {
      expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
    }
    for (const keyring of [both(other, recipient), RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: other.privateKey, curveSpec })]) {
      expect(await rejection(client.decrypt(keyring, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    }
    const ephemeral = RawEcdhKeyring.ephemeralPrivateKeyToStaticPublicKey({ recipientPublicKey: bytes(recipient.publicKey), curveSpec });
    const toRecipient = await encrypt(ephemeral);
    expect(await rejection(client.decrypt(ephemeral, toRecipient))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    const discovery = RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec });
    expect((await client.decrypt(discovery, toRecipient)).plaintext).to.deep.equal(plaintext);
    expect(await rejection(client.encrypt(discovery, plaintext))).to.be.an.instanceof(ValidationException);
    const wrong = RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec: "ECC_NIST_P256" });
    expect(await rejection(client.decrypt(wrong, message))).to.be.an.instanceof(ValidationException);
    expect(await rejection(client.encrypt(RawEcdhKeyring.publicKeyDiscovery({ curveSpec }), plaintext))).to.be.an.instanceof(TypeError);
    expect(() => new RawEcdhKeyring({})).to.throw(TypeError, "make a RawEcdhKeyring by");
  },
};
