import { closed, closeOnDispose } from "./closed.js";

const PRIVATE = Symbol("RootKey");

let use;

/** What opens a vault: 32 random bytes, or a passphrase. */
export class RootKey {
  // A copy, so that neither a change nor a wipe of the caller's bytes is felt here.
  #bytes;
  #make;

  constructor(key, bytes, make) {
    if (key !== PRIVATE) {
      throw new TypeError("make a RootKey by RootKey.fromBytes(bytes) or RootKey.fromPassphrase(text)");
    }
    this.#bytes = bytes;
    this.#make = make;
  }

  static fromBytes(bytes) {
    return new RootKey(PRIVATE, copy(bytes), (native, bytes) => native.RootKey.fromBytes(bytes));
  }

  static fromPassphrase(passphrase, cost = {}) {
    const bytes = typeof passphrase === "string" ? encode(passphrase) : copy(passphrase);
    return new RootKey(PRIVATE, bytes, (native, bytes) => native.RootKey.fromPassphrase(bytes, cost));
  }

  /** Wipes the bytes. */
  close() {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  static {
    closeOnDispose(RootKey);

    use = (root, native, receive) => {
      if (!(root instanceof RootKey)) {
        throw new TypeError("a RootKey is needed: RootKey.fromBytes(bytes) or RootKey.fromPassphrase(text)");
      }
      if (root.#bytes === undefined) {
        throw closed("root key");
      }
      const key = root.#make(native, root.#bytes);
      try {
        return receive(key);
      } finally {
        key.free();
      }
    };
  }
}

/** Hands `receive` the native root key, and wipes that right after. Not for users, hence no method. */
export { use as useRootKey };

function copy(bytes) {
  // Not `instanceof`, which denies the bytes of another frame.
  if (!ArrayBuffer.isView(bytes) || bytes[Symbol.toStringTag] !== "Uint8Array") {
    throw new TypeError("the bytes of a root key must be a Uint8Array");
  }
  return Uint8Array.from(bytes);
}

function encode(text) {
  // The encoder would make a replacement character of it, and one passphrase of many.
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError("the passphrase is not valid Unicode: it has half of a surrogate pair");
  }
  return new TextEncoder().encode(text);
}
