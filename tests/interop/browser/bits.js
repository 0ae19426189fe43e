// What blobs and messages have in common: outcomes, flipped bits, bytes as text.
import { isKmsError } from "pocketkms";

export async function outcomes(items, attempt) {
  const list = [];
  for (const item of items) list.push(await outcome(attempt(item)));
  return list;
}

export function outcome(attempted) {
  return attempted.then(() => "accepted", nameOf);
}

/** The name that AWS gives an error; any other is a mistake here, and ends the run. */
export function nameOf(error) {
  if (!isKmsError(error)) throw error;
  return error.name;
}

/** Copies of the bytes, one for each position that is tried (README.md), in which the byte there has one bit flipped. */
export function* eachFlipped(original) {
  for (let at = 0; at < original.length; at++) if (at < 1024 || at % 101 === 0) yield flip(original, at, at % 8);
}

export function flip(original, at, bit) {
  const altered = original.slice();
  altered[at] ^= 1 << bit;
  return altered;
}

export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
export const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
export const hex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
