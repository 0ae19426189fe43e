// AWS CloudHSM clusters that an app's objects are.
import { copyBytes } from "../bytes.js";

const METHODS = ["describe", "connect", "disconnect", "createKey", "deleteKey", "encrypt", "decrypt", "random"];

/** What a cluster's methods throw where they know what is wrong. */
export class ClusterError extends Error {
  static {
    // On the prototype, so that a minifier may rename the class.
    Object.defineProperty(this.prototype, "name", { value: "ClusterError", configurable: true });
  }

  constructor(kind, message = kind) {
    super(message);
    this.kind = kind;
  }
}

const nothing = () => undefined;

function textOf(answer, method) {
  if (typeof answer !== "string") {
    throw new TypeError(`${method}() of the cluster must answer a string`);
  }
  return answer;
}

/** What each method may answer. */
const ANSWERS = {
  describe: (answer, method) => (answer ?? undefined) && textOf(answer, method),
  connect: nothing,
  disconnect: nothing,
  createKey: textOf,
  deleteKey: nothing,
  encrypt: bytesOf,
  decrypt: bytesOf,
  random: bytesOf,
};

function bytesOf(answer, method) {
  return copyBytes(answer, `what ${method}() of the cluster answered`);
}

/** What the native half calls of an object. */
export function clusterOf(given) {
  if (!METHODS.every((method) => typeof given?.[method] === "function")) {
    throw new TypeError(`cloudHsmClusters must be an object of objects with the methods ${METHODS.join(", ")}`);
  }
  const called = (method) => async (...handed) => ANSWERS[method](await given[method](...handed), method);
  return Object.fromEntries(METHODS.map((method) => [method, called(method)]));
}
