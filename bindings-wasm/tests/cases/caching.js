// Data keys that are kept for several messages.
import { expect } from "chai";
import {
  CachingMaterialsManager, CallbackKeyring, DisabledException, EncryptionClient, HierarchicalKeyring, KmsKeyring, ManualClock,
  MultiKeyring, UnableToDecryptDataKeyException, ValidationException,
} from "pocketkms";
import { bytes, inPieces, pattern, rawAes, readAll, rejection, vault } from "../support/help.js";

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
  async "a cache in front of a vault sees rotations and disabled keys at once"() {
    const { host, kms, key } = await vault();
    const cache = new CachingMaterialsManager(new MultiKeyring(new KmsKeyring(kms, key.keyId)));
    const first = await encrypt(cache);
    expect(await dataKeyOf(await encrypt(cache))).to.deep.equal(await dataKeyOf(first));
    await kms.rotateKeyOnDemand({ keyId: key.keyId });
    expect(await dataKeyOf(await encrypt(cache))).not.to.deep.equal(await dataKeyOf(first));
    await kms.disableKey({ keyId: key.keyId });
    expect(await rejection(client.encrypt(cache, plaintext))).to.be.an.instanceof(DisabledException);
    expect(await rejection(client.decrypt(cache, first))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    host.close();
    expect((await rejection(client.decrypt(cache, first))).name).to.equal("VaultClosedException");
    expect(() => new CachingMaterialsManager({})).to.throw(TypeError, "a keyring is needed");
    expect(() => new CachingMaterialsManager(rawAes(), { maxAgee: 1 })).to.throw(TypeError, "maxAgee is no option");
    expect(() => new CachingMaterialsManager(rawAes(), { maxAge: "1" })).to.throw(TypeError, "maxAge must be a number");
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

  async "one data key is used for no more messages and bytes than was said"() {
    const counted = async (limits, messages) => {
      const cache = new CachingMaterialsManager(rawAes(), limits);
      const keys = new Set();
      for (let count = 0; count < messages; count++) keys.add(String(await dataKeyOf(await encrypt(cache))));
      return keys.size;
    };
    expect(await counted({ maxMessages: 2 }, 6)).to.equal(3);
    expect(await counted({ maxBytes: 2999 }, 6)).to.equal(3);
    expect(await counted({ maxBytes: 999 }, 3)).to.equal(3);
    expect(await counted({ maxMessages: 2 ** 32, maxBytes: Infinity, maxAge: Infinity, maxEntries: Infinity }, 6)).to.equal(1);
    const small = new CachingMaterialsManager(rawAes(), { maxEntries: 1 });
    const first = await encrypt(small);
    await encrypt(small, { encryptionContext: {} });
    expect(await dataKeyOf(await encrypt(small))).not.to.deep.equal(await dataKeyOf(first));
    for (const limits of [{ maxMessages: 0 }, { maxMessages: 2 ** 32 + 1 }, { maxAge: 0 }, { maxEntries: 0 }]) {
      expect(await rejection(counted(limits, 1))).to.be.an.instanceof(ValidationException);
    }
    // A stream whose end no one knows might go beyond any limit.
    const cache = new CachingMaterialsManager(rawAes());
    const streamed = async (plaintextLength) => dataKeyOf((await readAll(inPieces(plaintext, 100).pipeThrough(client.encryptStream(cache, { ...options, plaintextLength })))).bytes);
    expect(await streamed()).not.to.deep.equal(await streamed());
    expect(await streamed(1000)).to.deep.equal(await dataKeyOf(await encrypt(cache)));
  },

  async "a cache knows which branch key is active, and which was rotated or may not be used"() {
    const { kms, key } = await vault();
    const { branchKeyIdentifier } = await kms.createBranchKey({ kmsKeyId: key.keyId });
    const cache = new CachingMaterialsManager(new HierarchicalKeyring(kms, branchKeyIdentifier, { ttl: 60 }));
    const first = await encrypt(cache);
    expect(await dataKeyOf(await encrypt(cache))).to.deep.equal(await dataKeyOf(first));
    await kms.rotateBranchKey({ branchKeyIdentifier });
    expect(await dataKeyOf(await encrypt(cache))).not.to.deep.equal(await dataKeyOf(first));
    expect((await client.decrypt(cache, first)).plaintext).to.deep.equal(plaintext);
    await kms.disableKey({ keyId: key.keyId });
    expect(await rejection(client.encrypt(cache, plaintext))).to.be.an.instanceof(DisabledException);
    expect(await rejection(client.decrypt(cache, first))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    await kms.enableKey({ keyId: key.keyId });
  },

  async "behind a cache the function that chooses a branch key is asked for each message"() {
    const { kms, key } = await vault();
    const create = async () => (await kms.createBranchKey({ kmsKeyId: key.keyId })).branchKeyIdentifier;
    const ids = { a: await create(), b: await create() };
    const choose = async ({ tenant }) => ids[tenant] ?? Promise.reject(new RangeError("the tenant has left"));
    for (const wrap of [(keyring) => keyring, (keyring) => new MultiKeyring(keyring, [rawAes()])]) {
      const cache = new CachingMaterialsManager(wrap(new HierarchicalKeyring(kms, choose, { ttl: 60 })));
      const of = (tenant) => encrypt(cache, { encryptionContext: { tenant } });
      const [first, second, other] = await Promise.all([of("a"), of("a"), of("b")]);
      expect(await dataKeyOf(await of("a"))).to.deep.equal(await dataKeyOf(await of("a")));
      await Promise.all([first, second, other, first].map(async (message) => {
        expect((await client.decrypt(cache, message)).plaintext).to.deep.equal(plaintext);
      }));
    }
    const cache = new CachingMaterialsManager(new HierarchicalKeyring(kms, choose, { ttl: 60 }));
    const message = await encrypt(cache, { encryptionContext: { tenant: "a" } });
    expect((await client.decrypt(cache, message)).plaintext).to.deep.equal(plaintext);
    const { a } = ids;
    delete ids.a;
    const error = await rejection(client.decrypt(cache, message));
    expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(error.explanation).to.contain("the tenant has left");
    expect(await rejection(encrypt(cache, { encryptionContext: { tenant: "a" } }))).to.be.an.instanceof(RangeError);
    // Whatever is found out for another message meanwhile.
    const results = await Promise.allSettled([1, 2, 3].flatMap(() => [
      client.decrypt(cache, message), encrypt(cache, { encryptionContext: { tenant: "b" } }),
    ]));
    expect(results.map(({ status }) => status)).to.deep.equal([1, 2, 3].flatMap(() => ["rejected", "fulfilled"]));
    ids.a = ids.b;
    expect(await rejection(client.decrypt(cache, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    ids.a = a;
    expect((await client.decrypt(cache, message)).plaintext).to.deep.equal(plaintext);
  },

  async "behind a cache a callback refuses by the encryption context"() {
    const gone = new Set();
    const seen = [];
    const keyring = new CallbackKeyring("tenants", {
      wrap: async (dataKey) => ({ providerInfo: bytes("slot"), ciphertext: dataKey }),
      unwrap: async ({ ciphertext }, { tenant }) => {
        if (gone.has(tenant)) throw new RangeError("the tenant has left");
        return ciphertext.slice();
      },
      fingerprint: async (encryptedDataKeys, { tenant }) => {
        seen.push([encryptedDataKeys?.[0].providerId, tenant]);
        if (gone.has(tenant)) throw new RangeError("the tenant has left");
        return "";
      },
    });
    const cache = new CachingMaterialsManager(keyring);
    const message = await encrypt(cache, { encryptionContext: { tenant: "a" } });
    expect((await client.decrypt(cache, message)).plaintext).to.deep.equal(plaintext);
    expect(seen).to.deep.equal([[undefined, "a"], ["tenants", "a"]]);
    gone.add("a");
    const error = await rejection(client.decrypt(cache, message));
    expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(error.explanation).to.contain("the tenant has left");
    expect(await rejection(encrypt(cache, { encryptionContext: { tenant: "a" } }))).to.be.an.instanceof(RangeError);
  },
};
