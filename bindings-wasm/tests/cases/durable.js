// Vaults in IndexedDB. Node has none, and says so.
import { expect } from "chai";
import { EncryptionClient, HierarchicalKeyring, KmsKeyring, ManualClock, RootKey, StoreDamagedException, Vault } from "pocketkms";
import { START, bytes, rejection, rootKey, text } from "../support/help.js";
import { encrypted, opens, records, replaced, withName } from "../support/stored.js";

export default {
  "what was answered is there when the vault is opened again": withName(async (name) => {
    expect(await rejection(Vault.open(name, rootKey()))).to.include({ name: "NotFoundException" });
    const vault = await Vault.openOrCreate(name, rootKey(), { region: "eu-central-1" });
    expect(vault.durable).to.equal(true);
    expect(vault.persistent).to.be.a("boolean");
    expect(vault.needsSaving).to.equal(false);
    const kms = vault.client();
    const { keyMetadata: { keyId } } = await kms.createKey({ description: "kept" });
    await kms.createAlias({ aliasName: "alias/kept", targetKeyId: keyId });
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/kept", plaintext: bytes("secret") });
    await kms.rotateKeyOnDemand({ keyId });
    vault.close();
    expect(vault.closed && kms.closed).to.equal(true);
    expect(await rejection(kms.listKeys())).to.include({ name: "VaultClosedException" });
    expect(await rejection(Vault.create(name, rootKey()))).to.include({ name: "AlreadyExistsException" });
    expect(await rejection(Vault.open(name, RootKey.fromBytes(new Uint8Array(32))))).to.include({ name: "WrongRootKeyException" });
    const again = await Vault.open(name, rootKey());
    expect(again.caller.region).to.equal("eu-central-1");
    expect(text((await again.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("secret");
    expect((await again.client().describeKey({ keyId: "alias/kept" })).keyMetadata.description).to.equal("kept");
    expect(await again.verify()).to.deep.equal([]);
    // And as a snapshot, in a Blob, into memory.
    const copy = await Vault.openSnapshot(new Blob([await again.snapshot()]), rootKey());
    expect(copy.durable).to.equal(false);
    expect(text((await copy.client().decrypt({ ciphertextBlob })).plaintext)).to.equal("secret");
    again.close();
  }),

  "a locked vault is unlocked as it is by then": withName(async (name) => {
    const passphrase = (words = "correct horse") => RootKey.fromPassphrase(words, { memoryKib: 64, passes: 1, lanes: 1 });
    const vault = await Vault.create(name, passphrase());
    const kms = vault.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    vault.lock();
    expect(vault.locked).to.equal(true);
    expect(await rejection(kms.describeKey({ keyId }))).to.include({ name: "VaultLockedException" });
    const other = await Vault.open(name, passphrase());
    await other.addRootKey(rootKey(), "another");
    other.close();
    expect(await rejection(vault.unlock(passphrase("wrong")))).to.include({ name: "WrongRootKeyException" });
    await vault.unlock(rootKey());
    expect((await kms.describeKey({ keyId })).keyMetadata.keyId).to.equal(keyId);
    vault.lock();
    await vault.unlock(passphrase());
    expect((await kms.listKeys()).keys).to.have.length(1);
    expect(await vault.verify()).to.deep.equal([]);
    vault.close();
  }),

  "events are stored in time, also where nothing else is asked": withName(async (name) => {
    const shown = [];
    const auditSink = (events) => shown.push(...events.map((event) => event.eventName));
    const vault = await Vault.create(name, rootKey(), { audit: { milliseconds: 20 }, auditSink });
    await vault.client().listKeys();
    while (shown.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(shown).to.deep.equal(["ListKeys"]);
    vault.close();
  }),

  "a passphrase opens it, time does its work, and keyrings encrypt": withName(async (name) => {
    const clock = new ManualClock(START);
    const root = RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 });
    const vault = await Vault.create(name, root, { clock });
    const kms = vault.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    const { keyMetadata: { keyId: gone } } = await kms.createKey();
    await kms.enableKeyRotation({ keyId, rotationPeriodInDays: 90 });
    await kms.scheduleKeyDeletion({ keyId: gone, pendingWindowInDays: 7 });
    const { branchKeyIdentifier } = await kms.createBranchKey({ kmsKeyId: keyId });
    const client = new EncryptionClient();
    const keyrings = [new KmsKeyring(kms, keyId), new HierarchicalKeyring(kms, branchKeyIdentifier, { ttl: 60 })];
    const messages = [];
    for (const keyring of keyrings) {
      messages.push((await client.encrypt(keyring, bytes("text"))).message);
    }
    clock.advanceDays(181);
    for (const [index, keyring] of keyrings.entries()) {
      expect(text((await client.decrypt(keyring, messages[index])).plaintext)).to.equal("text");
    }
    expect((await kms.listKeyRotations({ keyId })).rotations).to.have.length(2);
    expect((await kms.listKeys()).keys.map((key) => key.keyId)).to.deep.equal([keyId]);
    vault.close();
  }),

  "principals, policies and quotas are the vault's": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const { keyMetadata: { keyId } } = await vault.client().createKey();
    const [alice, role] = ["user/alice", "role/app"].map((path) => `arn:aws:iam::000000000000:${path}`);
    const document = (statement) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    const policies = [{ policyName: "one", policyDocument: document({ Action: "kms:DescribeKey", Resource: "*" }) }];
    await vault.putIamEntity({ arn: alice, policies });
    const assumeRolePolicyDocument = document({ Principal: { AWS: alice }, Action: "sts:AssumeRole" });
    await vault.putIamEntity({ arn: role, policies, assumeRolePolicyDocument });
    const other = await Vault.open(name, rootKey(), { clock: new ManualClock() });
    expect(await other.getIamEntity(alice)).to.deep.equal({ arn: alice, policies });
    const assumed = await other.assumeRole({ roleArn: role, roleSessionName: "one" }, { principal: alice });
    for (const kms of [other.client({ principal: alice }), assumed]) {
      await kms.describeKey({ keyId });
      expect(await rejection(kms.encrypt({ keyId, plaintext: bytes("x") }))).to.include({ name: "AccessDeniedException" });
    }
    const nobody = other.client({ principal: "arn:aws:iam::000000000000:user/nobody" });
    expect(await rejection(nobody.describeKey({ keyId }))).to.include({ name: "AccessDeniedException" });
    expect((await other.simulate({ action: "kms:Encrypt", keyId }, { principal: alice })).allowed).to.equal(false);
    await other.removeIamEntity(role);
    expect(await rejection(assumed.describeKey({ keyId }))).to.include({ name: "AccessDeniedException" });
    expect((await other.listIamEntities()).arns).to.not.include(role);
    // A request counts once, however often it has to wait for the database.
    await other.setRequestQuotas([{ quotaName: "CreateKey", requests: 3 }]);
    for (let count = 0; count < 3; count++) await other.client().createKey();
    expect(await rejection(other.client().createKey())).to.include({ name: "ThrottlingException" });
    await other.setRequestQuotas();
    vault.close();
    other.close();
    (await Vault.open(name, rootKey())).close();
  }),

  "two handles race, and every answered change is there": withName(async (name) => {
    const first = await Vault.create(name, rootKey());
    const second = await Vault.open(name, rootKey());
    const created = await Promise.all([first, second, first, second].flatMap((vault) =>
      Array.from({ length: 10 }, async () => (await vault.client().createKey()).keyMetadata.keyId)));
    expect(new Set(created).size).to.equal(40);
    // Of two who want one alias, one has it.
    const results = await Promise.allSettled([first, second].map((vault, index) =>
      vault.client().createAlias({ aliasName: "alias/one", targetKeyId: created[index] })));
    expect(results.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "rejected"]);
    first.close();
    second.close();
    const third = await Vault.open(name, rootKey());
    const found = [];
    for await (const { keys } of third.client().paginate("listKeys", { limit: 7 })) {
      found.push(...keys.map((key) => key.keyId));
    }
    expect(found.sort()).to.deep.equal(created.sort());
    expect(await third.verify()).to.deep.equal([]);
    third.close();
  }),

  "what another handle disables is seen within the lease": withName(async (name) => {
    const first = await Vault.create(name, rootKey());
    const second = await Vault.open(name, rootKey());
    const { keyMetadata: { keyId } } = await first.client().createKey();
    const encrypt = () => second.client().encrypt({ keyId, plaintext: bytes("x") });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await encrypt();
    await first.client().disableKey({ keyId });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await rejection(encrypt())).to.include({ name: "DisabledException" });
    first.close();
    second.close();
  }),

  "its notice shortens the lease": withName(async (name) => {
    const first = await Vault.create(name, rootKey());
    const second = await Vault.open(name, rootKey());
    const { keyMetadata: { keyId } } = await first.client().createKey();
    const encrypt = () => second.client().encrypt({ keyId, plaintext: bytes("x") });
    await encrypt();
    const channel = new BroadcastChannel(`pocketkms:${name}`);
    const heard = new Promise((resolve) => { channel.onmessage = resolve; });
    await first.client().disableKey({ keyId });
    await heard;
    channel.close();
    // Without the notice it would go on for a second.
    expect(await rejection(encrypt())).to.include({ name: "DisabledException" });
    first.close();
    second.close();
  }),

  "a commit that the engine breaks off did not happen, and can be tried again": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    let struck = 0;
    await replaced(IDBTransaction.prototype, "commit", (commit) => function () {
      return struck++ === 0 ? this.abort() : commit.call(this);
    }, async () => {
      expect(await rejection(kms.createKey())).to.include({ name: "StoreException" });
    });
    expect(struck).to.be.above(0);
    await kms.createKey();
    expect((await kms.listKeys()).keys).to.have.length(1);
    expect(await vault.verify()).to.deep.equal([]);
    vault.close();
  }),

  "a commit whose answer is lost is recognised as made": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    const complete = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, "oncomplete");
    let struck = 0;
    Object.defineProperty(IDBTransaction.prototype, "oncomplete", { ...complete, set(handler) {
      complete.set.call(this, (event) => (this.mode === "readwrite" && struck++ === 0 ? this.onabort(event) : handler(event)));
    } });
    try {
      await kms.createKey();
    } finally {
      Object.defineProperty(IDBTransaction.prototype, "oncomplete", complete);
    }
    expect(struck).to.be.above(0);
    expect((await kms.listKeys()).keys).to.have.length(1);
    vault.close();
  }),

  "a full disk is a named error, and nothing is lost": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    const quota = () => { throw new DOMException("no room", "QuotaExceededError"); };
    await replaced(IDBDatabase.prototype, "transaction", (transaction) => function (stores, mode, options) {
      return mode === "readwrite" ? quota() : transaction.call(this, stores, mode, options);
    }, async () => {
      expect(await rejection(kms.createKey())).to.include({ name: "StoreFullException" });
      // What changes nothing needs no room.
      await kms.encrypt({ keyId, plaintext: bytes("x") });
    });
    await kms.createKey();
    expect((await kms.listKeys()).keys).to.have.length(2);
    vault.close();
  }),

  "a lost connection is opened again": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    let lost = 0;
    await replaced(IDBDatabase.prototype, "transaction", (transaction) => function (...given) {
      if (lost++ === 0) {
        this.close();
        throw new DOMException("the connection is closing", "InvalidStateError");
      }
      return transaction.apply(this, given);
    }, () => vault.client().createKey());
    expect(lost).to.be.above(1);
    expect((await vault.client().listKeys()).keys).to.have.length(1);
    vault.close();
  }),

  "a database that another tab deletes closes the vault": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    await Vault.delete(name);
    expect(vault.closed).to.equal(true);
    expect(await rejection(kms.listKeys())).to.include({ name: "VaultClosedException" });
    expect(() => vault.client()).to.throw("the vault is closed");
  }),

  "a newer version of the package closes the vault, and an older one does not open it any more": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    await new Promise((resolve, reject) => {
      const upgrade = indexedDB.open(`pocketkms:${name}`, 2);
      upgrade.onerror = () => reject(upgrade.error);
      upgrade.onsuccess = () => { upgrade.result.close(); resolve(); };
    });
    expect(vault.closed).to.equal(true);
    expect(await rejection(kms.listKeys())).to.include({ name: "VaultClosedException" });
    for (const open of [() => Vault.open(name, rootKey()), () => Vault.openOrCreate(name, rootKey(), { inMemoryWhereRefused: true })]) {
      const error = await rejection(open());
      expect(error).to.include({ name: "StoreException" });
      expect(error.message).to.contain("newer version");
    }
  }),

  "a snapshot is restored whole, or not at all": withName(async (name) => {
    const vault = await Vault.create(name, rootKey(), { region: "eu-central-1" });
    const kept = await encrypted(vault);
    const [blob, revision] = [await vault.snapshotBlob(), await vault.revision()];
    expect(await rejection(Vault.restore(name, blob, rootKey()))).to.include({ name: "AlreadyExistsException" });
    vault.close();
    await Vault.delete(name);
    // What does not open, is altered, or finds no room leaves nothing.
    expect(await rejection(Vault.restore(name, blob, RootKey.fromBytes(new Uint8Array(32))))).to.include({ name: "WrongRootKeyException" });
    expect(await rejection(Vault.restore(name, blob.slice(0, -1), rootKey()))).to.include({ name: "SnapshotTruncatedException" });
    let written = 0;
    await replaced(IDBObjectStore.prototype, "put", (put) => function (record) {
      written++;
      if (written === 3) this.transaction.abort();
      return written < 3 ? put.call(this, record) : undefined;
    }, async () => {
      expect(await rejection(Vault.restore(name, blob, rootKey()))).to.include({ name: "StoreException" });
    });
    expect(await rejection(Vault.open(name, rootKey()))).to.include({ name: "NotFoundException" });
    const restored = await Vault.restore(name, blob, rootKey());
    expect(restored.durable).to.equal(true);
    expect(restored.caller.region).to.equal("eu-central-1");
    expect(await restored.revision()).to.be.at.least(revision);
    await restored.client().createKey();
    restored.close();
    const opened = await opens(name, rootKey(), kept);
    expect((await opened.client().listKeys()).keys).to.have.length(2);
    opened.close();
  }),

  "a vault that is gone, or older than the app knows it, is recognised": withName(async (name) => {
    const lost = await rejection(Vault.openOrCreate(name, rootKey(), { expectedRevision: 1 }));
    expect(lost).to.be.an.instanceof(StoreDamagedException);
    expect(lost.message).to.contain("evicted");
    const vault = await Vault.create(name, rootKey());
    await vault.client().createKey();
    const revision = await vault.revision();
    vault.close();
    (await Vault.open(name, rootKey(), { expectedRevision: revision })).close();
    const older = await rejection(Vault.open(name, rootKey(), { expectedRevision: revision + 10 }));
    expect(older).to.be.an.instanceof(StoreDamagedException);
  }),

  "an altered record is noticed": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const { keyMetadata: { keyId } } = await vault.client().createKey();
    vault.close();
    const names = await records(name, "readonly", (store) => store.getAllKeys());
    const record = names.find((one) => one.startsWith("key/") && one.endsWith(keyId.replaceAll("-", "")));
    const { revision } = await records(name, "readonly", (store) => store.get(record));
    await records(name, "readwrite", (store) => store.put({ name: record, revision, value: new Uint8Array(60) }));
    const again = await Vault.open(name, rootKey());
    expect(await rejection(again.client().describeKey({ keyId }))).to.include({ name: "RecordCorruptedException" });
    expect(await again.verify()).to.have.length(1);
    again.close();
  }),

  "IndexedDB that is refused is a named error": withName(async (name) => {
    const refuse = () => () => { throw new DOMException("not here", "SecurityError"); };
    const error = await replaced(IDBFactory.prototype, "open", refuse, () => rejection(Vault.openOrCreate(name, rootKey())));
    expect(error).to.include({ name: "StoreException" });
    expect(error.message).to.contain("Vault.inMemory");
    expect((await Vault.inMemory(rootKey())).durable).to.equal(false);
    // In memory where the app says so, and with a warning that it can read; never where it expects a vault.
    await replaced(IDBFactory.prototype, "open", refuse, async () => {
      const vault = await Vault.openOrCreate(name, rootKey(), { inMemoryWhereRefused: true });
      expect([vault.durable, vault.warning.name]).to.deep.equal([false, "StoreException"]);
      await vault.client().createKey();
      expect(vault.needsSaving).to.equal(true);
      const expected = { inMemoryWhereRefused: true, expectedRevision: 1 };
      expect(await rejection(Vault.openOrCreate(name, rootKey(), expected))).to.include({ name: "StoreException" });
      expect(await rejection(Vault.open(name, rootKey(), { inMemoryWhereRefused: true }))).to.include({ name: "StoreException" });
    });
    const kept = await Vault.openOrCreate(name, rootKey(), { inMemoryWhereRefused: true });
    expect([kept.durable, kept.warning]).to.deep.equal([true, undefined]);
    kept.close();
  }),

  "encryption within the lease asks the database for nothing": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const kms = vault.client();
    const { keyMetadata: { keyId } } = await kms.createKey();
    const encrypt = () => kms.encrypt({ keyId, plaintext: bytes("x") });
    await encrypt();
    let asked = 0;
    await replaced(IDBDatabase.prototype, "transaction", (transaction) => function (...given) {
      asked++;
      return transaction.apply(this, given);
    }, async () => {
      for (let count = 0; count < 50; count++) await encrypt();
    });
    // A look at the generation when the lease is over, on a machine that is busy.
    expect(asked).to.be.below(10);
    vault.close();
  }),

  "a mistake in the name is a TypeError": async () => {
    for (const name of ["", undefined, 7, rootKey()]) {
      expect(await rejection(Vault.open(name, rootKey()))).to.be.an.instanceof(TypeError);
    }
  },
};
