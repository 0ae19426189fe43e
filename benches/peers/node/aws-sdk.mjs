// npm `@aws-crypto/client-node`, with the suite that PocketKMS writes by default (0x0478: committing, unsigned).
import { require } from "./support.mjs";

const {
  AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
  buildClient,
} = require("@aws-crypto/client-node");

export function contender({ frameLength }) {
  const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const keyring = new RawAesKeyringNode({
    keyNamespace: "peers",
    keyName: "key",
    unencryptedMasterKey: Uint8Array.from({ length: 32 }, (_, index) => index),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  });
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY;
  return {
    packages: ["@aws-crypto/client-node"],
    encrypt: async (plaintext) => [(await client.encrypt(keyring, plaintext, { suiteId, frameLength })).result],
    decrypt: async (message) => (await client.decrypt(keyring, message)).plaintext,
    encryptStream: () => client.encryptStream(keyring, { suiteId, frameLength }),
    decryptStream: () => client.decryptStream(keyring),
  };
}
