// All cases, by suite and title: `suites[suite][title]()` resolves, or rejects with what is wrong.
import branchKeys from "./branch-keys.js";
import caching from "./caching.js";
import closed from "./closed.js";
import elsewhere from "./elsewhere.js";
import errors from "./errors.js";
import inputs from "./inputs.js";
import keyrings from "./keyrings.js";
import messages from "./messages.js";
import mistakes from "./mistakes.js";
import operations from "./operations.js";
import stored from "./stored.js";
import streams from "./streams.js";
import values from "./values.js";
import vault from "./vault.js";

export const suites = {
  branchKeys, caching, closed, elsewhere, errors, inputs, keyrings, messages, mistakes, operations, stored, streams, values, vault,
};
