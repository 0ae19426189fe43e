// Ordinary mistakes, thousands of them: none may cost anything that the next call needs, least of all WebAssembly's stack.
import { expect } from "chai";
import { CachingMaterialsManager, CallbackKeyring, EncryptionClient, HierarchicalKeyring, Kms, KmsKeyring, MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring, RootKey, Vault } from "pocketkms";
import { pattern, rawAes, readAll, rootKey, vault } from "../support/help.js";

/** How often a method is called wrongly. Each mistake is made 5,000 times in all; 300 were too many once. */
const OFTEN = 1500;
const client = new EncryptionClient();

/** The names of the errors that say that WebAssembly is done for. */
const DEATHS = ["InvalidStateError", "RuntimeError"];

/** The name of an error, which here may be anything that was thrown. */
function nameOf(error) {
  try {
    return error.name;
  } catch {
    return undefined;
  }
}

function detached() {
  const bytes = new Uint8Array(10);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

function revoked() {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const throwing = () => { throw new RangeError("mine"); };
const cyclic = {};
cyclic.self = cyclic;
const trapped = () => new Proxy({}, { ownKeys: throwing, getPrototypeOf: throwing, get: throwing, has: throwing });

/** What a program might hand over by mistake. */
const MISTAKES = [
  detached, revoked, trapped, () => cyclic, () => Symbol("a"), () => 7n, () => throwing, () => ({ get keyId() { return throwing(); } }),
  () => [revoked()], () => new Map(), () => "half \ud800", () => -1, () => null, () => new Date(NaN), () => new Float64Array(4),
  () => ({ toString: throwing, valueOf: throwing, [Symbol.toPrimitive]: throwing }), () => Object.create(null), () => NaN, () => true,
  () => new Proxy([], { get: throwing }), () => new Error("an error"), () => globalThis,
];

/** The places that a mistake can be in, of one argument. */
const PLACES = [
  (mistake) => mistake,
  (mistake) => ({ keyId: mistake, plaintext: mistake, ciphertextBlob: mistake }),
  (mistake) => ({ keyId: "alias/test", plaintext: Uint8Array.of(1), encryptionContext: mistake }),
  (mistake) => ({ encryptionContext: { a: mistake }, sidecar: mistake, grantTokens: [mistake] }),
];

/** Every method that takes something. */
async function methods() {
  const { host, kms } = await vault();
  const snapshot = await host.snapshot();
  const { message } = await client.encrypt(rawAes(), pattern(100));
  const operations = Object.getOwnPropertyNames(Kms.prototype)
    .filter((name) => name !== "constructor" && typeof kms[name] === "function")
    .map((name) => [`kms.${name}`, (value) => kms[name](value)]);
  return { host, kms, methods: [
    ...operations,
    ["kms.call, a body", (value) => kms.call("TrentService.ListKeys", value)],
    ["vault.client", (value) => host.client(value)],
    ["vault.client, options", (value) => host.client({ accountId: value, principal: value })],
    ["vault.markSaved", (value) => host.markSaved(value)],
    ["vault.addRootKey", (value) => host.addRootKey(value)],
    ["vault.addRootKey, label", (value) => host.addRootKey(rootKey(), value)],
    ["vault.addRecoveryKey", (value) => host.addRecoveryKey(value)],
    ["vault.removeRootKey", (value) => host.removeRootKey(value)],
    ["vault.replaceRootKey", (value) => host.replaceRootKey(value, value)],
    ["vault.rotateVaultKey", (value) => host.rotateVaultKey(value)],
    ["vault.shred", (value) => host.shred(value)],
    ["vault.putIamEntity", (value) => host.putIamEntity(value)],
    ["vault.getIamEntity", (value) => host.getIamEntity(value)],
    ["vault.listIamEntities", (value) => host.listIamEntities(value)],
    ["vault.removeIamEntity", (value) => host.removeIamEntity(value)],
    ["vault.setRequestQuotas", (value) => host.setRequestQuotas(value)],
    ["vault.setResourceQuotas", (value) => host.setResourceQuotas(value)],
    ["vault.setGrantDelay", (value) => host.setGrantDelay(value)],
    ["vault.bill", (value) => host.bill(value)],
    ["vault.estimate", (value) => host.estimate(value)],
    ["vault.simulate", (value) => host.simulate(value, value)],
    ["vault.assumeRole", (value) => host.assumeRole(value, value)],
    ["RootKey.fromRecoveryKey", (value) => RootKey.fromRecoveryKey(value)],
    ["Vault.inMemory", (value) => Vault.inMemory(value)],
    ["Vault.inMemory, options", (value) => Vault.inMemory(rootKey(), { region: value, clock: { now: () => value } })],
    ["Vault.openSnapshot", (value) => Vault.openSnapshot(value, rootKey())],
    ["Vault.openSnapshot, options", (value) => Vault.openSnapshot(snapshot, rootKey(), { accountId: value, region: 7 })],
    ["RootKey.fromBytes", (value) => RootKey.fromBytes(value)],
    ["RootKey.fromPassphrase", (value) => RootKey.fromPassphrase(value, value)],
    ["RootKey.fromPassphrase, cost", (value) => RootKey.fromPassphrase("a", { passes: value })],
    ["new EncryptionClient", (value) => new EncryptionClient({ commitmentPolicy: value, maxFrameLength: value })],
    ["client.encrypt", (value) => client.encrypt(rawAes(), value)],
    ["client.encrypt, keyring", (value) => client.encrypt(value, pattern(10))],
    ["client.encrypt, options", (value) => client.encrypt(rawAes(), pattern(10), value)],
    ["client.decrypt", (value) => client.decrypt(rawAes(), value)],
    ["client.decrypt, options", (value) => client.decrypt(rawAes(), message, value)],
    ["client.inspect", (value) => client.inspect(value)],
    ["client.inspectSidecar", (value) => client.inspectSidecar(value)],
    ["client.rewrap", (value) => client.rewrap(rawAes(), rawAes(8), value)],
    ["client.rewrap, options", (value) => client.rewrap(rawAes(), rawAes(8), message, value)],
    ["client.needsRewrap", (value) => client.needsRewrap(rawAes(), value)],
    ["client.rangeReader", (value) => client.rangeReader(rawAes(), { size: 100, read: async () => value })],
    ["client.rangeReader, options", (value) => client.rangeReader(rawAes(), message, value)],
    ["client.reencrypt", (value) => client.reencrypt(rawAes(), rawAes(8), value)],
    ["new KmsKeyring", (value) => new KmsKeyring(value, value)],
    ["new KmsKeyring, a key", (value) => new KmsKeyring(kms, value, value, value)],
    ["KmsKeyring.discovery", (value) => KmsKeyring.discovery(kms, value, value)],
    ["new RawAesKeyring", (value) => new RawAesKeyring(value)],
    ["new RawAesKeyring, options", (value) => new RawAesKeyring({ namespace: value, name: value, wrappingKey: new Uint8Array(16) })],
    ["new RawRsaKeyring", (value) => new RawRsaKeyring({ namespace: "a", name: "b", paddingScheme: value, publicKey: value })],
    ["RawEcdhKeyring", (value) => RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: value, curveSpec: value })],
    ["new HierarchicalKeyring", (value) => new HierarchicalKeyring(kms, value, value)],
    ["new CallbackKeyring", (value) => new CallbackKeyring(value, value)],
    ["new CachingMaterialsManager", (value) => new CachingMaterialsManager(rawAes(), { maxAge: value, clock: value })],
    ["new MultiKeyring", (value) => new MultiKeyring(value, value)],
  ] };
}

/** Expects that a vault still does what it did. */
async function works({ host, kms }) {
  const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: Uint8Array.of(1, 2, 3) });
  expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(Uint8Array.of(1, 2, 3));
  const opened = await Vault.openSnapshot(await host.snapshot(), rootKey(), { accountId: "111122223333", region: "eu-central-1" });
  expect((await opened.client().listKeys()).keys).to.have.length.above(0);
  const { message } = await client.encrypt(new KmsKeyring(kms, "alias/test"), pattern(20_000));
  expect((await client.decrypt(KmsKeyring.discovery(kms), message)).plaintext).to.deep.equal(pattern(20_000));
  opened.close();
}

export default {
  async "thousands of wrong values in every method"() {
    const { host, kms, methods: all } = await methods();
    for (const [name, call] of all) {
      for (let count = 0; count < OFTEN; count += 1) {
        const place = PLACES[Math.floor(count / MISTAKES.length) % PLACES.length];
        try {
          await call(place(MISTAKES[count % MISTAKES.length]()));
        } catch (error) {
          expect(nameOf(error), name).not.to.be.oneOf(DEATHS);
        }
      }
    }
    await works({ host, kms });
  },

  async "thousands of callbacks that throw, or answer what is none"() {
    const { host, kms } = await vault();
    const message = (await client.encrypt(new MultiKeyring(rawAes(), [new CallbackKeyring("hsm", {
      wrap: () => ({ providerInfo: Uint8Array.of(1), ciphertext: Uint8Array.of(2) }), unwrap: throwing,
    })]), pattern(100))).message;
    let wrong;
    const answers = () => wrong();
    const callback = new CallbackKeyring("hsm", { wrap: answers, unwrap: answers, fingerprint: answers });
    const open = { activeBranchKey: answers, branchKeyVersion: answers };
    const client2 = { generateDataKey: answers, encrypt: answers, decrypt: answers };
    const manual = { now: answers };
    const calls = [
      () => client.encrypt(callback, pattern(10)),
      () => client.decrypt(callback, message),
      () => client.encrypt(new CachingMaterialsManager(callback), pattern(10)),
      () => client.encrypt(new CachingMaterialsManager(rawAes(), { clock: manual }), pattern(10)),
      () => client.encrypt(new KmsKeyring(client2, "a"), pattern(10)),
      () => client.encrypt(new HierarchicalKeyring(open, "a", { ttl: 1 }), pattern(10)),
      () => client.encrypt(new HierarchicalKeyring(open, "a", { ttl: 1, clock: manual }), pattern(10)),
      () => client.encrypt(new HierarchicalKeyring(kms, answers, { ttl: 1 }), pattern(10)),
      () => client.inspect({ size: 100, read: answers }),
      () => Vault.inMemory(rootKey(), { clock: manual }),
      async () => {
        const { readable, writable } = client.encryptStream(rawAes());
        readAll(readable);
        await writable.getWriter().write(answers());
      },
    ];
    const thrown = [undefined, null, Symbol("a"), Object.create(null), revoked(), trapped(), { get message() { return throwing(); } }, { name: 7, message: {} }];
    for (let count = 0; count < OFTEN; count += 1) {
      const index = Math.floor(count / calls.length);
      const some = thrown[index % thrown.length];
      wrong = index % 2 === 0 ? () => { throw some; } : MISTAKES[index % MISTAKES.length];
      await calls[count % calls.length]().catch((error) => expect(nameOf(error)).not.to.be.oneOf(DEATHS));
    }
    await works({ host, kms });
  },

  async "an entropy source that fails is an error of the call, thousands of times"() {
    const { host, kms } = await vault();
    Object.defineProperty(crypto, "getRandomValues", { value: throwing, configurable: true });
    try {
      for (let count = 0; count < OFTEN; count += 1) {
        const error = await kms.generateRandom({ numberOfBytes: 8 }).then(() => undefined, (error) => error);
        if (error?.httpStatus !== 500) expect.fail(`${error}`);
      }
    } finally {
      delete crypto.getRandomValues;
    }
    await works({ host, kms });
  },
};
