import { answer, free, hasFailed } from "./answer.js";
import { ask } from "./ask.js";
import { audited } from "./audit.js";
import { copyBytes } from "./bytes.js";
import { checkClock, read } from "./clock.js";
import { closeOnDispose } from "./closed.js";
import { NotFoundException, StoreDamagedException } from "./errors.js";
import { makeKms } from "./kms.js";
import { takeBytes } from "./later.js";
import { loaded, native } from "./native.js";
import { outside } from "./outside/options.js";
import { own, takeOut, timeOf } from "./own.js";
import { takeRootKey } from "./root-key.js";
import { Database, isRefused } from "./store/database.js";
import { Store } from "./store/drive.js";

const PRIVATE = Symbol("Vault");

/** An open vault, for the app that keeps it. */
export class Vault {
  #native;
  #clock;
  #store;
  #warning;
  #asksOutside;

  /**
   * @param kept `store`, where it is in IndexedDB; `warning`, why it is not; `asksOutside`, whether calls may have to wait for what is outside
   *   of the vault.
   */
  constructor(key, native, clock, { store, warning, asksOutside } = {}) {
    if (key !== PRIVATE) {
      throw new TypeError("make a Vault by Vault.open(name, rootKey), Vault.create(name, rootKey) or Vault.inMemory(rootKey)");
    }
    this.#native = native;
    this.#clock = clock;
    this.#store = store;
    this.#warning = warning;
    this.#asksOutside = asksOutside;
    if (store) {
      store.onend = () => this.#end();
      store.eventsWait = () => answer(() => native.eventsWait);
      store.flushing = () => this.#asking((vault) => vault.flushAudit());
    }
  }

  static async open(name, rootKey, options) {
    return keep(name, rootKey, options, ["open"]);
  }

  static async create(name, rootKey, options) {
    return keep(name, rootKey, options, ["create"]);
  }

  static async openOrCreate(name, rootKey, options) {
    return keep(name, rootKey, options, ["open", "create", "open"]);
  }

  static async restore(name, snapshot, rootKey, options) {
    return keep(name, rootKey, options, ["restore"], takeBytes(snapshot, "the snapshot"));
  }

  static async delete(name) {
    return Database.delete(checkName(name));
  }

  static async inMemory(rootKey, options) {
    return inThisMemory(rootKey, options, ({ Vault }, none, ...rest) => Vault.inMemory(...rest));
  }

  static async openSnapshot(snapshot, rootKey, options) {
    const taken = takeBytes(snapshot, "the snapshot");
    return inThisMemory(rootKey, options, ({ Vault }, bytes, ...rest) => Vault.openSnapshot(bytes, ...rest), taken);
  }

  client(options = {}) {
    const taken = own(options, "options");
    if (!this.#store) {
      return this.#kms(this.#ask((vault) => vault.client(taken)));
    }
    this.#store.checkOpen();
    return this.#kms(answer(() => this.#native.clientAs(taken)));
  }

  async putIamEntity(entity) {
    const taken = own(entity, "the entity");
    return this.#ask((vault) => vault.putIamEntity(taken));
  }

  async getIamEntity(arn) {
    const taken = text(arn, "the ARN");
    return this.#ask((vault) => vault.getIamEntity(taken));
  }

  async listIamEntities(request = {}) {
    const taken = own(request, "the request");
    return this.#ask((vault) => vault.listIamEntities(taken));
  }

  async removeIamEntity(arn) {
    const taken = text(arn, "the ARN");
    return this.#ask((vault) => vault.removeIamEntity(taken));
  }

  async setRequestQuotas(quotas) {
    const taken = quotas === undefined ? undefined : own(quotas, "the quotas");
    return this.#ask((vault) => vault.setRequestQuotas(taken));
  }

  async setResourceQuotas(quotas) {
    const taken = quotas === undefined ? undefined : own(quotas, "the quotas");
    return this.#ask((vault) => vault.setResourceQuotas(taken));
  }

  async setGrantDelay(seconds) {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > 0xffffffff) {
      throw new TypeError("the delay must be a whole number of seconds");
    }
    return this.#ask((vault) => vault.setGrantDelay(seconds));
  }

  async bill(request) {
    const taken = own(request, "the request");
    return this.#ask((vault) => vault.bill(taken));
  }

  async estimate(request) {
    const taken = own(request, "the request");
    return this.#ask((vault) => vault.estimate(taken));
  }

  async simulate(request, options = {}) {
    const [asked, by] = [own(request, "the request"), own(options, "options")];
    return this.#ask((vault) => vault.simulate(asked, by));
  }

  async assumeRole(request, options = {}) {
    const [asked, by] = [own(request, "the request"), own(options, "options")];
    return this.#kms(await this.#ask((vault) => vault.assumeRole(asked, by)));
  }

  get caller() {
    return answer(() => this.#native.caller);
  }

  /** Whether what a call changed is there when the page is gone. */
  get durable() {
    return this.#store !== undefined;
  }

  /** Why it is kept in memory only, although it was to be kept in IndexedDB. */
  get warning() {
    return this.#warning;
  }

  /** Whether the browser keeps it even where it runs out of room. */
  get persistent() {
    return this.#store?.persistent ?? false;
  }

  async snapshot() {
    return this.#ask((vault) => vault.snapshot());
  }

  async snapshotBlob() {
    return new Blob([await this.snapshot()], { type: "application/octet-stream" });
  }

  async markSaved(snapshot) {
    const taken = copyBytes(snapshot, "the snapshot");
    return this.#ask((vault) => vault.markSaved(taken));
  }

  async rootKeys() {
    return this.#ask((vault) => vault.rootKeys());
  }

  async addRootKey(rootKey, label = "") {
    const taken = text(label, "the label");
    return this.#with(rootKey, (vault, key) => vault.addRootKey(key, taken));
  }

  async addRecoveryKey(label = "") {
    const taken = text(label, "the label");
    return this.#ask((vault) => vault.addRecoveryKey(taken));
  }

  async removeRootKey(id) {
    const taken = text(id, "the id of the root key");
    return this.#ask((vault) => vault.removeRootKey(taken));
  }

  async replaceRootKey(id, rootKey) {
    const taken = text(id, "the id of the root key");
    return this.#with(rootKey, (vault, key) => vault.replaceRootKey(taken, key));
  }

  async rotateVaultKey(rootKeys) {
    const roots = Array.from(rootKeys, (root) => takeRootKey(root));
    let keys;
    try {
      keys = answer(() => new (loaded().RootKeys)());
      const header = await this.#ask((vault) => vault.header());
      for (const root of roots) {
        const key = await root.forVault(loaded(), header);
        // The list takes it over, and wipes it.
        answer(() => keys.push(key));
      }
      return await this.#ask((vault) => vault.rotateVaultKey(keys));
    } finally {
      free(keys);
      roots.forEach((root) => root.wipe());
    }
  }

  async finishRotation() {
    return this.#ask((vault) => vault.finishRotation());
  }

  async shred(rootKey) {
    // As it is: what was hashed with another salt would not be recognised as a passphrase that opens the vault already.
    return this.#with(rootKey, (vault, key) => vault.shred(key), (root) => root.asItIs(loaded()));
  }

  async #with(rootKey, question, make = (root) => root.forNew(loaded())) {
    const root = takeRootKey(rootKey);
    let key;
    try {
      key = await make(root);
      return await this.#ask((vault) => question(vault, key));
    } finally {
      free(key);
      root.wipe();
    }
  }

  get needsSaving() {
    return answer(() => this.#native.needsSaving);
  }

  async revision() {
    return this.#ask((vault) => vault.revision());
  }

  async timeInDoubt() {
    return this.#ask((vault) => vault.timeInDoubt());
  }

  async confirmTime() {
    return this.#ask((vault) => vault.confirmTime());
  }

  async damaged() {
    return this.#ask((vault) => vault.damaged());
  }

  async verify() {
    return this.#ask((vault) => vault.verify());
  }

  async lookupEvents(request = {}) {
    const taken = own(request, "the request");
    return this.#ask((vault) => vault.lookupEvents(taken));
  }

  auditEvents(request = {}) {
    return this.#events(own(request, "the request"));
  }

  async *#events(request) {
    for (let marker = request.marker; ;) {
      const page = await this.lookupEvents({ ...request, marker });
      yield* page.events;
      marker = page.nextMarker;
      if (marker === undefined) {
        return;
      }
    }
  }

  exportAudit(options = {}) {
    const request = own(options, "options");
    const format = takeOut(request, "format") ?? "CLOUDTRAIL";
    if (format !== "CLOUDTRAIL" && format !== "JSON_LINES") {
      throw new TypeError('format must be "CLOUDTRAIL" or "JSON_LINES"');
    }
    return this.#text(format === "JSON_LINES", request);
  }

  async *#text(lines, request) {
    for (let [count, { marker }] = [0, request]; ;) {
      const [asked, before] = [{ __proto__: null, ...request, marker }, count];
      const page = await this.#ask((vault) => vault.exportAuditPage(lines, asked, before));
      yield page.text;
      ({ count, marker } = page);
      if (marker === undefined) {
        return;
      }
    }
  }

  async flushAudit() {
    return this.#ask((vault) => vault.flushAudit());
  }

  async verifyAudit() {
    return this.#ask((vault) => vault.verifyAudit());
  }

  async removeAuditBefore(time) {
    const taken = timeOf(time);
    if (!Number.isFinite(taken)) {
      throw new TypeError("the time must be a valid Date");
    }
    return this.#ask((vault) => vault.removeAuditBefore(taken));
  }

  async head() {
    return this.#ask((vault) => vault.head());
  }

  get closed() {
    return this.#store?.closed ?? answer(() => this.#native.closed);
  }

  lock() {
    if (!hasFailed()) {
      answer(() => this.#native.lock());
    }
  }

  async unlock(rootKey) {
    const made = async (root) => root.forVault(loaded(), await this.#ask((vault) => vault.header()));
    return this.#with(rootKey, (vault, key) => vault.unlock(key), made);
  }

  get locked() {
    return answer(() => this.#native.locked);
  }

  close() {
    if (this.#store) {
      this.#store.close();
    } else {
      this.#end();
    }
  }

  #end() {
    if (!hasFailed()) {
      answer(() => this.#native.close());
    }
  }

  #kms(native) {
    return makeKms(native, this.#clock, this.#store, this.#asksOutside);
  }

  #ask(question) {
    const asked = this.#asking(question);
    return this.#store ? this.#store.run(asked) : ask(asked);
  }

  /** The same question, at the time when it is asked for the first time. */
  #asking(question) {
    const now = read(this.#clock);
    return () => {
      this.#native.turnClock(now);
      return question(this.#native);
    };
  }

  static {
    closeOnDispose(Vault);
  }
}

function text(value, name) {
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be a string`);
  }
  return value;
}

/** Options that are no data. */
const FOREIGN = ["clock", "auditSink", "xksTransport", "cloudHsmClusters"];

/**
 * Takes the options out of the others that are no data, but for the clock; returns `build(handle)`, which builds a handle by
 * `handle(settings)`, and `asksOutside`, whether its calls may have to wait for what is outside of the vault.
 */
function given(settings) {
  const audit = audited(settings);
  const { make, isUsed } = outside(settings);
  return { build: (handle) => audit((set) => make(set, (all) => answer(() => handle(all)))), asksOutside: isUsed };
}

/** What comes before the first `await` is done in the call. */
async function inThisMemory(rootKey, options = {}, make, taken) {
  const root = takeRootKey(rootKey);
  let key;
  try {
    const settings = own(options ?? {}, "options", FOREIGN);
    const clock = checkClock(takeOut(settings, "clock") ?? undefined);
    const { build, asksOutside } = given(settings);
    const [bytes, modules] = await Promise.all([taken, native()]);
    key = await (bytes ? root.forVault(modules, bytes) : root.forNew(modules, true));
    const now = read(clock);
    return new Vault(PRIVATE, build((set) => make(modules, bytes, key, set, now)), clock, { asksOutside });
  } finally {
    free(key);
    root.wipe();
  }
}

function checkName(name) {
  if (typeof name !== "string" || name === "") {
    throw new TypeError("the name of a vault must be a string that is not empty; a vault without one is made by Vault.inMemory(rootKey)");
  }
  return name;
}

function checkExpected(revision) {
  if (revision !== undefined && !(Number.isSafeInteger(revision) && revision >= 0)) {
    throw new TypeError("expectedRevision must be what vault.revision() returned");
  }
  return revision;
}

/** Makes or opens a vault in IndexedDB: in these ways, until one finds what it needs. */
async function keep(name, rootKey, options = {}, ways, taking) {
  checkName(name);
  const root = takeRootKey(rootKey);
  let store, opening, key, vault, expected;
  try {
    const settings = own(options ?? {}, "options", FOREIGN);
    const clock = checkClock(takeOut(settings, "clock") ?? undefined);
    const { build, asksOutside } = given(settings);
    expected = ways.includes("open") ? checkExpected(takeOut(settings, "expectedRevision") ?? undefined) : undefined;
    const otherwise = ways.includes("create") && takeOut(settings, "inMemoryWhereRefused") === true;
    const [modules, snapshot] = await Promise.all([native(), taking]);
    try {
      store = await Store.open(modules, name);
    } catch (error) {
      if (!otherwise || expected !== undefined || settings.expectedHead !== undefined || !isRefused(error)) throw error;
      key = await root.forNew(modules, true);
      const now = read(clock);
      return new Vault(PRIVATE, build((set) => modules.Vault.inMemory(key, set, now)), clock, { warning: error, asksOutside });
    }
    // A clock that goes by itself may be wrong; that of a test is right by definition.
    if ((options?.clock ?? undefined) === undefined) {
      settings.clockTrust ??= "SYSTEM";
    }
    vault = await tryEach(expected === undefined ? ways : ["open"], async (way) => {
      free(key, opening);
      [key, opening] = [];
      key = await (way === "create" ? root.forNew(modules, true) : root.forVault(modules, snapshot ?? await store.header()));
      const now = read(clock);
      if (way === "restore") {
        // A snapshot that does not open is no vault.
        await store.fill(answer(() => recordsOf(modules, snapshot, key, settings, now)));
      }
      opening = build((set) => new modules.Opening(store.native, set, now));
      return store.run(() => (way === "create" ? opening.create(key) : opening.open(key)));
    });
    await checkRevision(store, vault, expected);
    await store.persist();
    return new Vault(PRIVATE, vault, clock, { store, asksOutside });
  } catch (error) {
    store?.close();
    free(vault);
    throw lost(error, expected);
  } finally {
    free(opening, key);
    root.wipe();
  }
}

/** The records of a snapshot, which opens by that root key. */
function recordsOf({ Vault }, snapshot, key, settings, now) {
  const copy = Vault.openSnapshot(snapshot, key, settings, now);
  try {
    return copy.records();
  } finally {
    copy.close();
    copy.free();
  }
}

/** What a vault may lack that the next way provides, or has that it must not have. */
const PASSED_OVER = { open: "NotFoundException", create: "AlreadyExistsException" };

async function tryEach([way, ...others], work) {
  try {
    return await work(way);
  } catch (error) {
    if (others.length === 0 || error.name !== PASSED_OVER[way]) {
      throw error;
    }
    return tryEach(others, work);
  }
}

/** A vault that the app knows, and that is gone or older than the app knows it: the browser evicted it, or someone put a copy back. */
function lost(error, revision) {
  return revision !== undefined && error instanceof NotFoundException
    ? new StoreDamagedException("the vault is gone from IndexedDB: the browser evicted it, or its data were cleared", "put a snapshot of it back", [error])
    : error;
}

async function checkRevision(store, vault, revision) {
  if (revision === undefined) {
    return;
  }
  const now = await store.run(() => vault.revision());
  if (now < revision) {
    throw new StoreDamagedException("the vault is older than the app knows it", `its revision is ${now}, not ${revision} or more`, []);
  }
}
