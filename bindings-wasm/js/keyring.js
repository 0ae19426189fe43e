// Keyrings. Each may answer later, and so they are asked from here, one after the other.
import { answer } from "./answer.js";
import { asBytes, checkBytes } from "./bytes.js";
import { closed, closeOnDispose } from "./closed.js";
import { askVault } from "./kms.js";

/** The method that fills the materials of a message to be encrypted. */
export const ENCRYPT = Symbol("encrypt");
/** The method that looks for the data key of a message to be decrypted. */
export const DECRYPT = Symbol("decrypt");

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
class NativeKeyring extends Keyring {
  #make;
  #native;

  /** `make` answers the native keyring, when it is needed for the first time. */
  constructor(make) {
    super();
    this.#make = make;
  }

  async [ENCRYPT](modules, materials) {
    this.#ask(modules, (keyring) => keyring.onEncrypt(materials));
  }

  async [DECRYPT](modules, materials) {
    this.#ask(modules, (keyring) => keyring.onDecrypt(materials));
  }

  #ask(modules, question) {
    if (!this.#make) {
      throw closed("keyring");
    }
    answer(() => question(this.#native ??= this.#make(modules)));
  }

  close() {
    this.#native?.free();
    this.#native = undefined;
    this.#make = undefined;
  }
}

/** Data keys under keys of a vault. */
export class KmsKeyring extends NativeKeyring {
  #kms;

  constructor(kms, generator, additional = [], options = {}) {
    super(({ Keyring }) => askVault(kms, (vault) => generator === DISCOVERY
      ? Keyring.kmsDiscovery(vault, additional, options)
      : Keyring.kms(vault, generator, additional, options)));
    this.#kms = kms;
  }

  static discovery(kms, filter, options = {}) {
    return new KmsKeyring(kms, DISCOVERY, filter ?? null, options);
  }

  async [ENCRYPT](modules, materials) {
    this.#tellTime();
    return super[ENCRYPT](modules, materials);
  }

  async [DECRYPT](modules, materials) {
    this.#tellTime();
    return super[DECRYPT](modules, materials);
  }

  /** The vault may also have been closed, which is seen here. */
  #tellTime() {
    askVault(this.#kms, (vault, now) => vault.turnClock(now));
  }
}

/** In place of a key: whichever key encrypted a message. */
const DISCOVERY = Symbol("discovery");

/** A keyring of the core that has a key of the caller's. */
class RawKeyring extends NativeKeyring {
  #options;
  #secret;

  /** `secret` names the option that is one, and is wiped as soon as the native keyring has it. */
  constructor(options, secret, make) {
    // Copies, so that neither a change nor a wipe of the caller's bytes is felt here.
    const own = { ...options, ...(options[secret] && { [secret]: asBytes(options[secret], secret) }) };
    super((modules) => {
      const keyring = make(modules, own);
      own[secret]?.fill(0);
      return keyring;
    });
    this.#options = own;
    this.#secret = secret;
  }

  /** Ends the keyring, and wipes its key. */
  close() {
    this.#options[this.#secret]?.fill(0);
    super.close();
  }

  static {
    closeOnDispose(RawKeyring);
  }
}

/** Data keys under an AES key. */
export class RawAesKeyring extends RawKeyring {
  constructor({ wrappingKey, ...options }) {
    super({ ...options, wrappingKey: checkBytes(wrappingKey, "wrappingKey") }, "wrappingKey",
      ({ Keyring }, options) => Keyring.rawAes(options));
  }
}

/** Data keys under an RSA key. */
export class RawRsaKeyring extends RawKeyring {
  constructor({ publicKey, ...options }, scheme) {
    const pkcs1 = scheme === PKCS1;
    super({ ...options, ...(publicKey && { publicKey: asBytes(publicKey, "publicKey") }) }, "privateKey",
      ({ Keyring }, options) => Keyring.rawRsa(options, pkcs1));
  }

  static pkcs1DespitePaddingOracles(options) {
    return new RawRsaKeyring(options, PKCS1);
  }
}

const PKCS1 = Symbol("PKCS #1 v1.5");

/** Data keys that the app wraps and unwraps itself. */
export class CallbackKeyring extends Keyring {
  #providerId;
  #callbacks;

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
}
