import { answer, free } from "./answer.js";
import { ask } from "./ask.js";
import { wipe } from "./bytes.js";
import { Decryption, NativeDecryption, WebDecryption } from "./decryption.js";
import { NativeEncryption, WebEncryption } from "./encryption.js";
import { checkManager } from "./caching-materials-manager.js";
import { DECRYPT, ENCRYPT, NATIVE, checkKeyring } from "./keyring.js";
import { messageSource } from "./message-source.js";
import { messageStream, wholeMessage } from "./message-stream.js";
import { asymmetric, loaded, native } from "./native.js";
import { takeBytes } from "./later.js";
import { own, ownLater, takeOut } from "./own.js";
import { PRIVATE, RangeReader } from "./range-reader.js";
import { CROSSING, usesWebCrypto } from "./web-cipher.js";

/** The length of a frame where none is given. Measured by bench.sh: with shorter ones the calls of WebCrypto cost more, with longer
 * ones the memory that is fetched for each. */
export const DEFAULT_FRAME_LENGTH = 256 * 1024;

/** Encrypts and decrypts messages of any size, in the format of the AWS Encryption SDK. */
export class EncryptionClient {
  #options;
  #from;
  #native;

  constructor(options = {}) {
    const taken = own(options, "options") ?? {};
    const { webCryptoFrom: from = CROSSING } = taken;
    delete taken.webCryptoFrom;
    if (typeof from !== "number" || !(from >= 0)) {
      throw new TypeError("webCryptoFrom must be a number of bytes");
    }
    this.#options = taken;
    this.#from = from;
    if (loaded()) {
      this.#open(loaded());
    }
  }

  // What a method is given is taken before its first `await`: so it is as it was at the call.

  async encrypt(keyring, plaintext, options = {}) {
    const [taking, settings] = [takeBytes(plaintext, "plaintext"), own(options, "options")];
    checkManager(keyring);
    const taken = await taking;
    try {
      const message = await this.#encryption(keyring, settings, taken.length);
      return { message: await wholeMessage(message, taken), header: message.header };
    } finally {
      wipe(taken);
    }
  }

  async decrypt(keyring, message, options = {}) {
    const [taking, { taken: settings, ready }] = [takeBytes(message, "message"), ownLater(options, "options")];
    checkManager(keyring);
    const [taken] = await Promise.all([taking, ready]);
    const decryption = await this.#decryption(keyring, settings, taken.length);
    const plaintext = await wholeMessage(decryption, taken);
    const { header, encryptionContext } = await decryption.opened;
    return { plaintext, encryptionContext, header };
  }

  async inspect(message) {
    const source = messageSource(message);
    return (await this.#front(source)).info;
  }

  async inspectSidecar(sidecar) {
    const taking = takeBytes(sidecar, "sidecar");
    const [taken, modules] = await Promise.all([taking, native()]);
    const client = this.#open(modules);
    return answer(() => client.inspectSidecar(taken));
  }

  async rewrap(source, destination, message, options = {}) {
    checkManager(source);
    checkKeyring(destination);
    const [stored, { taken, ready }] = [messageSource(message), ownLater(options, "options")];
    const [modules] = await Promise.all([native(), ready]);
    const client = this.#open(modules);
    const { front } = await this.#front(stored);
    const found = answer(() => client.sourceMaterials(taken, false, front));
    await freedOnError([found], () => source[DECRYPT](modules, found));
    const materials = answer(() => client.rewrapping(found, taken, front));
    await freedOnError([materials], () => destination[ENCRYPT](modules, materials));
    return answer(() => materials.finishRewrapping());
  }

  async needsRewrap(destination, message, options = {}) {
    checkKeyring(destination);
    const [stored, { taken, ready }] = [messageSource(message), ownLater(options, "options")];
    const [modules] = await Promise.all([native(), ready]);
    const client = this.#open(modules);
    const { front } = await this.#front(stored);
    const { native: keyring } = await destination[NATIVE](modules);
    return answer(() => client.needsRewrap(keyring, front, taken));
  }

  async rangeReader(keyring, message, options = {}) {
    checkManager(keyring);
    const [source, { taken, ready }] = [messageSource(message), ownLater(options, "options")];
    const [modules] = await Promise.all([native(), ready]);
    const client = this.#open(modules);
    const { front } = await this.#front(source);
    const found = answer(() => client.sourceMaterials(taken, true, front));
    await freedOnError([found], () => keyring[DECRYPT](modules, found));
    return new RangeReader(PRIVATE, answer(() => client.rangeReader(found, taken, source.size, front)), source);
  }

  /** The front of a message, its whole header at least, and what it says. */
  async #front(source) {
    const client = this.#open(await native());
    for (let needed = 1024;;) {
      const front = await source.read(0, Math.min(needed, source.size));
      const info = answer(() => client.inspect(front, needed >= source.size));
      if (typeof info !== "number") {
        return { front, info };
      }
      needed = Math.max(info, 2 * needed);
    }
  }

  encryptStream(keyring, options = {}) {
    checkManager(keyring);
    const taken = own(options, "options") ?? {};
    const plaintextLength = takeOut(taken, "plaintextLength") ?? undefined;
    if (plaintextLength !== undefined && !(Number.isSafeInteger(plaintextLength) && plaintextLength >= 0)) {
      throw new TypeError("plaintextLength must be a number of bytes");
    }
    const { readable, writable, opened } = messageStream(() => this.#encryption(keyring, taken, plaintextLength));
    return { readable, writable, header: opened("header") };
  }

  decryptStream(keyring, options = {}) {
    checkManager(keyring);
    const { taken, ready } = ownLater(options, "options");
    ready?.catch(() => {}); // Seen when the message begins.
    const { readable, writable, opened } = messageStream(async () => {
      await ready;
      return this.#decryption(keyring, taken);
    });
    return { readable, writable, header: opened("header"), encryptionContext: opened("encryptionContext") };
  }

  async reencrypt(source, destination, message, options = {}) {
    checkManager(destination);
    checkManager(source);
    const [taking, { taken: settings, ready }] = [takeBytes(message, "message"), ownLater(options, "options")];
    const [taken] = await Promise.all([taking, ready]);
    const decryption = await this.#decryption(source, settings, taken.length, "reencryptor");
    const prepared = this.#reencryption(decryption.opened, settings);
    const plaintext = await wholeMessage(decryption, taken);
    try {
      const materials = await prepared;
      answer(() => { materials.plaintextLength = plaintext.length; });
      const encryption = await this.#encrypted(destination, materials, plaintext.length);
      return { message: await wholeMessage(encryption, plaintext), header: encryption.header };
    } finally {
      wipe(plaintext);
    }
  }

  reencryptStream(source, destination, options = {}) {
    checkManager(source);
    checkManager(destination);
    const { taken: settings, ready } = ownLater(options, "options");
    ready?.catch(() => {}); // Seen when the message begins.
    const decryption = messageStream(async () => {
      await ready;
      return this.#decryption(source, settings, Infinity, "reencryptor");
    });
    const prepared = this.#reencryption(decryption.opened(), settings);
    const encryption = messageStream(async () => this.#encrypted(destination, await prepared));
    decryption.readable.pipeTo(encryption.writable).catch(() => {});
    return { readable: encryption.readable, writable: decryption.writable, header: encryption.opened("header") };
  }

  /** What a keyring is to fill for a new message. As soon as the old header is verified, for a message without plaintext has ended
   * soon after. */
  #reencryption(opened, options) {
    const prepared = opened.then((body) => body.reencryption(this.#native, options));
    prepared.catch(() => {}); // That the old message has no header is seen where it is written.
    return prepared;
  }

  /** Starts a message. */
  async #encryption(keyring, options, plaintextLength) {
    checkManager(keyring);
    const client = this.#open(await native());
    return this.#encrypted(keyring, await ask(() => client.materials(options, plaintextLength)), plaintextLength);
  }

  async #encrypted(keyring, materials, plaintextLength) {
    const modules = await native();
    const client = this.#open(modules);
    await freedOnError([materials], () => keyring[ENCRYPT](modules, materials));
    const frameLength = answer(() => {
      materials.frameLength = DEFAULT_FRAME_LENGTH;
      return materials.frameLength;
    });
    return this.#usesWebCrypto(materials, Math.min(frameLength, plaintextLength ?? Infinity))
      ? WebEncryption.begin(answer(() => client.planner(materials)))
      : new NativeEncryption(answer(() => client.encryptor(materials)));
  }

  async #decryption(keyring, options, length = Infinity, begin = "decryptor") {
    checkManager(keyring);
    const modules = await native();
    const client = this.#open(modules);
    return new Decryption(answer(() => client[begin](options)), async (decryptor, materials) => {
      await freedOnError([decryptor, materials], async () => {
        if (answer(() => materials.algorithmSuite).includes("ECDSA")) {
          await asymmetric();
        }
        await keyring[DECRYPT](modules, materials);
      });
      const header = answer(() => decryptor.header);
      // An unframed body is one piece, as long as the message.
      if (this.#usesWebCrypto(materials, Math.min(header.frameLength || Infinity, length))) {
        return WebDecryption.begin(header, answer(() => decryptor.intoPlanner(materials)));
      }
      return NativeDecryption.begin(decryptor, materials);
    });
  }

  #usesWebCrypto(materials, frameLength) {
    return usesWebCrypto(answer(() => materials.dataKeyLength), frameLength, this.#from);
  }

  #open({ EncryptionClient }) {
    return this.#native ??= answer(() => new EncryptionClient(this.#options));
  }
}

/** Wipes what a step cannot hand on, for it failed. */
async function freedOnError(natives, step) {
  try {
    await step();
  } catch (error) {
    free(...natives);
    throw error;
  }
}
