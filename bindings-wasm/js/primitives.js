// What has public keys is a second WebAssembly module, which is loaded when a run first asks for it. What the first module asks of it goes
// through here, straight from one memory to the other: no copy of a secret is left in JavaScript's own.
//
// The first module's frames are below all of this, and so nothing is thrown (host.js).
import { fail } from "./answer.js";
import { lengthOf, setBytes } from "./bytes.js";

/** The second module's functions and its memory, once it is there. */
let second;
/** What the run that is under way asked for and is not there. */
let lacking;
/** RSA keys that were made for its operation, in the order in which it asks for them, and how many it has taken. */
let keys = [];
let taken = 0;

export const useSecond = (exports) => { second = exports; };

export const hasSecond = () => second !== undefined;

/** Begins a run, for which these keys were made. */
export function beginRun(made = []) {
  [lacking, keys, taken] = [undefined, made, 0];
}

/** What the run lacks: `module`, if it is the second one; `rsa`, if it is a key of so many bits. Nothing if it has all that it asked for. */
export const lacks = () => lacking;

function lack(what) {
  lacking = { __proto__: null, ...lacking, ...what };
  return -1;
}

/** Hands a request over; the length of the answer. */
export function askPrimitive(request) {
  if (second === undefined) {
    return lack({ module: true });
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
  if (keys[taken]?.bits === bits) {
    return lengthOf(keys[taken].bytes);
  }
  return globalThis.crypto?.subtle === undefined ? 0 : lack(second === undefined ? { rsa: bits, module: true } : { rsa: bits });
}

export function takeRsaKey(room) {
  setBytes(room, keys[taken].bytes);
  taken += 1;
}
