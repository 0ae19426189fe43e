// What may go in, what comes out, and what is refused.
import { expect } from "chai";
import { InvalidCiphertextException, ValidationException } from "pocketkms";
import { bytes, rejection, text, vault } from "../support/help.js";

/** Expects a TypeError with this message. */
async function misuse(promise, message) {
  const error = await rejection(promise);
  expect(error).to.be.an.instanceof(TypeError);
  expect(error.message).to.match(message);
}

/** Expects a ValidationException with this message. */
async function invalid(promise, message) {
  const error = await rejection(promise);
  expect(error).to.be.an.instanceof(ValidationException);
  expect(error.message).to.match(message);
}

const plaintext = Uint8Array.of(1);
const keyId = "alias/test";

export default {
  async "a member that does not exist is refused, not ignored"() {
    const { kms } = await vault();
    const encryptionContxt = { a: "b" };
    await misuse(kms.encrypt({ keyId, plaintext, encryptionContxt }), /^encryptionContxt is no member of EncryptRequest, .*encryptionContext/);
    await misuse(kms.encrypt({ KeyId: keyId, plaintext }), /^KeyId is no member/);
    await misuse(kms.createKey({ tags: [{ tagKey: "a", tagValue: "b" }, { tagkey: "a" }] }), /^tags\[1\]\.tagkey is no member of Tag/);
    await misuse(kms.listKeys({ constructor: undefined }), /^constructor is no member/);
  },

  async "values of wrong types are refused"() {
    const { kms } = await vault();
    for (const [request, message] of [
      [undefined, /^2 validation errors detected: .* at 'keyId' .*; .* at 'plaintext' /],
      [null, /^the request must be an object \(EncryptRequest\), not null$/],
      ["text", /^the request must be an object .*, not of type string$/],
      [[keyId], /^the request must be an object .*, not an array$/],
      [{ keyId: 7, plaintext }, /^keyId must be a string, not the number 7$/],
      [{ keyId, plaintext: "text" }, /^plaintext must be a Uint8Array, not of type string; text becomes bytes by/],
      [{ keyId, plaintext: [1, 2] }, /^plaintext must be a Uint8Array, not an array$/],
      [{ keyId, plaintext: new Uint16Array(1) }, /^plaintext must be a Uint8Array or an ArrayBuffer, not of type Uint16Array$/],
      [{ keyId, plaintext: Object.defineProperty({}, Symbol.toStringTag, { value: "Uint8Array" }) }, /^plaintext must be a Uint8Array/],
      [{ keyId, plaintext, dryRun: "false" }, /^dryRun must be a boolean, not of type string$/],
      [{ keyId, plaintext, grantTokens: "token" }, /^grantTokens must be an array/],
      [{ keyId, plaintext, grantTokens: [1] }, /^grantTokens\[0\] must be a string/],
      [{ keyId, plaintext, encryptionContext: "a=b" }, /^encryptionContext must be a plain object of strings/],
      [{ keyId, plaintext, encryptionContext: [["a", "b"]] }, /^encryptionContext must be a plain object/],
      [{ keyId, plaintext, encryptionContext: new Map([["a", "b"]]) }, /^encryptionContext must be .* not of type Map$/],
      [{ keyId, plaintext, encryptionContext: new Date() }, /^encryptionContext must be a plain object/],
      [{ keyId, plaintext, encryptionContext: { user: 7 } }, /^encryptionContext\.user must be a string, not the number 7$/],
      [{ keyId, plaintext, encryptionContext: { user: null } }, /^encryptionContext\.user must be a string, not null$/],
    ]) {
      const error = await rejection(kms.encrypt(request));
      expect(error.message).to.match(message);
      expect(error.name).to.equal(request === undefined ? "ValidationException" : "TypeError");
    }
    for (const numberOfBytes of [1.5, NaN, Infinity, 2 ** 31, "16", 16n]) {
      await misuse(kms.generateRandom({ numberOfBytes }), /^numberOfBytes must be a 32-bit integer, not /);
    }
  },

  async "what AWS refuses is refused in its words"() {
    const { kms } = await vault();
    await invalid(kms.encrypt({ plaintext }), /Value null at 'keyId' failed to satisfy constraint: Member must not be null$/);
    await invalid(kms.createKey({ keySpec: "AES" }), /Value 'AES' at 'keySpec' .* enum value set: \[RSA_2048, .*\]$/);
    await invalid(kms.encrypt({ keyId, plaintext: new Uint8Array(0) }), /'plaintext'/);
    await invalid(kms.encrypt({ keyId, plaintext: new Uint8Array(4097) }), /'plaintext' .* less than or equal to 4096$/);
    await invalid(kms.generateRandom({ numberOfBytes: 1025 }), /'numberOfBytes'/);
  },

  async "all that a request breaks is said at once, as on the wire"() {
    const { kms } = await vault();
    const tags = [{ tagKey: "", tagValue: "a" }, { tagValue: "x".repeat(257) }];
    const request = { keySpec: "AES", keyUsage: "SIGN", description: "x".repeat(8193), policy: "", tags };
    const error = await rejection(kms.createKey(request));
    expect(error).to.be.an.instanceof(ValidationException);
    expect(error.message.slice(0, 100)).to.match(/^8 validation errors detected: /);
    for (const place of ["keySpec", "keyUsage", "description", "policy", "tags.1.member.tagKey", "tags.2.member.tagKey", "tags.2.member.tagValue"]) {
      expect(error.message).to.contain(` at '${place}' failed to satisfy constraint: `);
    }
    const named = (value) => (Array.isArray(value) ? value.map(named) : typeof value !== "object" ? value
      : Object.fromEntries(Object.entries(value).map(([name, value]) => [name[0].toUpperCase() + name.slice(1), named(value)])));
    const { body } = await kms.call("TrentService.CreateKey", bytes(JSON.stringify(named(request))));
    expect(JSON.parse(text(body)).message).to.equal(error.message);
  },

  async "half of a surrogate pair is not mistaken for another character"() {
    const { kms } = await vault();
    await invalid(kms.encrypt({ keyId, plaintext, encryptionContext: { a: "\ud800" } }), /^encryptionContext\.a is no valid Unicode/);
    await invalid(kms.encrypt({ keyId, plaintext, encryptionContext: { "\udc00": "a" } }), /valid Unicode/);
    await invalid(kms.createKey({ description: "a\udfffb" }), /^description is no valid Unicode/);
    const encryptionContext = { "\ufffd": "\u{1f511}" };
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext });
    expect((await kms.decrypt({ ciphertextBlob, encryptionContext })).plaintext).to.deep.equal(plaintext);
  },

  async "a context is compared by all of its own names, whatever they are"() {
    const { kms } = await vault();
    const own = Object.defineProperty({}, "__proto__", { value: "a", enumerable: true });
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext: own });
    const decrypt = (encryptionContext) => kms.decrypt({ ciphertextBlob, encryptionContext });
    expect(await rejection(decrypt({}))).to.be.an.instanceof(InvalidCiphertextException);
    expect(await rejection(decrypt({ __proto__: null }))).to.be.an.instanceof(InvalidCiphertextException);
    expect((await decrypt(Object.assign(Object.create(null), own))).plaintext).to.deep.equal(plaintext);
    expect((await decrypt(own)).plaintext).to.deep.equal(plaintext);
  },

  async "undefined and null mean not given"() {
    const { kms } = await vault();
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext: undefined, dryRun: null });
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
  },

  async "a view gives its own bytes only, and answers are the caller's own"() {
    const { kms } = await vault();
    const view = bytes("..middle..").subarray(2, 8);
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: view });
    const first = (await kms.decrypt({ ciphertextBlob })).plaintext;
    expect(first).to.deep.equal(bytes("middle"));
    expect(first.buffer.byteLength).to.equal(6);
    first.fill(0);
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(bytes("middle"));
  },

  async "what a getter throws comes through as it is"() {
    const { kms } = await vault();
    const thrown = new RangeError("mine");
    const request = { keyId, get plaintext() { throw thrown; } };
    expect(await rejection(kms.encrypt(request))).to.equal(thrown);
  },
};
