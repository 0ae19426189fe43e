// Bytes that take a moment to be read: a `Blob` and a `Response`.
import { copyBytes, isOf, partBetween } from "./bytes.js";

const { apply } = Reflect;

/** How to recognise an object of a platform class, whichever frame made it, and to read its bytes. */
function platform(type, names, property) {
  const { prototype } = globalThis[type] ?? {};
  const get = prototype && Object.getOwnPropertyDescriptor(prototype, property)?.get;
  const read = prototype?.arrayBuffer;
  const slice = prototype?.slice;
  return { is: (value) => isOf(value, names, get), bytes: async (value, most) => start(new Uint8Array(await apply(read, most && slice ? apply(slice, value, [0, most]) : value, [])), most) };
}

const start = (bytes, most) => (most ? partBetween(bytes, 0, most) : bytes);

const blobs = platform("Blob", ["Blob", "File"], "size");
const responses = platform("Response", ["Response"], "bodyUsed");

/** Whether a value's bytes take a moment. */
export const isLater = (value) => blobs.is(value) || responses.is(value);

/** Starts to read them, in the call: no more than `most`, if that is given. The page of an error is not what was asked for. */
export async function readLater(value, name, most) {
  if (blobs.is(value)) {
    return blobs.bytes(value, most);
  }
  const { ok, status } = value;
  if (!ok) {
    throw new TypeError(`${name} is a Response with status ${status}`);
  }
  return responses.bytes(value, most);
}

/** A copy of the caller's bytes; or a promise of those of a `Blob` or a `Response`. */
export const takeBytes = (value, name, most) => (isLater(value) ? readLater(value, name, most) : copyBytes(value, name, most));
