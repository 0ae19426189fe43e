// All cases, by suite and title: `suites[suite][title]()` resolves, or rejects with what is wrong.
import errors from "./errors.js";
import operations from "./operations.js";
import values from "./values.js";
import vault from "./vault.js";

export const suites = { errors, operations, values, vault };
