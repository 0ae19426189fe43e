// What a keyring calls: a `Kms`, or what the app has in place of one.
import { answer, free } from "./answer.js";
import { wipe } from "./bytes.js";
import { checkClock, read } from "./clock.js";
import { askKms, isKms, waitsOf } from "./kms.js";
import { noteworthy, own, ownMembers, wipeOwn } from "./own.js";

/** What a KMS keyring calls, and what it takes of the results. */
export const KMS = {
  name: "KmsClient", methods: ["generateDataKey", "encrypt", "decrypt"], members: ["keyId", "plaintext", "ciphertextBlob"],
};
/** The same of a hierarchical keyring. */
export const BRANCH_KEYS = {
  name: "BranchKeySource", methods: ["activeBranchKey", "branchKeyVersion"], members: ["branchKeyVersion", "branchKey"],
};

/** The source of a keyring that needs one of the two. */
export function keySource(given, need, clock) {
  if (isKms(given)) {
    if (clock !== undefined) {
      throw new TypeError("a Kms has its own clock");
    }
    const waits = waitsOf(given);
    return waits ? new RemoteSource(need === KMS ? given : branchKeysOf(given), need.members, waits.clock) : new KmsSource(given);
  }
  if (!need.methods.every((method) => typeof given?.[method] === "function")) {
    throw new TypeError(`a Kms is needed, or a ${need.name}: an object with the methods ${need.methods.join(", ")}`);
  }
  return new RemoteSource(given, need.members, checkClock(clock));
}

/** The branch keys of a vault that has to wait for its store. */
const branchKeysOf = (kms) => ({
  activeBranchKey: (id) => askKms(kms, (native) => native.branchKey(id, undefined)),
  branchKeyVersion: (id, version) => askKms(kms, (native) => native.branchKey(id, version)),
});

// Both run a native keyring, in one go from `supply(keyring)` on, which sets what it has to know of this message: while something is
// waited for, another message may be supplied for.

/** A `Kms`, which answers at once. */
class KmsSource {
  #kms;

  constructor(kms) {
    this.#kms = kms;
  }

  native({ Source }) {
    return askKms(this.#kms, (kms) => Source.kms(kms));
  }

  /** Sets the time, which the vault's keyrings go by. That the vault was closed is seen here, too. */
  turnClock() {
    askKms(this.#kms, () => {});
  }

  async ready(modules, keyring, supply) {
    return supply;
  }

  async encrypt(modules, keyring, supply, materials) {
    this.turnClock();
    answer(() => {
      supply(keyring);
      keyring.onEncrypt(materials);
    });
  }

  async decrypt(modules, keyring, supply, materials) {
    this.turnClock();
    answer(() => {
      supply(keyring);
      keyring.onDecrypt(materials);
    });
  }
}

/** An object of the app's, which may answer later. */
class RemoteSource {
  #object;
  #members;
  #clock;

  constructor(object, members, clock) {
    this.#object = object;
    this.#members = members;
    this.#clock = clock;
  }

  native({ Source }) {
    return answer(() => Source.remote(typeof this.#object.branchKeyState === "function"));
  }

  /** What a cache asks the keyring for at once is found out before. */
  async ready(modules, keyring, supply, { encryptionContext, encryptedDataKeys }) {
    if (typeof this.#object.branchKeyState !== "function") {
      return supply;
    }
    const [context, keys] = [own(encryptionContext, "the encryption context"), own(encryptedDataKeys, "the encrypted data keys")];
    const run = (replay) => keyring.fingerprintLater(context, keys, replay);
    const replay = await this.#replay(modules, keyring, supply, run, keys ? noted : passed);
    return () => {
      supply(keyring);
      keyring.keepReplay(replay);
    };
  }

  turnClock(keyring) {
    const now = read(this.#clock);
    answer(() => keyring.turnClock(now));
  }

  async encrypt(modules, keyring, supply, materials) {
    const run = (replay) => keyring.encryptLater(materials, replay);
    free(await this.#replay(modules, keyring, supply, run, passed));
  }

  async decrypt(modules, keyring, supply, materials) {
    const run = (replay) => keyring.decryptLater(materials, replay);
    // What is thrown is a reason why one encrypted data key cannot be decrypted, and the next is tried.
    free(await this.#replay(modules, keyring, supply, run, noted));
  }

  /** Makes each call at which the keyring stops, and runs it again, until there are no more. */
  async #replay({ Replay }, keyring, supply, run, failed) {
    const replay = answer(() => new Replay());
    try {
      for (;;) {
        this.turnClock(keyring);
        const call = answer(() => {
          supply(keyring);
          return run(replay);
        });
        if (!call) {
          return replay;
        }
        await this.#call(call, replay).catch((error) => failed(replay, error));
      }
    } catch (error) {
      free(replay);
      throw error;
    }
  }

  async #call({ method, arguments: given }, replay) {
    const { plaintext } = given[0];
    let known;
    try {
      // No more than the members that are known: AWS's own clients return other things, too.
      const returned = await this.#object[method](...given);
      known = method === "branchKeyState" ? returned : ownMembers(returned, this.#members);
      answer(() => replay.setResult(known));
    } finally {
      wipe(plaintext);
      wipeOwn(known);
    }
  }
}

/** What was thrown comes through as it is. */
function passed(replay, error) {
  throw error;
}

/** What was thrown is kept, as the reason of a failure. */
function noted(replay, error) {
  const { name, message, explanation } = noteworthy(error);
  answer(() => replay.setFailure(error, name, message, explanation));
}
