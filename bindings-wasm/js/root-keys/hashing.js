// Hashing a passphrase costs what guessing it is to cost: half a second in which a thread stands still. So a page has a worker do it.
// Where a worker cannot be started (a bundle without its file, a policy of the page), the page does it itself.
import { answer } from "../answer.js";
import { compiled } from "../native.js";
import { hashHere } from "./hash-here.js";

/** How long the worker waits for another passphrase, in milliseconds. */
const IDLE = 5000;
/** How long it may take to start. */
const START = 10_000;

let worker;
let refused = false;

/** What the native half makes of a passphrase, for a vault by its header or snapshot, or for a new one. */
export async function hash(modules, wanted) {
  if (!refused && globalThis.document && globalThis.Worker && compiled()) {
    worker ??= new Hasher();
    const { derived, fault, trap } = await worker.hash(wanted);
    if (derived) {
      return derived;
    }
    if (fault) {
      return answer(() => { throw fault; });
    }
    if (trap) {
      throw new Error(`the passphrase could not be hashed: ${trap}`);
    }
    // It did not start.
    refused = true;
    worker = undefined;
  }
  return answer(() => hashHere(modules, wanted));
}

class Hasher {
  #worker;
  #started;
  #waiting = new Map();
  #count = 0;
  #idle;

  constructor() {
    let over;
    this.#started = new Promise((resolve) => {
      over = setTimeout(() => resolve(false), START);
      this.#worker = start();
      this.#worker.addEventListener("error", (event) => {
        event.preventDefault();
        resolve(false);
      });
      this.#worker.addEventListener("message", ({ data }) => (data.started ? resolve(true) : this.#waiting.get(data.id)?.(data)));
    }).catch(() => false).then((started) => {
      clearTimeout(over);
      if (!started) this.#worker?.terminate();
      return started;
    });
  }

  /** What the worker came to: `derived`, a `fault` of the native half, a `trap`; nothing of them where it did not start. */
  async hash(wanted) {
    clearTimeout(this.#idle);
    const id = this.#count++;
    try {
      const answered = new Promise((resolve) => { this.#waiting.set(id, resolve); });
      if (!(await this.#started)) {
        return {};
      }
      try {
        this.#worker.postMessage({ id, module: compiled(), ...wanted });
      } catch {
        // An engine that hands no module on.
        return {};
      }
      return await answered;
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) {
        this.#idle = setTimeout(() => this.#end(), IDLE);
      }
    }
  }

  #end() {
    this.#worker?.terminate();
    if (worker === this) {
      worker = undefined;
    }
  }
}

function start() {
  // As bundlers find it; but Vite up to version 7 serves a package's code from its cache, and not the files beside it.
  const [packages, cached] = import.meta.url.split("/.vite/deps/");
  return cached
    ? new Worker(`${packages}/pocketkms/hashing-worker.js`, { type: "module" })
    : new Worker(new URL("../hashing-worker.js", import.meta.url), { type: "module" });
}
