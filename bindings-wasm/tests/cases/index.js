// All cases, by suite and title: `suites[suite][title]()` resolves, or rejects with what is wrong.
import asymmetric from "./asymmetric.js";
import audit from "./audit.js";
import awsSdk from "./aws-sdk.js";
import billing from "./billing.js";
import branchKeys from "./branch-keys.js";
import caching from "./caching.js";
import closed from "./closed.js";
import durable from "./durable.js";
import durableEdges from "./durable-edges.js";
import errors from "./errors.js";
import inputs from "./inputs.js";
import keyStores from "./key-stores.js";
import keyrings from "./keyrings.js";
import messages from "./messages.js";
import mistakes from "./mistakes.js";
import operations from "./operations.js";
import registry from "./registry.js";
import remote from "./remote.js";
import rootKeys from "./root-keys.js";
import scenarios from "./scenarios.js";
import stored from "./stored.js";
import streams from "./streams.js";
import values from "./values.js";
import vault from "./vault.js";

export const suites = {
  asymmetric, audit, awsSdk, billing, branchKeys, caching, closed, durable, durableEdges, errors, inputs, keyStores, keyrings, messages, mistakes, operations, registry, remote, rootKeys, scenarios, stored, streams, values, vault,
};
