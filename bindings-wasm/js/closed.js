/** What a root key or a keyring says after its end, in the word that IndexedDB has for it. A vault has AWS-like words of its own. */
export function closed(what) {
  return new DOMException(`the ${what} is closed`, "InvalidStateError");
}

/** What everything says after the end of the WebAssembly instance. */
export function instanceFailed(cause) {
  const error = new DOMException("the WebAssembly instance failed, and every vault in it is lost; reload the page", "InvalidStateError");
  return Object.defineProperty(error, "cause", { value: cause, configurable: true });
}

/** Lets `using` end what has a `close`, where the engine knows `using`. */
export function closeOnDispose(type) {
  if (Symbol.dispose) {
    Object.defineProperty(type.prototype, Symbol.dispose, { value: type.prototype.close, configurable: true });
  }
}

/** Something native that can be closed while it is waited for. */
export class Handle {
  #what;
  #native;

  /** @param what What an error calls it. */
  constructor(what, native) {
    this.#what = what;
    this.#native = native;
  }

  /** What is native, at this moment: to be used before anything is awaited. */
  get native() {
    if (this.#native === undefined) {
      throw closed(this.#what);
    }
    return this.#native;
  }

  /** Hands out what is native, to be freed. */
  close() {
    const native = this.#native;
    this.#native = undefined;
    return native;
  }
}
