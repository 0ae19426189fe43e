// Hierarchical keyrings: over the branch keys of a vault, and over those of a store elsewhere.
import { expect } from "chai";
import {
  CachingMaterialsManager, EncryptionClient, HierarchicalKeyring, InvalidCiphertextException, ManualClock, MultiKeyring, UnableToDecryptDataKeyException,
  ValidationException,
} from "pocketkms";
import { START, pattern, rejection, vault } from "../support/help.js";

const client = new EncryptionClient();
const plaintext = pattern(100);
const encrypt = async (keyring, encryptionContext) => (await client.encrypt(keyring, plaintext, { encryptionContext })).message;
const branchKeyOf = async (message) => (await client.inspect(message)).wrappingKeys[0];

async function opens(keyring, message) {
  expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
}

const version = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

/** A store of branch keys that answers later, the later the sooner it is asked; `asked` is what it was asked. */
function store() {
  const asked = [];
  const active = { a: 1, b: 1 };
  const answer = async (id, number) => {
    await new Promise((resolve) => setTimeout(resolve, 5 - Math.min(asked.length, 4)));
    if (!(id in active)) throw Object.assign(new Error("no branch key is called that"), { name: "NotFoundException" });
    return { branchKeyVersion: version(number), branchKey: pattern(40).subarray(number + (id === "b" ? 4 : 0)).slice(0, 32), createdAt: "2026" };
  };
  return {
    asked, active,
    activeBranchKey(id) {
      asked.push(id);
      return answer(id, active[id]);
    },
    branchKeyVersion(id, version) {
      asked.push(`${id} ${Number(version.slice(-12))}`);
      return answer(id, Number(version.slice(-12)));
    },
  };
}

export default {
  async "branch keys wrap data keys; rotating and leaving a KMS key touches no message"() {
    const { host, kms, key } = await vault();
    const { branchKeyIdentifier, activeVersion } = await kms.createBranchKey({ kmsKeyId: key.keyId });
    const keyring = new HierarchicalKeyring(kms, branchKeyIdentifier, { ttl: 60 });
    const message = await encrypt(keyring);
    expect((await branchKeyOf(message)).providerId).to.equal("aws-kms-hierarchy");
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
    host.close();
    expect((await rejection(client.decrypt(keyring, message))).name).to.equal("VaultClosedException");
  },

  async "a branch key is chosen for each message, later if need be"() {
    const { kms, key } = await vault();
    const ids = {};
    for (const tenant of ["a", "b"]) {
      ids[tenant] = (await kms.createBranchKey({ kmsKeyId: key.keyId })).branchKeyIdentifier;
    }
    const keyring = new HierarchicalKeyring(kms, async ({ tenant }) => ids[tenant] ?? Promise.reject(new RangeError("no such tenant")), { ttl: 60, maxEntries: 1 });
    for (const tenant of ["a", "b"]) {
      const message = await encrypt(keyring, { tenant });
      expect((await branchKeyOf(message)).keyName).to.equal(ids[tenant]);
      expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
    }
    expect(await rejection(client.encrypt(keyring, plaintext))).to.be.an.instanceof(RangeError);
    const fixed = new HierarchicalKeyring(kms, ids.a, { ttl: 60 });
    const error = await rejection(client.decrypt(keyring, await encrypt(fixed)));
    expect(error.explanation).to.contain("no such tenant");
    expect((await client.decrypt(new MultiKeyring(undefined, [keyring, fixed]), await encrypt(fixed))).plaintext).to.deep.equal(plaintext);
    expect(await rejection(async () => client.encrypt(new HierarchicalKeyring(kms, ids.a, { ttl: 0 }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(() => new HierarchicalKeyring(kms, 7, { ttl: 1 })).to.throw(TypeError, "branch key id");
    expect(() => new HierarchicalKeyring(kms, "a")).to.throw(TypeError, "ttl");
    expect(() => new HierarchicalKeyring(kms, "a", { ttl: 1, max: 1 })).to.throw(TypeError, "max is no option");
  },

  async "many messages at once each get the branch key that was chosen for them"() {
    const { kms, key } = await vault();
    const ids = {};
    for (const tenant of ["a", "b", "c"]) {
      ids[tenant] = (await kms.createBranchKey({ kmsKeyId: key.keyId })).branchKeyIdentifier;
    }
    for (const wait of [() => undefined, () => new Promise((resolve) => setTimeout(resolve, 5 * Math.random()))]) {
      const keyring = new HierarchicalKeyring(kms, async ({ tenant }) => (await wait(), ids[tenant]), { ttl: 60 });
      await Promise.all(["a", "b", "c", "a", "b", "c"].map(async (tenant) => {
        const message = await encrypt(keyring, { tenant });
        expect((await branchKeyOf(message)).keyName).to.equal(ids[tenant]);
        await opens(keyring, message);
      }));
    }
  },

  async "a store that knows the states of branch keys ends what keyrings and caches keep"() {
    const clock = new ManualClock(START);
    const states = { a: "1" };
    const stateful = () => {
      const source = store();
      source.states = [];
      source.branchKeyState = async (id, version) => {
        source.states.push([id, version === undefined ? "active" : Number(version.slice(-12))]);
        await undefined;
        if (states[id] instanceof Error) throw states[id];
        return states[id];
      };
      return source;
    };
    const source = stateful();
    const keyring = new HierarchicalKeyring(source, "a", { ttl: 600, clock });
    const cache = new CachingMaterialsManager(new HierarchicalKeyring(stateful(), "a", { ttl: 600, clock }), { clock });
    for (const manager of [keyring, cache]) {
      states.a = "1";
      const message = await encrypt(manager);
      await opens(manager, message);
      await opens(manager, message);
      states.a = new RangeError("it may not be used any more");
      expect(await rejection(client.encrypt(manager, plaintext))).to.equal(states.a);
      const error = await rejection(client.decrypt(manager, message));
      expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
      expect(error.describe()).to.contain("it may not be used any more");
      states.a = "2";
      await opens(manager, message);
      states.a = 7;
      expect(await rejection(client.encrypt(manager, plaintext))).to.be.an.instanceof(TypeError);
    }
    expect(source.states.slice(0, 2)).to.deep.equal([["a", "active"], ["a", 1]]);
    // A state that stayed is no reason to ask for the branch key again.
    states.a = "3";
    const message = await encrypt(keyring);
    const before = source.asked.length;
    await encrypt(keyring);
    await opens(keyring, message);
    await opens(keyring, message);
    expect(source.asked.length - before).to.equal(1);
    states.a = "4";
    await encrypt(keyring);
    expect(source.asked.length - before).to.equal(2);
  },

  async "what a store throws to encrypt comes through; to decrypt, it is noted"() {
    const thrown = new RangeError("the store is closed");
    const broken = { activeBranchKey: () => { throw thrown; }, branchKeyVersion: () => Promise.reject(thrown) };
    const keyring = new HierarchicalKeyring(broken, "a", { ttl: 60 });
    expect(await rejection(client.encrypt(keyring, plaintext))).to.equal(thrown);
    const message = await encrypt(new HierarchicalKeyring(store(), "a", { ttl: 60 }));
    const error = await rejection(client.decrypt(keyring, message));
    expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(error.explanation).to.match(/1\. provider 'aws-kms-hierarchy', key 'a': KeyUnavailableException \(RangeError: the store is closed\)$/);
    const other = new HierarchicalKeyring(store(), "c", { ttl: 60 });
    expect((await rejection(client.encrypt(other, plaintext))).name).to.equal("NotFoundException");
    expect((await rejection(client.decrypt(other, message))).explanation).to.contain("no keyring is for");
    const refused = new InvalidCiphertextException("", "altered in the store");
    const noting = new HierarchicalKeyring({ ...store(), branchKeyVersion: () => Promise.reject(refused) }, "a", { ttl: 60 });
    expect((await rejection(client.decrypt(noting, message))).explanation).to.contain("InvalidCiphertextException (altered in the store)");
    await opens(new MultiKeyring(undefined, [keyring, other, new HierarchicalKeyring(store(), "a", { ttl: 60 })]), message);
  },

  async "what a store answers is checked"() {
    const branchKey = new Uint8Array(32);
    const message = await encrypt(new HierarchicalKeyring(store(), "a", { ttl: 60 }));
    for (const [answer, type, text] of [
      [undefined, TypeError, /branchKeyVersion is missing/],
      [{ branchKey }, TypeError, /branchKeyVersion is missing/],
      [{ branchKeyVersion: version(1) }, TypeError, /branchKey is missing/],
      [{ branchKeyVersion: version(1), branchKey: "text" }, TypeError, /branchKey must be a Uint8Array/],
      [{ branchKeyVersion: version(1), branchKey: new Uint8Array(31) }, TypeError, /branchKey must have 32 bytes, not 31/],
      [{ branchKeyVersion: "first", branchKey }, ValidationException, /'first' is not the version of a branch key/],
    ]) {
      const keyring = new HierarchicalKeyring({ activeBranchKey: () => answer, branchKeyVersion: async () => answer }, "a", { ttl: 60 });
      const error = await rejection(client.encrypt(keyring, plaintext));
      expect(error).to.be.an.instanceof(type);
      expect(error.message).to.match(text);
      expect((await rejection(client.decrypt(keyring, message))).explanation).to.match(text);
    }
    const wrong = (answer) => new HierarchicalKeyring({ ...store(), branchKeyVersion: async () => answer }, "a", { ttl: 60 });
    const explained = async (keyring) => (await rejection(client.decrypt(keyring, message))).explanation;
    expect(await explained(wrong({ branchKeyVersion: version(2), branchKey }))).to.contain("another version");
    expect(await explained(wrong({ branchKeyVersion: version(1), branchKey }))).to.contain("another branch key");
    for (const source of [undefined, null, {}, { activeBranchKey() {} }, { branchKeyVersion() {} }]) {
      expect(() => new HierarchicalKeyring(source, "a", { ttl: 60 })).to.throw(TypeError, "a BranchKeySource: an object with the methods activeBranchKey, branchKeyVersion");
    }
    const { kms } = await vault();
    expect(() => new HierarchicalKeyring(kms, "a", { ttl: 60, clock: new ManualClock() })).to.throw(TypeError, "its own clock");
    expect(await rejection(async () => client.encrypt(new HierarchicalKeyring(store(), "a", { ttl: 60, clock: { now: () => 7 } }), plaintext))).to.be.an.instanceof(TypeError);
  },

  async "the branch keys of a store elsewhere are kept for their time"() {
    const [source, clock] = [store(), new ManualClock(START)];
    const keyring = new HierarchicalKeyring(source, "a", { ttl: 24 * 60 * 60, clock });
    const first = await encrypt(keyring);
    const { providerId, keyName, keyMaterial } = await branchKeyOf(first);
    expect([providerId, keyName, keyMaterial]).to.deep.equal(["aws-kms-hierarchy", "a", version(1)]);
    await encrypt(keyring);
    await opens(keyring, first);
    await opens(keyring, first);
    source.active.a = 2;
    expect((await branchKeyOf(await encrypt(keyring))).keyMaterial, "not known yet").to.equal(version(1));
    expect(source.asked).to.deep.equal(["a", "a 1"]);
    clock.advanceDays(1);
    const second = await encrypt(keyring);
    expect((await branchKeyOf(second)).keyMaterial).to.equal(version(2));
    for (const message of [first, second, first, second]) await opens(keyring, message);
    expect(source.asked).to.deep.equal(["a", "a 1", "a", "a 1", "a 2"]);
    // Another keyring over the same store, which has nothing yet, and one with the clock of the machine.
    await opens(new HierarchicalKeyring(store(), ({ tenant }) => tenant ?? "a", { ttl: 60 }), second);
  },

  async "many messages at once over a store elsewhere"() {
    const source = store();
    for (const maxEntries of [1, 100]) {
      const keyring = new HierarchicalKeyring(source, async ({ tenant }) => tenant, { ttl: 60, maxEntries });
      const messages = await Promise.all(Array.from({ length: 12 }, (_, index) => {
        const tenant = "ab"[index % 2];
        source.active[tenant] = 1 + (index % 3);
        return encrypt(keyring, { tenant });
      }));
      for (const [index, message] of messages.entries()) {
        expect((await branchKeyOf(message)).keyName).to.equal("ab"[index % 2]);
      }
      await Promise.all([...messages, ...messages].map((message) => opens(keyring, message)));
      // Several encrypted data keys in one message, of which one branch key alone is at hand.
      const several = new MultiKeyring(keyring, ["a", "b"].map((id) => new HierarchicalKeyring(store(), id, { ttl: 60 })));
      await opens(new HierarchicalKeyring(store(), "b", { ttl: 60 }), await encrypt(several, { tenant: "a" }));
    }
  },
};
