// What has public keys is a second WebAssembly module, which is loaded when a run first asks for it. What the first module asks of it goes
// through here, straight from one memory to the other: no copy of a secret is left in JavaScript's own.
//
// The first module's frames are below all of this, and so nothing is thrown (host.js).
import { fail } from "./answer.js";
import { lengthOf, setBytes } from "./bytes.js";
import { lack, nextKey, takeNextKey } from "./run.js";

/** The second module's functions and its memory, once it is there. */
let second;

export const useSecond = (exports) => { second = exports; };

export const hasSecond = () => second !== undefined;

/** Hands a request over; the length of the answer. */
export function askPrimitive(request) {
  if (second === undefined) {
    lack({ module: true });
    return -1;
  }
  const length = lengthOf(request);
  try {
    const place = second.room(length) >>> 0;
    setBytes(new Uint8Array(second.memory.buffer, place, length), request);
    return second.call();
  } catch (trap) {
    // Its memory can't be trusted any more, and holds keys that the first one has numbers of.
    fail(trap);
    return 0;
  }
}

/** Takes the answer, and has it wiped where it was. */
export function takePrimitive(answer) {
  try {
    setBytes(answer, new Uint8Array(second.memory.buffer, second.answer() >>> 0, lengthOf(answer)));
    second.done();
  } catch (trap) {
    fail(trap);
  }
}

/** The length of an RSA key that the platform made, or 0 where it makes none. */
export function rsaKey(bits) {
  const key = nextKey();
  if (key?.bits === bits) {
    return lengthOf(key.bytes);
  }
  if (globalThis.crypto?.subtle === undefined) {
    return 0;
  }
  lack(second === undefined ? { rsa: bits, module: true } : { rsa: bits });
  return -1;
}

export function takeRsaKey(room) {
  setBytes(room, nextKey().bytes);
  takeNextKey();
}
