// Vaults: made, kept, opened, closed; root keys, callers, clocks.
import { expect } from "chai";
import { EncryptionClient, Kms, KmsKeyring, LimitExceededException, ManualClock, NotFoundException, RootKey, SnapshotCorruptedException, SnapshotTruncatedException, ValidationException, VaultClosedException, WrongRootKeyException } from "pocketkms";
import { ACCOUNT, REGION, START, bytes, rejection, rootKey, text, vault } from "../support/help.js";

// Cheap to hash: what it costs by default is measured once, below.
const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
const options = { account: ACCOUNT, region: REGION };

export default {
  async "a snapshot holds the whole vault"() {
    const { kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("kept") });
    const snapshot = await kms.snapshot();
    expect(snapshot).to.be.an.instanceof(Uint8Array);
    kms.close();
    const opened = await Kms.openSnapshot(snapshot, rootKey(), options);
    expect(text((await opened.decrypt({ ciphertextBlob })).plaintext)).to.equal("kept");
  },

  async "a snapshot that was altered is refused"() {
    const snapshot = await (await vault()).kms.snapshot();
    const open = (bytes, root = rootKey()) => rejection(Kms.openSnapshot(bytes, root, options));
    expect(await open(snapshot, RootKey.fromBytes(new Uint8Array(32)))).to.be.an.instanceof(WrongRootKeyException);
    expect(await open(snapshot.subarray(0, snapshot.length / 2))).to.be.an.instanceof(SnapshotTruncatedException);
    const altered = snapshot.slice();
    altered[altered.length - 1] ^= 1;
    expect(await open(altered)).to.be.an.instanceof(SnapshotCorruptedException);
    expect((await open(bytes("no snapshot at all, but text"))).code).to.be.above(1000);
    expect(await open("text")).to.be.an.instanceof(TypeError);
    await Kms.openSnapshot(snapshot, rootKey(), options);
  },

  async "a passphrase opens what it sealed"() {
    const first = await Kms.create(RootKey.fromPassphrase("Äpfel 🍏", cheap), options);
    const snapshot = await first.snapshot();
    await Kms.openSnapshot(snapshot, RootKey.fromPassphrase("Äpfel 🍏"), options);
    await Kms.openSnapshot(snapshot, RootKey.fromPassphrase(bytes("Äpfel 🍏")), options);
    const wrong = await rejection(Kms.openSnapshot(snapshot, RootKey.fromPassphrase("Birnen"), options));
    expect(wrong).to.be.an.instanceof(WrongRootKeyException);
  },

  async "a passphrase costs 64 MiB and three passes by default"() {
    const kms = await Kms.create(RootKey.fromPassphrase("correct horse battery staple"), options);
    const other = await Kms.openSnapshot(await kms.snapshot(), RootKey.fromPassphrase("correct horse battery staple", cheap), options);
    expect((await other.listKeys()).keys).to.deep.equal([]);
  },

  async "opening costs no more than the opener bears, whatever the vault asks for"() {
    const cost = { memoryKib: 1024, passes: 2, lanes: 1 };
    const snapshot = await (await Kms.create(RootKey.fromPassphrase("a", cost), options)).snapshot();
    for (const maxCost of [{ memoryKib: 1023 }, { passes: 1 }, { memoryKib: 64, passes: 32, lanes: 1 }]) {
      const error = await rejection(Kms.openSnapshot(snapshot, RootKey.fromPassphrase("a", cheap, maxCost), options));
      expect(error).to.be.an.instanceof(LimitExceededException);
    }
    await Kms.openSnapshot(snapshot, RootKey.fromPassphrase("a", cheap, cost), options);
    // A forged header: 512 MiB. It is refused before anything is spent.
    const forged = snapshot.slice();
    const asked = new DataView(forged.buffer, 26 + 19);
    expect(asked.getUint32(0)).to.equal(1024);
    asked.setUint32(0, 512 * 1024);
    expect(await rejection(Kms.openSnapshot(forged, RootKey.fromPassphrase("a"), options))).to.be.an.instanceof(LimitExceededException);
    expect(await rejection(async () => Kms.create(RootKey.fromPassphrase("a", {}, { memoryKib: 1 << 21 })))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => Kms.create(RootKey.fromPassphrase("a", {}, { memory: 1 })))).to.be.an.instanceof(TypeError);
  },

  async "the root key is changed"() {
    const { kms } = await vault();
    await kms.changeRootKey(RootKey.fromPassphrase("new", cheap));
    const snapshot = await kms.snapshot();
    expect(await rejection(Kms.openSnapshot(snapshot, rootKey(), options))).to.be.an.instanceof(WrongRootKeyException);
    const opened = await Kms.openSnapshot(snapshot, RootKey.fromPassphrase("new"), options);
    expect((await opened.listAliases()).aliases).to.have.length(1);
  },

  async "root keys that are none are refused"() {
    expect(() => RootKey.fromBytes("text")).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromBytes(new ArrayBuffer(32))).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromPassphrase(undefined)).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromPassphrase("half \ud83d")).to.throw(TypeError, "surrogate");
    expect(() => new RootKey(new Uint8Array(32))).to.throw(TypeError, "RootKey.fromBytes");
    expect(await rejection(async () => Kms.create(RootKey.fromBytes(new Uint8Array(31))))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => Kms.create(RootKey.fromPassphrase("")))).to.be.an.instanceof(ValidationException);
    expect(await rejection(Kms.create(new Uint8Array(32)))).to.be.an.instanceof(TypeError);
    const costs = [[{ memoryKiB: 64 }, "TypeError"], [{ passes: "3" }, "TypeError"], [{ lanes: -1 }, "TypeError"], [{ passes: 0 }, "ValidationException"]];
    for (const [cost, name] of costs) {
      expect(await rejection(async () => Kms.create(RootKey.fromPassphrase("a", cost)))).to.include({ name });
    }
  },

  async "a root key keeps a copy of its own until it is closed"() {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
    const root = RootKey.fromBytes(bytes);
    bytes.fill(0);
    const snapshot = await (await Kms.create(root, options)).snapshot();
    await Kms.openSnapshot(snapshot, rootKey(), options);
    root.close();
    root.close();
    expect((await rejection(Kms.create(root, options))).name).to.equal("InvalidStateError");
  },

  async "a caller sees the keys of its own account and Region"() {
    const { kms, key } = await vault();
    const elsewhere = kms.asCaller({ region: "us-east-1" });
    expect((await elsewhere.listKeys()).keys).to.deep.equal([]);
    expect(await rejection(elsewhere.describeKey({ keyId: key.keyId }))).to.be.an.instanceof(NotFoundException);
    const { keyMetadata } = await elsewhere.createKey();
    expect(keyMetadata.arn).to.match(/^arn:aws:kms:us-east-1:111122223333:key\//);
    expect((await kms.listKeys()).keys).to.have.length(1);
    expect((await kms.asCaller({}).listKeys()).keys).to.have.length(1);
    expect(() => kms.asCaller({ account: "1" })).to.throw(ValidationException);
    expect(() => kms.asCaller({ acount: ACCOUNT })).to.throw(TypeError, "acount is no member of Caller");
  },

  async "a vault is closed for all callers"() {
    const { kms } = await vault();
    const other = kms.asCaller({});
    expect((await other.listKeys()).keys).to.have.length(1);
    kms.close();
    kms.close();
    expect((await rejection(other.listKeys())).name).to.equal("VaultClosedException");
    expect((await rejection(kms.listKeys())).name).to.equal("VaultClosedException");
    expect((await rejection(kms.snapshot())).name).to.equal("VaultClosedException");
    expect((await rejection(kms.changeRootKey(rootKey()))).name).to.equal("VaultClosedException");
    expect(() => kms.asCaller({})).to.throw(VaultClosedException, "closed");
    expect([kms.closed, other.closed, kms.needsSaving]).to.deep.equal([true, true, false]);
  },

  async "using closes"() {
    if (!Symbol.dispose) return;
    const { kms } = await vault();
    kms[Symbol.dispose]();
    expect((await rejection(kms.listKeys())).name).to.equal("VaultClosedException");
    const root = rootKey();
    root[Symbol.dispose]();
    expect((await rejection(Kms.create(root))).name).to.equal("InvalidStateError");
  },

  async "data encrypted by an automatic rotation opens from any copy of the snapshot"() {
    const { kms, key: { keyId } } = await vault();
    await kms.enableKeyRotation({ keyId, rotationPeriodInDays: 90 });
    const snapshot = await kms.snapshot();
    kms.close();
    const after = async (days) => {
      const clock = new ManualClock(START);
      clock.advanceDays(days);
      return Kms.openSnapshot(snapshot, rootKey(), { clock });
    };
    // One that only encrypts has changed nothing, and saves nothing.
    const [one, other] = [await after(120), await after(125)];
    const { ciphertextBlob, keyId: arn } = await one.encrypt({ keyId, plaintext: bytes("due") });
    const client = new EncryptionClient();
    const { message } = await client.encrypt(new KmsKeyring(one, keyId), bytes("message"));
    expect(one.needsSaving).to.equal(false);
    expect((await one.listKeyRotations({ keyId })).rotations).to.have.length(1);
    expect(text((await other.decrypt({ ciphertextBlob })).plaintext)).to.equal("due");
    for (const days of [120, 121, 300, 1000]) {
      const later = await after(days);
      const decrypted = await later.decrypt({ ciphertextBlob });
      expect([text(decrypted.plaintext), decrypted.keyId]).to.deep.equal(["due", arn]);
      expect(text((await client.decrypt(new KmsKeyring(later, keyId), message)).plaintext)).to.equal("message");
    }
  },

  async "a vault says whether it needs saving, and which copy is newer"() {
    const kms = await Kms.create(rootKey(), options);
    expect(kms.needsSaving).to.equal(true);
    const first = await kms.snapshot();
    expect(kms.needsSaving).to.equal(false);
    const before = await kms.revision();
    expect(before).to.be.a("number");
    await kms.listKeys();
    await kms.generateRandom({ numberOfBytes: 1 });
    expect([kms.needsSaving, await kms.revision()]).to.deep.equal([false, before]);
    const { keyMetadata: { keyId } } = await kms.createKey();
    expect(kms.needsSaving).to.equal(true);
    expect(kms.asCaller({}).needsSaving).to.equal(true);
    expect(await kms.revision()).to.be.above(before);
    const second = await kms.snapshot();
    await kms.encrypt({ keyId, plaintext: bytes("a") });
    expect(kms.needsSaving).to.equal(false);
    const [old, now] = [await Kms.openSnapshot(first, rootKey()), await Kms.openSnapshot(second, rootKey())];
    expect([old.needsSaving, now.needsSaving]).to.deep.equal([false, false]);
    expect(await now.revision()).to.be.above(await old.revision());
  },

  async "a vault remembers whom it was made for"() {
    const kms = await Kms.create(rootKey(), options);
    const { keyMetadata: { keyId } } = await kms.createKey();
    const snapshot = await kms.snapshot();
    const opened = await Kms.openSnapshot(snapshot, rootKey());
    expect(opened.caller).to.deep.equal({ account: ACCOUNT, region: REGION });
    expect((await opened.listKeys()).keys).to.have.length(1);
    const elsewhere = await Kms.openSnapshot(snapshot, rootKey(), { region: "us-east-1" });
    expect(elsewhere.caller).to.deep.equal({ account: ACCOUNT, region: "us-east-1" });
    expect(await rejection(elsewhere.describeKey({ keyId }))).to.be.an.instanceof(NotFoundException);
    expect((await Kms.create(rootKey())).caller).to.deep.equal({ account: "000000000000", region: "us-east-1" });
    expect(opened.asCaller({ region: "us-west-2" }).caller).to.deep.equal({ account: ACCOUNT, region: "us-west-2" });
  },

  async "a clock that jumped deletes nothing before the host confirms it"() {
    const clock = new ManualClock(START);
    const kms = await Kms.create(rootKey(), { ...options, clock, clockTrust: "system" });
    const { keyMetadata: { keyId } } = await kms.createKey();
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: bytes("a") });
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(36_500);
    expect(await kms.timeInDoubt()).to.equal(true);
    expect((await kms.describeKey({ keyId })).keyMetadata.keyState).to.equal("PendingDeletion");
    clock.set(START);
    expect(await kms.timeInDoubt()).to.equal(false);
    await kms.cancelKeyDeletion({ keyId });
    await kms.enableKey({ keyId });
    expect(text((await kms.decrypt({ ciphertextBlob })).plaintext)).to.equal("a");
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(30);
    expect(await kms.timeInDoubt()).to.equal(true);
    await kms.confirmTime();
    expect(await kms.timeInDoubt()).to.equal(false);
    expect(await rejection(kms.describeKey({ keyId }))).to.be.an.instanceof(NotFoundException);
    expect(await rejection(Kms.create(rootKey(), { clockTrust: "no" }))).to.be.an.instanceof(TypeError);
  },

  async "an undamaged vault has no damaged records"() {
    const { kms } = await vault();
    expect(await kms.verify()).to.deep.equal([]);
    expect(await kms.damaged()).to.deep.equal([]);
  },

  async "options are checked, and have defaults"() {
    const kms = await Kms.create(rootKey());
    const before = Date.now();
    const { keyMetadata } = await kms.createKey();
    expect(keyMetadata.arn).to.match(/^arn:aws:kms:us-east-1:000000000000:key\//);
    expect(keyMetadata.creationDate.getTime()).to.be.within(before, Date.now());
    expect(await rejection(Kms.create(rootKey(), { regoin: REGION }))).to.be.an.instanceof(TypeError);
    expect(await rejection(Kms.create(rootKey(), { account: 111122223333 }))).to.be.an.instanceof(TypeError);
    expect(await rejection(Kms.create(rootKey(), { account: "1111" }))).to.be.an.instanceof(ValidationException);
    expect(() => new Kms()).to.throw(TypeError, "Kms.create");
  },

  async "the clock is the host's"() {
    const clock = new ManualClock(START);
    clock.advanceDays(1.5);
    expect(clock.now()).to.deep.equal(new Date(START.getTime() + 129_600_000));
    clock.now().setFullYear(1999);
    expect(clock.now().getFullYear()).to.equal(2026);
    expect(() => clock.set(new Date(NaN))).to.throw(RangeError);
    expect(() => clock.set(0)).to.throw(TypeError);
    expect(() => new ManualClock("2026")).to.throw(TypeError);

    const before = new Date(-1);
    const kms = await Kms.create(rootKey(), { clock: { now: () => before } });
    expect((await kms.createKey()).keyMetadata.creationDate).to.deep.equal(before);
    for (const now of [Date.now(), new Date(NaN), undefined]) {
      const error = await rejection(Kms.create(rootKey(), { clock: { now: () => now } }));
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.match(/^clock\.now\(\) must be a valid Date/);
    }
  },
};
