import { errorClasses } from "./errors.js";

/** Whether an error is one of KMS, and of that name, if one is given; also where it was thrown by another copy of this
 * package, as `instanceof` could not. */
export function isKmsError(error, name) {
  return error instanceof Error && errorClasses.get(error.code)?.prototype.name === error.name
    && (name === undefined || name === error.name);
}
