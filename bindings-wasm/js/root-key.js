import { answer, free } from "./answer.js";
import { copyBytes, wipe } from "./bytes.js";
import { closed, closeOnDispose } from "./closed.js";
import { ValidationException } from "./errors.js";
import { takeBytes } from "./later.js";
import { loaded, native } from "./native.js";
import { own, takeOut } from "./own.js";
import { unwrapAll, wrapNew } from "./root-keys/asynchronous.js";
import { hashHere } from "./root-keys/hash-here.js";
import { hash } from "./root-keys/hashing.js";
import { createPasskey, here, passkeys } from "./root-keys/passkey.js";
import { forget, webCrypto } from "./root-keys/web-crypto.js";

const PRIVATE = Symbol("RootKey");

let take;

const NONE = new Uint8Array();

/** What opens a vault: 32 random bytes, a passphrase, a recovery key, a key of WebCrypto, a passkey. */
export class RootKey {
  // A copy, so that neither a change nor a wipe of the caller's bytes is felt here.
  #bytes;
  #make;
  /** Whether it is made of 32 bytes; what a passphrase costs; the key elsewhere that it is. */
  #kind;

  constructor(key, bytes, make, kind = {}) {
    if (key !== PRIVATE) {
      throw new TypeError("make a RootKey by RootKey.fromBytes(bytes), RootKey.fromPassphrase(text) or RootKey.webCrypto()");
    }
    this.#bytes = bytes;
    this.#make = make;
    this.#kind = kind;
    // Checked at once where the native half is there already; otherwise when the root key is used first.
    const modules = loaded();
    if (modules && make) {
      free(answer(() => make(modules, bytes)));
    }
  }

  static fromBytes(bytes) {
    const copy = copyBytes(bytes, "the bytes of a root key");
    if (copy.length !== 32) {
      throw new ValidationException(`a root key has 32 bytes, not ${copy.length}`);
    }
    return new RootKey(PRIVATE, copy, (native, bytes) => native.RootKey.fromBytes(bytes), { raw: true });
  }

  static fromPassphrase(passphrase, cost = {}, maxCost = undefined) {
    const bytes = typeof passphrase === "string" ? encode(passphrase) : copyBytes(passphrase, "the bytes of a passphrase");
    if (bytes.length === 0) {
      throw new ValidationException("the passphrase is empty");
    }
    const [taken, most] = [own(cost, "the cost"), own(maxCost, "the greatest cost")];
    const milliseconds = checkTime((taken && takeOut(taken, "milliseconds")) ?? undefined);
    const make = (native, bytes) => native.RootKey.fromPassphrase(bytes, taken, most, milliseconds);
    return new RootKey(PRIVATE, bytes, make, { hashed: { cost: taken, most, milliseconds } });
  }

  static async generate() {
    const modules = await native();
    const bytes = answer(() => modules.RootKey.generate());
    return new RootKey(PRIVATE, bytes, (native, bytes) => native.RootKey.fromBytes(bytes), { raw: true });
  }

  static fromRecoveryKey(text) {
    if (typeof text !== "string") {
      throw new TypeError("a recovery key is a string");
    }
    return new RootKey(PRIVATE, encode(text), (native, bytes) => native.RootKey.fromRecoveryKey(bytes));
  }

  toBytes() {
    if (this.#bytes === undefined) {
      throw closed("root key");
    }
    if (!this.#kind.raw) {
      throw new ValidationException("only a root key of 32 raw bytes has bytes to keep");
    }
    return copyBytes(this.#bytes);
  }

  static async derive(passphrase, options = {}) {
    const { snapshot, cost, maxCost } = options ?? {};
    const [root, taking] = [RootKey.fromPassphrase(passphrase, cost, maxCost), snapshot === undefined ? undefined : takeBytes(snapshot, "the snapshot")];
    try {
      const [modules, vault] = await Promise.all([native(), taking]);
      return answer(() => hashHere(modules, { passphrase: root.#bytes, ...root.#kind.hashed, vault }));
    } finally {
      root.close();
    }
  }

  static fromDerived(derived) {
    const copy = copyBytes(derived, "the bytes of a derived root key");
    if (copy.length !== 60) {
      throw new ValidationException("these bytes are not what RootKey.derive() returned");
    }
    return new RootKey(PRIVATE, copy, (native, bytes) => native.RootKey.fromDerived(bytes));
  }

  static webCrypto(name = "default") {
    return new RootKey(PRIVATE, NONE, undefined, { elsewhere: webCrypto(checkText(name, "the name of a key")) });
  }

  static async forgetWebCrypto(name = "default") {
    await forget(checkText(name, "the name of a key"));
  }

  static passkey(options = {}) {
    const { rpId = here() } = own(options ?? {}, "options");
    return new RootKey(PRIVATE, NONE, undefined, { elsewhere: passkeys(checkText(rpId, "rpId")) });
  }

  static async createPasskey(options) {
    const { rp = {}, user } = own(options, "options");
    const rpId = checkText(rp.id ?? here(), "rp.id");
    const id = await createPasskey({ rp: { name: rpId, ...rp }, rpId, user });
    return new RootKey(PRIVATE, NONE, undefined, { elsewhere: passkeys(rpId, id) });
  }

  /** Wipes the bytes. */
  close() {
    wipe(this.#bytes);
    this.#bytes = undefined;
  }

  static {
    closeOnDispose(RootKey);

    take = (root) => {
      if (typeof root !== "object" || root === null || !(#bytes in root)) {
        throw new TypeError("a RootKey is needed: RootKey.fromBytes(bytes), RootKey.fromPassphrase(text) or RootKey.webCrypto()");
      }
      if (root.#bytes === undefined) {
        throw closed("root key");
      }
      const [bytes, make, { hashed, elsewhere }] = [copyBytes(root.#bytes), root.#make, root.#kind];
      const hashedFor = async (modules, vault) => {
        const derived = await hash(modules, { passphrase: bytes, ...hashed, vault });
        try {
          return answer(() => modules.RootKey.fromDerived(derived));
        } finally {
          wipe(derived);
        }
      };
      return {
        async forNew(modules, isFirst) {
          if (isFirst && elsewhere?.only) throw elsewhere.only();
          if (elsewhere) return wrapNew(modules, elsewhere);
          return hashed ? hashedFor(modules) : answer(() => make(modules, bytes));
        },
        async forVault(modules, vault) {
          if (elsewhere) return unwrapAll(modules, elsewhere, vault);
          return hashed && vault ? hashedFor(modules, vault) : answer(() => make(modules, bytes));
        },
        /** As `forNew`, but a passphrase is hashed when it is used. */
        asItIs: async (modules) => (elsewhere ? wrapNew(modules, elsewhere) : answer(() => make(modules, bytes))),
        wipe: () => wipe(bytes),
      };
    };
  }
}

/**
 * Takes a root key at the call, whatever is done to it later. What it resolves to is native, and to be freed: `forNew` for a vault that
 * is to be made (`isFirst`) or that it is to be added to, `forVault` for the vault of this header or snapshot. `wipe` wipes the copy. Not
 * for users, hence no method.
 */
export { take as takeRootKey };

function checkTime(milliseconds) {
  if (milliseconds !== undefined && !(Number.isSafeInteger(milliseconds) && milliseconds > 0 && milliseconds <= 60_000)) {
    throw new TypeError("the milliseconds that hashing takes must be a whole number from 1 to 60,000");
  }
  return milliseconds;
}

function checkText(value, name) {
  if (typeof value !== "string" || value === "") {
    throw new TypeError(`${name} must be a string that is not empty`);
  }
  return value;
}

function encode(text) {
  // The encoder would make a replacement character of it, and one passphrase of many.
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError("the passphrase is not valid Unicode: it has half of a surrogate pair");
  }
  return new TextEncoder().encode(text);
}
