// A message being decrypted. `feed` takes what comes of it, and has pieces of the plaintext, each of them verified, made by
// `emit(size, work)`, in their order. `work` answers a list of its parts, or a promise of it; it begins before `emit` resolves.
import { answer, free } from "./answer.js";
import { ask } from "./ask.js";
import { ByteQueue } from "./byte-queue.js";
import { partBetween } from "./bytes.js";
import { closed } from "./closed.js";
import { SLICE } from "./encryption.js";
import { WebCipher } from "./web-cipher.js";

/** How much is looked at for the header at once. */
const HEADER_SLICE = 4096;

/** The header: until it has come, and keyrings have found its data key. */
export class Decryption {
  #decryptor;
  #begin;
  #message = new ByteQueue();
  #body;
  /** What decrypts the body, as soon as the header is verified. */
  opened;
  #opened;

  /** `begin(decryptor, materials)` takes both over, and answers what decrypts the body. */
  constructor(decryptor, begin) {
    this.#decryptor = decryptor;
    this.#begin = begin;
    this.opened = new Promise((resolve) => { this.#opened = resolve; });
  }

  async feed(message, ended, emit) {
    if (this.#body) {
      return this.#body.feed(message, ended, emit);
    }
    if (!this.#decryptor) {
      throw closed("message"); // Its beginning failed.
    }
    this.#message.push(message);
    let materials;
    while (!(materials = answer(() => this.#decryptor.materials())) && this.#message.length > 0) {
      const slice = this.#message.take(Math.min(HEADER_SLICE, this.#message.length));
      answer(() => this.#decryptor.update(slice));
    }
    if (materials) {
      const decryptor = this.#decryptor;
      this.#decryptor = undefined;
      this.#body = await this.#begin(decryptor, materials);
      this.#opened(this.#body);
      // What is left is of one chunk, which is still ours.
      await this.#body.feed(this.#message.take(this.#message.length), ended, emit);
    } else if (ended) {
      answer(() => this.#decryptor.finish());
    }
  }

  /** How much plaintext there is at most in a message of that length; known when the first has come. */
  room(length) {
    return this.#body.room(length);
  }

  close() {
    this.#body?.close();
    free(this.#decryptor);
  }
}

/** The body, decrypted in WebAssembly. */
export class NativeDecryption {
  #decryptor;

  constructor(decryptor) {
    this.#decryptor = decryptor;
    this.header = answer(() => decryptor.header);
    this.encryptionContext = answer(() => decryptor.encryptionContext);
  }

  /** What keyrings are to fill for a new message in place of this one. */
  reencryption(client, options) {
    const decryptor = open(this.#decryptor);
    return ask(() => client.reencryption(decryptor, options));
  }

  static begin(decryptor, materials) {
    try {
      answer(() => decryptor.setMaterials(materials));
      return new NativeDecryption(decryptor);
    } catch (error) {
      free(decryptor);
      throw error;
    }
  }

  room() {
    return 0;
  }

  async feed(message, ended, emit) {
    // At least once: the decryptor may have been given more than the header.
    for (let at = 0; at === 0 || at < message.length; at += SLICE) {
      const slice = partBetween(message, at, at + SLICE);
      await emit(slice.length, () => [answer(() => this.#decryptor.update(slice))]);
    }
    if (ended) {
      await emit(0, () => answer(() => this.#decryptor.finish()) ?? []);
    }
  }

  close() {
    free(this.#decryptor);
    this.#decryptor = undefined;
  }
}

/** What is native of a message; that may have ended since, with an error that its reader has seen. */
function open(native) {
  if (!native) {
    throw closed("message");
  }
  return native;
}

/** The body, decrypted by WebCrypto: the planner says what each frame is, and moves no bytes of it. */
export class WebDecryption {
  #planner;
  #cipher;
  #message = new ByteQueue();
  /** How many bytes there must be before the planner can say more. */
  #needs = 1;

  constructor(header, planner, cipher) {
    this.#planner = planner;
    this.#cipher = cipher;
    this.#message.push(answer(() => planner.takeRest()));
    this.header = header;
    this.encryptionContext = answer(() => planner.encryptionContext);
  }

  /** What keyrings are to fill for a new message in place of this one. */
  reencryption(client, options) {
    const planner = open(this.#planner);
    return ask(() => client.plannedReencryption(planner, options));
  }

  static async begin(header, planner) {
    return new WebDecryption(header, planner, await WebCipher.import(answer(() => planner.takeKey()), "decrypt"));
  }

  room(length) {
    return answer(() => this.#planner.plaintextCapacity(length));
  }

  async feed(message, ended, emit) {
    this.#message.push(message);
    while (this.#message.length >= this.#needs) {
      await this.#step(emit);
    }
    this.#message.keep();
    if (ended) {
      await emit(0, () => answer(() => this.#planner.finish(this.#message.length)) ?? []);
    }
  }

  async #step(emit) {
    const front = this.#message.peek(answer(() => this.#planner.frontLength));
    const { needs = 1, skip, frame } = answer(() => this.#planner.next(front, this.#message.length));
    this.#needs = needs;
    if (frame) {
      await emit(frame.wholeLength, () => this.#decrypt(frame));
    } else if (skip) {
      this.#message.take(skip);
    }
  }

  async #decrypt(frame) {
    const whole = this.#message.take(frame.wholeLength);
    answer(() => this.#planner.signed && this.#planner.hash(whole));
    const plaintext = await this.#cipher.decrypt(frame, partBetween(whole, frame.prefix.length));
    return [plaintext ?? answer(() => this.#planner.refuse(frame.sequence))];
  }

  close() {
    this.#message.clear();
    free(this.#planner);
    this.#planner = undefined;
  }
}
