// Keyrings that ask a vault, or what the app has in place of one.
import { BRANCH_KEYS, KMS, behind } from "./behind.js";
import { DECRYPT, ENCRYPT, NATIVE, NativeKeyring, READY, Use, checkOptions } from "./keyring.js";

/** The method that finds out what the native keyring has to know of a message, and answers what tells it. */
const PREPARE = Symbol("prepare");

/** A keyring of the core that asks. */
class AskingKeyring extends NativeKeyring {
  #behind;

  /** `make(modules, source)` answers the native keyring. */
  constructor(behind, make) {
    super((modules) => make(modules, behind.source(modules)));
    this.#behind = behind;
  }

  async [PREPARE]() {
    return () => {};
  }

  async [ENCRYPT](modules, materials) {
    const keyring = await super[NATIVE](modules);
    const tell = await this[PREPARE](new Use(materials.encryptionContext));
    await this.#behind.encrypt(modules, keyring, tell, materials);
  }

  async [DECRYPT](modules, materials) {
    const keyring = await super[NATIVE](modules);
    const tell = await this[PREPARE](new Use(materials.encryptionContext, materials.encryptedDataKeys));
    await this.#behind.decrypt(modules, keyring, tell, materials);
  }

  async [READY](modules, use) {
    const keyring = await super[NATIVE](modules);
    const tell = await this[PREPARE](use);
    return () => {
      this.#behind.tellTime(keyring);
      tell(keyring);
      return keyring;
    };
  }

  async [NATIVE](modules) {
    const keyring = await super[NATIVE](modules);
    this.#behind.tellTime(keyring);
    return keyring;
  }
}

/** Data keys under keys of a KMS. */
export class KmsKeyring extends AskingKeyring {
  constructor(kms, generator, additional = [], options = {}) {
    super(behind(kms, KMS), ({ Keyring }, source) => generator === DISCOVERY
      ? Keyring.kmsDiscovery(source, additional, options)
      : Keyring.kms(source, generator, additional, options));
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

  constructor(source, branchKeyId, { clock, ...options } = {}) {
    const { ttl, maxEntries } = options;
    const supplied = typeof branchKeyId === "function";
    super(behind(source, BRANCH_KEYS, clock), ({ Keyring }, source) =>
      Keyring.hierarchical(source, supplied ? undefined : branchKeyId, ttl, maxEntries));
    if (!supplied && typeof branchKeyId !== "string") {
      throw new TypeError("the branch key id must be a string, or a function that answers one");
    }
    checkOptions(options, ["ttl", "maxEntries"]);
    if (typeof ttl !== "number" || !(maxEntries === undefined || (Number.isSafeInteger(maxEntries) && maxEntries >= 0))) {
      throw new TypeError("ttl must be a number of seconds, and maxEntries a number");
    }
    this.#choose = supplied ? branchKeyId : undefined;
  }

  async [PREPARE](use) {
    return this.#choose ? use.ask(() => this.#chosen(use.encryptionContext)) : () => {};
  }

  async #chosen(encryptionContext) {
    const id = await this.#choose(encryptionContext);
    if (typeof id !== "string") {
      throw new TypeError("the branch key id must be a string");
    }
    return id;
  }
}
