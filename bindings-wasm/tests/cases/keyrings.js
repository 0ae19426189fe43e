// Keyrings: of a vault, of raw keys, of the app's own, and several in one.
import { expect } from "chai";
import {
  CallbackKeyring, DisabledException, EncryptionClient, InvalidArnException, Keyring, KmsKeyring, MultiKeyring, NotFoundException,
  RawAesKeyring, RawEcdhKeyring, RawRsaKeyring, UnableToDecryptDataKeyException, ValidationException,
} from "pocketkms";
import { ACCOUNT, REGION, bytes, pattern, rawAes, rejection, text, vault } from "../support/help.js";
import { ecKeyPair, rsaKeyPair } from "../support/key-pairs.js";

const client = new EncryptionClient();
const plaintext = pattern(100);
const encrypt = async (keyring, options) => (await client.encrypt(keyring, plaintext, options)).message;

/** Expects that the keyring opens the message. */
async function opens(keyring, message) {
  expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
}

/** Expects that it does not, and gives the list of reasons. */
async function explains(keyring, message) {
  const error = await rejection(client.decrypt(keyring, message));
  expect(error).to.be.an.instanceof(UnableToDecryptDataKeyException);
  return error.explanation;
}

/** A keyring that does to data keys what an app's own would, later; `calls` are what it was asked. */
function later(providerId, change = {}) {
  const calls = [];
  const turned = (key) => Uint8Array.from(key, (byte) => byte ^ 0x5a);
  return { calls, keyring: new CallbackKeyring(providerId, {
    async wrap(dataKey, encryptionContext, algorithmSuite) {
      calls.push({ dataKey, encryptionContext, algorithmSuite });
      const ciphertext = turned(dataKey);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { providerInfo: bytes("slot 3"), ciphertext };
    },
    async unwrap({ providerInfo, ciphertext, ...rest }, encryptionContext, algorithmSuite) {
      calls.push({ providerInfo: text(providerInfo), ...rest, encryptionContext, algorithmSuite });
      return turned(ciphertext);
    },
    ...change,
  }) };
}

export default {
  async "a key that is disabled or gone opens nothing, and the error says why"() {
    const { kms, key } = await vault();
    const keyring = new KmsKeyring(kms, "alias/test");
    const message = await encrypt(keyring, { encryptionContext: { order: "4711" } });
    await opens(keyring, message);
    await kms.disableKey({ keyId: key.keyId });
    expect(await explains(keyring, message)).to.match(/1\. provider 'aws-kms', key 'arn:aws:kms:.*: DisabledException/);
    expect(await rejection(client.encrypt(keyring, plaintext))).to.be.an.instanceof(DisabledException);
    expect(await rejection(async () => client.encrypt(new KmsKeyring(kms, "alias/none"), plaintext))).to.be.an.instanceof(NotFoundException);
  },

  async "the keys of a vault open messages of before a rotation"() {
    const { kms, key, clock } = await vault();
    const keyring = new KmsKeyring(kms, key.keyId);
    const before = await encrypt(keyring);
    await kms.enableKeyRotation({ keyId: key.keyId });
    clock.advanceDays(400);
    const after = await encrypt(keyring);
    await opens(keyring, before);
    await opens(new KmsKeyring(kms, key.arn), after);
    const material = async (message) => (await client.inspect(message)).wrappingKeys[0].keyMaterial;
    expect(await material(before)).not.to.equal(await material(after));
    const [{ keyArn, keyId }] = (await client.inspect(after)).wrappingKeys;
    expect({ keyArn, keyId }).to.deep.equal({ keyArn: key.arn, keyId: key.keyId });
  },

  async "any of several keys opens a message"() {
    const { kms, key } = await vault();
    const { keyMetadata: other } = await kms.createKey();
    const message = await encrypt(new KmsKeyring(kms, key.keyId, [other.keyId]));
    await kms.disableKey({ keyId: key.keyId });
    await opens(new KmsKeyring(kms, other.keyId), message);
    await opens(KmsKeyring.discovery(kms), message);
    expect(await explains(new KmsKeyring(kms, key.keyId), message)).to.match(/1\. .*Disabled[^]*2\. .*no keyring is for/);
  },

  async "a discovery keyring that is aware of multi-Region keys asks in one Region"() {
    const { host, kms } = await vault();
    const message = await encrypt(new KmsKeyring(kms, "alias/test"));
    await opens(KmsKeyring.discovery(kms, undefined, { multiRegionAware: true }), message);
    const elsewhere = host.client({ region: "us-east-1" });
    // It is not even asked for: the key is of one Region, and that is another.
    for (const there of [[elsewhere, undefined, { multiRegionAware: true }], [kms, undefined, { region: "us-east-1" }]]) {
      expect(await explains(KmsKeyring.discovery(...there), message)).to.contain("no keyring is for");
    }
    const ask = () => { throw new Error("not asked"); };
    const aws = { generateDataKey: ask, encrypt: ask, decrypt: ask };
    expect(await rejection(async () => KmsKeyring.discovery(aws, undefined, { multiRegionAware: true }))).to.be.an.instanceof(ValidationException);
    KmsKeyring.discovery(aws, undefined, { multiRegionAware: true, region: "us-east-1" });
  },

  async "a discovery keyring opens what its filter allows, and encrypts nothing"() {
    const { host, kms } = await vault();
    const message = await encrypt(new KmsKeyring(kms, "alias/test"));
    await opens(KmsKeyring.discovery(kms, { accountIds: [ACCOUNT], partition: "aws" }), message);
    await opens(KmsKeyring.discovery(kms, { accountIds: [ACCOUNT] }), message);
    expect(await explains(KmsKeyring.discovery(kms, { accountIds: ["444455556666"] }), message)).to.contain("no keyring is for");
    expect(await explains(KmsKeyring.discovery(kms, { accountIds: [ACCOUNT], partition: "aws-cn" }), message)).to.contain("no keyring is for");
    expect(await explains(KmsKeyring.discovery(host.client({ region: "us-east-1" })), message)).to.contain("NotFoundException");
    expect(await rejection(client.encrypt(KmsKeyring.discovery(kms), plaintext))).to.be.an.instanceof(ValidationException);
    for (const [filter, message] of [[{ accountIds: ACCOUNT }, /accountIds must be an array/], [{}, /accountIds is missing/], [{ accounts: [] }, /no member/]]) {
      const misuse = await rejection(async () => KmsKeyring.discovery(kms, filter));
      expect(misuse).to.be.an.instanceof(TypeError);
      expect(misuse.message).to.match(message);
    }
  },

  async "a closed vault wraps nothing"() {
    const { host, kms } = await vault();
    const keyring = new KmsKeyring(kms, "alias/test");
    const message = await encrypt(keyring);
    host.close();
    for (const promise of [client.encrypt(keyring, plaintext), client.decrypt(keyring, message)]) {
      expect((await rejection(promise)).name).to.equal("VaultClosedException");
    }
  },

  async "a raw AES key of another value, name or namespace opens nothing"() {
    const wrappingKey = new Uint8Array(16).fill(1);
    const make = (change) => new RawAesKeyring({ namespace: "app", name: "key", wrappingKey, ...change });
    const message = await encrypt(make());
    expect(await explains(make({ wrappingKey: new Uint8Array(16) }), message)).to.contain("another wrapping key");
    expect(await explains(make({ name: "other" }), message)).to.contain("no keyring is for");
    expect(await explains(make({ namespace: "other" }), message)).to.contain("no keyring is for");
    for (const length of [16, 24, 32]) {
      const keyring = make({ wrappingKey: new Uint8Array(length) });
      await opens(keyring, await encrypt(keyring));
    }
    expect(await rejection(async () => client.encrypt(make({ wrappingKey: new Uint8Array(15) }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(make({ namespace: "aws-kms" }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(make({ nmae: "key" }), plaintext))).to.be.an.instanceof(TypeError);
    expect(await rejection(async () => client.encrypt(make({ name: undefined }), plaintext))).to.be.an.instanceof(TypeError);
    expect(() => make({ wrappingKey: "text" })).to.throw(TypeError, "wrappingKey must be a Uint8Array");
  },

  async "a keyring keeps a copy of its key until it is closed"() {
    const wrappingKey = new Uint8Array(32).fill(3);
    const keyring = new RawAesKeyring({ namespace: "app", name: "key", wrappingKey });
    wrappingKey.fill(0);
    const message = await encrypt(keyring);
    await opens(new RawAesKeyring({ namespace: "app", name: "key", wrappingKey: wrappingKey.fill(3) }), message);
    keyring.close();
    keyring.close();
    expect((await rejection(client.encrypt(keyring, plaintext))).name).to.equal("InvalidStateError");
    expect((await rejection(client.decrypt(keyring, message))).name).to.equal("InvalidStateError");
  },

  async "RSA: only the private key opens, PKCS #1 v1.5 only where asked for by name"() {
    const { publicKey, privateKey } = await rsaKeyPair();
    const make = (options) => new RawRsaKeyring({ namespace: "app", name: "rsa", paddingScheme: "OAEP_SHA256_MGF1", ...options });
    const message = await encrypt(make({ publicKey }));
    expect(await explains(make({ publicKey }), message)).to.contain("no private key");
    expect(await explains(make({ privateKey, paddingScheme: "OAEP_SHA512_MGF1" }), message)).to.contain("another private key or padding scheme");
    await opens(make({ publicKey, privateKey }), message);
    await opens(make({ privateKey: bytes(privateKey) }), message);
    expect(await rejection(async () => client.encrypt(make({ privateKey }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(make({}), plaintext))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(make({ publicKey: "no PEM" }), plaintext))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(make({ publicKey, paddingScheme: undefined }), plaintext))).to.be.an.instanceof(TypeError);
    const pkcs1 = await rejection(async () => client.encrypt(make({ publicKey, paddingScheme: "PKCS1" }), plaintext));
    expect(pkcs1.message).to.contain("PKCS #1 v1.5 is refused");
    const old = RawRsaKeyring.pkcs1DespitePaddingOracles({ namespace: "app", name: "rsa", privateKey });
    expect(await rejection(client.encrypt(old, plaintext))).to.be.an.instanceof(ValidationException);
    // A wrong padding may be answered with made-up bytes, which once in a while are as long as a data key.
    const wrong = await rejection(client.decrypt(old, message));
    expect(wrong.name).to.be.oneOf(["UnableToDecryptDataKeyException", "InvalidMessageException"]);
  },

  async "an app's own keyring answers later"() {
    const { keyring, calls } = later("hsm");
    const message = await encrypt(keyring, { encryptionContext: { order: "4711" } });
    await opens(keyring, message);
    const [wrapped, unwrapped] = calls;
    expect(wrapped.dataKey, "wiped").to.deep.equal(new Uint8Array(32));
    const asked = { encryptionContext: { order: "4711" }, algorithmSuite: "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY" };
    expect(wrapped).to.deep.include(asked);
    expect(unwrapped).to.deep.equal({ providerId: "hsm", providerInfo: "slot 3", ...asked });
  },

  async "what an app's own keyring throws to encrypt comes through; to decrypt, it is noted"() {
    const thrown = new RangeError("no slot free");
    const { keyring: broken } = later("hsm", { wrap: async () => { throw thrown; }, unwrap: async () => { throw thrown; } });
    expect(await rejection(client.encrypt(broken, plaintext))).to.equal(thrown);
    const message = await encrypt(new MultiKeyring(rawAes(), [later("hsm").keyring]));
    expect(await explains(broken, message)).to.match(/1\. .*no keyring is for[^]*2\. .*key 'slot 3': KeyUnavailableException \(RangeError: no slot free\)/);
    await opens(new MultiKeyring(broken, [rawAes()]), message);
    const { keyring: wrong } = later("hsm", { unwrap: async () => new Uint8Array(16) });
    expect(await explains(wrong, message)).to.contain("the data key has 16 bytes");
    const { keyring: none } = later("hsm", { unwrap: async () => undefined });
    expect(await explains(none, message)).to.contain("TypeError: the data key must be a Uint8Array");
  },

  async "what an app's own keyring answers is checked"() {
    for (const answer of [undefined, {}, { providerInfo: "slot", ciphertext: bytes("a") }, { providerInfo: bytes("slot") }]) {
      const { keyring } = later("hsm", { wrap: async () => answer });
      expect(await rejection(client.encrypt(keyring, plaintext))).to.be.an.instanceof(TypeError);
    }
    const { keyring } = later("aws-kms");
    expect(await rejection(client.encrypt(keyring, plaintext))).to.be.an.instanceof(InvalidArnException);
    const arn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    const aws = later("aws-kms", { wrap: async (dataKey) => ({ providerInfo: bytes(arn), ciphertext: dataKey.slice() }), unwrap: ({ ciphertext }) => ciphertext });
    await opens(aws.keyring, await encrypt(aws.keyring));
    expect(() => new CallbackKeyring("", { wrap() {}, unwrap() {} })).to.throw(TypeError, "provider id");
    expect(() => new CallbackKeyring("hsm", { wrap() {} })).to.throw(TypeError, "unwrap must be a function");
  },

  async "several keyrings are asked in their order, until one has the data key"() {
    const [first, second] = [later("hsm"), later("hsm")];
    const both = new MultiKeyring(first.keyring, [second.keyring, rawAes()]);
    const message = await encrypt(both);
    expect((await client.inspect(message)).header.encryptedDataKeys.map(({ providerId }) => providerId)).to.deep.equal(["hsm", "hsm", "tests"]);
    await opens(both, message);
    expect([first.calls.length, second.calls.length]).to.deep.equal([2, 1]);
    await opens(rawAes(), message);
    const nested = new MultiKeyring(undefined, [rawAes(8), new MultiKeyring(null, [rawAes()])]);
    await opens(nested, message);
    expect(await explains(new MultiKeyring(undefined, [rawAes(8)]), message)).to.match(/1\. [^]*2\. [^]*3\. /);
    const error = await rejection(client.encrypt(nested, plaintext));
    expect(error).to.be.an.instanceof(ValidationException);
    expect(error.message).to.contain("no generator");
  },

  async "what is no keyring is refused"() {
    expect(() => new MultiKeyring()).to.throw(TypeError, "generator or a child");
    expect(() => new MultiKeyring(rawAes(), [{}])).to.throw(TypeError, "a keyring is needed");
    expect(() => new MultiKeyring({}, [])).to.throw(TypeError, "a keyring is needed");
    expect(() => new Keyring()).to.throw(TypeError, "keyring of a kind");
    expect(() => new RawAesKeyring()).to.throw(TypeError);
  },

  async "ECDH: only the parties open"() {
    const curveSpec = "ECC_NIST_P384";
    const [sender, recipient, other] = await Promise.all(Array.from({ length: 3 }, () => ecKeyPair("P-384")));
    const both = (own, peer) => RawEcdhKeyring.rawPrivateKeyToStaticPublicKey({ senderPrivateKey: own.privateKey, recipientPublicKey: peer.publicKey, curveSpec });
    const message = await encrypt(both(sender, recipient));
    for (const keyring of [both(sender, recipient), both(recipient, sender), RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec })]) {
      expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
    }
    for (const keyring of [both(other, recipient), RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: other.privateKey, curveSpec })]) {
      expect(await rejection(client.decrypt(keyring, message))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    }
    const ephemeral = RawEcdhKeyring.ephemeralPrivateKeyToStaticPublicKey({ recipientPublicKey: bytes(recipient.publicKey), curveSpec });
    const toRecipient = await encrypt(ephemeral);
    expect(await rejection(client.decrypt(ephemeral, toRecipient))).to.be.an.instanceof(UnableToDecryptDataKeyException);
    const discovery = RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec });
    expect((await client.decrypt(discovery, toRecipient)).plaintext).to.deep.equal(plaintext);
    expect(await rejection(client.encrypt(discovery, plaintext))).to.be.an.instanceof(ValidationException);
    const wrong = () => RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: recipient.privateKey, curveSpec: "ECC_NIST_P256" });
    expect(await rejection(async () => client.decrypt(wrong(), message))).to.be.an.instanceof(ValidationException);
    expect(await rejection(async () => client.encrypt(RawEcdhKeyring.publicKeyDiscovery({ curveSpec }), plaintext))).to.be.an.instanceof(TypeError);
    expect(() => new RawEcdhKeyring({})).to.throw(TypeError, "make a RawEcdhKeyring by");
  },
};
