// Bytes, told by what they are and not by what they say they are: by the getters of all typed arrays, which know those of
// another frame or context, too, and run no code of a caller's. They are taken here when the module is loaded.
const { apply, getPrototypeOf } = Reflect;
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

/** Whether a value is a `Uint8Array`, or a subclass such as Node's `Buffer`. */
export const isBytes = (value) => typedArrayName(value) === "Uint8Array";

/**
 * A copy of the caller's bytes, so that neither a change nor a transfer of theirs after the call is felt here. Bytes that other
 * threads may write are copied once, like any others.
 */
export function copyBytes(value, name) {
  if (!isBytes(value)) {
    const hint = typeof value === "string" ? "; text becomes bytes by new TextEncoder().encode(text)" : "";
    throw new TypeError(`${name} must be a Uint8Array${hint}`);
  }
  const copy = new Uint8Array(lengthOf(value));
  try {
    // Refused by the engine, where the length alone would be 0.
    setBytes(copy, value);
  } catch {
    throw new TypeError(`${name} has no bytes any more: their buffer was transferred, or is shorter now`);
  }
  return copy;
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
        // Transferred: whoever has them now is to wipe them.
      }
    }
  }
}

/** Parts in a row. */
export function concat(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
