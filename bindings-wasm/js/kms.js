import { answer } from "./answer.js";
import { systemClock } from "./clock.js";
import { closed, closeOnDispose } from "./closed.js";
import { native } from "./native.js";
import { OPERATIONS } from "./operations.js";
import { useRootKey } from "./root-key.js";

const PRIVATE = Symbol("Kms");

/** What is no operation of AWS KMS, but of the branch key store of the AWS Encryption SDK. */
const BRANCH_KEYS = ["createBranchKey", "rotateBranchKey", "rewrapBranchKeys", "describeBranchKey", "listBranchKeys"];

let use;

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

  static create(rootKey, options) {
    return build(rootKey, options, (native, ...rest) => native.Vault.create(...rest));
  }

  static openSnapshot(snapshot, rootKey, options) {
    return build(rootKey, options, (native, ...rest) => native.Vault.openSnapshot(snapshot, ...rest));
  }

  // Every method answers by a promise, although the work is done in the call, so that a vault may later also wait for
  // its store.

  async snapshot() {
    return this.#ask((vault, now) => vault.snapshot(now));
  }

  async changeRootKey(rootKey) {
    const modules = await native();
    return this.#ask((vault) => useRootKey(rootKey, modules, (root) => vault.changeRootKey(root)));
  }

  asCaller(options = {}) {
    return new Kms(PRIVATE, this.#ask((vault) => vault.asCaller(options)), this.#clock);
  }

  close() {
    this.#vault.close();
  }

  #ask(question) {
    if (this.#vault.closed) {
      throw closed("vault");
    }
    return answer(() => question(this.#vault, this.#clock.now()));
  }

  static {
    closeOnDispose(Kms);

    use = (kms, question) => kms.#ask(question);

    for (const operation of [...OPERATIONS, ...BRANCH_KEYS]) {
      const { [operation]: value } = {
        async [operation](request = {}) {
          return this.#ask((vault, now) => vault.call(operation, request, now));
        },
      };
      Object.defineProperty(Kms.prototype, operation, { value, writable: true, configurable: true });
    }
  }
}

async function build(rootKey, { clock = systemClock, ...caller } = {}, make) {
  const modules = await native();
  const vault = answer(() => useRootKey(rootKey, modules, (root) => make(modules, root, caller, clock.now())));
  return new Kms(PRIVATE, vault, clock);
}

/** Asks the vault of a `Kms`, as its methods do: a keyring does. Not for users, hence no method. */
export { use as askVault };
