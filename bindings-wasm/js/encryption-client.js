import { answer } from "./answer.js";
import { checkBytes } from "./bytes.js";
import { Decryption, NativeDecryption, WebDecryption } from "./decryption.js";
import { NativeEncryption, WebEncryption } from "./encryption.js";
import { checkManager } from "./caching-materials-manager.js";
import { DECRYPT, ENCRYPT, NATIVE, checkKeyring } from "./keyring.js";
import { messageSource } from "./message-source.js";
import { messageStream, wholeMessage } from "./message-stream.js";
import { native } from "./native.js";
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

  constructor({ webCryptoFrom = CROSSING, ...options } = {}) {
    if (typeof webCryptoFrom !== "number" || !(webCryptoFrom >= 0)) {
      throw new TypeError("webCryptoFrom must be a number of bytes");
    }
    this.#options = options;
    this.#from = webCryptoFrom;
  }

  async encrypt(keyring, plaintext, options = {}) {
    checkBytes(plaintext, "plaintext");
    const message = await this.#encryption(keyring, options, plaintext.length);
    return { message: await wholeMessage(message, plaintext), header: message.header };
  }

  async decrypt(keyring, message, options = {}) {
    checkBytes(message, "message");
    const decryption = await this.#decryption(keyring, options, message.length);
    const plaintext = await wholeMessage(decryption, message);
    const { header, encryptionContext } = await decryption.opened;
    return { plaintext, encryptionContext, header };
  }

  async inspect(message) {
    return (await this.#front(message)).info;
  }

  async inspectSidecar(sidecar) {
    const client = this.#open(await native());
    return answer(() => client.inspectSidecar(checkBytes(sidecar, "sidecar")));
  }

  async rewrap(source, destination, message, options = {}) {
    checkManager(source);
    checkKeyring(destination);
    const modules = await native();
    const client = this.#open(modules);
    const { front } = await this.#front(message);
    const found = answer(() => client.sourceMaterials(options, false, front));
    await freedOnError([found], () => source[DECRYPT](modules, found));
    const materials = answer(() => client.rewrapping(found, options, front));
    await freedOnError([materials], () => destination[ENCRYPT](modules, materials));
    return answer(() => materials.finishRewrapping());
  }

  async needsRewrap(destination, message, options = {}) {
    checkKeyring(destination);
    const modules = await native();
    const { front } = await this.#front(message);
    const keyring = await destination[NATIVE](modules);
    return answer(() => this.#open(modules).needsRewrap(keyring, front, options));
  }

  async rangeReader(keyring, message, options = {}) {
    checkManager(keyring);
    const modules = await native();
    const client = this.#open(modules);
    const source = messageSource(message);
    const { front } = await this.#front(source);
    const found = answer(() => client.sourceMaterials(options, true, front));
    await freedOnError([found], () => keyring[DECRYPT](modules, found));
    return new RangeReader(PRIVATE, answer(() => client.rangeReader(found, options, source.size, front)), source);
  }

  /** The front of a message, its whole header at least, and what it says. */
  async #front(message) {
    const client = this.#open(await native());
    const source = messageSource(message);
    for (let needed = 1024;;) {
      const front = await source.read(0, Math.min(needed, source.size));
      const info = answer(() => client.inspect(front, needed >= source.size));
      if (typeof info !== "number") {
        return { front, info };
      }
      needed = Math.max(info, 2 * needed);
    }
  }

  encryptStream(keyring, { plaintextLength, ...options } = {}) {
    checkManager(keyring);
    if (plaintextLength !== undefined && !(Number.isSafeInteger(plaintextLength) && plaintextLength >= 0)) {
      throw new TypeError("plaintextLength must be a number of bytes");
    }
    const { readable, writable, opened } = messageStream(() => this.#encryption(keyring, options, plaintextLength));
    return { readable, writable, header: opened("header") };
  }

  decryptStream(keyring, options = {}) {
    checkManager(keyring);
    const { readable, writable, opened } = messageStream(() => this.#decryption(keyring, options));
    return { readable, writable, header: opened("header"), encryptionContext: opened("encryptionContext") };
  }

  async reencrypt(source, destination, message, options = {}) {
    checkManager(destination);
    checkBytes(message, "message");
    const decryption = await this.#decryption(source, options, message.length, "reencryptor");
    const prepared = this.#reencryption(decryption.opened, options);
    const plaintext = await wholeMessage(decryption, message);
    try {
      const materials = await prepared;
      materials.plaintextLength = plaintext.length;
      const encryption = await this.#encrypted(destination, materials, plaintext.length);
      return { message: await wholeMessage(encryption, plaintext), header: encryption.header };
    } finally {
      plaintext.fill(0);
    }
  }

  reencryptStream(source, destination, options = {}) {
    checkManager(source);
    checkManager(destination);
    const decryption = messageStream(() => this.#decryption(source, options, Infinity, "reencryptor"));
    const prepared = this.#reencryption(decryption.opened(), options);
    const encryption = messageStream(async () => this.#encrypted(destination, await prepared));
    decryption.readable.pipeTo(encryption.writable).catch(() => {});
    return { readable: encryption.readable, writable: decryption.writable, header: encryption.opened("header") };
  }

  /** What a keyring is to fill for a new message. As soon as the old header is verified, for a message without plaintext has ended
   * soon after. */
  #reencryption(opened, options) {
    const prepared = opened.then(({ native }) => answer(() => native.reencryption(this.#native, options)));
    prepared.catch(() => {}); // That the old message has no header is seen where it is written.
    return prepared;
  }

  /** Starts a message. */
  async #encryption(keyring, options, plaintextLength) {
    checkManager(keyring);
    const client = this.#open(await native());
    return this.#encrypted(keyring, answer(() => client.materials(options, plaintextLength)), plaintextLength);
  }

  async #encrypted(keyring, materials, plaintextLength) {
    const modules = await native();
    const client = this.#open(modules);
    await freedOnError([materials], () => keyring[ENCRYPT](modules, materials));
    materials.frameLength = DEFAULT_FRAME_LENGTH;
    const frameLength = Math.min(materials.frameLength, plaintextLength ?? Infinity);
    return this.#usesWebCrypto(materials, frameLength)
      ? WebEncryption.begin(answer(() => client.planner(materials)))
      : new NativeEncryption(answer(() => client.encryptor(materials)));
  }

  async #decryption(keyring, options, length = Infinity, begin = "decryptor") {
    checkManager(keyring);
    const modules = await native();
    const client = this.#open(modules);
    return new Decryption(answer(() => client[begin](options)), async (decryptor, materials) => {
      await freedOnError([decryptor, materials], () => keyring[DECRYPT](modules, materials));
      const { header } = decryptor;
      // An unframed body is one piece, as long as the message.
      if (this.#usesWebCrypto(materials, Math.min(header.frameLength || Infinity, length))) {
        return WebDecryption.begin(header, answer(() => decryptor.intoPlanner(materials)));
      }
      return NativeDecryption.begin(decryptor, materials);
    });
  }

  #usesWebCrypto({ dataKeyLength }, frameLength) {
    return usesWebCrypto(dataKeyLength, frameLength, this.#from);
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
    natives.forEach((native) => native.free());
    throw error;
  }
}
