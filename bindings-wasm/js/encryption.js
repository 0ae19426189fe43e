// A message being encrypted. `feed` takes plaintext, and has pieces of the message made by `emit(size, work)`, in the order of
// the message. `work` answers a piece as a list of its parts, or a promise of it; it begins before `emit` resolves.
import { answer, free } from "./answer.js";
import { ByteQueue } from "./byte-queue.js";
import { partBetween } from "./bytes.js";
import { WebCipher } from "./web-cipher.js";

/** How much is copied into WebAssembly's memory at once. */
export const SLICE = 256 * 1024;

/** Encrypted in WebAssembly. */
export class NativeEncryption {
  #encryptor;
  opened = Promise.resolve(this);

  constructor(encryptor) {
    this.#encryptor = encryptor;
    this.header = answer(() => encryptor.header);
  }

  /** How much room the message for so much plaintext needs. It is not known here. */
  room() {
    return 0;
  }

  async feed(plaintext, ended, emit) {
    for (let at = 0; at < plaintext.length; at += SLICE) {
      const slice = partBetween(plaintext, at, at + SLICE);
      await emit(slice.length, () => [answer(() => this.#encryptor.update(slice))]);
    }
    if (ended) {
      await emit(0, () => [answer(() => this.#encryptor.finish())]);
    }
  }

  close() {
    free(this.#encryptor);
  }
}

/** Encrypted by WebCrypto: the planner says what each frame is, and moves no bytes of it. */
export class WebEncryption {
  #planner;
  #cipher;
  opened = Promise.resolve(this);
  #plaintext = new ByteQueue();
  #begun = false;
  /** Resolves when the frames so far are done, and signed. */
  #done = Promise.resolve();

  constructor(planner, cipher) {
    this.#planner = planner;
    this.#cipher = cipher;
    this.header = answer(() => planner.header);
  }

  static async begin(planner) {
    return new WebEncryption(planner, await WebCipher.import(answer(() => planner.takeKey()), "encrypt"));
  }

  /** The length of the message for so much plaintext, without its signature. */
  room(plaintext) {
    return answer(() => this.#planner.messageLength(plaintext));
  }

  async feed(plaintext, ended, emit) {
    this.#plaintext.push(plaintext);
    if (!this.#begun) {
      this.#begun = true;
      await emit(0, () => [answer(() => this.#planner.takeHeader())]);
    }
    for (let plan; (plan = answer(() => this.#planner.next(this.#plaintext.length, ended)));) {
      await emit(plan.length, () => this.#frame(plan));
    }
    this.#plaintext.keep();
    if (ended) {
      await emit(0, () => this.#done.then(() => [answer(() => this.#planner.finish())]));
    }
  }

  #frame(plan) {
    const before = this.#done;
    const sealed = this.#cipher.encrypt(plan, this.#plaintext.take(plan.length));
    return this.#done = (async () => {
      const frame = [plan.prefix, await sealed];
      if (answer(() => this.#planner.signed)) {
        await before;
        answer(() => frame.forEach((part) => this.#planner.sign(part)));
      }
      return frame;
    })();
  }

  close() {
    this.#plaintext.clear();
    free(this.#planner);
  }
}
