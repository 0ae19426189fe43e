// Questions that are asked again, when what they lacked is there. What a run came to that lacked something says nothing, and has changed
// nothing: an operation decides before it does anything.
import { answer, free } from "./answer.js";
import { Brought } from "./brought.js";
import { beginRun, lacks } from "./run.js";
import { pauseRun, resumeRun } from "./wasm/pocketkms.js";

/** What the native half answers; a promise of it where something has to be loaded, made or asked first. */
export function ask(question) {
  beginRun();
  const { value, error, failed } = run(question);
  const lacking = lacks();
  if (!lacking) {
    if (failed) throw error;
    return value;
  }
  return askAgain(question, lacking, answer(pauseRun));
}

/** `paused` is what the native half knows of the operation between two of its runs: meanwhile other operations run. */
async function askAgain(question, lacking, paused) {
  const brought = new Brought();
  try {
    for (;;) {
      await brought.bring(lacking);
      beginRun(brought);
      const resumed = paused;
      paused = undefined;
      answer(() => resumeRun(resumed));
      const { value, error, failed } = run(question);
      paused = answer(pauseRun);
      lacking = lacks();
      if (!lacking) {
        if (failed) throw error;
        return value;
      }
    }
  } finally {
    free(paused);
    brought.wipe();
  }
}

function run(question) {
  try {
    return { value: answer(question) };
  } catch (error) {
    return { error, failed: true };
  }
}
