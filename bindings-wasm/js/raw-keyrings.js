// Keyrings with keys of the caller's own.
import { asBytes, checkBytes } from "./bytes.js";
import { closeOnDispose } from "./closed.js";
import { NativeKeyring } from "./keyring.js";

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

/** Data keys under a key that two parties agree on. */
export class RawEcdhKeyring extends RawKeyring {
  constructor(key, schema, secret, { recipientPublicKey, ...options } = {}) {
    if (key !== PRIVATE) {
      throw new TypeError("make a RawEcdhKeyring by RawEcdhKeyring.rawPrivateKeyToStaticPublicKey(...) or the others");
    }
    const publicKey = recipientPublicKey && { recipientPublicKey: asBytes(recipientPublicKey, "recipientPublicKey") };
    super({ ...options, ...publicKey }, secret, ({ Keyring }, options) => Keyring.rawEcdh(schema, options));
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
