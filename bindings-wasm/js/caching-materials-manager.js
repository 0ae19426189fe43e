import { answer } from "./answer.js";
import { checkClock, read } from "./clock.js";
import { DECRYPT, ENCRYPT, Keyring, READY, Use, checkKeyring, checkOptions, useOf } from "./keyring.js";
import { own, takeOut } from "./own.js";

/** One data key for several messages. */
export class CachingMaterialsManager {
  #keyring;
  #clock;
  #limits;
  #cache;

  constructor(keyring, options = {}) {
    this.#keyring = checkKeyring(keyring);
    const limits = own(options ?? {}, "limits", ["clock"]);
    this.#clock = checkClock(takeOut(limits, "clock") ?? undefined);
    checkOptions(limits, ["maxEntries", "maxAge", "maxMessages", "maxBytes"]);
    for (const [name, limit] of Object.entries(limits)) {
      if (limit !== undefined && !(typeof limit === "number" && limit >= 0 && (name === "maxAge" || Number.isInteger(limit) || limit === Infinity))) {
        throw new TypeError(`${name} must be a number`);
      }
    }
    // Without a limit there is as much as can be counted.
    const most = (name) => (name === "maxEntries" ? 2 ** 32 - 1 : name === "maxAge" ? Infinity : Number.MAX_SAFE_INTEGER);
    this.#limits = own(Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, limit && Math.min(limit, most(name))])), "limits");
  }

  /** Forgets every data key. */
  clear() {
    answer(() => this.#cache?.clear());
  }

  async [ENCRYPT](modules, materials) {
    // The public key of a signed message is made with its materials: what is cached has another one.
    const { "aws-crypto-public-key": publicKey, ...encryptionContext } = answer(() => materials.encryptionContext);
    const ready = await this.#keyring[READY](modules, new Use(encryptionContext));
    const now = read(this.#clock);
    const cache = this.#open(modules, ready());
    const place = answer(() => cache.encryption(materials, now));
    if (place) {
      await this.#keyring[ENCRYPT](modules, materials);
      answer(() => cache.keepEncryption(place, materials));
    }
  }

  async [DECRYPT](modules, materials) {
    const ready = await this.#keyring[READY](modules, useOf(materials));
    const now = read(this.#clock);
    const cache = this.#open(modules, ready());
    const place = answer(() => cache.decryption(materials, now));
    if (place) {
      await this.#keyring[DECRYPT](modules, materials);
      answer(() => materials.found && cache.keepDecryption(place, materials));
    }
  }

  #open({ Cache }, keyring) {
    return answer(() => this.#cache ??= new Cache(keyring, this.#limits));
  }
}

/** Refuses what supplies no materials. */
export function checkManager(manager) {
  if (!(manager instanceof Keyring || manager instanceof CachingMaterialsManager)) {
    throw new TypeError("a keyring is needed: a KmsKeyring, RawAesKeyring, MultiKeyring, or a CachingMaterialsManager");
  }
  return manager;
}
