// Objects that were closed, given to everything that takes one, before a call and during it.
import { expect } from "chai";
import { CachingMaterialsManager, EncryptionClient, HierarchicalKeyring, Kms, KmsKeyring, MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring, RootKey, Vault } from "pocketkms";
import { pattern, rawAes, readAll, rejection, rootKey, vault } from "../support/help.js";
import { ecKeyPair, rsaKeyPair } from "../support/key-pairs.js";

const client = new EncryptionClient();
const plaintext = pattern(20_000);

const isClosed = (error) => expect([error.name, error.message.match(/is closed$/)?.[0]]).to.deep.equal([error.name, "is closed"]);

/** Every use of a keyring that encrypts and decrypts. */
function uses(keyring, message) {
  return [
    () => client.encrypt(keyring, plaintext),
    () => client.decrypt(keyring, message),
    () => client.rewrap(keyring, rawAes(8), message),
    () => client.rewrap(rawAes(), keyring, message),
    () => client.needsRewrap(keyring, message),
    () => client.rangeReader(keyring, message),
    () => client.reencrypt(keyring, rawAes(8), message),
    () => client.reencrypt(rawAes(), keyring, message),
    () => client.encrypt(new MultiKeyring(rawAes(), [keyring]), plaintext),
    () => client.decrypt(new MultiKeyring(undefined, [keyring]), message),
    () => client.needsRewrap(new MultiKeyring(rawAes(), [keyring]), message),
    () => client.encrypt(new CachingMaterialsManager(keyring), plaintext),
    () => client.decrypt(new CachingMaterialsManager(keyring), message),
    async () => {
      const { readable, writable } = client.encryptStream(keyring);
      const reading = readAll(readable);
      const writer = writable.getWriter();
      await Promise.allSettled([writer.write(plaintext), writer.close()]);
      const { error } = await reading;
      if (error) throw error;
    },
  ];
}

export default {
  async "a closed root key opens nothing"() {
    const { host } = await vault();
    const snapshot = await host.snapshot();
    for (const root of [rootKey(), RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 })]) {
      root.close();
      for (const use of [() => Vault.inMemory(root), () => Vault.openSnapshot(snapshot, root), () => host.addRootKey(root)]) {
        isClosed(await rejection(use));
      }
    }
    await Vault.openSnapshot(await host.snapshot(), rootKey());
  },

  async "a closed keyring encrypts and decrypts nothing, whatever takes it"() {
    const [rsa, ec] = [await rsaKeyPair(), await ecKeyPair("P-256")];
    const make = [
      () => rawAes(),
      () => new RawRsaKeyring({ namespace: "a", name: "b", paddingScheme: "OAEP_SHA256_MGF1", ...rsa }),
      () => RawEcdhKeyring.rawPrivateKeyToStaticPublicKey({ senderPrivateKey: ec.privateKey, recipientPublicKey: ec.publicKey, curveSpec: "ECC_NIST_P256" }),
    ];
    for (const keyring of make.map((make) => make())) {
      const { message } = await client.encrypt(new MultiKeyring(keyring, [rawAes()]), plaintext);
      keyring.close();
      keyring.close();
      for (const use of uses(keyring, message)) isClosed(await rejection(use));
    }
  },

  async "a keyring closed while it is used ends the call or lets it end"() {
    for (let round = 0; round < 20; round += 1) {
      const { message } = await client.encrypt(rawAes(), plaintext);
      for (const index of uses(rawAes(), message).keys()) {
        const keyring = rawAes();
        const using = uses(keyring, message)[index]();
        for (let ticks = round; ticks > 0; ticks -= 1) await undefined;
        keyring.close();
        await using.catch(isClosed);
      }
    }
    const { message } = await client.encrypt(rawAes(), plaintext);
    expect((await client.decrypt(rawAes(), message)).plaintext).to.deep.equal(plaintext);
  },

  async "a closed vault answers no one, its keyrings and caches neither"() {
    const { host, kms, key } = await vault();
    const { branchKeyIdentifier } = await kms.createBranchKey({ kmsKeyId: key.keyId });
    const keyrings = [new KmsKeyring(kms, key.keyId), KmsKeyring.discovery(kms), new HierarchicalKeyring(kms, branchKeyIdentifier, { ttl: 60 })];
    const cache = new CachingMaterialsManager(keyrings[0]);
    const messages = [];
    for (const keyring of [keyrings[0], keyrings[0], keyrings[2]]) {
      messages.push((await client.encrypt(new MultiKeyring(keyring, [rawAes()]), plaintext)).message);
    }
    const { message: cached } = await client.encrypt(cache, plaintext);
    host.close();
    for (const [index, keyring] of keyrings.entries()) {
      for (const use of uses(keyring, messages[index])) isClosed(await rejection(use));
    }
    isClosed(await rejection(client.decrypt(cache, cached)));
    isClosed(await rejection(client.encrypt(cache, plaintext)));
    for (const make of [() => new KmsKeyring(kms, key.keyId), () => KmsKeyring.discovery(kms), () => new HierarchicalKeyring(kms, "a", { ttl: 1 })]) {
      isClosed(await rejection(async () => make()));
    }
    const arn = "arn:aws:iam::111122223333:user/alice";
    const given = {
      markSaved: [new Uint8Array(1)], addRootKey: [rootKey()], shred: [rootKey()], unlock: [rootKey()], replaceRootKey: ["id", rootKey()], rotateVaultKey: [[rootKey()]], removeRootKey: ["id"], addRecoveryKey: [],
      putIamEntity: [{ arn }], getIamEntity: [arn], removeIamEntity: [arn], setRequestQuotas: [[]], setGrantDelay: [1], bill: [{ month: "2026-11" }], removeAuditBefore: [new Date()], simulate: [{ action: "kms:Encrypt", keyId: key.keyId }],
      assumeRole: [{ roleArn: "arn:aws:iam::111122223333:role/app", roleSessionName: "one" }], call: ["TrentService.ListKeys", new Uint8Array(2)],
    };
    for (const [object, type] of [[host, Vault], [kms, Kms]]) {
      // The last three answer when their first page is asked for; what is closed has nothing left to lock.
      const left = ["constructor", "close", "lock", "paginate", "auditEvents", "exportAudit"];
      for (const name of Object.getOwnPropertyNames(type.prototype).filter((name) => !left.includes(name) && typeof object[name] === "function")) {
        isClosed(await rejection(async () => object[name](...(given[name] ?? [{}]))));
      }
    }
    for (const pages of [host.auditEvents(), host.exportAudit(), kms.paginate("listKeys")]) isClosed(await rejection(() => pages.next()));
  },

  async "a vault closed while it is used ends the call or lets it end"() {
    for (let round = 0; round < 20; round += 1) {
      const { message } = await client.encrypt(new MultiKeyring(rawAes(), [new KmsKeyring((await vault()).kms, "alias/test")]), plaintext);
      for (const index of uses(rawAes(), message).keys()) {
        const { host, kms } = await vault();
        const using = uses(new MultiKeyring(new KmsKeyring(kms, "alias/test"), [rawAes()]), message)[index]();
        for (let ticks = round; ticks > 0; ticks -= 1) await undefined;
        host.close();
        await using.catch(isClosed);
      }
    }
    expect((await (await vault()).kms.listKeys()).keys).to.have.length(1);
  },

  async "what only looks like one of the objects is refused"() {
    const { host } = await vault();
    for (const type of [Kms, Vault, RootKey, RawAesKeyring, EncryptionClient, CachingMaterialsManager]) {
      const fake = Object.create(type.prototype);
      for (const use of [() => Vault.inMemory(fake), () => host.addRootKey(fake), () => client.encrypt(new KmsKeyring(fake, "a"), plaintext), () => client.encrypt(fake, plaintext), () => client.encrypt(new MultiKeyring(fake), plaintext)]) {
        expect(await rejection(async () => use())).to.be.an.instanceof(TypeError);
      }
    }
    expect((await host.client().listKeys()).keys).to.have.length(1);
  },
};
