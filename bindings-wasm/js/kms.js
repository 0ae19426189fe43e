import { answer, hasFailed } from "./answer.js";
import { copyBytes } from "./bytes.js";
import { checkClock, read } from "./clock.js";
import { closeOnDispose } from "./closed.js";
import { loaded, native } from "./native.js";
import { OPERATIONS } from "./operations.js";
import { own, takeOut, wipeOwn } from "./own.js";
import { takeRootKey } from "./root-key.js";

const PRIVATE = Symbol("Kms");

/** What is no operation of AWS KMS, but of the branch key store of the AWS Encryption SDK. */
const BRANCH_KEYS = ["createBranchKey", "rotateBranchKey", "rewrapBranchKeys", "describeBranchKey", "listBranchKeys"];

let use;
let is;

/** An open vault, and who calls. */
export class Kms {
  #vault;
  #clock;

  constructor(key, vault, clock) {
    if (key !== PRIVATE) {
      throw new TypeError("make a Kms by Kms.create(rootKey) or Kms.openSnapshot(bytes, rootKey)");
    }
    this.#vault = vault;
    this.#clock = clock;
  }

  static async create(rootKey, options) {
    return build(rootKey, options, ({ Vault }, ...rest) => Vault.create(...rest));
  }

  static async openSnapshot(snapshot, rootKey, options) {
    const taken = copyBytes(snapshot, "the snapshot");
    return build(rootKey, options, ({ Vault }, ...rest) => Vault.openSnapshot(taken, ...rest));
  }

  // Every method answers by a promise, although the work is done in the call, so that a vault may later also wait for
  // its store.

  async snapshot() {
    return this.#ask((vault) => vault.snapshot());
  }

  async revision() {
    return this.#ask((vault) => vault.revision());
  }

  get needsSaving() {
    return answer(() => this.#vault.needsSaving);
  }

  async timeInDoubt() {
    return this.#ask((vault) => vault.timeInDoubt());
  }

  async confirmTime() {
    return this.#ask((vault) => vault.confirmTime());
  }

  async damaged() {
    return this.#ask((vault) => vault.damaged());
  }

  async verify() {
    return this.#ask((vault) => vault.verify());
  }

  get caller() {
    return answer(() => this.#vault.caller);
  }

  get closed() {
    return answer(() => this.#vault.closed);
  }

  async changeRootKey(rootKey) {
    const root = takeRootKey(rootKey);
    try {
      return root.use(loaded(), (key) => this.#ask((vault) => vault.changeRootKey(key)));
    } finally {
      root.wipe();
    }
  }

  asCaller(caller = {}) {
    const taken = own(caller, "caller");
    return new Kms(PRIVATE, this.#ask((vault) => vault.asCaller(taken)), this.#clock);
  }

  close() {
    if (!hasFailed()) {
      answer(() => this.#vault.close());
    }
  }

  #ask(question) {
    const now = read(this.#clock);
    return answer(() => {
      this.#vault.turnClock(now);
      return question(this.#vault);
    });
  }

  static {
    closeOnDispose(Kms);

    use = (kms, question) => kms.#ask(question);
    is = (value) => typeof value === "object" && value !== null && #vault in value;

    for (const operation of [...OPERATIONS, ...BRANCH_KEYS]) {
      const { [operation]: value } = {
        async [operation](request = {}) {
          const taken = own(request, "the request");
          try {
            return this.#ask((vault) => vault.call(operation, taken));
          } finally {
            wipeOwn(taken);
          }
        },
      };
      Object.defineProperty(Kms.prototype, operation, { value, writable: true, configurable: true });
    }
  }
}

/** What comes before the first `await` is done in the call. */
async function build(rootKey, options = {}, make) {
  const root = takeRootKey(rootKey);
  try {
    const caller = own(options ?? {}, "options", ["clock"]);
    const clock = checkClock(takeOut(caller, "clock") ?? undefined);
    const modules = await native();
    const vault = root.use(modules, (key) => {
      const now = read(clock);
      return answer(() => make(modules, key, caller, now));
    });
    return new Kms(PRIVATE, vault, clock);
  } finally {
    root.wipe();
  }
}

/** Asks the vault of a `Kms`, as its methods do: a keyring does. Not for users, hence no method. */
export { use as askVault, is as isVault };
