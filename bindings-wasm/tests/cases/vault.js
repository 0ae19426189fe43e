// Vaults: made, kept, opened, closed; root keys, callers, clocks.
import { expect } from "chai";
import { CachingMaterialsManager, EncryptionClient, Kms, KmsKeyring, LimitExceededException, ManualClock, NotFoundException, RootKey, SnapshotCorruptedException, SnapshotTruncatedException, ValidationException, Vault, VaultClosedException, WrongRootKeyException } from "pocketkms";
import { ACCOUNT, REGION, START, bytes, rejection, rootKey, text, vault } from "../support/help.js";

// Cheap to hash: what it costs by default is measured once, below.
const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
const options = { accountId: ACCOUNT, region: REGION };

export default {
  async "a snapshot holds the whole vault"() {
    const { host, kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: bytes("kept") });
    const snapshot = await host.snapshot();
    expect(snapshot).to.be.an.instanceof(Uint8Array);
    host.close();
    const opened = await Vault.openSnapshot(snapshot, rootKey(), options);
    expect(text((await opened.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("kept");
  },

  async "a locked vault comes back with all that it had"() {
    const { host, kms, key } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId: key.keyId, plaintext: bytes("kept") });
    const [client, keyring] = [new EncryptionClient(), new KmsKeyring(kms, key.keyId)];
    const caching = new CachingMaterialsManager(keyring);
    const { message } = await client.encrypt(caching, bytes("kept"));
    for (let round = 0; round < 2; round++) {
      host.lock();
      host.lock();
      expect([host.locked, host.closed, kms.closed]).to.deep.equal([true, false, false]);
      const locked = await rejection(kms.decrypt({ ciphertextBlob }));
      expect(locked).to.include({ name: "VaultLockedException", code: 1019, category: "AUTHENTICATE" });
      expect(await rejection(host.snapshot())).to.include({ name: "VaultLockedException" });
      for (const manager of [keyring, caching]) {
        expect(await rejection(client.decrypt(manager, message))).to.include({ name: "VaultLockedException" });
      }
      expect(await rejection(host.unlock(RootKey.fromBytes(new Uint8Array(32))))).to.be.an.instanceof(WrongRootKeyException);
      expect(host.locked).to.equal(true);
      await host.unlock(rootKey());
      expect(host.locked).to.equal(false);
      expect(text((await kms.decrypt({ ciphertextBlob })).plaintext)).to.equal("kept");
      for (const manager of [keyring, caching]) {
        expect(text((await client.decrypt(manager, message)).plaintext)).to.equal("kept");
      }
    }
    host.lock();
    host.close();
    expect(await rejection(host.unlock(rootKey()))).to.be.an.instanceof(VaultClosedException);
  },

  async "a snapshot that was altered is refused"() {
    const snapshot = await (await vault()).host.snapshot();
    const open = (bytes, root = rootKey()) => rejection(Vault.openSnapshot(bytes, root, options));
    expect(await open(snapshot, RootKey.fromBytes(new Uint8Array(32)))).to.be.an.instanceof(WrongRootKeyException);
    expect(await open(snapshot.subarray(0, snapshot.length / 2))).to.be.an.instanceof(SnapshotTruncatedException);
    const altered = snapshot.slice();
    altered[altered.length - 1] ^= 1;
    expect(await open(altered)).to.be.an.instanceof(SnapshotCorruptedException);
    expect((await open(bytes("no snapshot at all, but text"))).code).to.be.above(1000);
    expect(await open("text")).to.be.an.instanceof(TypeError);
    await Vault.openSnapshot(snapshot, rootKey(), options);
  },

  async "a passphrase opens what it sealed"() {
    const first = await Vault.inMemory(RootKey.fromPassphrase("Äpfel 🍏", cheap), options);
    const snapshot = await first.snapshot();
    await Vault.openSnapshot(snapshot, RootKey.fromPassphrase("Äpfel 🍏"), options);
    await Vault.openSnapshot(snapshot, RootKey.fromPassphrase(bytes("Äpfel 🍏")), options);
    const wrong = await rejection(Vault.openSnapshot(snapshot, RootKey.fromPassphrase("Birnen"), options));
    expect(wrong).to.be.an.instanceof(WrongRootKeyException);
  },

  async "a passphrase costs 64 MiB and three passes by default"() {
    const host = await Vault.inMemory(RootKey.fromPassphrase("correct horse battery staple"), options);
    const other = await Vault.openSnapshot(await host.snapshot(), RootKey.fromPassphrase("correct horse battery staple", cheap), options);
    expect((await other.client().listKeys()).keys).to.deep.equal([]);
  },

  async "opening costs no more than the opener bears, whatever the vault asks for"() {
    const cost = { memoryKib: 1024, passes: 2, lanes: 1 };
    const snapshot = await (await Vault.inMemory(RootKey.fromPassphrase("a", cost), options)).snapshot();
    for (const maxCost of [{ memoryKib: 1023 }, { passes: 1 }, { memoryKib: 64, passes: 32, lanes: 1 }]) {
      const error = await rejection(Vault.openSnapshot(snapshot, RootKey.fromPassphrase("a", cheap, maxCost), options));
      expect(error).to.be.an.instanceof(LimitExceededException);
    }
    await Vault.openSnapshot(snapshot, RootKey.fromPassphrase("a", cheap, cost), options);
    // A forged header, in the parameters of its first wrap: 512 MiB. It is refused before anything is spent.
    const forged = snapshot.slice();
    const [header, wraps, parameters] = [26 + 4, 23, 29];
    const asked = new DataView(forged.buffer, header + wraps + parameters);
    expect(asked.getUint32(0)).to.equal(1024);
    asked.setUint32(0, 512 * 1024);
    expect(await rejection(Vault.openSnapshot(forged, RootKey.fromPassphrase("a"), options))).to.be.an.instanceof(LimitExceededException);
    expect(await rejection(async () => Vault.inMemory(RootKey.fromPassphrase("a", {}, { memoryKib: 1 << 21 })))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => Vault.inMemory(RootKey.fromPassphrase("a", {}, { memory: 1 })))).to.be.an.instanceof(TypeError);
  },

  async "a passphrase is hashed elsewhere, and opens its vault at once"() {
    const { host, kms } = await vault();
    await host.shred(RootKey.fromPassphrase("derived", cheap));
    const snapshot = await host.snapshot();
    const derived = await RootKey.derive("derived", { snapshot });
    expect(derived).to.be.an.instanceof(Uint8Array).and.have.length(60);
    const root = RootKey.fromDerived(structuredClone(derived, { transfer: [derived.buffer] }));
    expect(derived).to.have.length(0);
    const opened = await Vault.openSnapshot(snapshot, root);
    expect((await opened.client().listKeys()).keys).to.deep.equal((await kms.listKeys()).keys);

    // It is this vault's alone: another passphrase, another vault, another limit.
    const wrong = RootKey.fromDerived(await RootKey.derive("other", { snapshot }));
    expect(await rejection(Vault.openSnapshot(snapshot, wrong))).to.be.an.instanceof(WrongRootKeyException);
    const other = await (await Vault.inMemory(RootKey.fromPassphrase("derived", cheap))).snapshot();
    expect(await rejection(Vault.openSnapshot(other, root))).to.be.an.instanceof(WrongRootKeyException);
    expect(await rejection(RootKey.derive("derived", { snapshot, maxCost: { memoryKib: 8, passes: 1, lanes: 1 } }))).to.be.an.instanceof(LimitExceededException);
    const raw = await (await Vault.inMemory(rootKey())).snapshot();
    expect(await rejection(RootKey.derive("derived", { snapshot: raw }))).to.be.an.instanceof(WrongRootKeyException);
    expect(await rejection(Vault.openSnapshot(raw, root))).to.be.an.instanceof(WrongRootKeyException);

    // For a vault that is made, and opened by the passphrase later.
    const fresh = RootKey.fromDerived(await RootKey.derive("new", { cost: cheap }));
    const made = await (await Vault.inMemory(fresh, options)).snapshot();
    await Vault.openSnapshot(made, fresh);
    await Vault.openSnapshot(made, RootKey.fromPassphrase("new"));
    await host.shred(fresh);
    await Vault.openSnapshot(await host.snapshot(), RootKey.fromPassphrase("new"));
    for (const none of [new Uint8Array(59), new Uint8Array(60), "text"]) {
      expect(await rejection(async () => Vault.inMemory(RootKey.fromDerived(none)))).to.be.an.instanceof(none.length === 4 ? TypeError : ValidationException);
    }
    expect(await rejection(RootKey.derive("", {}))).to.be.an.instanceof(ValidationException);
  },

  async "the root key is changed"() {
    const { host } = await vault();
    await host.shred(RootKey.fromPassphrase("new", cheap));
    const snapshot = await host.snapshot();
    expect(await rejection(Vault.openSnapshot(snapshot, rootKey(), options))).to.be.an.instanceof(WrongRootKeyException);
    const opened = await Vault.openSnapshot(snapshot, RootKey.fromPassphrase("new"), options);
    expect((await opened.client().listAliases()).aliases).to.have.length(1);
  },

  async "several root keys open one vault"() {
    const { host } = await vault();
    const second = await RootKey.generate();
    const id = await host.addRootKey(second, "second");
    const { text, id: recoveryId } = await host.addRecoveryKey("paper");
    const infos = await host.rootKeys();
    expect(infos.map(({ kind, label, opened, inUse }) => [kind, label, opened, inUse])).to.deep.equal([
      ["BYTES", "", true, true],
      ["BYTES", "second", true, false],
      ["RECOVERY", "paper", true, false],
    ]);
    expect([infos[1].id, infos[2].id, infos[0].cost, infos[0].name]).to.deep.equal([id, recoveryId, undefined, undefined]);
    expect(infos[1].created).to.deep.equal(START);
    const recovery = RootKey.fromRecoveryKey(text.toLowerCase().replaceAll("-", " "));
    for (const root of [rootKey(), RootKey.fromBytes(second.toBytes()), recovery]) {
      await Vault.openSnapshot(await host.snapshot(), root, options);
    }
    const third = RootKey.fromPassphrase("third", cheap);
    await host.replaceRootKey(id, third);
    await host.removeRootKey(infos[0].id);
    await host.rotateVaultKey([recovery, third]);
    expect(await host.finishRotation()).to.equal(false);
    await Vault.openSnapshot(await host.snapshot(), third, options);
    expect((await rejection(Vault.openSnapshot(await host.snapshot(), second, options))).name).to.equal("WrongRootKeyException");
    await host.removeRootKey(recoveryId);
    const [{ id: last, cost }] = await host.rootKeys();
    expect(cost).to.deep.equal({ memoryKib: 64, passes: 1, lanes: 1 });
    expect((await rejection(host.removeRootKey(last))).name).to.equal("LastRootKeyException");
    expect(() => third.toBytes()).to.throw(ValidationException, "32 raw bytes");
    expect(() => RootKey.fromRecoveryKey(7)).to.throw(TypeError);
  },

  async "root keys that are none are refused"() {
    expect(() => RootKey.fromBytes("text")).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromBytes(new DataView(new ArrayBuffer(32)))).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromPassphrase(undefined)).to.throw(TypeError, "Uint8Array");
    expect(() => RootKey.fromPassphrase("half \ud83d")).to.throw(TypeError, "surrogate");
    expect(() => new RootKey(new Uint8Array(32))).to.throw(TypeError, "RootKey.fromBytes");
    expect(await rejection(async () => Vault.inMemory(RootKey.fromBytes(new Uint8Array(31))))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => Vault.inMemory(RootKey.fromPassphrase("")))).to.be.an.instanceof(ValidationException);
    expect(await rejection(Vault.inMemory(new Uint8Array(32)))).to.be.an.instanceof(TypeError);
    const costs = [[{ memoryKiB: 64 }, "TypeError"], [{ passes: "3" }, "TypeError"], [{ lanes: -1 }, "TypeError"], [{ passes: 0 }, "ValidationException"]];
    for (const [cost, name] of costs) {
      expect(await rejection(async () => Vault.inMemory(RootKey.fromPassphrase("a", cost)))).to.include({ name });
    }
  },

  async "a root key keeps a copy of its own until it is closed"() {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => index);
    const root = RootKey.fromBytes(bytes);
    bytes.fill(0);
    const snapshot = await (await Vault.inMemory(root, options)).snapshot();
    await Vault.openSnapshot(snapshot, rootKey(), options);
    root.close();
    root.close();
    expect((await rejection(Vault.inMemory(root, options))).name).to.equal("InvalidStateError");
  },

  async "a client sees the keys of its own account and Region"() {
    const { host, kms, key } = await vault();
    const elsewhere = host.client({ region: "us-east-1" });
    expect((await elsewhere.listKeys()).keys).to.deep.equal([]);
    expect(await rejection(elsewhere.describeKey({ keyId: key.keyId }))).to.be.an.instanceof(NotFoundException);
    const { keyMetadata } = await elsewhere.createKey();
    expect(keyMetadata.arn).to.match(/^arn:aws:kms:us-east-1:111122223333:key\//);
    expect((await kms.listKeys()).keys).to.have.length(1);
    expect((await host.client().listKeys()).keys).to.have.length(1);
    expect(() => host.client({ accountId: "1" })).to.throw(ValidationException);
    expect(() => host.client({ account: ACCOUNT })).to.throw(TypeError, "account is no member of ClientOptions");
  },

  async "a client acts as a principal of its account"() {
    const { host } = await vault();
    const root = `arn:aws:iam::${ACCOUNT}:root`;
    const user = `arn:aws:iam::${ACCOUNT}:user/anna`;
    const role = "arn:aws:sts::444455556666:assumed-role/app/session";
    expect(host.caller).to.deep.equal({ accountId: ACCOUNT, region: REGION, principal: root });
    expect(host.client({ principal: user }).caller).to.deep.equal({ accountId: ACCOUNT, region: REGION, principal: user });
    expect(host.client({ principal: role }).caller).to.deep.equal({ accountId: "444455556666", region: REGION, principal: role });
    expect(host.client({ accountId: "444455556666", region: "cn-north-1" }).caller)
      .to.deep.equal({ accountId: "444455556666", region: "cn-north-1", principal: "arn:aws-cn:iam::444455556666:root" });
    for (const wrong of [{ principal: "anna" }, { principal: "" }, { principal: user, accountId: "444455556666" }]) {
      expect(() => host.client(wrong)).to.throw(ValidationException);
      expect(await rejection(Vault.inMemory(rootKey(), wrong))).to.be.an.instanceof(ValidationException);
    }
    const made = await Vault.inMemory(rootKey(), { principal: user, region: REGION });
    const opened = await Vault.openSnapshot(await made.snapshot(), rootKey());
    expect(opened.client().caller).to.deep.equal({ accountId: ACCOUNT, region: REGION, principal: user });
    expect((await Vault.openSnapshot(await made.snapshot(), rootKey(), { principal: root })).caller.principal).to.equal(root);
  },

  async "a client leads to nothing of the host's"() {
    const { kms } = await vault();
    for (const name of ["inMemory", "openSnapshot", "client", "snapshot", "markSaved", "rootKeys", "addRootKey", "addRecoveryKey", "removeRootKey", "replaceRootKey", "rotateVaultKey", "finishRotation", "shred", "needsSaving", "revision", "timeInDoubt", "confirmTime", "damaged", "close"]) {
      expect([name in kms, name in Kms]).to.deep.equal([false, false]);
    }
    expect(() => new Kms()).to.throw(TypeError, "vault.client()");
    expect(() => new kms.constructor({})).to.throw(TypeError, "vault.client()");
  },

  async "a vault is closed for all its clients"() {
    const { host, kms } = await vault();
    const other = host.client();
    expect((await other.listKeys()).keys).to.have.length(1);
    host.close();
    host.close();
    expect((await rejection(other.listKeys())).name).to.equal("VaultClosedException");
    expect((await rejection(kms.listKeys())).name).to.equal("VaultClosedException");
    expect((await rejection(kms.call("TrentService.ListKeys", bytes("{}")))).name).to.equal("VaultClosedException");
    expect((await rejection(host.snapshot())).name).to.equal("VaultClosedException");
    expect((await rejection(host.shred(rootKey()))).name).to.equal("VaultClosedException");
    expect(() => host.client()).to.throw(VaultClosedException, "closed");
    expect([host.closed, kms.closed, other.closed, host.needsSaving]).to.deep.equal([true, true, true, false]);
  },

  async "the wire answers AWS's JSON"() {
    const { host, kms, key } = await vault();
    const ask = async (target, body) => {
      const { status, body: answered } = await kms.call(target, bytes(typeof body === "string" ? body : JSON.stringify(body)));
      return { status, ...(answered.length > 0 && { body: JSON.parse(text(answered)) }) };
    };
    const { body: { KeyMetadata } } = await ask("TrentService.DescribeKey", { KeyId: "alias/test" });
    expect([KeyMetadata.KeyId, KeyMetadata.CreationDate]).to.deep.equal([key.keyId, START.getTime() / 1000]);
    expect(await ask("TrentService.DisableKey", { KeyId: key.keyId })).to.deep.equal({ status: 200 });
    const { status, body } = await ask("TrentService.Encrypt", { KeyId: key.keyId, Plaintext: "YQ==" });
    expect([status, body.__type, body.message]).to.deep.equal([400, "DisabledException", `${key.arn} is disabled.`]);
    expect((await ask("TrentService.None", {})).body.__type).to.equal("UnknownOperationException");
    expect((await ask("TrentService.ListKeys", "{")).body.__type).to.equal("SerializationException");
    for (const wrong of [["TrentService.ListKeys", "{}"], [7, bytes("{}")], ["TrentService.ListKeys"]]) {
      expect(await rejection(kms.call(...wrong))).to.be.an.instanceof(TypeError);
    }
    const taken = bytes("{}");
    const calling = kms.call("TrentService.ListKeys", taken);
    taken.fill(0);
    expect((await calling).status).to.equal(200);
    host.close();
  },

  async "using closes"() {
    if (!Symbol.dispose) return;
    const { host, kms } = await vault();
    host[Symbol.dispose]();
    expect((await rejection(kms.listKeys())).name).to.equal("VaultClosedException");
    const root = rootKey();
    root[Symbol.dispose]();
    expect((await rejection(Vault.inMemory(root))).name).to.equal("InvalidStateError");
  },

  async "data encrypted by an automatic rotation opens from any copy of the snapshot"() {
    const { host, kms, key: { keyId } } = await vault();
    await kms.enableKeyRotation({ keyId, rotationPeriodInDays: 90 });
    const snapshot = await host.snapshot();
    host.close();
    const after = async (days) => {
      const clock = new ManualClock(START);
      clock.advanceDays(days);
      const opened = await Vault.openSnapshot(snapshot, rootKey(), { clock });
      return { host: opened, kms: opened.client() };
    };
    // One that only encrypts has changed nothing, and saves nothing.
    const [{ host: first, kms: one }, { kms: other }] = [await after(120), await after(125)];
    const { ciphertextBlob, keyId: arn } = await one.encrypt({ keyId, plaintext: bytes("due") });
    const client = new EncryptionClient();
    const { message } = await client.encrypt(new KmsKeyring(one, keyId), bytes("message"));
    expect(first.needsSaving).to.equal(false);
    expect((await one.listKeyRotations({ keyId })).rotations).to.have.length(1);
    expect(text((await other.decrypt({ ciphertextBlob })).plaintext)).to.equal("due");
    for (const days of [120, 121, 300, 1000]) {
      const { kms: later } = await after(days);
      const decrypted = await later.decrypt({ ciphertextBlob });
      expect([text(decrypted.plaintext), decrypted.keyId]).to.deep.equal(["due", arn]);
      expect(text((await client.decrypt(new KmsKeyring(later, keyId), message)).plaintext)).to.equal("message");
    }
  },

  async "a vault says whether it needs saving, and which copy is newer"() {
    const host = await Vault.inMemory(rootKey(), options);
    const kms = host.client();
    expect(host.needsSaving).to.equal(true);
    const first = await host.snapshot();
    expect(host.needsSaving).to.equal(true);
    await host.markSaved(first);
    expect(host.needsSaving).to.equal(false);
    const before = await host.revision();
    expect(before).to.be.a("number");
    await kms.listKeys();
    await kms.generateRandom({ numberOfBytes: 1 });
    expect([host.needsSaving, await host.revision()]).to.deep.equal([false, before]);
    const { keyMetadata: { keyId } } = await kms.createKey();
    expect(host.needsSaving).to.equal(true);
    expect(await host.revision()).to.be.above(before);
    const second = await host.snapshot();
    await host.markSaved(first);
    expect(host.needsSaving).to.equal(true);
    await host.markSaved(second);
    await kms.encrypt({ keyId, plaintext: bytes("a") });
    expect(host.needsSaving).to.equal(false);
    const [old, now] = [await Vault.openSnapshot(first, rootKey()), await Vault.openSnapshot(second, rootKey())];
    expect([old.needsSaving, now.needsSaving]).to.deep.equal([false, false]);
    expect((await rejection(now.markSaved(second))).message).to.include("none of the latest snapshots");
    expect(await rejection(host.markSaved(before))).to.be.an.instanceof(TypeError);
    expect(await now.revision()).to.be.above(await old.revision());
  },

  async "a vault remembers whom it was made for"() {
    const host = await Vault.inMemory(rootKey(), options);
    const { keyMetadata: { keyId } } = await host.client().createKey();
    const snapshot = await host.snapshot();
    const opened = await Vault.openSnapshot(snapshot, rootKey());
    expect(opened.caller).to.deep.equal({ accountId: ACCOUNT, region: REGION, principal: `arn:aws:iam::${ACCOUNT}:root` });
    expect((await opened.client().listKeys()).keys).to.have.length(1);
    const elsewhere = await Vault.openSnapshot(snapshot, rootKey(), { region: "us-east-1" });
    expect(elsewhere.caller).to.deep.equal({ accountId: ACCOUNT, region: "us-east-1", principal: `arn:aws:iam::${ACCOUNT}:root` });
    expect(await rejection(elsewhere.client().describeKey({ keyId }))).to.be.an.instanceof(NotFoundException);
    expect((await Vault.inMemory(rootKey())).caller).to.deep.equal({ accountId: "000000000000", region: "us-east-1", principal: `arn:aws:iam::000000000000:root` });
    expect(opened.client({ region: "us-west-2" }).caller).to.deep.equal({ accountId: ACCOUNT, region: "us-west-2", principal: `arn:aws:iam::${ACCOUNT}:root` });
  },

  async "a clock that jumped deletes nothing before the host confirms it"() {
    const clock = new ManualClock(START);
    const host = await Vault.inMemory(rootKey(), { ...options, clock, clockTrust: "SYSTEM" });
    const kms = host.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: bytes("a") });
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(36_500);
    expect(await host.timeInDoubt()).to.equal(true);
    expect((await kms.describeKey({ keyId })).keyMetadata.keyState).to.equal("PendingDeletion");
    clock.set(START);
    expect(await host.timeInDoubt()).to.equal(false);
    await kms.cancelKeyDeletion({ keyId });
    await kms.enableKey({ keyId });
    expect(text((await kms.decrypt({ ciphertextBlob })).plaintext)).to.equal("a");
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(30);
    expect(await host.timeInDoubt()).to.equal(true);
    await host.confirmTime();
    expect(await host.timeInDoubt()).to.equal(false);
    expect(await rejection(kms.describeKey({ keyId }))).to.be.an.instanceof(NotFoundException);
    for (const wrong of ["no", "system"]) {
      const error = await rejection(Vault.inMemory(rootKey(), { clockTrust: wrong }));
      expect(error).to.include({ name: "ValidationException" });
      expect(error.message).to.contain("enum value set: [TRUSTED, SYSTEM]");
    }
    expect(await rejection(Vault.inMemory(rootKey(), { clockTrust: 1 }))).to.be.an.instanceof(TypeError);
  },

  async "attestation roots are certificates"() {
    for (const wrong of [new Uint8Array(), new TextEncoder().encode("root")]) {
      const error = await rejection(Vault.inMemory(rootKey(), { attestationRoots: [wrong] }));
      expect(error).to.include({ name: "ValidationException", message: "An attestation root is not valid." });
    }
    for (const wrong of ["root", ["root"], [1]]) {
      expect(await rejection(Vault.inMemory(rootKey(), { attestationRoots: wrong }))).to.be.an.instanceof(TypeError);
    }
    (await Vault.inMemory(rootKey(), { attestationRoots: [] })).close();
  },

  async "an undamaged vault has no damaged records"() {
    const { host } = await vault();
    expect(await host.verify()).to.deep.equal([]);
    expect(await host.damaged()).to.deep.equal([]);
  },

  async "options are checked, and have defaults"() {
    const kms = (await Vault.inMemory(rootKey())).client();
    const before = Date.now();
    const { keyMetadata } = await kms.createKey();
    expect(keyMetadata.arn).to.match(/^arn:aws:kms:us-east-1:000000000000:key\//);
    expect(keyMetadata.creationDate.getTime()).to.be.within(before, Date.now());
    expect(await rejection(Vault.inMemory(rootKey(), { regoin: REGION }))).to.be.an.instanceof(TypeError);
    expect(await rejection(Vault.inMemory(rootKey(), { accountId: 111122223333 }))).to.be.an.instanceof(TypeError);
    expect(await rejection(Vault.inMemory(rootKey(), { accountId: "1111" }))).to.be.an.instanceof(ValidationException);
    expect(() => new Vault()).to.throw(TypeError, "Vault.inMemory");
  },

  async "the clock is the host's"() {
    const clock = new ManualClock(START);
    clock.advanceDays(1.5);
    expect(clock.now()).to.deep.equal(new Date(START.getTime() + 129_600_000));
    clock.now().setFullYear(1999);
    expect(clock.now().getFullYear()).to.equal(2026);
    clock.set(START);
    clock.advance({ days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 });
    expect(clock.now().getTime() - START.getTime()).to.equal(93_784_005);
    for (const wrong of [undefined, 7, { day: 1 }, { days: "1" }, { days: NaN }]) expect(() => clock.advance(wrong)).to.throw(TypeError);
    expect(() => clock.set(new Date(NaN))).to.throw(RangeError);
    expect(() => clock.set(0)).to.throw(TypeError);
    expect(() => new ManualClock("2026")).to.throw(TypeError);

    const before = new Date(-1);
    const kms = (await Vault.inMemory(rootKey(), { clock: { now: () => before } })).client();
    expect((await kms.createKey()).keyMetadata.creationDate).to.deep.equal(before);
    for (const now of [Date.now(), new Date(NaN), undefined]) {
      const error = await rejection(Vault.inMemory(rootKey(), { clock: { now: () => now } }));
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.match(/^clock\.now\(\) must be a valid Date/);
    }
  },
};
