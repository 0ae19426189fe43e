// What stands behind a keyring: a vault, or what the app has in place of one.
import { answer, free } from "./answer.js";
import { wipe } from "./bytes.js";
import { checkClock, read } from "./clock.js";
import { askVault, isVault } from "./kms.js";
import { ownMembers, reasonOf, wipeOwn } from "./own.js";

/** What a KMS keyring asks, and what it takes of the answers. */
export const KMS = {
  name: "KmsClient", methods: ["generateDataKey", "encrypt", "decrypt"], members: ["keyId", "plaintext", "ciphertextBlob"],
};
/** The same of a hierarchical keyring. */
export const BRANCH_KEYS = {
  name: "BranchKeySource", methods: ["activeBranchKey", "branchKeyVersion"], members: ["branchKeyVersion", "branchKey"],
};

/** What stands behind a keyring that needs one of the two. */
export function behind(given, need, clock) {
  if (isVault(given)) {
    if (clock !== undefined) {
      throw new TypeError("a Kms has its own clock");
    }
    return new Vault(given);
  }
  if (!need.methods.every((method) => typeof given?.[method] === "function")) {
    throw new TypeError(`a Kms is needed, or a ${need.name}: an object with the methods ${need.methods.join(", ")}`);
  }
  return new Elsewhere(given, need.members, checkClock(clock));
}

// Both run a native keyring, in one go from `tell(keyring)` on, which tells it what it has to know of this message: while something is
// waited for, another message may be told about.

/** A vault, which answers at once. */
class Vault {
  #kms;

  constructor(kms) {
    this.#kms = kms;
  }

  source({ Source }) {
    return askVault(this.#kms, (vault) => Source.vault(vault));
  }

  /** Tells the time, which the vault's keyrings go by. That the vault was closed is seen here, too. */
  tellTime() {
    askVault(this.#kms, () => {});
  }

  async encrypt(modules, keyring, tell, materials) {
    this.tellTime();
    answer(() => {
      tell(keyring);
      keyring.onEncrypt(materials);
    });
  }

  async decrypt(modules, keyring, tell, materials) {
    this.tellTime();
    answer(() => {
      tell(keyring);
      keyring.onDecrypt(materials);
    });
  }
}

/** An object of the app's, which may answer later. */
class Elsewhere {
  #object;
  #members;
  #clock;

  constructor(object, members, clock) {
    this.#object = object;
    this.#members = members;
    this.#clock = clock;
  }

  source({ Source }) {
    return answer(() => Source.elsewhere());
  }

  tellTime(keyring) {
    const now = read(this.#clock);
    answer(() => keyring.turnClock(now));
  }

  encrypt(modules, keyring, tell, materials) {
    const step = (conversation) => keyring.encryptLater(materials, conversation);
    // What is thrown comes through as it is.
    return this.#converse(modules, keyring, tell, step, (conversation, error) => { throw error; });
  }

  decrypt(modules, keyring, tell, materials) {
    const step = (conversation) => keyring.decryptLater(materials, conversation);
    // What is thrown is a reason why one encrypted data key cannot be decrypted, and the next is tried.
    return this.#converse(modules, keyring, tell, step, (conversation, error) => {
      const { name, message, explanation } = reasonOf(error);
      answer(() => conversation.refuse(name, message, explanation));
    });
  }

  /** Has each question answered at which the keyring stops, and runs it again, until it asks no more. */
  async #converse({ Conversation }, keyring, tell, step, refused) {
    const conversation = answer(() => new Conversation());
    try {
      for (;;) {
        this.tellTime(keyring);
        const question = answer(() => {
          tell(keyring);
          return step(conversation);
        });
        if (!question) {
          return;
        }
        await this.#ask(question, conversation).catch((error) => refused(conversation, error));
      }
    } finally {
      free(conversation);
    }
  }

  async #ask({ method, arguments: given }, conversation) {
    const { plaintext } = given[0];
    let known;
    try {
      // No more than the members that are known: AWS's own clients answer other things, too.
      known = ownMembers(await this.#object[method](...given), this.#members);
      answer(() => conversation.answer(known));
    } finally {
      wipe(plaintext);
      wipeOwn(known);
    }
  }
}
