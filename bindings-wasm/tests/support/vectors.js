// The vectors of the AWS Encryption SDK's message format: the keyrings that they name, and what must come of them. It runs in
// every environment.
import {
  CallbackKeyring, EncryptionClient, HierarchicalKeyring, InvalidCiphertextException, KmsKeyring, MultiKeyring, RawAesKeyring,
  RawEcdhKeyring, RawRsaKeyring,
} from "pocketkms";
import { SUITES, readAll } from "./help.js";

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The suites' ids by their names. */
const SUITE_IDS = Object.fromEntries(
  ["0014", "0114", "0046", "0146", "0078", "0178", "0214", "0346", "0378", "0478", "0578"].map((id, index) => [SUITES[index], `0x${id}`]),
);

const MAKE = {
  "raw-aes": ({ provider_id: namespace, key_name: name, key }, keys) =>
    new RawAesKeyring({ namespace, name, wrappingKey: fromHex(keys[key].material_hex) }),

  "raw-rsa"({ provider_id: namespace, key_name: name, key, padding, hash }, keys) {
    const { private_pem: privateKey } = keys[key];
    return padding === "pkcs1"
      ? RawRsaKeyring.pkcs1DespitePaddingOracles({ namespace, name, privateKey })
      : new RawRsaKeyring({ namespace, name, privateKey, paddingScheme: `OAEP_${hash.toUpperCase()}_MGF1` });
  },

  "raw-ecdh"({ schema, key, peer, curve }, keys) {
    const curveSpec = `ECC_NIST_${curve.toUpperCase()}`;
    return schema === "discovery"
      ? RawEcdhKeyring.publicKeyDiscovery({ recipientPrivateKey: keys[key].private_pem, curveSpec })
      : RawEcdhKeyring.rawPrivateKeyToStaticPublicKey({
        senderPrivateKey: keys[key].private_pem, recipientPublicKey: keys[peer].public_pem, curveSpec,
      });
  },

  /** A store with one version of one branch key. */
  "aws-kms-hierarchy"({ key }, keys) {
    const { branch_key_id: id, branch_key_version: version, material_hex: material } = keys[key];
    const branchKeyVersion = async (...asked) => {
      if (String(asked) !== String([id, version])) throw new RangeError(`another branch key: ${asked}`);
      return { branchKeyVersion: version, branchKey: fromHex(material) };
    };
    return new HierarchicalKeyring({ branchKeyVersion, activeBranchKey: (id) => branchKeyVersion(id, version) }, id, { ttl: 3600 });
  },

  /** A KMS that knows what the table says and nothing else. */
  "aws-kms-stub"({ mode, key_arn: arn, partition, account_ids: accountIds, responses }) {
    const nothing = () => { throw new Error("nothing is encrypted here"); };
    const kms = { generateDataKey: nothing, encrypt: nothing, decrypt: async ({ keyId, ciphertextBlob, encryptionContext = {} }) => {
      const known = responses.find((response) => isRelated(response.key_arn, keyId)
        && response.ciphertext_hex === toHex(ciphertextBlob) && sorted(response.encryption_context) === sorted(encryptionContext));
      if (!known) throw new InvalidCiphertextException("");
      return { keyId, plaintext: fromHex(known.data_key_hex) };
    } };
    switch (mode) {
      case "strict": return new KmsKeyring(kms, arn);
      case "strict-mrk": return new KmsKeyring(kms, arn, [], { multiRegionAware: true });
      case "discovery": return KmsKeyring.discovery(kms, accountIds && { accountIds, partition });
      default: throw new Error(`${mode} is no mode of a KMS keyring`);
    }
  },

  /** One data key for whatever the message says. */
  "static-data-key"({ data_key_hex: dataKey }, keys, { header }) {
    // Of a message that cannot even be inspected, no data key is asked for.
    const providers = new Set(header?.encryptedDataKeys.map(({ providerId }) => providerId) ?? ["none"]);
    const unwrap = () => fromHex(dataKey);
    return new MultiKeyring(undefined, Array.from(providers, (id) => new CallbackKeyring(id, { unwrap, wrap: unwrap })));
  },
};

const sorted = (pairs) => JSON.stringify(Object.entries(pairs).sort());

/** Whether both name the same key, or replicas of one multi-Region key. */
function isRelated(one, other) {
  const [first, second] = [one, other].map((arn) => arn.match(/^arn:[^:]*:kms:[^:]*:(\d+):key\/(mrk-.*)$/)?.slice(1).join(" "));
  return one === other || (first !== undefined && first === second);
}

/** Decrypts as the case says, at once or as a stream. Answers what is wrong, as `problem`, or how it ended. */
export async function runVector({ keys, message, plaintext, ...vector }, asStream, clientOptions) {
  const { expect, options = {}, keyring: entries = [], header } = vector;
  const client = new EncryptionClient({
    ...clientOptions,
    commitmentPolicy: (options.commitment_policy ?? "require-encrypt-allow-decrypt").toUpperCase().replaceAll("-", "_"),
    maxEncryptedDataKeys: options.max_encrypted_data_keys,
  });
  if (expect === "parse") {
    return ended("parsed", compareInfo(await client.inspect(message), header));
  }
  let result, failure;
  try {
    const info = await client.inspect(message).catch(() => ({}));
    const keyrings = entries.map((entry) => MAKE[entry.type](entry, keys, info));
    const keyring = keyrings.length === 1 ? keyrings[0] : new MultiKeyring(undefined, keyrings);
    const decryptOptions = {
      encryptionContext: options.reproduced_encryption_context,
      requiredEncryptionContextKeys: options.required_encryption_context_keys,
    };
    // Only as a stream can a message be refused for being signed.
    result = asStream || options.mode === "decrypt-unsigned"
      ? await decryptStream(client, keyring, message, { ...decryptOptions, unsignedOnly: options.mode === "decrypt-unsigned" })
      : await client.decrypt(keyring, message, decryptOptions);
  } catch (error) {
    failure = error;
  }
  return judge({ expect, header, plaintext, ...vector }, result, failure);
}

async function decryptStream(client, keyring, message, options) {
  const stream = client.decryptStream(keyring, options);
  // Not by `new Response(...)`: in Chromium that makes a "Failed to fetch" of every error.
  const { bytes: plaintext, error } = await readAll(new Blob([message]).stream().pipeThrough(stream));
  if (error) throw error;
  return { plaintext, header: await stream.header };
}

const ended = (outcome, problem) => (problem === undefined ? { outcome } : { problem });

/** Whether what came is what was expected. */
function judge({ expect, header, plaintext_len: length, plaintext }, result, failure) {
  if (failure) {
    const problem = typeof failure.code !== "number" || failure.name === "TypeError" ? `failed otherwise: ${failure.stack}`
      : expect === "ok" ? `was refused: ${failure}, ${failure.explanation}` : undefined;
    return ended("refused", problem);
  }
  if (expect === "reject") return { problem: "was not refused" };
  if (result.plaintext.length !== length || (plaintext && toHex(result.plaintext) !== toHex(plaintext))) return { problem: "another plaintext" };
  return ended("decrypted", header && compareHeader(result.header, header));
}

function compareInfo({ header, headerLength }, expected) {
  return headerLength === expected.header_len ? compareHeader(header, expected) : `the header has ${headerLength} bytes`;
}

function compareHeader(header, expected) {
  const found = {
    version: header.version,
    suite: SUITE_IDS[header.algorithmSuite],
    message_id_hex: toHex(header.messageId),
    encryption_context: sorted(header.encryptionContext),
    edks: JSON.stringify(header.encryptedDataKeys.map(({ providerId, providerInfo, ciphertext }) => [providerId, toHex(providerInfo), ciphertext.length])),
    content: header.contentType.toLowerCase(),
    frame_length: header.frameLength,
    commitment_hex: header.commitment && toHex(header.commitment),
  };
  const wanted = {
    ...expected,
    encryption_context: sorted(expected.encryption_context),
    edks: JSON.stringify(expected.edks.map((key) => [key.provider_id, key.provider_info_hex, key.ciphertext_len])),
  };
  const different = Object.keys(found).filter((name) => found[name] !== (wanted[name] ?? undefined));
  return different.length > 0 ? `other header fields: ${different.join(", ")}` : undefined;
}
