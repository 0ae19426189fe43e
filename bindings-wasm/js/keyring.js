// Keyrings. Each may answer later, and so they are asked from here, one after the other.
import { answer, free } from "./answer.js";
import { copyBytes, wipe } from "./bytes.js";
import { Handle, closed } from "./closed.js";
import { asymmetric, hasAsymmetric, loaded } from "./native.js";
import { noteworthy, ownMembers } from "./own.js";

/** The method that fills the materials of a message to be encrypted. */
export const ENCRYPT = Symbol("encrypt");
/** The method that looks for the data key of a message to be decrypted. */
export const DECRYPT = Symbol("decrypt");
/** The method that returns a handle of the native keyring: to rewrap. */
export const NATIVE = Symbol("native");
/**
 * The method that finds out what the keyring would use now for a message: for a cache. It resolves to a function that supplies the
 * native keyring with it and returns that, to be called in one go with what is asked of it: while something is waited for, another message
 * may be supplied for. `use` is what the message is.
 */
export const READY = Symbol("ready");

/** A message to be encrypted or decrypted, for keyrings that are asked what they would use for it. */
export class Use {
  constructor(encryptionContext, encryptedDataKeys) {
    this.encryptionContext = encryptionContext;
    /** Of a message to be decrypted. */
    this.encryptedDataKeys = encryptedDataKeys;
  }

  /**
   * What supplies a native keyring with the text that `find` finds out. To encrypt, an error comes through; to decrypt, it is a failure
   * of this keyring, and one reason among others.
   */
  async supply(find) {
    try {
      const found = await find();
      return (keyring) => keyring.supply(found);
    } catch (error) {
      if (!this.encryptedDataKeys) {
        throw error;
      }
      const { whole } = noteworthy(error);
      return (keyring) => keyring.supplyFailure(error, whole);
    }
  }
}

/** The message that is to be decrypted with these materials. */
export function useOf(materials) {
  return answer(() => new Use(materials.encryptionContext, materials.encryptedDataKeys));
}

/** What wraps data keys. */
export class Keyring {
  constructor() {
    if (new.target === Keyring) {
      throw new TypeError("make a keyring of a kind: KmsKeyring, RawAesKeyring, MultiKeyring");
    }
  }
}

/** Refuses what is no keyring. */
export function checkKeyring(keyring) {
  if (!(keyring instanceof Keyring)) {
    throw new TypeError("a keyring is needed: a KmsKeyring, RawAesKeyring, MultiKeyring");
  }
  return keyring;
}

let end;

/** A keyring of the core, which answers at once. */
export class NativeKeyring extends Keyring {
  #make;
  #handle;
  #pairs;

  /**
   * `make` answers the native keyring, when it is needed for the first time: at once, where what it needs is there already. `pairs` says
   * that it has key pairs, for which the second module is needed, too.
   */
  constructor(make, pairs = false) {
    super();
    this.#make = make;
    this.#pairs = pairs;
    if (loaded() && (!pairs || hasAsymmetric())) {
      this.#open(loaded());
    }
  }

  async [ENCRYPT](modules, materials) {
    const { native } = await this[NATIVE](modules);
    answer(() => native.onEncrypt(materials));
  }

  async [DECRYPT](modules, materials) {
    const { native } = await this[NATIVE](modules);
    answer(() => native.onDecrypt(materials));
  }

  async [NATIVE](modules) {
    if (this.#pairs && !hasAsymmetric()) {
      await asymmetric();
    }
    return this.#open(modules);
  }

  async [READY](modules) {
    const handle = await this[NATIVE](modules);
    return () => handle.native;
  }

  #open(modules) {
    if (!this.#make) {
      throw closed("keyring");
    }
    return this.#handle ??= new Handle("keyring", this.#make(modules));
  }

  static {
    end = (keyring) => {
      free(keyring.#handle?.close());
      keyring.#make = undefined;
    };
  }
}

/** Ends a keyring of the core. Not for users: those that hold a secret have a method. */
export { end as endKeyring };

/** Refuses options that are none. */
export function checkOptions(options, names) {
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`${name} is no option here; these are: ${names.join(", ")}`);
    }
  }
}

/** Data keys that the app wraps and unwraps itself. */
export class CallbackKeyring extends Keyring {
  #providerId;
  #callbacks;
  #handle;

  constructor(providerId, callbacks) {
    super();
    if (typeof providerId !== "string" || providerId === "") {
      throw new TypeError("the provider id of a callback keyring must be a string that is not empty");
    }
    // Taken now, and called as methods of what they were given with.
    const taken = {};
    for (const name of ["wrap", "unwrap", "fingerprint"]) {
      const callback = callbacks?.[name];
      if (typeof callback !== "function" && !(name === "fingerprint" && callback === undefined)) {
        throw new TypeError(`${name} must be a function`);
      }
      taken[name] = callback?.bind(callbacks);
    }
    this.#providerId = providerId;
    this.#callbacks = taken;
  }

  async [ENCRYPT](modules, materials) {
    const { encryptionContext, algorithmSuite, dataKey } = answer(() => ({
      encryptionContext: materials.encryptionContext,
      algorithmSuite: materials.algorithmSuite,
      dataKey: materials.dataKey(),
    }));
    try {
      const wrapped = await this.#callbacks.wrap(dataKey, encryptionContext, algorithmSuite);
      const { providerInfo, ciphertext } = ownMembers(wrapped, ["providerInfo", "ciphertext"]);
      answer(() => materials.addWrapped(this.#providerId, providerInfo, ciphertext));
    } finally {
      wipe(dataKey);
    }
  }

  async [DECRYPT](modules, materials) {
    const asked = () => ({ encryptionContext: materials.encryptionContext, algorithmSuite: materials.algorithmSuite });
    for (const [index, key] of answer(() => materials.encryptedDataKeys).entries()) {
      if (key.providerId !== this.#providerId || answer(() => materials.found)) {
        continue;
      }
      let dataKey;
      try {
        const { encryptionContext, algorithmSuite } = answer(asked);
        dataKey = copyBytes(await this.#callbacks.unwrap(key, encryptionContext, algorithmSuite), "the data key");
        answer(() => materials.setDataKey(index, dataKey));
      } catch (error) {
        // As in the core: that one data key cannot be unwrapped is noted, and the next is tried.
        const { whole } = noteworthy(error);
        answer(() => materials.failed(index, error, whole));
      } finally {
        wipe(dataKey);
      }
    }
  }

  async [NATIVE](modules) {
    return this.#handle ??= new Handle("keyring", answer(() => modules.Keyring.later(this.#providerId)));
  }

  async [READY](modules, use) {
    const { native } = await this[NATIVE](modules);
    const supply = await use.supply(() => this.#fingerprint(use));
    return () => answer(() => (supply(native), native));
  }

  async #fingerprint({ encryptedDataKeys, encryptionContext }) {
    const fingerprint = await this.#callbacks.fingerprint?.(encryptedDataKeys, encryptionContext);
    if (fingerprint !== undefined && typeof fingerprint !== "string") {
      throw new TypeError("the fingerprint must be a string");
    }
    return fingerprint;
  }
}

/** Several keyrings in one. */
export class MultiKeyring extends Keyring {
  #generates;
  #keyrings;

  constructor(generator, children = []) {
    super();
    this.#generates = generator !== undefined && generator !== null;
    this.#keyrings = [...(this.#generates ? [generator] : []), ...children].map(checkKeyring);
    if (this.#keyrings.length === 0) {
      throw new TypeError("a MultiKeyring needs a generator or a child keyring");
    }
  }

  async [ENCRYPT](modules, materials) {
    answer(() => modules.Keyring.checkGenerator(this.#generates, materials));
    for (const keyring of this.#keyrings) {
      await keyring[ENCRYPT](modules, materials);
    }
  }

  async [DECRYPT](modules, materials) {
    for (const keyring of this.#keyrings) {
      await keyring[DECRYPT](modules, materials);
      if (answer(() => materials.found)) {
        return;
      }
    }
  }

  async [NATIVE](modules) {
    const handles = [];
    for (const keyring of this.#keyrings) {
      handles.push(await keyring[NATIVE](modules));
    }
    return new Handle("keyring", this.#join(modules, handles.map(({ native }) => native)));
  }

  async [READY](modules, use) {
    const ready = [];
    for (const keyring of this.#keyrings) {
      ready.push(await keyring[READY](modules, use));
    }
    return () => this.#join(modules, ready.map((supplied) => supplied()));
  }

  #join({ Keyring }, natives) {
    return answer(() => Keyring.multi(this.#generates, natives.map((native) => native.share())));
  }
}
