// Stored messages: moved to other keys, read in parts, re-encrypted.
import { expect } from "chai";
import {
  CachingMaterialsManager, CallbackKeyring, EncryptionClient, InvalidMessageException, KmsKeyring, MultiKeyring, RangeReader,
  UnableToDecryptDataKeyException, UnsupportedOperationException, ValidationException,
} from "pocketkms";
import { SIGNED, altered, bytes, clients, inPieces, pattern, rawAes, readAll, rejection, vault } from "../support/help.js";

const client = new EncryptionClient();
const plaintext = pattern(1000);
const options = { frameLength: 64, encryptionContext: { purpose: "test" } };
const encrypt = async (keyring, more) => (await client.encrypt(keyring, plaintext, { ...options, ...more })).message;

/** A keyring of the app's own, which answers later. */
const later = () => new CallbackKeyring("hsm", {
  wrap: async (dataKey) => ({ providerInfo: bytes("slot"), ciphertext: dataKey.map((byte) => byte ^ 1) }),
  unwrap: async ({ ciphertext }) => ciphertext.map((byte) => byte ^ 1),
});

export default {
  async "a message is rewrapped into a sidecar, and opens under the new key with it alone"() {
    const hsm = later();
    for (const [from, to] of [[rawAes(1), rawAes(2)], [hsm, rawAes(2)], [rawAes(1), new MultiKeyring(hsm, [rawAes(2)])]]) {
      const message = await encrypt(from);
      expect(await rejection(client.rewrap(rawAes(3), to, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
      const { sidecar, header } = await client.rewrap(from, to, new Blob([message]));
      expect(header).to.equal(undefined);
      expect(await rejection(client.decrypt(rawAes(2), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
      for (const at of [0, 10, 60, -1]) {
        expect((await rejection(client.decrypt(rawAes(2), message, { sidecar: altered(sidecar, at) }))).code).to.be.a("number");
      }
      expect(await rejection(client.decrypt(rawAes(2), await encrypt(from), { sidecar }))).to.be.an.instanceof(InvalidMessageException);
      for (const each of clients()) {
        expect((await each.decrypt(rawAes(2), message, { sidecar })).plaintext).to.deep.equal(plaintext);
        const stream = inPieces(message, 100).pipeThrough(each.decryptStream(rawAes(2), { sidecar }));
        expect(await readAll(stream)).to.deep.equal({ bytes: plaintext, error: undefined });
      }
      const info = await client.inspectSidecar(sidecar);
      expect(info.messageId).to.deep.equal((await client.inspect(message)).header.messageId);
      expect(info.wrappingKeys.at(-1)).to.include({ providerId: "tests", keyName: "key 2" });
    }
  },

  async "an old message gets a new header"() {
    const algorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256";
    const [old] = clients(algorithmSuite);
    const { message } = await old.encrypt(rawAes(1), plaintext, { ...options, algorithmSuite });
    const { header, replaces } = await old.rewrap(rawAes(1), rawAes(2), message);
    const moved = new Uint8Array(await new Blob([header, message.subarray(replaces)]).arrayBuffer());
    expect((await old.decrypt(rawAes(2), moved)).plaintext).to.deep.equal(plaintext);
    expect(await rejection(old.decrypt(rawAes(1), moved))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(await old.rewrap(rawAes(1), rawAes(2), message, { sidecarOnly: true })).to.have.keys("sidecar");
  },

  async "what needs rewrapping is reported without decrypting"() {
    const { kms, key } = await vault();
    const keyring = new KmsKeyring(kms, key.keyId);
    const message = await encrypt(keyring);
    expect(await client.needsRewrap(keyring, message)).to.equal(false);
    expect(await client.needsRewrap(rawAes(), message)).to.equal(true);
    expect(await client.needsRewrap(later(), message)).to.equal(true);
    await kms.rotateKeyOnDemand({ keyId: key.keyId });
    expect(await client.needsRewrap(keyring, message)).to.equal(true);
    const { sidecar } = await client.rewrap(keyring, keyring, message);
    expect(await client.needsRewrap(keyring, message, { sidecar })).to.equal(false);
  },

  async "a part is read without what comes before it, and nothing of it is believed unverified"() {
    const message = await encrypt(rawAes());
    const { headerLength } = await client.inspect(message);
    const asked = [];
    const source = (bytes) => ({ size: bytes.length, read: async (start, end) => (asked.push([start, end]), bytes.slice(start, end)) });
    const reader = await client.rangeReader(rawAes(), source(message));
    expect(reader).to.be.an.instanceof(RangeReader);
    expect([reader.plaintextLength, reader.header.frameLength, reader.encryptionContext.purpose]).to.deep.equal([1000, 64, "test"]);
    for (const [start, end] of [[0, 0], [0, 1], [63, 65], [128, 192], [100, 900], [990, 1000], [990, 2000], [1000, 1010], [5000, 5001], [0, 1000]]) {
      expect(await reader.read(start, end)).to.deep.equal(plaintext.subarray(start, end));
    }
    asked.length = 0;
    await reader.read(130, 140);
    expect(asked).to.deep.equal([[headerLength + 2 * 96, headerLength + 3 * 96]]);
    const tampered = await client.rangeReader(rawAes(), new Blob([altered(message, headerLength + 2 * 96 + 20)]));
    expect(await tampered.read(0, 128)).to.deep.equal(plaintext.subarray(0, 128));
    expect(await rejection(tampered.read(120, 130))).to.be.an.instanceof(InvalidMessageException);
    const cut = await client.rangeReader(rawAes(), message.subarray(0, headerLength + 3 * 96 + 50)).catch((error) => error);
    expect(cut instanceof InvalidMessageException || await rejection(cut.read(150, 1000))).to.be.ok;
    for (const range of [[-1, 5], [0], [0, 1.5], ["0", 1]]) {
      expect(await rejection(reader.read(...range))).to.be.an.instanceof(TypeError);
    }
    expect(await rejection(reader.read(5, 4))).to.be.an.instanceof(ValidationException);
    expect(await rejection(client.rangeReader(rawAes(8), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    const signed = await encrypt(rawAes(), { algorithmSuite: SIGNED });
    expect(await rejection(client.rangeReader(rawAes(), signed))).to.be.an.instanceof(UnsupportedOperationException);
    const accepted = await client.rangeReader(rawAes(), signed, { acceptUnverifiedSignature: true });
    expect(await accepted.read(70, 80)).to.deep.equal(plaintext.subarray(70, 80));
  },

  async "what is no message with a sidecar, and no sidecar, is refused"() {
    const message = await encrypt(rawAes(1));
    const { sidecar } = await client.rewrap(rawAes(1), rawAes(2), message);
    for (const wrong of [message, new Uint8Array(0), sidecar.subarray(0, -1), Uint8Array.of(...sidecar, 0)]) {
      expect((await rejection(client.decrypt(rawAes(2), message, { sidecar: wrong }))).code).to.be.a("number");
      expect((await rejection(client.inspectSidecar(wrong))).code).to.be.a("number");
      expect((await rejection(client.rangeReader(rawAes(2), message, { sidecar: wrong }))).code).to.be.a("number");
      expect((await rejection(client.reencrypt(rawAes(2), rawAes(3), message, { sidecar: wrong }))).code).to.be.a("number");
    }
    for (const [promise, text] of [
      [client.decrypt(rawAes(2), message, { sidecar: "text" }), /^sidecar must be a Uint8Array/],
      [client.inspectSidecar("text"), /^sidecar must be a Uint8Array/],
      [client.rewrap(rawAes(1), rawAes(2), "text"), /^a message must be a Uint8Array, a Blob/],
      [client.rewrap(rawAes(1), new CachingMaterialsManager(rawAes(2)), message), /^a keyring is needed/],
      [client.rewrap(rawAes(1), rawAes(2), message, { sidecarOnly: 1 }), /^sidecarOnly must be a boolean/],
      [client.needsRewrap(rawAes(1), message, { sidecars: sidecar }), /^sidecars is no member/],
      [client.needsRewrap({}, message), /^a keyring is needed/],
      [client.rangeReader(rawAes(1), { size: 1.5, read() {} }), /^a message must be/],
      [client.reencrypt(rawAes(1), {}, message), /^a keyring is needed/],
      [client.reencrypt({}, rawAes(1), message), /^a keyring is needed/],
      [client.reencrypt(rawAes(1), rawAes(2), "text"), /^message must be a Uint8Array/],
      [client.reencrypt(rawAes(1), rawAes(2), message, { encryptionContexts: {} }), /^encryptionContexts is no member/],
    ]) {
      const error = await rejection(promise);
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.match(text);
    }
    expect(() => client.reencryptStream(rawAes(1), {})).to.throw(TypeError, "a keyring is needed");
    expect(() => new RangeReader({})).to.throw(TypeError, "make a RangeReader by");
  },

  async "a sidecar is rewrapped in its turn, read in parts, re-encrypted"() {
    const message = await encrypt(rawAes(1));
    const first = await client.rewrap(rawAes(1), rawAes(2), message);
    const second = await client.rewrap(rawAes(2), rawAes(3), message, first);
    expect(await rejection(client.rewrap(rawAes(2), rawAes(3), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(await rejection(client.decrypt(rawAes(2), message, second))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    expect(await rejection(client.rangeReader(rawAes(3), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    const reader = await client.rangeReader(rawAes(3), new Blob([message]), second);
    expect(await reader.read(100, 200)).to.deep.equal(plaintext.subarray(100, 200));
    const { message: reencrypted } = await client.reencrypt(rawAes(3), rawAes(4), message, second);
    expect((await client.decrypt(rawAes(4), reencrypted)).plaintext).to.deep.equal(plaintext);
  },

  async "what cannot be decrypted is not re-encrypted, and nothing of it is seen"() {
    for (const each of clients()) {
      const message = await encrypt(rawAes(1));
      const { message: signed } = await each.encrypt(rawAes(1), plaintext, { ...options, algorithmSuite: SIGNED });
      for (const [source, broken, type] of [
        [rawAes(3), message, UnableToDecryptDataKeyException],
        [rawAes(1), altered(message, -1), InvalidMessageException],
        [rawAes(1), message.subarray(0, -1), InvalidMessageException],
        [rawAes(1), message.subarray(0, 20), InvalidMessageException],
        [rawAes(1), new Uint8Array(0), InvalidMessageException],
        [rawAes(1), altered(signed, -1), InvalidMessageException],
      ]) {
        expect(await rejection(each.reencrypt(source, rawAes(2), broken))).to.be.an.instanceof(type);
        const stream = each.reencryptStream(source, rawAes(2));
        expect((await readAll(inPieces(broken, 70).pipeThrough(stream))).error).to.be.an.instanceof(type);
      }
      const stranger = each.reencryptStream(rawAes(3), rawAes(2));
      await readAll(inPieces(message, 70).pipeThrough(stranger));
      expect(await rejection(stranger.header)).to.be.an.instanceof(UnableToDecryptDataKeyException);
      // That the new one cannot be encrypted is an error at both ends, too.
      const thrown = new RangeError("no slot free");
      const full = new CallbackKeyring("hsm", { wrap: async () => { throw thrown; }, unwrap: async () => { throw thrown; } });
      expect(await rejection(each.reencrypt(rawAes(1), full, message))).to.equal(thrown);
      expect((await readAll(inPieces(message, 70).pipeThrough(each.reencryptStream(rawAes(1), full)))).error).to.equal(thrown);
      const algorithmSuite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256";
      expect((await rejection(client.reencrypt(rawAes(1), rawAes(2), message, { algorithmSuite }))).name).to.equal("CommitmentPolicyException");
    }
  },

  async "a message is re-encrypted, bound to the same context"() {
    const given = { encryptionContext: { purpose: "test" } };
    const context = { ...given.encryptionContext, tenant: "a-42" };
    for (const each of clients()) {
      for (const length of [0, 1000]) {
        const { message } = await each.encrypt(rawAes(1), pattern(length), { ...options, encryptionContext: context, requiredEncryptionContextKeys: ["purpose"] });
        expect(await rejection(each.reencrypt(rawAes(1), rawAes(2), message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
        const wanted = { ...given, algorithmSuite: SIGNED, frameLength: 100 };
        const stream = each.reencryptStream(rawAes(1), later(), wanted);
        const { bytes, error } = await readAll(inPieces(message, 70).pipeThrough(stream));
        expect(error).to.equal(undefined);
        const whole = await each.reencrypt(rawAes(1), later(), message, wanted);
        for (const reencrypted of [{ message: bytes, header: await stream.header }, whole]) {
          expect(reencrypted.header).to.include({ algorithmSuite: SIGNED, frameLength: 100 });
          expect(reencrypted.header.encryptionContext).to.have.keys("tenant", "aws-crypto-public-key");
          expect(reencrypted.header.encryptedDataKeys).to.have.length(1);
          expect(await rejection(each.decrypt(later(), reencrypted.message))).to.be.an.instanceof(InvalidMessageException);
          const decrypted = await each.decrypt(later(), reencrypted.message, given);
          expect(decrypted.plaintext).to.deep.equal(pattern(length));
          expect(decrypted.encryptionContext).to.include(context);
        }
        // A signed one, and one of an old format, in their turn.
        const { message: back, header } = await each.reencrypt(later(), rawAes(1), whole.message, given);
        expect(header.encryptionContext).to.deep.equal({ tenant: "a-42" });
        expect((await each.decrypt(rawAes(1), back, given)).plaintext).to.deep.equal(pattern(length));
        const algorithmSuite = "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA256";
        const [old] = clients(algorithmSuite);
        const first = await old.encrypt(rawAes(1), pattern(length), { algorithmSuite });
        const { message: second } = await each.reencrypt(rawAes(1), rawAes(2), first.message);
        expect((await client.decrypt(rawAes(2), second)).plaintext).to.deep.equal(pattern(length));
      }
    }
  },

  async "through a cache, messages re-encrypted share a data key where their length is known"() {
    const cache = new CachingMaterialsManager(rawAes(2));
    const message = await encrypt(rawAes(1));
    const keyOf = (header) => header.encryptedDataKeys[0].ciphertext;
    const [one, two] = [await client.reencrypt(rawAes(1), cache, message), await client.reencrypt(rawAes(1), cache, message)];
    expect(keyOf(one.header)).to.deep.equal(keyOf(two.header));
    expect(one.header.messageId).not.to.deep.equal(two.header.messageId);
    const stream = client.reencryptStream(rawAes(1), cache);
    const { bytes: reencrypted } = await readAll(inPieces(message, 70).pipeThrough(stream));
    expect(keyOf(await stream.header)).not.to.deep.equal(keyOf(one.header));
    expect((await client.decrypt(rawAes(2), reencrypted)).plaintext).to.deep.equal(plaintext);
  },
};
