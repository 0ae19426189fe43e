import { copyBytes, isArrayBuffer, isBytes, partBetween } from "./bytes.js";

const { apply } = Reflect;

// A `Response` has no parts to read: `await response.blob()` has.

/** What reads any part of a message as it is at the call: from bytes, from a `Blob`, or as the caller does it. */
export function messageSource(message) {
  if (isBytes(message) || isArrayBuffer(message)) {
    const taken = copyBytes(message, "message");
    return { size: taken.length, read: async (start, end) => partBetween(taken, start, end) };
  }
  const { size, slice, read } = message ?? {};
  if (Number.isSafeInteger(size) && size >= 0 && typeof slice === "function") {
    return { size, read: async (start, end) => new Uint8Array(await apply(slice, message, [start, end]).arrayBuffer()) };
  }
  if (Number.isSafeInteger(size) && size >= 0 && typeof read === "function") {
    return { size, read: async (start, end) => copyBytes(await apply(read, message, [start, end]), "what read() answered") };
  }
  throw new TypeError("a message must be a Uint8Array, a Blob, or an object with a size and a method read(start, end)");
}
