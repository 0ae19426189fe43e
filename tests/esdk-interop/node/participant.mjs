// npm `@aws-crypto/client-node` as a participant: answers requests, a JSON object a line. See ../README.md.
import { constants } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.env.PEERS}/node/package.json`);
const {
  CommitmentPolicy,
  MultiKeyringNode,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
  RawRsaKeyringNode,
  buildClient,
} = require("@aws-crypto/client-node");

const WRAPPING = {
  16: RawAesWrappingSuiteIdentifier.AES128_GCM_IV12_TAG16_NO_PADDING,
  24: RawAesWrappingSuiteIdentifier.AES192_GCM_IV12_TAG16_NO_PADDING,
  32: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
};
const PADDING = {
  PKCS1: { padding: constants.RSA_PKCS1_PADDING },
  OAEP_SHA1_MGF1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" },
  OAEP_SHA256_MGF1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" },
  OAEP_SHA384_MGF1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha384" },
  OAEP_SHA512_MGF1: { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha512" },
};

function singleKeyring({ type, namespace: keyNamespace, name: keyName, ...key }) {
  if (type === "aes") {
    // A copy of its own: the keyring wants the memory for itself alone.
    const unencryptedMasterKey = new Uint8Array(Buffer.from(key.key, "base64"));
    return new RawAesKeyringNode({
      keyNamespace,
      keyName,
      unencryptedMasterKey,
      wrappingSuite: WRAPPING[unencryptedMasterKey.length],
      // In the order of UTF-8, as the specification and all other SDKs have it; by default this one sorts by the locale.
      utf8Sorting: true,
    });
  }
  const rsaKey = { publicKey: key.public, privateKey: key.private };
  return new RawRsaKeyringNode({ keyNamespace, keyName, rsaKey, ...PADDING[key.padding] });
}

/** Kept: the same few keyrings come thousands of times. */
const keyrings = new Map();

function keyring(keys) {
  const id = JSON.stringify(keys);
  if (!keyrings.has(id)) {
    const [generator, ...children] = keys.map(singleKeyring);
    keyrings.set(id, children.length ? new MultiKeyringNode({ generator, children }) : generator);
  }
  return keyrings.get(id);
}

async function answer(request) {
  if (request.required_context_keys.length) throw new Error("it has no required encryption context keys");
  const client = buildClient({
    commitmentPolicy: CommitmentPolicy[request.policy],
    maxEncryptedDataKeys: request.max_encrypted_data_keys ?? false,
  });
  const keys = keyring(request.keys);
  if (request.op === "encrypt") {
    const { result } = await client.encrypt(keys, Buffer.from(request.plaintext, "base64"), {
      suiteId: request.suite,
      encryptionContext: request.context,
      frameLength: request.frame_length,
    });
    return { message: result.toString("base64") };
  }
  const { plaintext, messageHeader } = await client.decrypt(keys, Buffer.from(request.message, "base64"));
  return { plaintext: plaintext.toString("base64"), context: messageHeader.encryptionContext };
}

for await (const line of createInterface({ input: process.stdin })) {
  let result;
  try {
    result = await answer(JSON.parse(line));
  } catch (error) {
    // Whether it should have failed is for the judge to say.
    result = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
