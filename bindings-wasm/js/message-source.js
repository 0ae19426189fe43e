import { isBytes } from "./bytes.js";

/** What reads any part of a message: from bytes, from a `Blob`, or as the caller does it. */
export function messageSource(message) {
  if (isBytes(message)) {
    return { size: message.length, read: async (start, end) => message.subarray(start, end) };
  }
  if (typeof message?.slice === "function" && typeof message.size === "number") {
    return { size: message.size, read: async (start, end) => new Uint8Array(await message.slice(start, end).arrayBuffer()) };
  }
  if (typeof message?.read === "function" && Number.isSafeInteger(message.size)) {
    return message;
  }
  throw new TypeError("a message must be a Uint8Array, a Blob, or an object with a size and a method read(start, end)");
}
