// What carries requests to external key store proxies: `fetch`, or the app's own.
import { copyBytes, isOf, lengthOf } from "../bytes.js";

/** How long AWS KMS waits for a response, in milliseconds. */
const PATIENCE = 250;
/** The longest time of a timer. */
const LONGEST = 2 ** 31 - 1;
/** The most bytes of a body that are taken, and one more, so that the native half sees that there are more. */
const MOST_OF_BODY = 16 * 1024 + 1;

const { prototype: responses } = globalThis.Response ?? {};
const isResponse = (value) => responses !== undefined && isOf(value, ["Response"], Object.getOwnPropertyDescriptor(responses, "bodyUsed").get);

/** Carries requests by `fetch`: a page needs the proxy's agreement (CORS), and its own policy's (`connect-src`). */
export class XksHttpsTransport {
  #timeout;
  #hosts;

  constructor({ timeout = PATIENCE, hosts } = {}) {
    this.#timeout = checkTimeout(timeout);
    if (hosts !== undefined && !(Array.isArray(hosts) && hosts.every((host) => typeof host === "string"))) {
      throw new TypeError("hosts must be a list of the names of hosts");
    }
    this.#hosts = hosts?.map(sameHost);
  }

  get timeout() {
    return this.#timeout;
  }

  async send({ url, endpoint, headers, body, signal }) {
    const host = sameHost(endpoint.replace(/^https:\/\//, ""));
    if (!(this.#hosts?.some((named) => isNamed(host, named)) ?? true)) {
      throw new Error(`the host ${host} is none of those that may be called`);
    }
    // The signature is for this address, and for no one else's eyes.
    return fetch(url, { method: "POST", headers, body, signal, redirect: "error", credentials: "omit", cache: "no-store", referrerPolicy: "no-referrer" });
  }
}

/** A host's name as those that are the same have it. */
const sameHost = (host) => host.toLowerCase().replace(/\.$/, "");

const isNamed = (host, named) => (named.startsWith("*.") ? host.length > named.length - 1 && host.endsWith(named.slice(1)) : host === named);

/** What the native half calls: of a function, or of an object with the method `send`. */
export function transportOf(given) {
  const isFunction = typeof given === "function";
  if (!isFunction && typeof given?.send !== "function") {
    throw new TypeError("xksTransport must be an XksHttpsTransport, a function that takes a request, or an object with such a method send()");
  }
  const send = isFunction ? given : (request) => given.send(request);
  const timeout = checkTimeout((isFunction ? undefined : given.timeout) ?? PATIENCE);
  return { send: ({ headers, ...request }) => inTime(timeout, async (signal) => read(await send({ ...request, headers: { ...headers }, signal }))) };
}

function checkTimeout(timeout) {
  if (!(typeof timeout === "number" && timeout > 0 && timeout <= LONGEST)) {
    throw new TypeError(`the timeout of a transport must be a number of milliseconds, more than 0 and at most ${LONGEST}`);
  }
  return timeout;
}

/** What work resolves to within that time. After it the signal is aborted, and a late answer is ignored. */
async function inTime(milliseconds, work) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => {
      const error = new DOMException(`there was no answer within ${milliseconds} ms`, "TimeoutError");
      reject(error);
      controller.abort(error);
    }, milliseconds);
  });
  try {
    return await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function read(response) {
  const { status, body } = response ?? {};
  if (!(Number.isInteger(status) && status >= 0 && status <= 0xffff)) {
    throw new TypeError("the transport must answer { status, body }, a whole number and bytes, or a Response");
  }
  return { __proto__: null, status, body: isResponse(response) ? await readMost(body) : copyBytes(body, "the body that the transport answered", MOST_OF_BODY) };
}

/** As much of a stream as is taken. */
async function readMost(stream) {
  const taken = new Uint8Array(MOST_OF_BODY);
  let length = 0;
  const reader = stream?.getReader();
  for (let piece; reader && length < MOST_OF_BODY && !(piece = await reader.read()).done;) {
    const part = piece.value.subarray(0, MOST_OF_BODY - length);
    taken.set(part, length);
    length += lengthOf(part);
  }
  reader?.cancel().catch(() => {});
  return taken.slice(0, length);
}
