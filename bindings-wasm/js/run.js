// The run of an operation that is under way in the native half: what was brought for it (brought.js), and what it lacks.
//
// The native half's frames are below what it calls in here, and so nothing is thrown (host.js).

let lacking;
let brought;
let keysTaken = 0;

/** Begins a run, for which all this was brought; nothing for the first one of an operation. */
export function beginRun(found) {
  [lacking, brought, keysTaken] = [undefined, found, 0];
}

/**
 * What the run lacks: `module`, if it is the second one; `rsa`, if it is a key of so many bits; `call`, if it is the answer to that one.
 * Nothing if it has all that it asked for.
 */
export const lacks = () => lacking;

export function lack(what) {
  lacking = { __proto__: null, ...lacking, ...what };
}

/** The RSA key that comes next: keys are asked for in the order in which they were made. */
export const nextKey = () => brought?.keys[keysTaken];

export function takeNextKey() {
  keysTaken += 1;
}

/** The answers to the operation's calls so far. */
export const answers = () => brought?.answers ?? [];
