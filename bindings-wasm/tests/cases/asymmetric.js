// Keys with a public half, whose primitives are a second WebAssembly module; and RSA keys, which the platform makes.
import { expect } from "chai";
import { EncryptionClient, Vault } from "pocketkms";
import { SIGNED, altered, bytes, rawAes, rejection, rootKey, vault } from "../support/help.js";
import { ODD_RSA_KEYS } from "../support/odd-rsa-keys.js";
import { replaced, withName } from "../support/stored.js";

const SIGNING = {
  RSA_2048: "RSASSA_PSS_SHA_256", ECC_NIST_P256: "ECDSA_SHA_256", ECC_NIST_P384: "ECDSA_SHA_384", ECC_NIST_P521: "ECDSA_SHA_512",
  ECC_SECG_P256K1: "ECDSA_SHA_256", ECC_NIST_EDWARDS25519: "ED25519_SHA_512", ML_DSA_44: "ML_DSA_SHAKE_256", ML_DSA_87: "ML_DSA_SHAKE_256",
};
const message = bytes("a message");

/** Signs with a new key of that spec, and has it verified. */
async function signs(kms, keySpec, signingAlgorithm) {
  const { keyMetadata: { keyId } } = await kms.createKey({ keySpec, keyUsage: "SIGN_VERIFY" });
  const { signature } = await kms.sign({ keyId, message, signingAlgorithm });
  expect((await kms.verify({ keyId, message, signature, signingAlgorithm })).signatureValid, keySpec).to.equal(true);
  const wrong = kms.verify({ keyId, message: bytes("another"), signature, signingAlgorithm });
  expect(await rejection(wrong), keySpec).to.include({ name: "KMSInvalidSignatureException" });
  return { keyId, signature, publicKey: (await kms.getPublicKey({ keyId })).publicKey };
}

/** The two numbers of an ECDSA signature, one after the other, as WebCrypto has them, in place of DER. */
function plain(signature, length) {
  const numbers = new Uint8Array(2 * length);
  // SEQUENCE with a length of one or two bytes, then each INTEGER.
  let at = signature[1] & 0x80 ? 3 : 2;
  for (const end of [length, 2 * length]) {
    const size = signature[at + 1];
    const number = signature.subarray(at + 2, at + 2 + size);
    const digits = number.subarray(Math.max(0, size - length));
    numbers.set(digits, end - digits.length);
    at += 2 + size;
  }
  return numbers;
}

export default {
  async "keys of every kind sign, whichever are asked for at once"() {
    const { host, kms } = await vault();
    const made = await Promise.all(Object.entries(SIGNING).map(([spec, algorithm]) => signs(kms, spec, algorithm)));
    expect(new Set(made.map(({ keyId }) => keyId)).size).to.equal(made.length);
    // That the primitives were not there when the first was asked for has left nothing behind.
    expect((await kms.listKeys()).keys).to.have.length(made.length + 1);
    expect(await host.verify()).to.deep.equal([]);
  },

  async "an RSA key that the platform made is one like any other"() {
    const { kms } = await vault();
    const [one, other] = await Promise.all([signs(kms, "RSA_2048", "RSASSA_PSS_SHA_256"), signs(kms, "RSA_3072", "RSASSA_PSS_SHA_256")]);
    for (const [{ signature, publicKey }, length] of [[one, 256], [other, 384]]) {
      expect(signature).to.have.length(length);
      const key = await crypto.subtle.importKey("spki", publicKey, { name: "RSA-PSS", hash: "SHA-256" }, false, ["verify"]);
      expect(await crypto.subtle.verify({ name: "RSA-PSS", saltLength: 32 }, key, signature, message)).to.equal(true);
    }
    const { keyMetadata: { keyId } } = await kms.createKey();
    const pairs = await Promise.all([1, 2].map(() => kms.generateDataKeyPair({ keyId, keyPairSpec: "RSA_2048" })));
    expect(pairs[0].publicKey).not.to.deep.equal(pairs[1].publicKey);
    await crypto.subtle.importKey("pkcs8", pairs[0].privateKeyPlaintext, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["decrypt"]);
  },

  async "what the platform made that is no such RSA key is not used"() {
    const { kms } = await vault();
    for (const [what, odd] of Object.entries(ODD_RSA_KEYS)) {
      await replaced(crypto.subtle, "exportKey", () => async () => odd.slice().buffer, async () => {
        const { publicKey } = await signs(kms, "RSA_2048", "RSASSA_PSS_SHA_256");
        // The exponent comes last (65537), and the modulus of 2048 bits before it, with its highest bit set.
        expect([...publicKey.slice(-5)], what).to.deep.equal([2, 3, 1, 0, 1]);
        expect(publicKey.at(-5 - 256), what).to.be.above(127);
      });
    }
  },

  async "WebCrypto verifies what curves sign, agrees on the same secrets, and encrypts what RSA decrypts"() {
    const { kms } = await vault();
    const { subtle } = crypto;
    for (const [namedCurve, keySpec, hash, length] of [["P-256", "ECC_NIST_P256", 256, 32], ["P-384", "ECC_NIST_P384", 384, 48], ["P-521", "ECC_NIST_P521", 512, 66]]) {
      const { signature, publicKey } = await signs(kms, keySpec, `ECDSA_SHA_${hash}`);
      // WebKit on Linux has no P-521.
      const key = await subtle.importKey("spki", publicKey, { name: "ECDSA", namedCurve }, false, ["verify"]).catch(() => undefined);
      if (!key && namedCurve === "P-521") continue;
      expect(await subtle.verify({ name: "ECDSA", hash: `SHA-${hash}` }, key, plain(signature, length), message), keySpec).to.equal(true);
      expect(await subtle.verify({ name: "ECDSA", hash: `SHA-${hash}` }, key, plain(signature, length), bytes("another")), keySpec).to.equal(false);

      const { keyMetadata: { keyId } } = await kms.createKey({ keySpec, keyUsage: "KEY_AGREEMENT" });
      const own = await subtle.generateKey({ name: "ECDH", namedCurve }, true, ["deriveBits"]);
      const ownKey = new Uint8Array(await subtle.exportKey("spki", own.publicKey));
      const { sharedSecret } = await kms.deriveSharedSecret({ keyId, keyAgreementAlgorithm: "ECDH", publicKey: ownKey });
      const { publicKey: theirs } = await kms.getPublicKey({ keyId });
      const other = await subtle.importKey("spki", theirs, { name: "ECDH", namedCurve }, false, []);
      const bits = await subtle.deriveBits({ name: "ECDH", public: other }, own.privateKey, length === 66 ? null : length * 8);
      expect(new Uint8Array(bits), keySpec).to.deep.equal(sharedSecret);
    }
    const { keyMetadata: { keyId } } = await kms.createKey({ keySpec: "RSA_2048", keyUsage: "ENCRYPT_DECRYPT" });
    const { publicKey } = await kms.getPublicKey({ keyId });
    for (const hash of ["SHA-1", "SHA-256"]) {
      const key = await subtle.importKey("spki", publicKey, { name: "RSA-OAEP", hash }, false, ["encrypt"]);
      const ciphertextBlob = new Uint8Array(await subtle.encrypt({ name: "RSA-OAEP" }, key, message));
      const encryptionAlgorithm = `RSAES_OAEP_${hash.replace("-", "_")}`;
      expect((await kms.decrypt({ ciphertextBlob, keyId, encryptionAlgorithm })).plaintext, hash).to.deep.equal(message);
    }
  },

  async "a call that had to wait for an RSA key is counted once"() {
    const { host, kms } = await vault();
    const { keyMetadata: { keyId } } = await kms.createKey();
    await host.setRequestQuotas([{ quotaName: "GenerateDataKeyPair (RSA_2048)", requests: 1 }]);
    await kms.generateDataKeyPair({ keyId, keyPairSpec: "RSA_2048" });
    expect(await rejection(kms.generateDataKeyPair({ keyId, keyPairSpec: "RSA_2048" }))).to.include({ name: "ThrottlingException" });
    await host.setRequestQuotas([]);
    const events = (await host.lookupEvents({})).events.filter(({ eventName }) => eventName === "GenerateDataKeyPair");
    expect(events.map(({ errorCode }) => errorCode)).to.have.members([undefined, "ThrottlingException"]);
  },

  async "messages are signed, and their signatures verified"() {
    const client = new EncryptionClient({ commitmentPolicy: "REQUIRE_ENCRYPT_REQUIRE_DECRYPT" });
    const { message: signed } = await client.encrypt(rawAes(), message, { algorithmSuite: SIGNED });
    expect((await client.decrypt(rawAes(), signed)).plaintext).to.deep.equal(message);
    expect(await rejection(client.decrypt(rawAes(), altered(signed, -1)))).to.include({ name: "InvalidMessageException" });
  },

  "a vault in IndexedDB makes them, too, and has them when it is opened again": withName(async (name) => {
    const first = await Vault.openOrCreate(name, rootKey());
    const kms = first.client();
    const made = await Promise.all(["RSA_2048", "ECC_NIST_P256", "ML_DSA_44"].map((spec) => signs(kms, spec, SIGNING[spec])));
    first.close();
    const again = await Vault.open(name, rootKey());
    expect((await again.client().listKeys()).keys).to.have.length(3);
    for (const [index, signingAlgorithm] of ["RSASSA_PSS_SHA_256", "ECDSA_SHA_256", "ML_DSA_SHAKE_256"].entries()) {
      const { keyId, signature } = made[index];
      expect((await again.client().verify({ keyId, message, signature, signingAlgorithm })).signatureValid).to.equal(true);
    }
    again.close();
  }),
};
