import { errorClasses } from "./errors.js";
import { instanceFailed } from "./closed.js";

const { hasOwn } = Object;

/** What ended the WebAssembly instance, if anything did. */
let end;

/**
 * What the native half answers, or the error of the right class for what it reports. `question` asks the native half and nothing
 * else.
 *
 * All that the native half reports is a plain object. So whatever else is thrown is a trap, or went through its frames, as when the
 * stack is full: its memory can't be trusted any more, and every later call says so.
 */
export function answer(question) {
  if (end) {
    throw instanceFailed(end.cause);
  }
  try {
    const value = question();
    if (!end) {
      return value;
    }
  } catch (fault) {
    if (!end && isReport(fault)) {
      throw hasOwn(fault, "misuse") ? new TypeError(fault.misuse) : errorOf(fault);
    }
    fail(fault);
  }
  throw instanceFailed(end.cause);
}

/** Ends the instance: nothing may be asked any more, and what is being asked has no answer. */
export function fail(cause) {
  end ??= { cause };
}

/** Whether nothing may be asked any more. */
export const hasFailed = () => end !== undefined;

/** Ends, and so wipes, what is native. */
export function free(...natives) {
  if (!end) {
    natives.forEach((native) => answer(() => native?.free()));
  }
}

/** Whether something is what the native half reports. */
export const isReport = (fault) =>
  typeof fault === "object" && fault !== null && !(fault instanceof Error) && (hasOwn(fault, "misuse") || hasOwn(fault, "code"));

function errorOf({ code, message, explanation, causes: reports, attempts: tried, description, origin }) {
  const type = errorClasses.get(code);
  const causes = reports.map(errorOf);
  const attempts = tried.map(({ cause, ...attempt }) => ({ ...attempt, error: causes[cause] }));
  return new type(message, explanation, causes, { attempts, description, origin });
}
