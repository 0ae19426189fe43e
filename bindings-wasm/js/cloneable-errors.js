// Errors on their way between a page and its workers: `postMessage` would make plain errors of them, without class and code.
import { errorClasses } from "./errors.js";
import { isKmsError } from "./is-kms-error.js";

/** A plain object with all that an error of KMS says, the explanation included; anything else as it is. */
export function toCloneable(error) {
  if (!isKmsError(error)) {
    return error;
  }
  const { name, code, message, explanation, stack, causes } = error;
  // The errors of attempts are causes: by number, so that they stay the same.
  const attempts = error.attempts?.map(({ error: cause, ...attempt }) => ({ ...attempt, cause: causes.indexOf(cause) }));
  return { name, code, message, explanation, stack, causes: causes.map(toCloneable), attempts, description: error.describe?.() };
}

/** The error that `toCloneable` made a plain object of; anything else as it is. */
export function fromCloneable(value) {
  const type = typeof value === "object" && value !== null && !(value instanceof Error) ? errorClasses.get(value.code) : undefined;
  if (type?.prototype.name !== value?.name || type === undefined) {
    return value;
  }
  const causes = value.causes.map(fromCloneable);
  const attempts = value.attempts?.map(({ cause, ...attempt }) => ({ ...attempt, error: causes[cause] }));
  const error = new type(value.message, value.explanation, causes, { attempts, description: value.description });
  return Object.defineProperty(error, "stack", { value: value.stack, writable: true, configurable: true });
}
