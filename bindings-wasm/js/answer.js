import { errorClasses } from "./errors.js";

/** What `question` answers, or throws, with an error of the right class for what the core reports. */
export function answer(question) {
  try {
    return question();
  } catch (fault) {
    // What is an error already says how the caller is mistaken, or was thrown by the caller's own clock or getter.
    throw fault instanceof Error || !errorClasses.has(fault?.code) ? fault : errorOf(fault);
  }
}

function errorOf({ code, message, explanation, cause }) {
  const type = errorClasses.get(code);
  return new type(message, explanation, cause && errorOf(cause));
}
