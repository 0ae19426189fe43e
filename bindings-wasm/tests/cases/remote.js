// KMS keyrings over a KMS elsewhere, which answers later: here another vault.
import { expect } from "chai";
import {
  CachingMaterialsManager, DisabledException, EncryptionClient, InvalidArnException, KmsKeyring, MultiKeyring,
  UnableToDecryptDataKeyException, ValidationException,
} from "pocketkms";
import { ACCOUNT, COMMITTING, REGION, pattern, rawAes, rejection, vault } from "../support/help.js";

const client = new EncryptionClient();
const plaintext = pattern(100);
const encrypt = async (keyring, options) => (await client.encrypt(keyring, plaintext, options)).message;

async function opens(keyring, message) {
  expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
}

async function explains(keyring, message) {
  const error = await rejection(client.decrypt(keyring, message));
  expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
  return error.explanation;
}

/** A client that passes the requests on to a vault, and `calls`, what it was asked. `change` replaces methods. */
async function elsewhere(change = {}, keys = 3) {
  const { kms, key } = await vault();
  const arns = [key.arn];
  while (arns.length < keys) arns.push((await kms.createKey()).keyMetadata.arn);
  const calls = [];
  const pass = (method) => async (request) => {
    const copy = structuredClone(request);
    calls.push({ method, request, copy });
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    return { ...(await kms[method](request)), $metadata: { httpStatusCode: 200 } };
  };
  const kmsClient = { generateDataKey: pass("generateDataKey"), encrypt: pass("encrypt"), decrypt: pass("decrypt"), ...change };
  return { kms, kmsClient, arns, calls, methods: () => calls.splice(0).map(({ method, copy }) => `${method} ${arns.indexOf(copy.keyId)}`) };
}

const named = (name, message) => Object.assign(new Error(message), { name });

export default {
  async "what a client throws to encrypt comes through as it is"() {
    for (const thrown of [new RangeError("far away"), named("AccessDeniedException", "not you"), "text", undefined]) {
      for (const fail of [() => { throw thrown; }, async () => { throw thrown; }]) {
        const { kmsClient: first, arns } = await elsewhere({ generateDataKey: fail });
        const { kmsClient: second } = await elsewhere({ encrypt: fail });
        const caught = (keyring) => client.encrypt(keyring, plaintext).then(() => expect.fail("encrypted"), (error) => error);
        expect(await caught(new KmsKeyring(first, arns[0]))).to.equal(thrown);
        expect(await caught(new MultiKeyring(rawAes(), [new KmsKeyring(second, arns[0])]))).to.equal(thrown);
      }
    }
  },

  async "what a client throws to decrypt is noted, and the next encrypted data key is tried"() {
    const { kms, kmsClient, arns, methods } = await elsewhere();
    const message = await encrypt(new KmsKeyring(kmsClient, arns[0], arns.slice(1)));
    const failures = [
      [named("AccessDeniedException", "not you"), "AccessDeniedException: not you"],
      [new DisabledException("it is off", "since yesterday"), "DisabledException: it is off (since yesterday)"],
      [new TypeError("Failed to fetch"), "KeyUnavailableException (TypeError: Failed to fetch)"],
      ["text", "KeyUnavailableException (Error: text)"],
      [undefined, "KeyUnavailableException (Error: undefined)"],
    ];
    for (const [thrown, text] of failures) {
      for (const decrypt of [() => { throw thrown; }, async () => { throw thrown; }]) {
        const asked = [];
        const broken = { ...kmsClient, decrypt: (request) => (asked.push(request.keyId), decrypt()) };
        const explanation = await explains(new KmsKeyring(broken, arns[0], arns.slice(1)), message);
        expect(asked, "each once, in their order").to.deep.equal(arns);
        expect(explanation.split("\n").slice(1)).to.deep.equal(arns.map((arn, index) => `  ${index + 1}. provider 'aws-kms', key '${arn}': ${text}`));
      }
    }
    methods();
    const last = { ...kmsClient, decrypt: (request) => (request.keyId === arns[2] ? kmsClient.decrypt(request) : Promise.reject(failures[0][0])) };
    await opens(new KmsKeyring(last, arns[0], arns.slice(1)), message);
    await opens(new MultiKeyring(undefined, [new KmsKeyring(last, arns[0]), rawAes(), new KmsKeyring(last, arns[2])]), message);
    expect(methods()).to.deep.equal(["decrypt 2", "decrypt 2"]);
    // Two keyrings that fail at the same encrypted data key each say why.
    const both = new MultiKeyring(undefined, failures.slice(0, 2).map(([thrown]) => new KmsKeyring({ ...kmsClient, decrypt: () => Promise.reject(thrown) }, arns[0])));
    expect(await explains(both, message)).to.contain("AccessDeniedException: not you; DisabledException: it is off");
    await kms.disableKey({ keyId: arns[0] });
    expect(await explains(new KmsKeyring(kmsClient, arns[0]), message)).to.match(/1\. .*DisabledException[^]*2\. .*no keyring is for/);
  },

  async "a client's keys may be named by alias, and messages outlive what the alias names"() {
    const { kms, kmsClient, arns } = await elsewhere();
    await kms.createAlias({ aliasName: "alias/orders", targetKeyId: arns[0] });
    const aliasArn = arns[0].replace(/key\/.*/, "alias/orders");
    const [byArn, byName] = [aliasArn, "alias/orders"].map((alias) => new KmsKeyring(kmsClient, alias));
    const old = await encrypt(byArn);
    await opens(byArn, old);
    await opens(byName, old);
    await kms.updateAlias({ aliasName: "alias/orders", targetKeyId: arns[1] });
    await opens(byArn, old);
    for (const keyring of [byArn, byName]) {
      await opens(byArn, await encrypt(keyring));
      await opens(byName, await encrypt(keyring));
    }
    // Where a mere name belongs is not known here: KMS opens what is under the key that it names now.
    expect(await explains(byName, old)).to.contain("'alias/orders' may name another key now");
    await kms.disableKey({ keyId: arns[0] });
    expect(await explains(byArn, old)).to.match(/is disabled.*may name another key now/);
    expect(await explains(new KmsKeyring(kmsClient, arns[1]), old)).to.contain("no keyring is for");
    expect(await explains(new KmsKeyring(kmsClient, aliasArn.replace(REGION, "eu-west-1")), old)).to.contain("no keyring is for");
  },

  async "what a client answers is checked"() {
    const { kmsClient, arns } = await elsewhere();
    const keyring = (change) => new KmsKeyring({ ...kmsClient, ...change }, arns[0]);
    const blob = new Uint8Array(10);
    for (const [answer, type, text] of [
      [undefined, TypeError, /keyId is missing/],
      [{}, TypeError, /keyId is missing/],
      [{ keyId: arns[0], ciphertextBlob: blob }, TypeError, /plaintext is missing/],
      [{ keyId: arns[0], plaintext: blob }, TypeError, /ciphertextBlob is missing/],
      [{ keyId: arns[0], plaintext: "text", ciphertextBlob: blob }, TypeError, /plaintext must be a Uint8Array/],
      [{ keyId: "alias/a", plaintext: new Uint8Array(32), ciphertextBlob: blob }, InvalidArnException, /alias\/a/],
      [{ keyId: arns[0], plaintext: new Uint8Array(31), ciphertextBlob: blob }, ValidationException, /31/],
    ]) {
      const error = await rejection(client.encrypt(keyring({ generateDataKey: async () => answer }), plaintext));
      expect(error).to.be.an.instanceof(type);
      expect(`${error.message} ${error.explanation}`).to.match(text);
    }
    const wrapping = (answer) => client.encrypt(new MultiKeyring(rawAes(), [keyring({ encrypt: () => answer })]), plaintext);
    expect(await rejection(wrapping({ keyId: arns[0] }))).to.be.an.instanceof(TypeError);
    expect(await rejection(wrapping({ keyId: "text", ciphertextBlob: blob }))).to.be.an.instanceof(InvalidArnException);
    const message = await encrypt(keyring());
    for (const [answer, text] of [
      [null, /TypeError: keyId is missing/],
      [{ keyId: arns[0] }, /TypeError: plaintext is missing/],
      [{ keyId: arns[1], plaintext: new Uint8Array(32) }, /IncorrectKeyException/],
      [{ keyId: arns[0], plaintext: new Uint8Array(16) }, /16/],
    ]) {
      expect(await explains(keyring({ decrypt: () => answer }), message)).to.match(text);
    }
    const wrong = await rejection(client.decrypt(keyring({ decrypt: () => ({ keyId: arns[0], plaintext: new Uint8Array(32) }) }), message));
    expect(wrong.name, "another data key").to.equal("InvalidMessageException");
  },

  async "what is no client is refused"() {
    const { kmsClient } = await elsewhere();
    for (const method of ["generateDataKey", "encrypt", "decrypt"]) {
      expect(() => new KmsKeyring({ ...kmsClient, [method]: undefined }, "a")).to.throw(TypeError, "a KmsClient: an object with the methods generateDataKey, encrypt, decrypt");
    }
    for (const none of [undefined, null, {}, "text"]) {
      expect(() => new KmsKeyring(none, "a")).to.throw(TypeError, "a Kms is needed");
      expect(() => KmsKeyring.discovery(none)).to.throw(TypeError, "a Kms is needed");
    }
    expect(await rejection(async () => client.encrypt(new KmsKeyring(kmsClient), plaintext))).to.be.an.instanceof(TypeError);
    expect(await rejection(async () => client.encrypt(new KmsKeyring(kmsClient, "a", "b"), plaintext))).to.be.an.instanceof(TypeError);
    expect(await rejection(async () => client.encrypt(new KmsKeyring(kmsClient, "a", [], { region: "b" }), plaintext))).to.be.an.instanceof(TypeError);
    const discovery = await rejection(client.encrypt(KmsKeyring.discovery(kmsClient), plaintext));
    expect(discovery).to.be.an.instanceof(ValidationException);
    expect(discovery.message).to.contain("only decrypts");
  },

  async "a KMS elsewhere makes, encrypts and decrypts data keys, and is asked just what it must be"() {
    const { kms, kmsClient, arns, calls } = await elsewhere();
    const encryptionContext = { order: "4711", "naïve": "ключ" };
    const keyring = new KmsKeyring(kmsClient, arns[0], [arns[1]], { grantTokens: ["token"] });
    // The vault itself knows no such grant, and so is asked without.
    const asked = (method) => async (request) => {
      calls.push({ method, request, copy: structuredClone(request) });
      const { grantTokens, ...rest } = request;
      expect(grantTokens).to.deep.equal(["token"]);
      return kms[method](rest);
    };
    for (const method of ["generateDataKey", "encrypt", "decrypt"]) kmsClient[method] = asked(method);
    const message = await encrypt(keyring, { encryptionContext });
    await opens(keyring, message);
    const [generated, encrypted, decrypted] = calls;
    expect(calls).to.have.length(3);
    const common = { encryptionContext, grantTokens: ["token"] };
    expect(generated).to.deep.include({ method: "generateDataKey", copy: { keyId: arns[0], numberOfBytes: 32, ...common } });
    expect(encrypted.method).to.equal("encrypt");
    const { plaintext: dataKey, ...rest } = encrypted.copy;
    expect(rest).to.deep.equal({ keyId: arns[1], ...common });
    expect([dataKey.length, dataKey.some((byte) => byte !== 0)]).to.deep.equal([32, true]);
    expect(encrypted.request.plaintext, "wiped").to.deep.equal(new Uint8Array(32));
    const [first, second] = (await client.inspect(message)).header.encryptedDataKeys;
    expect(decrypted).to.deep.include({ method: "decrypt", copy: { keyId: arns[0], ciphertextBlob: first.ciphertext, ...common } });
    expect((await kms.decrypt({ ciphertextBlob: second.ciphertext, encryptionContext })).plaintext).to.deep.equal(dataKey);
    // The same message as of a vault.
    for (const direct of [new KmsKeyring(kms, arns[1]), KmsKeyring.discovery(kms)]) await opens(direct, message);
    const answersAtOnce = { generateDataKey: kmsClient.generateDataKey, encrypt: kmsClient.encrypt, decrypt: () => ({ keyId: arns[1], plaintext: dataKey }) };
    await opens(new KmsKeyring(answersAtOnce, arns[1]), message);
  },

  async "each key is asked once, no matter which made the data key"() {
    const { kmsClient, arns, methods } = await elsewhere();
    await encrypt(new KmsKeyring(kmsClient, arns[0], arns.slice(1)));
    expect(methods()).to.deep.equal(["generateDataKey 0", "encrypt 1", "encrypt 2"]);
    const nested = new MultiKeyring(rawAes(), [new KmsKeyring(kmsClient, arns[2], [arns[2], arns[1]]), new MultiKeyring(new KmsKeyring(kmsClient, arns[0]))]);
    const message = await encrypt(nested);
    expect(methods()).to.deep.equal(["encrypt 2", "encrypt 2", "encrypt 1", "encrypt 0"]);
    expect((await client.inspect(message)).wrappingKeys.map(({ keyArn }) => arns.indexOf(keyArn))).to.deep.equal([-1, 2, 2, 1, 0]);
    await opens(new KmsKeyring(kmsClient, arns[1]), message);
    await opens(nested, message);
    expect(methods()).to.deep.equal(["decrypt 1"]);
    await opens(KmsKeyring.discovery(kmsClient, { accountIds: [ACCOUNT] }), message);
    expect(methods()).to.deep.equal(["decrypt 2"]);
    expect(await explains(KmsKeyring.discovery(kmsClient, { accountIds: ["444455556666"] }), message)).to.contain("no keyring is for");
    expect(methods()).to.deep.equal([]);
  },

  async "many messages at once each get their own answers"() {
    const { kmsClient, arns } = await elsewhere();
    const keyring = new KmsKeyring(kmsClient, arns[0], arns.slice(1));
    const contexts = Array.from({ length: 12 }, (_, index) => ({ order: String(index) }));
    const messages = await Promise.all(contexts.map((encryptionContext) => encrypt(keyring, { encryptionContext })));
    const decrypted = await Promise.all(messages.map((message) => client.decrypt(new KmsKeyring(kmsClient, arns[1]), message)));
    await Promise.all(messages.map((message) => opens(keyring, message)));
    expect(decrypted.map(({ encryptionContext }) => encryptionContext)).to.deep.equal(contexts);
    const dataKeys = await Promise.all(messages.map(async (message) => String((await client.inspect(message)).header.encryptedDataKeys[0].ciphertext)));
    expect(new Set(dataKeys).size).to.equal(12);
  },

  async "streams, rewrapping, caches and suites go by a KMS elsewhere, too"() {
    const { kmsClient, arns, methods } = await elsewhere();
    const [first, second] = arns.map((arn) => new KmsKeyring(kmsClient, arn));
    const stream = new Blob([plaintext]).stream().pipeThrough(client.encryptStream(first)).pipeThrough(client.decryptStream(first));
    expect(new Uint8Array(await new Response(stream).arrayBuffer())).to.deep.equal(plaintext);
    const message = await encrypt(first);
    expect(await client.needsRewrap(first, message)).to.equal(false);
    expect(await client.needsRewrap(second, message)).to.equal(true);
    methods();
    const { sidecar } = await client.rewrap(first, second, message);
    expect(methods()).to.deep.equal(["decrypt 0", "encrypt 1"]);
    expect((await client.decrypt(second, message, { sidecar })).plaintext).to.deep.equal(plaintext);
    const { message: reencrypted } = await client.reencrypt(second, first, message, { sidecar });
    await opens(first, reencrypted);
    methods();
    const cache = new CachingMaterialsManager(first);
    await opens(cache, await encrypt(cache));
    await opens(cache, await encrypt(cache));
    expect(methods()).to.deep.equal(["generateDataKey 0", "decrypt 0"]);
    const old = new EncryptionClient({ commitmentPolicy: "FORBID_ENCRYPT_ALLOW_DECRYPT" });
    const { message: short, header } = await old.encrypt(first, plaintext, { algorithmSuite: "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256" });
    expect(header.algorithmSuite).not.to.equal(COMMITTING);
    expect((await old.decrypt(first, short)).plaintext).to.deep.equal(plaintext);
    expect(arns[0]).to.contain(`arn:aws:kms:${REGION}:${ACCOUNT}:key/`);
  },
};
