// All cases, by suite and title: `suites[suite][title]()` resolves, or rejects with what is wrong.
import errors from "./errors.js";
import keyrings from "./keyrings.js";
import messages from "./messages.js";
import operations from "./operations.js";
import stored from "./stored.js";
import streams from "./streams.js";
import values from "./values.js";
import vault from "./vault.js";

export const suites = { errors, keyrings, messages, operations, stored, streams, values, vault };
