// Keyrings with keys of the caller's own.
import { answer } from "./answer.js";
import { copyBytes, textOrBytes, wipe } from "./bytes.js";
import { closeOnDispose } from "./closed.js";
import { ValidationException } from "./errors.js";
import { NativeKeyring, endKeyring } from "./keyring.js";
import { own } from "./own.js";

/** A keyring of the core that has a key of the caller's. */
class RawKeyring extends NativeKeyring {
  #key;

  /**
   * `keys` says how those options are taken that are keys. That of the name `secret` is wiped as soon as the native keyring has it. `pairs`
   * says whether it has key pairs.
   */
  constructor(given, secret, keys, make, pairs = false) {
    if (typeof given !== "object" || given === null) {
      throw new TypeError("a keyring is made with an object of options");
    }
    // Copies, so that neither a change nor a wipe of the caller's bytes is felt here.
    const options = own(given, "options", Object.keys(keys));
    for (const [name, take] of Object.entries(keys)) {
      if (options[name] !== undefined && options[name] !== null) {
        options[name] = take(options[name], name);
      }
    }
    let failure;
    super((modules) => {
      try {
        if (failure) {
          throw failure;
        }
        return answer(() => make(modules, options));
      } catch (error) {
        throw (failure = error);
      } finally {
        wipe(options[secret]);
      }
    }, pairs);
    this.#key = options[secret];
  }

  /** Ends the keyring, and wipes its key. */
  close() {
    wipe(this.#key);
    endKeyring(this);
  }

  static {
    closeOnDispose(RawKeyring);
  }
}

/** Data keys under an AES key. */
export class RawAesKeyring extends RawKeyring {
  constructor(options) {
    super(options, "wrappingKey", { wrappingKey: aesKey }, ({ Keyring }, options) => Keyring.rawAes(options));
  }
}

function aesKey(bytes, name) {
  const key = copyBytes(bytes, name);
  if (![16, 24, 32].includes(key.length)) {
    // In the words of the core, which says so, too, but may not be there yet.
    throw new ValidationException(`an AES wrapping key has 16, 24 or 32 bytes; this one has ${key.length}`);
  }
  return key;
}

/** Data keys under an RSA key. */
export class RawRsaKeyring extends RawKeyring {
  constructor(options, scheme) {
    const pkcs1 = scheme === PKCS1;
    super(options, "privateKey", { privateKey: textOrBytes, publicKey: textOrBytes }, ({ Keyring }, options) => Keyring.rawRsa(options, pkcs1), true);
  }

  static pkcs1DespitePaddingOracles(options) {
    return new RawRsaKeyring(options, PKCS1);
  }
}

const PKCS1 = Symbol("PKCS #1 v1.5");

/** Data keys under a key that two parties agree on. */
export class RawEcdhKeyring extends RawKeyring {
  constructor(key, schema, secret, options) {
    if (key !== PRIVATE) {
      throw new TypeError("make a RawEcdhKeyring by RawEcdhKeyring.rawPrivateKeyToStaticPublicKey(...) or the others");
    }
    super(options, secret, { [secret]: textOrBytes, recipientPublicKey: textOrBytes }, ({ Keyring }, options) => Keyring.rawEcdh(schema, options), true);
  }

  static rawPrivateKeyToStaticPublicKey(options) {
    return new RawEcdhKeyring(PRIVATE, "static", "senderPrivateKey", options);
  }

  static ephemeralPrivateKeyToStaticPublicKey(options) {
    return new RawEcdhKeyring(PRIVATE, "ephemeral", "senderPrivateKey", options);
  }

  static publicKeyDiscovery(options) {
    return new RawEcdhKeyring(PRIVATE, "discovery", "recipientPrivateKey", options);
  }
}

const PRIVATE = Symbol("RawEcdhKeyring");
