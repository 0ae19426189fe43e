import { answer, free } from "./answer.js";
import { copyBytes, wipe } from "./bytes.js";
import { closed, closeOnDispose } from "./closed.js";
import { ValidationException } from "./errors.js";
import { loaded } from "./native.js";
import { own } from "./own.js";

const PRIVATE = Symbol("RootKey");

let take;

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
    // Checked at once where the native half is there already; otherwise when the root key is used first.
    const modules = loaded();
    if (modules) {
      free(answer(() => make(modules, bytes)));
    }
  }

  static fromBytes(bytes) {
    const copy = copyBytes(bytes, "the bytes of a root key");
    if (copy.length !== 32) {
      throw new ValidationException(`a root key has 32 bytes, not ${copy.length}`);
    }
    return new RootKey(PRIVATE, copy, (native, bytes) => native.RootKey.fromBytes(bytes));
  }

  static fromPassphrase(passphrase, cost = {}, maxCost = undefined) {
    const bytes = typeof passphrase === "string" ? encode(passphrase) : copyBytes(passphrase, "the bytes of a passphrase");
    if (bytes.length === 0) {
      throw new ValidationException("the passphrase is empty");
    }
    const [taken, most] = [own(cost, "the cost"), own(maxCost, "the greatest cost")];
    return new RootKey(PRIVATE, bytes, (native, bytes) => native.RootKey.fromPassphrase(bytes, taken, most));
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
        throw new TypeError("a RootKey is needed: RootKey.fromBytes(bytes) or RootKey.fromPassphrase(text)");
      }
      if (root.#bytes === undefined) {
        throw closed("root key");
      }
      const [bytes, make] = [copyBytes(root.#bytes), root.#make];
      return {
        use(modules, receive) {
          const key = answer(() => make(modules, bytes));
          try {
            return receive(key);
          } finally {
            free(key);
          }
        },
        wipe: () => wipe(bytes),
      };
    };
  }
}

/**
 * Takes a root key at the call, whatever is done to it later: `use` hands out the native one, and wipes that right after; `wipe` wipes
 * the copy. Not for users, hence no method.
 */
export { take as takeRootKey };

function encode(text) {
  // The encoder would make a replacement character of it, and one passphrase of many.
  if (/\p{Surrogate}/u.test(text)) {
    throw new TypeError("the passphrase is not valid Unicode: it has half of a surrogate pair");
  }
  return new TextEncoder().encode(text);
}
