// Keyrings that ask a vault, or what the app has in place of one.
import { answer } from "./answer.js";
import { BRANCH_KEYS, KMS, behind } from "./behind.js";
import { DECRYPT, ENCRYPT, NATIVE, NativeKeyring, READY, Use, checkOptions, useOf } from "./keyring.js";
import { own, takeOut } from "./own.js";

/** The method that finds out what the native keyring has to know of a message, and answers what tells it. */
const PREPARE = Symbol("prepare");

/** A keyring of the core that asks. */
class AskingKeyring extends NativeKeyring {
  #behind;

  /** `make(modules, source)` answers the native keyring. */
  constructor(behind, make) {
    super((modules) => {
      const source = behind.source(modules);
      return answer(() => make(modules, source));
    });
    this.#behind = behind;
  }

  async [PREPARE]() {
    return () => {};
  }

  async [ENCRYPT](modules, materials) {
    const { native } = await super[NATIVE](modules);
    const tell = await this[PREPARE](answer(() => new Use(materials.encryptionContext)));
    await this.#behind.encrypt(modules, native, tell, materials);
  }

  async [DECRYPT](modules, materials) {
    const { native } = await super[NATIVE](modules);
    const tell = await this[PREPARE](useOf(materials));
    await this.#behind.decrypt(modules, native, tell, materials);
  }

  async [READY](modules, use) {
    const { native } = await super[NATIVE](modules);
    const tell = await this[PREPARE](use);
    return () => {
      this.#behind.tellTime(native);
      return answer(() => (tell(native), native));
    };
  }

  async [NATIVE](modules) {
    const handle = await super[NATIVE](modules);
    this.#behind.tellTime(handle.native);
    return handle;
  }
}

/** Data keys under keys of a KMS. */
export class KmsKeyring extends AskingKeyring {
  constructor(kms, generator, additional = [], options = {}) {
    const [key, more, set] = [generator === DISCOVERY ? undefined : own(generator, "generator"), own(additional, "additional"), own(options, "options")];
    super(behind(kms, KMS), ({ Keyring }, source) => generator === DISCOVERY
      ? Keyring.kmsDiscovery(source, more, set)
      : Keyring.kms(source, key, more, set));
  }

  static discovery(kms, filter, options = {}) {
    return new KmsKeyring(kms, DISCOVERY, filter ?? null, options);
  }
}

/** In place of a key: whichever key encrypted a message. */
const DISCOVERY = Symbol("discovery");

/** Data keys under branch keys. */
export class HierarchicalKeyring extends AskingKeyring {
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
    super(behind(source, BRANCH_KEYS, clock), ({ Keyring }, source) =>
      Keyring.hierarchical(source, supplied ? undefined : branchKeyId, ttl, maxEntries));
    this.#choose = supplied ? branchKeyId : undefined;
  }

  async [PREPARE](use) {
    return this.#choose ? use.ask(() => this.#chosen(use.encryptionContext)) : () => {};
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
