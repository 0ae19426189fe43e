// What the runs of an operation lacked, and what was brought for it since: the second module, RSA keys of the platform, the answers of
// what is outside. Each operation has its own, so that a late answer is never taken for
// another operation's.
import { wipe } from "./bytes.js";
import { asymmetric } from "./native.js";
import { callPlace } from "./outside/places.js";
import { wipeOwn } from "./own.js";
import { makeRsaKey } from "./rsa-keys.js";

export class Brought {
  /** RSA keys, as `{ bits, bytes }`. */
  keys = [];
  /** Calls, as `{ place, method, given, answer }`. */
  answers = [];

  /** Brings what a run lacked. */
  async bring({ module, rsa, call }) {
    const key = rsa && makeRsaKey(rsa).then((key) => this.keys.push(key));
    try {
      await Promise.all([module && asymmetric(), call && this.#call(call)]);
    } finally {
      await key;
    }
  }

  async #call(call) {
    const made = { ...call, answer: undefined };
    // From now on, since what was given is to be wiped whatever becomes of the call.
    this.answers.push(made);
    made.answer = await callPlace(call);
  }

  /** Wipes all that was brought, and with what it was asked for. */
  wipe() {
    wipe(...this.keys.map(({ bytes }) => bytes));
    this.answers.forEach(({ given, answer }) => {
      wipeOwn(given);
      wipeOwn(answer?.value);
    });
  }
}
