// What the cases share. It runs in every environment.
import { expect } from "chai";
import { EncryptionClient, ManualClock, RawAesKeyring, RootKey, Vault } from "pocketkms";

export const ACCOUNT = "111122223333";
export const REGION = "eu-central-1";
export const START = new Date("2026-01-01T12:00:00.123Z");

export const rootKey = () => RootKey.fromBytes(Uint8Array.from({ length: 32 }, (_, index) => index));

/** The host's handle of a new vault in which the time stands still, a client of it, and a key with an alias. */
export async function vault(region = REGION) {
  const clock = new ManualClock(START);
  const host = await Vault.inMemory(rootKey(), { clock, accountId: ACCOUNT, region });
  const kms = host.client();
  const { keyMetadata: key } = await kms.createKey();
  await kms.createAlias({ aliasName: "alias/test", targetKeyId: key.keyId });
  return { host, kms, clock, key };
}

/** The error that a promise rejects with; or a function that answers one, or throws where what is wrong is seen at once. */
export async function rejection(tried) {
  const promise = typeof tried === "function" ? (async () => tried())() : tried;
  const error = await promise.then(() => undefined, (error) => error);
  expect(error).to.be.an.instanceof(Error);
  return error;
}

export const bytes = (text) => new TextEncoder().encode(text);
export const text = (bytes) => new TextDecoder().decode(bytes);

/** A keyring, and the same one each time. */
export const rawAes = (byte = 7) => new RawAesKeyring({ namespace: "tests", name: `key ${byte}`, wrappingKey: new Uint8Array(32).fill(byte) });

/** Bytes of which no two neighbours are alike. */
export const pattern = (length) => Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) % 251);

export const COMMITTING = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY";
export const SIGNED = "ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384";
export const SUITES = [
  ...["128", "192", "256"].flatMap((bits) => [`ALG_AES_${bits}_GCM_IV12_TAG16_NO_KDF`, `ALG_AES_${bits}_GCM_IV12_TAG16_HKDF_SHA256`]),
  "ALG_AES_128_GCM_IV12_TAG16_HKDF_SHA256_ECDSA_P256",
  "ALG_AES_192_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384",
  "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384",
  COMMITTING,
  SIGNED,
];

/** The options of a client that encrypts all frames by WebAssembly, and of one that leaves them to WebCrypto. */
export const CIPHERS = { WebAssembly: { webCryptoFrom: Infinity }, WebCrypto: { webCryptoFrom: 0 } };

/** Both clients; those that may use any suite, where one is named. */
export function clients(algorithmSuite) {
  const committing = algorithmSuite === undefined || algorithmSuite.includes("COMMIT_KEY");
  const commitmentPolicy = committing ? "REQUIRE_ENCRYPT_ALLOW_DECRYPT" : "FORBID_ENCRYPT_ALLOW_DECRYPT";
  return Object.values(CIPHERS).map((options) => new EncryptionClient({ ...options, commitmentPolicy }));
}

/** A copy in which one bit is another. */
export function altered(bytes, at) {
  const copy = bytes.slice();
  copy.set([copy.at(at) ^ 1], at < 0 ? copy.length + at : at);
  return copy;
}

/** All that comes out of a stream, in a row, and the error it ended with, if any. */
export async function readAll(readable) {
  const pieces = [];
  const reader = readable.getReader();
  let error;
  try {
    for (let read; !(read = await reader.read()).done;) pieces.push(read.value);
  } catch (caught) {
    error = caught;
  }
  return { bytes: new Uint8Array(await new Blob(pieces).arrayBuffer()), error };
}

/** A stream of bytes in pieces of that length. */
export function inPieces(bytes, length) {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + length));
        at += length;
      } else {
        controller.close();
      }
    },
  });
}
