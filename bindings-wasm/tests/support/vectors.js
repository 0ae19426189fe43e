// The vectors of the AWS Encryption SDK's message format: the keyrings that they name, and what must come of them. It runs in
// every environment.
import { CallbackKeyring, EncryptionClient, MultiKeyring, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring } from "pocketkms";
import { readAll } from "./help.js";

const fromHex = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** What is not offered here, and so not tested; counted by the tests. */
export const NOT_OFFERED = new Set(["aws-kms-hierarchy", "aws-kms-stub"]);

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

  /** One data key for whatever the message says. */
  "static-data-key"({ data_key_hex: dataKey }, keys, { header }) {
    // Of a message that cannot even be inspected, no data key is asked for.
    const providers = new Set(header?.encryptedDataKeys.map(({ providerId }) => providerId) ?? ["none"]);
    const unwrap = () => fromHex(dataKey);
    return new MultiKeyring(undefined, Array.from(providers, (id) => new CallbackKeyring(id, { unwrap, wrap: unwrap })));
  },
};

/** Decrypts as the case says, at once or as a stream; answers what is wrong, if anything. */
export async function runVector({ keys, message, plaintext, ...vector }, asStream, clientOptions) {
  const { expect, options = {}, keyring: entries = [], header } = vector;
  const client = new EncryptionClient({
    ...clientOptions,
    commitmentPolicy: (options.commitment_policy ?? "require-encrypt-allow-decrypt").toUpperCase().replaceAll("-", "_"),
    maxEncryptedDataKeys: options.max_encrypted_data_keys,
  });
  if (expect === "parse") {
    return compareHeader((await client.inspect(message)).header, header);
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

/** Whether what came is what was expected. */
function judge({ expect, header, plaintext_len: length, plaintext }, result, failure) {
  if (failure && (typeof failure.code !== "number" || failure.name === "TypeError")) return `failed otherwise: ${failure.stack}`;
  if (expect === "reject") return failure ? undefined : "was not refused";
  if (failure) return expect === "ok" ? `was refused: ${failure}, ${failure.explanation}` : undefined;
  if (result.plaintext.length !== length || (plaintext && toHex(result.plaintext) !== toHex(plaintext))) return "another plaintext";
  return header && compareHeader(result.header, header);
}

function compareHeader(header, expected) {
  const found = {
    version: header.version,
    message_id_hex: toHex(header.messageId),
    encryption_context: JSON.stringify(Object.entries(header.encryptionContext).sort()),
    edks: JSON.stringify(header.encryptedDataKeys.map(({ providerId, providerInfo, ciphertext }) => [providerId, toHex(providerInfo), ciphertext.length])),
    content: header.contentType.toLowerCase(),
    frame_length: header.frameLength,
    commitment_hex: header.commitment && toHex(header.commitment),
  };
  const wanted = {
    ...expected,
    encryption_context: JSON.stringify(Object.entries(expected.encryption_context).sort()),
    edks: JSON.stringify(expected.edks.map((key) => [key.provider_id, key.provider_info_hex, key.ciphertext_len])),
  };
  const different = Object.keys(found).filter((name) => found[name] !== (wanted[name] ?? undefined));
  return different.length > 0 ? `other header fields: ${different.join(", ")}` : undefined;
}
