// Questions that are asked again, when what they lacked is there. What a run came to that lacked something says nothing, and has changed
// nothing: an operation decides before it does anything.
import { answer } from "./answer.js";
import { wipe } from "./bytes.js";
import { asymmetric } from "./native.js";
import { beginRun, lacks } from "./primitives.js";
import { makeRsaKey } from "./rsa-keys.js";
import { countedInRun, runAfter } from "./wasm/pocketkms.js";

/** What the native half answers; a promise of it where something has to be loaded or made first. */
export function ask(question) {
  beginRun();
  try {
    const value = answer(question);
    if (!lacks()) {
      return value;
    }
  } catch (error) {
    if (!lacks()) {
      throw error;
    }
  }
  return askAgain(question);
}

async function askAgain(question) {
  const made = [];
  // What a run counted against a quota is not counted again.
  let counted = answer(countedInRun);
  try {
    for (;;) {
      await bring(lacks(), made);
      beginRun(made);
      answer(() => runAfter(counted));
      const { value, error, failed } = run(question);
      counted = Math.max(counted, answer(countedInRun));
      // The next run is another operation's.
      answer(() => runAfter(0));
      if (!lacks()) {
        if (failed) throw error;
        return value;
      }
    }
  } finally {
    wipeKeys(made);
  }
}

function run(question) {
  try {
    return { value: answer(question) };
  } catch (error) {
    return { error, failed: true };
  }
}

/** Brings what a run lacked. Keys come into `made`. */
export async function bring({ module, rsa }, made) {
  const key = rsa && makeRsaKey(rsa).then((key) => made.push(key));
  try {
    await (module && asymmetric());
  } finally {
    await key;
  }
}

export const wipeKeys = (made) => wipe(...made.map(({ bytes }) => bytes));
