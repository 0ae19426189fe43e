// AES-GCM by WebCrypto: where it is there, and pays.
import { wipe } from "./bytes.js";

/**
 * From how many bytes on a frame is encrypted by WebCrypto: for fewer, each call of it takes longer than WebAssembly takes
 * for the whole frame. Measured by bench.sh; the two cross between 1 and 4 KiB in Chromium, between 4 and 8 KiB
 * in Node.
 */
export const CROSSING = 8 * 1024;

/** How many bytes WebCrypto may be given before the first of them are taken: enough for all its threads. */
export const UNDER_WAY = 4 << 20;

/** Whether WebCrypto is to encrypt frames of so many bytes under a key of that length. */
export function usesWebCrypto(keyLength, frameLength, from) {
  // Pages that came over HTTP have none. Chromium has no AES-192.
  return globalThis.crypto?.subtle !== undefined && keyLength !== 24 && frameLength >= from;
}

/** The cipher of one message, whose key WebCrypto doesn't give out again. */
export class WebCipher {
  #key;

  constructor(key) {
    this.#key = key;
  }

  /** Wipes the key's bytes. */
  static async import(bytes, usage) {
    try {
      return new WebCipher(await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, [usage]));
    } finally {
      wipe(bytes);
    }
  }

  /** What comes of the plaintext: the ciphertext, and its tag. The plaintext is copied in the call. */
  async encrypt({ iv, additionalData }, plaintext) {
    return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, this.#key, plaintext));
  }

  /** The plaintext, or `undefined` if the tag is not right. The ciphertext is copied in the call. */
  async decrypt({ iv, additionalData }, ciphertext) {
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, this.#key, ciphertext));
    } catch (error) {
      if (error.name === "OperationError") {
        return undefined;
      }
      throw error;
    }
  }
}
