// The audit trail: asked, written out, verified, pinned, shown to a sink; of vaults in memory and in IndexedDB.
import { expect } from "chai";
import { EncryptionClient, KmsKeyring, ManualClock, Vault } from "pocketkms";
import { ACCOUNT, REGION, START, bytes, rejection, rootKey } from "../support/help.js";
import { records, withName } from "../support/stored.js";

const MALLORY = "arn:aws:iam::444455556666:user/Mallory";
const HOUR = 3_600_000;
const later = new Date(START.getTime() + HOUR);

/** A case for a vault in memory and for one in IndexedDB: `make` makes it, where there is one. */
const everywhere = (work) => async (...rest) => {
  await work((options) => Vault.inMemory(rootKey(), options));
  await withName((name) => work((options) => Vault.openOrCreate(name, rootKey(), options)))(...rest);
};

const stored = (name) => records(name, "readonly", (store) => store.getAll());

/** Puts these records in place of all that a vault has. */
const putBack = (name, all) => records(name, "readwrite", (store) => {
  store.clear();
  return all.map((record) => store.put(record)).at(-1);
});

/** A vault that has seen some calls: three of its caller, one that was denied. */
async function audited(make, more = {}) {
  const clock = new ManualClock(START);
  const vault = await make({ clock, accountId: ACCOUNT, region: REGION, ...more });
  const kms = vault.client();
  const { keyMetadata: { keyId, arn } } = await kms.createKey();
  const encryptionContext = { tenant: "7" };
  const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: bytes("secret"), encryptionContext });
  await kms.decrypt({ ciphertextBlob, encryptionContext });
  const mallory = vault.client({ principal: MALLORY });
  expect(await rejection(mallory.describeKey({ keyId: arn }))).to.include({ name: "AccessDeniedException" });
  return { vault, kms, keyId, clock };
}

async function all(events) {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
}

const names = async (events) => (await all(events)).map((event) => event.eventName);
const tick = () => new Promise((resolve) => setTimeout(resolve));

export default {
  "what is no request and no option is refused": everywhere(async (make) => {
    const { vault } = await audited(make);
    expect(await rejection(vault.lookupEvents({ marker: "none" }))).to.include({ name: "InvalidMarkerException" });
    expect(await rejection(vault.lookupEvents({ maxResults: 0 }))).to.include({ name: "ValidationException" });
    expect(await rejection(vault.lookupEvents({ nothing: 1 }))).to.be.an.instanceof(TypeError);
    expect(await rejection(vault.removeAuditBefore(new Date(NaN)))).to.be.an.instanceof(TypeError);
    expect(await rejection(vault.removeAuditBefore("2026-01-01"))).to.be.an.instanceof(TypeError);
    expect(() => vault.exportAudit({ format: "CSV" })).to.throw(TypeError, "format");
    vault.close();
    const way = (options) => Vault.inMemory(rootKey(), options);
    for (const audit of ["off", 5, {}, { milliseconds: -1 }, { milliseconds: 1.5 }, { seconds: 1 }, { milliseconds: 1, seconds: 1 }, "1000", true]) {
      expect((await rejection(way({ audit }))).message).to.contain("audit");
    }
    for (const more of [{ auditSink: {} }, { auditSink: 1 }, { expectedHead: 5 }]) {
      expect(await rejection(way(more))).to.be.an.instanceof(TypeError);
    }
    expect(await rejection(Vault.openSnapshot(await (await way({})).snapshot(), rootKey(), { expectedHead: "none" }))).to.include({ name: "ValidationException" });
  }),

  "events are those of the calls": everywhere(async (make) => {
    const { vault } = await audited(make);
    const events = await all(vault.auditEvents({ oldestFirst: true }));
    expect(events.map((event) => event.eventName)).to.deep.equal(["CreateKey", "Encrypt", "Decrypt", "DescribeKey"]);
    expect(events[1].eventTime).to.deep.equal(START);
    expect(events[1].readOnly).to.equal(true);
    expect(events[1]).not.to.have.property("errorCode");
    expect(events[3]).to.include({ errorCode: "AccessDenied", principal: MALLORY, recipientAccountId: "444455556666" });
    const record = JSON.parse(events[1].cloudTrailEvent);
    expect(record.requestParameters.encryptionContext).to.deep.equal({ tenant: "7" });
    expect(events.some((event) => event.cloudTrailEvent.includes("secret"))).to.equal(false);
    vault.close();
  }),

  "a filter takes what it says, in pages": everywhere(async (make) => {
    const { vault, kms, keyId, clock } = await audited(make);
    clock.advanceDays(1);
    await kms.listKeys();
    expect(await names(vault.auditEvents({ principal: MALLORY }))).to.deep.equal(["DescribeKey"]);
    expect(await names(vault.auditEvents({ errorsOnly: true }))).to.deep.equal(["DescribeKey"]);
    expect(await names(vault.auditEvents({ startTime: later }))).to.deep.equal(["ListKeys"]);
    expect(await names(vault.auditEvents({ endTime: later }))).to.have.length(4);
    expect(await names(vault.auditEvents({ keyId }))).not.to.include("ListKeys");
    const whole = await all(vault.auditEvents());
    expect(await all(vault.auditEvents({ maxResults: 1 }))).to.deep.equal(whole);
    const page = await vault.lookupEvents({ maxResults: 3 });
    expect(page.truncated).to.equal(true);
    const { events } = await vault.lookupEvents({ marker: page.nextMarker });
    expect([...page.events, ...events]).to.deep.equal(whole);
    vault.close();
  }),

  "files have every event": everywhere(async (make) => {
    const { vault } = await audited(make);
    for (const maxResults of [undefined, 1]) {
      const file = (await all(vault.exportAudit({ maxResults }))).join("");
      expect(JSON.parse(file).Records.map((record) => record.eventName)).to.deep.equal(["CreateKey", "Encrypt", "Decrypt", "DescribeKey"]);
      const lines = (await all(vault.exportAudit({ format: "JSON_LINES", maxResults, oldestFirst: false }))).join("");
      expect(lines.trimEnd().split("\n").map((line) => JSON.parse(line).eventName)).to.deep.equal(["DescribeKey", "Decrypt", "Encrypt", "CreateKey"]);
    }
    expect(await all(vault.exportAudit({ format: "JSON_LINES", eventName: "None" }))).to.deep.equal([""]);
    expect(JSON.parse((await all(vault.exportAudit({ eventName: "None" }))).join(""))).to.deep.equal({ Records: [] });
    vault.close();
  }),

  "a trail is verified and shortened": everywhere(async (make) => {
    const { vault, kms, clock } = await audited(make);
    await vault.flushAudit();
    expect(await vault.verifyAudit()).to.deep.equal({ events: 4, problems: [] });
    clock.advanceDays(1);
    await kms.createKey();
    expect(await vault.removeAuditBefore(later)).to.equal(4);
    expect(await names(vault.auditEvents())).to.deep.equal(["CreateKey"]);
    expect((await vault.verifyAudit()).problems).to.deep.equal([]);
    vault.close();
  }),

  "the app says when events are stored": everywhere(async (make) => {
    const stored = [];
    const auditSink = (events) => stored.push(...events.map((event) => event.eventName));
    const first = await make({ audit: { milliseconds: 1_000_000 }, auditSink });
    await first.client().createKey();
    await first.client().listKeys();
    expect(stored).to.deep.equal(["CreateKey"]);
    await first.flushAudit();
    expect(stored).to.deep.equal(["CreateKey", "ListKeys"]);
    first.close();
    for (const [audit, expected] of [["OFF", 0], ["STRICT", 2], [{ milliseconds: 0 }, 2]]) {
      const shown = [];
      const vault = await Vault.inMemory(rootKey(), { audit, auditSink: (events) => shown.push(...events) });
      await vault.client().createKey();
      await vault.client().listKeys();
      expect(shown).to.have.length(expected);
      expect(await all(vault.auditEvents())).to.have.length(expected);
    }
  }),

  "a sink is shown what was stored, once, and breaks no call": everywhere(async (make) => {
    const shown = [];
    let [vault, kms, keyId, inside] = [];
    const { vault: made, kms: client, keyId: key } = await audited(make, {
      audit: "STRICT",
      async auditSink(events) {
        shown.push(...events);
        // The call is over, and the vault can be called.
        if (kms && !inside) {
          inside = kms.describeKey({ keyId });
        }
      },
    });
    [vault, kms, keyId] = [made, client, key];
    const client1 = new EncryptionClient();
    await client1.encrypt(new KmsKeyring(kms, keyId), bytes("text"));
    await inside;
    for (let count = 0; count < 3; count += 1) {
      await kms.createAlias({ aliasName: `alias/${count}`, targetKeyId: keyId });
    }
    await vault.rotateVaultKey([rootKey()]);
    await tick();
    const stored = await all(vault.auditEvents({ oldestFirst: true }));
    expect(stored.map((event) => event.eventName)).to.include.members(["CreateKey", "GenerateDataKey", "DescribeKey", "CreateAlias"]);
    // Calls that overlap may be shown in another order.
    const byId = (one, other) => (one.eventId < other.eventId ? -1 : 1);
    expect(shown.sort(byId)).to.deep.equal(stored.sort(byId));
    vault.close();
  }),

  "what a sink throws is reported, and the call succeeds": everywhere(async (make) => {
    const reported = [];
    const keep = (event) => {
      reported.push(event.error);
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const { error: print } = console;
    globalThis.addEventListener?.("error", keep, true);
    console.error = (error) => reported.push(error);
    try {
      const thrown = [new RangeError("a sink that fails"), new RangeError("a sink that fails later")];
      const throwing = [() => { throw thrown[0]; }, async () => { throw thrown[1]; }];
      for (const auditSink of throwing) {
        const vault = await make({ audit: "STRICT", auditSink });
        expect((await vault.client().createKey()).keyMetadata.enabled).to.equal(true);
        await tick();
        vault.close();
      }
      expect(reported).to.deep.equal(thrown);
    } finally {
      console.error = print;
      globalThis.removeEventListener?.("error", keep, true);
    }
  }),

  "a head reveals a snapshot that is older": async () => {
    const vault = await Vault.inMemory(rootKey());
    const old = await vault.snapshot();
    await vault.client().createKey();
    const head = await vault.head();
    expect(head).to.match(/^pkms1-[0-9a-f]+$/);
    expect(await rejection(Vault.openSnapshot(old, rootKey(), { expectedHead: head }))).to.include({ name: "RolledBackException" });
    expect(await rejection(Vault.inMemory(rootKey(), { expectedHead: head }))).to.include({ name: "RolledBackException" });
    await Vault.openSnapshot(await vault.snapshot(), rootKey(), { expectedHead: head });
  },

  "a head reveals a database that was put back": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    const { keyMetadata: { keyId } } = await vault.client().createKey();
    const old = await stored(name);
    await vault.client().createAlias({ aliasName: "alias/one", targetKeyId: keyId });
    const head = await vault.head();
    const snapshot = await vault.snapshot();
    vault.close();
    (await Vault.open(name, rootKey(), { expectedHead: head })).close();
    await putBack(name, old);
    for (const open of [Vault.open, Vault.openOrCreate]) {
      expect(await rejection(open(name, rootKey(), { expectedHead: head }))).to.include({ name: "RolledBackException" });
    }
    await Vault.delete(name);
    // None is made where one is expected.
    expect(await rejection(Vault.openOrCreate(name, rootKey(), { expectedHead: head }))).to.include({ name: "RolledBackException" });
    (await Vault.restore(name, snapshot, rootKey(), { expectedHead: head })).close();
  }),

  "what was taken out of the trail is found": withName(async (name) => {
    const vault = await Vault.create(name, rootKey());
    for (let count = 0; count < 3; count += 1) await vault.client().createKey();
    vault.close();
    const before = await stored(name);
    const entries = before.filter((record) => record.name.startsWith("audit/")).map((record) => record.name);
    await putBack(name, before.filter((record) => record.name !== entries[2]));
    const again = await Vault.open(name, rootKey());
    const { problems } = await again.verifyAudit();
    expect(problems.map(({ kind, entry }) => [kind, entry])).to.deep.equal([["REMOVED", Number(entries[2].slice(6))]]);
    expect(problems[0].explanation).to.be.a("string");
    again.close();
  }),

  "what waits is stored when the vault is closed": withName(async (name) => {
    const vault = await Vault.create(name, rootKey(), { audit: { milliseconds: 1_000_000 } });
    await vault.client().createKey();
    await vault.client().listKeys();
    vault.close();
    expect(await rejection(vault.client)).to.be.an.instanceof(Error);
    const again = await Vault.open(name, rootKey());
    expect(await names(again.auditEvents({ oldestFirst: true }))).to.deep.equal(["CreateKey", "ListKeys"]);
    again.close();
  }),
};
