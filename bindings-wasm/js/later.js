// Bytes that take a moment to be read: a `Blob` and a `Response`.
import { copyBytes, isOf } from "./bytes.js";

const { apply } = Reflect;

/** How to recognise an object of a platform class, whichever frame made it, and to read its bytes. */
function platform(type, names, property) {
  const { prototype } = globalThis[type] ?? {};
  const get = prototype && Object.getOwnPropertyDescriptor(prototype, property)?.get;
  const read = prototype?.arrayBuffer;
  return { is: (value) => isOf(value, names, get), bytes: async (value) => new Uint8Array(await apply(read, value, [])) };
}

const blobs = platform("Blob", ["Blob", "File"], "size");
const responses = platform("Response", ["Response"], "bodyUsed");

/** Whether a value's bytes take a moment. */
export const isLater = (value) => blobs.is(value) || responses.is(value);

/** Starts to read them, in the call. The page of an error is not what was asked for. */
export async function readLater(value, name) {
  if (blobs.is(value)) {
    return blobs.bytes(value);
  }
  const { ok, status } = value;
  if (!ok) {
    throw new TypeError(`${name} is a Response with status ${status}`);
  }
  return responses.bytes(value);
}

/** A copy of the caller's bytes; or a promise of those of a `Blob` or a `Response`. */
export const takeBytes = (value, name) => (isLater(value) ? readLater(value, name) : copyBytes(value, name));
