// Keyrings that call a Kms, or what the app has in place of one.
import { answer } from "./answer.js";
import { BRANCH_KEYS, KMS, keySource } from "./key-source.js";
import { DECRYPT, ENCRYPT, NATIVE, NativeKeyring, READY, Use, checkOptions, useOf } from "./keyring.js";
import { own, takeOut } from "./own.js";

/** The method that finds out what the native keyring has to know of a message, and returns a function that supplies it. */
const PREPARE = Symbol("prepare");

/** A keyring of the core that calls a source. */
class SourceKeyring extends NativeKeyring {
  #source;

  /** `make(modules, native)` returns the native keyring of the native source. */
  constructor(source, make) {
    super((modules) => {
      const native = source.native(modules);
      return answer(() => make(modules, native));
    });
    this.#source = source;
  }

  async [PREPARE]() {
    return () => {};
  }

  async [ENCRYPT](modules, materials) {
    const { native } = await super[NATIVE](modules);
    const supply = await this[PREPARE](answer(() => new Use(materials.encryptionContext)));
    await this.#source.encrypt(modules, native, supply, materials);
  }

  async [DECRYPT](modules, materials) {
    const { native } = await super[NATIVE](modules);
    const supply = await this[PREPARE](useOf(materials));
    await this.#source.decrypt(modules, native, supply, materials);
  }

  async [READY](modules, use) {
    const { native } = await super[NATIVE](modules);
    const supply = await this.#source.ready(modules, native, await this[PREPARE](use), use);
    return () => {
      this.#source.turnClock(native);
      return answer(() => (supply(native), native));
    };
  }

  async [NATIVE](modules) {
    const handle = await super[NATIVE](modules);
    this.#source.turnClock(handle.native);
    return handle;
  }
}

/** Data keys under keys of a KMS. */
export class KmsKeyring extends SourceKeyring {
  constructor(kms, generator, additional = [], options = {}) {
    const [key, more, set] = [generator === DISCOVERY ? undefined : own(generator, "generator"), own(additional, "additional"), own(options, "options")];
    if (generator === DISCOVERY) {
      checkFilter(more);
    }
    super(keySource(kms, KMS), ({ Keyring }, source) => generator === DISCOVERY
      ? Keyring.kmsDiscovery(source, more, set)
      : Keyring.kms(source, key, more, set));
  }

  static discovery(kms, filter, options = {}) {
    return new KmsKeyring(kms, DISCOVERY, filter ?? null, options);
  }
}

/** Refuses a filter that is one but for the accounts. All else is for the core to refuse. */
function checkFilter(filter) {
  const isObject = typeof filter === "object" && filter !== null && Object.getPrototypeOf(filter) === null;
  if (isObject && filter.accountIds === undefined && Object.keys(filter).every((name) => ["accountIds", "partition"].includes(name))) {
    throw new TypeError("accountIds is missing");
  }
}

/** In place of a key: whichever key encrypted a message. */
const DISCOVERY = Symbol("discovery");

/** Data keys under branch keys. */
export class HierarchicalKeyring extends SourceKeyring {
  #choose;

  constructor(source, branchKeyId, options = {}) {
    const taken = own(options ?? {}, "options", ["clock"]);
    const clock = takeOut(taken, "clock") ?? undefined;
    const supplied = typeof branchKeyId === "function";
    if (!supplied && typeof branchKeyId !== "string") {
      throw new TypeError("the branch key id must be a string, or a function that answers one");
    }
    checkOptions(taken, ["ttl", "maxEntries"]);
    const { ttl, maxEntries } = taken;
    if (typeof ttl !== "number" || !(maxEntries === undefined || (Number.isSafeInteger(maxEntries) && maxEntries >= 0))) {
      throw new TypeError("ttl must be a number of seconds, and maxEntries a number");
    }
    super(keySource(source, BRANCH_KEYS, clock), ({ Keyring }, source) =>
      Keyring.hierarchical(source, supplied ? undefined : branchKeyId, ttl, maxEntries));
    this.#choose = supplied ? branchKeyId : undefined;
  }

  async [PREPARE](use) {
    return this.#choose ? use.supply(() => this.#chosen(use.encryptionContext)) : () => {};
  }

  async #chosen(encryptionContext) {
    const choose = this.#choose;
    const id = await choose(encryptionContext);
    if (typeof id !== "string") {
      throw new TypeError("the branch key id must be a string");
    }
    return id;
  }
}
