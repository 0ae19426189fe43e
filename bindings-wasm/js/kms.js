import { answer } from "./answer.js";
import { ask } from "./ask.js";
import { wipe } from "./bytes.js";
import { read } from "./clock.js";
import { BRANCH_KEY_OPERATIONS, OPERATIONS, PARCEL_OPERATIONS } from "./operations.js";
import { own, ownLater, wipeOwn } from "./own.js";
import { takeBytes } from "./later.js";

const PRIVATE = Symbol("Kms");

/** Those of branch keys are no operations of AWS KMS, but of the branch key store of the AWS Encryption SDK; those of parcels are of PocketKMS. */
const METHODS = [...OPERATIONS, ...BRANCH_KEY_OPERATIONS, ...PARCEL_OPERATIONS];

/** As much of a body as the native half needs to see that it is too long: its memory never shrinks again. */
const MOST_OF_BODY = (1 << 20) + 1;
const LONGEST_TARGET = 128;

/** What answers in pages. */
const PAGINATED = METHODS.filter((name) => name.startsWith("list"));

let use;
let is;
let waits;

/** AWS KMS for one caller. Nothing of it leads to the vault. */
export class Kms {
  #native;
  #clock;
  #store;
  #asksOutside;

  constructor(key, native, clock, store, asksOutside) {
    if (key !== PRIVATE) {
      throw new TypeError("make a Kms by vault.client()");
    }
    this.#native = native;
    this.#clock = clock;
    this.#store = store;
    this.#asksOutside = asksOutside;
  }

  get caller() {
    return answer(() => this.#native.caller);
  }

  get closed() {
    return this.#store?.closed ?? answer(() => this.#native.closed);
  }

  async call(target, body) {
    if (typeof target !== "string") {
      throw new TypeError('the target must be a string, such as "TrentService.Encrypt"');
    }
    const taken = takeBytes(body, "the body", MOST_OF_BODY);
    const bytes = taken instanceof Promise ? await taken : taken;
    // No operation has a longer name, nor can it have one by being cut.
    const operation = target.slice(0, LONGEST_TARGET);
    try {
      return await this.#ask((kms) => kms.call(operation, bytes));
    } finally {
      wipe(bytes);
    }
  }

  paginate(operation, request = {}) {
    if (!PAGINATED.includes(operation)) {
      throw new TypeError(`these come in pages: ${PAGINATED.join(", ")}`);
    }
    return this.#pages(operation, own(request, "the request"));
  }

  async *#pages(operation, request) {
    let page;
    do {
      page = await this[operation](page ? { ...request, marker: page.nextMarker } : request);
      yield page;
    } while (page.truncated);
  }

  #ask(question) {
    const now = read(this.#clock);
    const asked = () => {
      this.#native.turnClock(now);
      return question(this.#native);
    };
    return this.#store ? this.#store.run(asked) : ask(asked);
  }

  static {
    use = (kms, question) => kms.#ask(question);
    waits = (kms) => (kms.#store || kms.#asksOutside ? { clock: kms.#clock } : undefined);
    is = (value) => typeof value === "object" && value !== null && #native in value;

    for (const operation of METHODS) {
      const { [operation]: value } = {
        async [operation](request = {}) {
          const { taken, ready } = ownLater(request, "the request");
          try {
            if (ready) {
              await ready;
            }
            return await this.#ask((kms) => kms.execute(operation, taken));
          } finally {
            wipeOwn(taken);
          }
        },
      };
      Object.defineProperty(Kms.prototype, operation, { value, writable: true, configurable: true });
    }
  }
}

/** Only a vault makes one. */
export const makeKms = (native, clock, store, asksOutside) => new Kms(PRIVATE, native, clock, store, asksOutside);

/** Calls the native half of a `Kms`, as its methods do: a keyring does. Not for users, hence no method. */
export { use as askKms, is as isKms };

/** What the keyrings of a `Kms` go by whose calls may have to wait, for the vault's store or what is outside; nothing of any other. */
export { waits as waitsOf };
