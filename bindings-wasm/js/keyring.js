// Keyrings. Each may answer later, and so they are asked from here, one after the other.
import { answer } from "./answer.js";
import { closed } from "./closed.js";

/** The method that fills the materials of a message to be encrypted. */
export const ENCRYPT = Symbol("encrypt");
/** The method that looks for the data key of a message to be decrypted. */
export const DECRYPT = Symbol("decrypt");
/** The method that answers the native keyring: to rewrap. */
export const NATIVE = Symbol("native");
/**
 * The method that finds out what the keyring would use now for a message: for a cache. It answers a function that tells the native
 * keyring and returns it, to be called in one go with what is asked of it: while something is waited for, another message may be told
 * about. `use` is what the message is.
 */
export const READY = Symbol("ready");

/** A message to be encrypted or decrypted, for keyrings that are asked what they would use for it. */
export class Use {
  constructor(encryptionContext, encryptedDataKeys) {
    this.encryptionContext = encryptionContext;
    /** Of a message to be decrypted. */
    this.encryptedDataKeys = encryptedDataKeys;
  }

  /** Answers what `find` finds out. To encrypt, an error comes through; to decrypt, it is a refusal, and one reason among others. */
  async ask(find) {
    try {
      const found = await find();
      return (keyring) => keyring.tell(found);
    } catch (error) {
      if (!this.encryptedDataKeys) {
        throw error;
      }
      return (keyring) => keyring.tell(undefined, String(error));
    }
  }
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

/** A keyring of the core, which answers at once. */
export class NativeKeyring extends Keyring {
  #make;
  #native;

  /** `make` answers the native keyring, when it is needed for the first time. */
  constructor(make) {
    super();
    this.#make = make;
  }

  async [ENCRYPT](modules, materials) {
    const keyring = await this[NATIVE](modules);
    answer(() => keyring.onEncrypt(materials));
  }

  async [DECRYPT](modules, materials) {
    const keyring = await this[NATIVE](modules);
    answer(() => keyring.onDecrypt(materials));
  }

  async [NATIVE](modules) {
    if (!this.#make) {
      throw closed("keyring");
    }
    return answer(() => this.#native ??= this.#make(modules));
  }

  async [READY](modules) {
    const keyring = await this[NATIVE](modules);
    return () => keyring;
  }

  close() {
    this.#native?.free();
    this.#native = undefined;
    this.#make = undefined;
  }
}

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
  #native;

  constructor(providerId, callbacks) {
    super();
    if (typeof providerId !== "string" || providerId === "") {
      throw new TypeError("the provider id of a callback keyring must be a string that is not empty");
    }
    for (const name of ["wrap", "unwrap"]) {
      if (typeof callbacks?.[name] !== "function") {
        throw new TypeError(`${name} must be a function`);
      }
    }
    this.#providerId = providerId;
    this.#callbacks = callbacks;
  }

  async [ENCRYPT](modules, materials) {
    const { encryptionContext, algorithmSuite } = materials;
    const dataKey = answer(() => materials.dataKey());
    try {
      const wrapped = await this.#callbacks.wrap(dataKey, encryptionContext, algorithmSuite);
      answer(() => materials.addWrapped(this.#providerId, wrapped?.providerInfo, wrapped?.ciphertext));
    } finally {
      dataKey.fill(0);
    }
  }

  async [DECRYPT](modules, materials) {
    const { encryptionContext, algorithmSuite, encryptedDataKeys } = materials;
    for (const [index, key] of encryptedDataKeys.entries()) {
      if (key.providerId !== this.#providerId || materials.found) {
        continue;
      }
      try {
        const dataKey = await this.#callbacks.unwrap(key, encryptionContext, algorithmSuite);
        answer(() => materials.setDataKey(index, dataKey));
      } catch (error) {
        // As in the core: that one data key cannot be unwrapped is noted, and the next is tried.
        materials.failed(index, String(error));
      }
    }
  }

  async [NATIVE](modules) {
    return answer(() => this.#native ??= modules.Keyring.later(this.#providerId));
  }

  async [READY](modules, use) {
    const keyring = await this[NATIVE](modules);
    const tell = await use.ask(() => this.#callbacks.fingerprint?.(use.encryptedDataKeys, use.encryptionContext));
    return () => (tell(keyring), keyring);
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
      if (materials.found) {
        return;
      }
    }
  }

  async [NATIVE](modules) {
    const natives = [];
    for (const keyring of this.#keyrings) {
      natives.push(await keyring[NATIVE](modules));
    }
    return this.#join(modules, natives);
  }

  async [READY](modules, use) {
    const ready = [];
    for (const keyring of this.#keyrings) {
      ready.push(await keyring[READY](modules, use));
    }
    return () => this.#join(modules, ready.map((tell) => tell()));
  }

  #join({ Keyring }, natives) {
    return answer(() => Keyring.multi(this.#generates, natives.map((native) => native.share())));
  }
}
