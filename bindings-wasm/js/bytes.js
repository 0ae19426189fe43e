// Bytes, recognised by what they are and not by what they say they are: by the getters of all typed arrays, which know those of
// another frame or context, too, and run no code of a caller's. They are taken here when the module is loaded, so that what a page
// does to the prototypes later changes nothing.
const { apply, getPrototypeOf } = Reflect;
const { max, min } = Math;
const { toString } = Object.prototype;
const typedArrays = getPrototypeOf(Uint8Array.prototype);
const getter = (name) => {
  const { get } = Object.getOwnPropertyDescriptor(typedArrays, name);
  return (value) => apply(get, value, []);
};
const { set, fill } = typedArrays;
const bufferOf = getter("buffer");
const offsetOf = getter("byteOffset");

/** The name of the class of a typed array; `undefined` of anything else. */
export const typedArrayName = getter(Symbol.toStringTag);
export const lengthOf = getter("length");
export const setBytes = (bytes, from, at = 0) => apply(set, bytes, [from, at]);
export const part = (bytes, start, length) => new Uint8Array(bufferOf(bytes), offsetOf(bytes) + start, length);

/** As `bytes.subarray(start, end)`, for places that are not negative. */
export function partBetween(bytes, start, end = lengthOf(bytes)) {
  const length = lengthOf(bytes);
  const [first, last] = [min(start, length), min(end, length)];
  return part(bytes, first, max(last - first, 0));
}

const byteLengthOf = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "byteLength").get;

/**
 * Whether a value says that it is of this class, and has its getter: for what has no getter that knows others, too. An engine throws
 * for these, which takes its time; so what says something else is passed over.
 */
export function isOf(value, names, getter) {
  try {
    return names.includes(apply(toString, value, []).slice(8, -1)) && apply(getter, value, []) !== undefined;
  } catch {
    return false;
  }
}

/** Whether a value is an `ArrayBuffer`, of whichever frame. */
export const isArrayBuffer = (value) => isOf(value, ["ArrayBuffer"], byteLengthOf);

/** Whether a value is a `Uint8Array`, or a subclass such as Node's `Buffer`. */
export const isBytes = (value) => typedArrayName(value) === "Uint8Array";

/**
 * A copy of the caller's bytes, so that neither a change nor a transfer of theirs after the call is felt here. Bytes that other
 * threads may write are copied once, like any others. Of what is longer than `most`, so much.
 */
export function copyBytes(value, name, most = Infinity) {
  const buffer = isArrayBuffer(value);
  if (!(buffer || isBytes(value))) {
    const hint = typeof value === "string" ? "; text becomes bytes by new TextEncoder().encode(text)" : "";
    throw new TypeError(`${name} must be a Uint8Array or an ArrayBuffer${hint}`);
  }
  try {
    // Refused by the engine, where the length alone would be 0.
    const bytes = buffer ? new Uint8Array(value) : value;
    const length = lengthOf(bytes);
    const copy = new Uint8Array(min(length, most));
    setBytes(copy, length > most ? part(bytes, 0, most) : bytes);
    return copy;
  } catch {
    throw new TypeError(`${name} has no bytes any more: their buffer was transferred, or is shorter now`);
  }
}

/** The bytes of a text, or a copy of bytes. */
export function textOrBytes(value, name) {
  return typeof value === "string" ? new TextEncoder().encode(value) : copyBytes(value, name);
}

/** Overwrites bytes that were handed out, if they are still there. */
export function wipe(...all) {
  for (const bytes of all) {
    if (isBytes(bytes)) {
      try {
        apply(fill, bytes, [0]);
      } catch {
        // Transferred: their new owner has to wipe them.
      }
    }
  }
}

/** Parts in a row. */
export function concat(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + lengthOf(part), 0));
  let at = 0;
  for (const part of parts) {
    setBytes(whole, part, at);
    at += lengthOf(part);
  }
  return whole;
}
