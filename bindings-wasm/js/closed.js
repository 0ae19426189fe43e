/** What a vault or a root key says after its end, in the word that IndexedDB has for it. */
export function closed(what) {
  return new DOMException(`the ${what} is closed`, "InvalidStateError");
}

/** Lets `using` end what has a `close`, where the engine knows `using`. */
export function closeOnDispose(type) {
  if (Symbol.dispose) {
    Object.defineProperty(type.prototype, Symbol.dispose, { value: type.prototype.close, configurable: true });
  }
}
