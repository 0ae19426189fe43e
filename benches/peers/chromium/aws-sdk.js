// npm `@aws-crypto/client-browser`, with the suite that PocketKMS writes by default (0x0478: committing, unsigned). It knows
// no streams.
import {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  RawAesKeyringWebCrypto,
  RawAesWrappingSuiteIdentifier,
  buildClient,
} from "@aws-crypto/client-browser";

const wrappingSuite = RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING;
const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;

async function keyring() {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const masterKey = await RawAesKeyringWebCrypto.importCryptoKey(key, wrappingSuite);
  return new RawAesKeyringWebCrypto({ keyNamespace: "peers", keyName: "key", masterKey, wrappingSuite });
}

export function contender({ frameLength }) {
  const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keys = keyring();
  return {
    packages: ["@aws-crypto/client-browser"],
    encrypt: async (plaintext) => [(await client.encrypt(await keys, plaintext, { suiteId, frameLength })).result],
    decrypt: async (message) => (await client.decrypt(await keys, message)).plaintext,
  };
}
