// Messages at once: what is refused, what comes back.
import { expect } from "chai";
import {
  CommitmentPolicyException, EncryptionClient, InvalidMessageException, LimitExceededException, UnableToDecryptDataKeyException,
  ValidationException,
} from "pocketkms";
import { COMMITTING, SIGNED, SUITES, altered, bytes, clients, pattern, rawAes, rejection } from "../support/help.js";

const encryptionContext = { purpose: "test", "naïve": "ключ" };
const options = { encryptionContext, frameLength: 64 };

/** Whether a call of WebCrypto is made in the meantime. */
async function callsOf(method, run) {
  const original = crypto.subtle[method];
  const calls = [];
  Object.defineProperty(crypto.subtle, method, {
    configurable: true,
    value(...rest) {
      calls.push(rest);
      return original.apply(crypto.subtle, rest);
    },
  });
  try {
    await run();
  } finally {
    delete crypto.subtle[method];
  }
  return calls;
}

export default {
  async "every altered byte is refused"() {
    for (const client of clients()) {
      const { message } = await client.encrypt(rawAes(), pattern(100), options);
      const [keyring] = [rawAes()];
      for (let at = 0; at < message.length; at++) {
        const error = await rejection(client.decrypt(keyring, altered(message, at)));
        expect(error.code, `byte ${at}: ${error}`).to.be.a("number");
        expect(JSON.stringify(error)).not.to.contain("altered");
      }
    }
  },

  async "an altered signature is refused, and nothing comes out"() {
    for (const client of clients()) {
      const { message, header } = await client.encrypt(rawAes(), pattern(100), { ...options, algorithmSuite: SIGNED });
      expect(header.encryptionContext).to.have.property("aws-crypto-public-key");
      for (const at of [-1, -40, -110, -200]) {
        expect(await rejection(client.decrypt(rawAes(), altered(message, at)))).to.be.an.instanceof(InvalidMessageException);
      }
    }
  },

  async "a message that is cut off, or goes on, is refused"() {
    for (const client of clients()) {
      for (const algorithmSuite of [COMMITTING, SIGNED]) {
        const { message } = await client.encrypt(rawAes(), pattern(100), { ...options, algorithmSuite });
        for (const length of [0, 1, 30, 200, message.length - 150, message.length - 1]) {
          const error = await rejection(client.decrypt(rawAes(), message.subarray(0, length)));
          expect(error).to.be.an.instanceof(InvalidMessageException);
          expect(error.explanation).to.match(new RegExp(`truncated: it ends at byte ${length}, `));
        }
        const error = await rejection(client.decrypt(rawAes(), Uint8Array.of(...message, 0)));
        expect(error.explanation).to.equal("bytes follow the end of the message");
      }
    }
  },

  async "the error lists each encrypted data key, and why it was not decrypted"() {
    const client = new EncryptionClient();
    const { message } = await client.encrypt(rawAes(7), pattern(10), options);
    const other = await rejection(client.decrypt(rawAes(8), message));
    expect(other).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(other.message).to.equal("");
    expect(other.explanation).to.match(/^none of the 1 encrypted data keys .*\n  1\. provider 'tests', key 'key 7': no keyring is for/);
  },

  async "the commitment policy is kept to"() {
    const client = new EncryptionClient();
    const algorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256";
    expect(await rejection(client.encrypt(rawAes(), pattern(1), { algorithmSuite }))).to.be.an.instanceof(CommitmentPolicyException);
    const [old] = clients(algorithmSuite);
    const { message, header } = await old.encrypt(rawAes(), pattern(1), { algorithmSuite });
    expect(header).to.include({ version: 1 });
    expect(header).not.to.have.property("commitment");
    expect(await rejection(client.decrypt(rawAes(), message))).to.be.an.instanceof(CommitmentPolicyException);
    expect(await rejection(old.encrypt(rawAes(), pattern(1), { algorithmSuite: COMMITTING }))).to.be.an.instanceof(CommitmentPolicyException);
  },

  async "limits are kept to"() {
    const { message } = await new EncryptionClient().encrypt(rawAes(), pattern(10), options);
    const refused = async (limits) => rejection(async () => new EncryptionClient(limits).decrypt(rawAes(), message));
    expect(await refused({ maxFrameLength: 63 })).to.be.an.instanceof(LimitExceededException);
    expect(await refused({ maxEncryptedDataKeys: 0 })).to.be.an.instanceof(LimitExceededException);
    await new EncryptionClient({ maxFrameLength: 64, maxEncryptedDataKeys: 1 }).decrypt(rawAes(), message);
    // What a client would not read again it does not write, whichever cipher would.
    for (const maxFrameLength of [64, 65536]) {
      const short = new EncryptionClient({ maxFrameLength });
      const refusal = await rejection(short.encrypt(rawAes(), pattern(1), { frameLength: maxFrameLength + 1 }));
      expect(refusal).to.be.an.instanceof(LimitExceededException);
      const own = await short.encrypt(rawAes(), pattern(200_000));
      expect(own.header.frameLength).to.equal(maxFrameLength);
      expect((await short.decrypt(rawAes(), own.message)).plaintext).to.deep.equal(pattern(200_000));
    }
  },

  async "pairs that are not stored must be given again"() {
    for (const client of clients()) {
      const { message, header } = await client.encrypt(rawAes(), pattern(100), { ...options, requiredEncryptionContextKeys: ["purpose"] });
      expect(header.encryptionContext).to.deep.equal({ "naïve": "ключ" });
      const decrypt = (options) => client.decrypt(rawAes(), message, options);
      expect(await rejection(decrypt())).to.be.an.instanceof(UnableToDecryptDataKeyException);
      expect(await rejection(decrypt({ encryptionContext: { purpose: "other" } }))).to.be.an.instanceof(UnableToDecryptDataKeyException);
      const required = { encryptionContext: {}, requiredEncryptionContextKeys: ["purpose"] };
      expect(await rejection(decrypt(required))).to.be.an.instanceof(ValidationException);
      const decrypted = await decrypt({ encryptionContext: { purpose: "test" }, requiredEncryptionContextKeys: ["purpose"] });
      expect(decrypted.plaintext).to.deep.equal(pattern(100));
      expect(decrypted.encryptionContext).to.deep.equal(encryptionContext);
    }
  },

  async "what is given is checked"() {
    const client = new EncryptionClient();
    const { message } = await client.encrypt(rawAes(), pattern(1));
    for (const [promise, text] of [
      [client.encrypt(rawAes(), "text"), /^plaintext must be a Uint8Array or an ArrayBuffer; text becomes bytes by/],
      [client.encrypt(rawAes(), [1]), /^plaintext must be a Uint8Array or an ArrayBuffer$/],
      [client.encrypt({}, pattern(1)), /^a keyring is needed/],
      [client.encrypt(undefined, pattern(1)), /^a keyring is needed/],
      [client.encrypt(rawAes(), pattern(1), { frameLenght: 1 }), /^frameLenght is no member of EncryptOptions/],
      [client.encrypt(rawAes(), pattern(1), { plaintextLength: 1 }), /^plaintextLength is no member/],
      [client.encrypt(rawAes(), pattern(1), { frameLength: -1 }), /^frameLength must be a whole number from 0 to 4294967295, not /],
      [client.encrypt(rawAes(), pattern(1), { frameLength: 2 ** 32 }), /^frameLength must be a whole number/],
      [client.encrypt(rawAes(), pattern(1), { encryptionContext: "a" }), /^encryptionContext must be a plain object/],
      [client.decrypt(rawAes(), "text"), /^message must be a Uint8Array/],
      [client.decrypt(rawAes(), message, { unsignedOnly: "no" }), /^unsignedOnly must be a boolean/],
      [client.decrypt(undefined, message), /^a keyring is needed/],
      [(async () => new EncryptionClient({ maxFrameLenght: 1 }).encrypt(rawAes(), pattern(1)))(), /^maxFrameLenght is no member/],
    ]) {
      const error = await rejection(promise);
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.match(text);
    }
    for (const [options, text] of [
      [{ frameLength: 0 }, /at least one byte/],
      [{ algorithmSuite: "ALG" }, /'algorithmSuite'/],
      [{ encryptionContext: { "aws-crypto-public-key": "a" } }, /reserved/],
      [{ encryptionContext: { a: "\ud800" } }, /valid Unicode/],
    ]) {
      const error = await rejection(client.encrypt(rawAes(), pattern(1), options));
      expect(error).to.be.an.instanceof(ValidationException);
      expect(error.message).to.match(text);
    }
    expect(await rejection(async () => new EncryptionClient({ commitmentPolicy: "NONE" }).encrypt(rawAes(), pattern(1)))).to.be.an.instanceof(ValidationException);
    for (const webCryptoFrom of [-1, NaN, "1", null]) {
      expect(() => new EncryptionClient({ webCryptoFrom })).to.throw(TypeError, "webCryptoFrom");
    }
  },

  async "every suite comes back, around the edges of frames, whichever cipher wrote it"() {
    for (const algorithmSuite of SUITES) {
      const both = clients(algorithmSuite);
      for (const length of algorithmSuite.includes("ECDSA") ? [0, 64, 65] : [0, 1, 63, 64, 65, 128, 129, 1000]) {
        for (const [index, writer] of both.entries()) {
          const encrypted = await writer.encrypt(rawAes(), pattern(length), { ...options, algorithmSuite });
          const decrypted = await both[1 - index].decrypt(rawAes(), encrypted.message);
          expect(decrypted.plaintext).to.deep.equal(pattern(length));
          expect(decrypted.header).to.deep.equal(encrypted.header);
          expect(encrypted.message.buffer.byteLength).to.equal(encrypted.message.length);
          expect(decrypted.plaintext.buffer.byteLength).to.equal(length);
        }
      }
    }
  },

  async "the header says how a message is made"() {
    const { header } = await new EncryptionClient().encrypt(rawAes(), pattern(1), { encryptionContext });
    expect(header).to.deep.include({ version: 2, algorithmSuite: COMMITTING, encryptionContext, contentType: "FRAMED" });
    expect([header.messageId.length, header.commitment.length]).to.deep.equal([32, 32]);
    expect(header.encryptedDataKeys).to.have.length(1);
    const [{ providerId, providerInfo, ciphertext }] = header.encryptedDataKeys;
    expect(providerId).to.equal("tests");
    expect(providerInfo.subarray(0, 5)).to.deep.equal(bytes("key 7"));
    expect(ciphertext).to.have.length(48);
  },

  async "WebCrypto gets keys that it does not give out, and their bytes are wiped"() {
    if (!globalThis.crypto.subtle) return;
    const [, web] = clients();
    let message;
    const check = (calls, usage) => {
      expect(calls).to.have.length(1);
      const [[format, key, algorithm, extractable, usages]] = calls;
      expect([format, algorithm, extractable, usages]).to.deep.equal(["raw", "AES-GCM", false, [usage]]);
      expect(key).to.deep.equal(new Uint8Array(32));
    };
    check(await callsOf("importKey", async () => { ({ message } = await web.encrypt(rawAes(), pattern(200), options)); }), "encrypt");
    check(await callsOf("importKey", () => web.decrypt(rawAes(), message)), "decrypt");
    expect(await callsOf("decrypt", () => web.decrypt(rawAes(), message))).to.have.length(4);
  },

  async "small frames, and AES-192, are not for WebCrypto"() {
    if (!globalThis.crypto.subtle) return;
    const client = new EncryptionClient();
    const large = pattern(100_000);
    const used = (run) => callsOf("importKey", run).then((calls) => calls.length > 0);
    expect(await used(() => client.encrypt(rawAes(), pattern(1000)))).to.equal(false);
    expect(await used(() => client.encrypt(rawAes(), large, { frameLength: 4096 }))).to.equal(false);
    expect(await used(() => client.encrypt(rawAes(), large))).to.equal(true);
    const { message } = await client.encrypt(rawAes(), large);
    expect(await used(() => client.decrypt(rawAes(), message))).to.equal(true);
    const algorithmSuite = "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA256";
    const [, web] = clients(algorithmSuite);
    expect(await used(() => web.encrypt(rawAes(), large, { algorithmSuite }))).to.equal(false);
  },

  async "a message is inspected without a key"() {
    const client = new EncryptionClient();
    const { message, header } = await client.encrypt(rawAes(), pattern(5000), { encryptionContext: { long: "x".repeat(3000) } });
    for (const source of [message, new Blob([message]), { size: message.length, read: async (start, end) => message.slice(start, end) }]) {
      const info = await client.inspect(source);
      expect(info.header).to.deep.equal(header);
      expect(info.wrappingKeys).to.deep.equal([{ providerId: "tests", keyName: "key 7" }]);
      expect(info.headerLength).to.be.within(3000, 3400);
    }
    const error = await rejection(client.inspect(message.subarray(0, 2000)));
    expect(error.explanation).to.contain("it ends at byte 2000");
    expect(await rejection(client.inspect(pattern(100)))).to.be.an.instanceof(InvalidMessageException);
    expect(await rejection(client.inspect("text"))).to.be.an.instanceof(TypeError);
  },
};
