// The part of the participant that is about envelope messages.
import { EncryptionClient, HierarchicalKeyring, KmsKeyring, MultiKeyring, RawAesKeyring } from "pocketkms";
import { base64, bytes, eachFlipped, hex, nameOf, outcomes } from "./bits.js";

const reader = new EncryptionClient({ commitmentPolicy: "REQUIRE_ENCRYPT_ALLOW_DECRYPT" });
const noncommitting = new EncryptionClient({ commitmentPolicy: "FORBID_ENCRYPT_ALLOW_DECRYPT" });
const writer = (suite) => (suite.includes("_COMMIT_KEY") ? new EncryptionClient() : noncommitting);

function keyrings(kms, { alias, messages: { branch_key: branchKey, namespace, wrapping_keys: wrappingKeys } }) {
  const raw = (name) => new RawAesKeyring({ namespace, name, wrappingKey: hex(wrappingKeys[name]) });
  return {
    kms: new KmsKeyring(kms, alias),
    hierarchy: new HierarchicalKeyring(kms, branchKey, { ttl: 60 }),
    raw: raw("raw"),
    other: raw("other"),
  };
}

export async function makeMessages(kms, plan) {
  const { branch_key: branchKeyIdentifier, suites, lengths, frame_length: frameLength, context } = plan.messages;
  await kms.createBranchKey({ kmsKeyId: plan.alias, branchKeyIdentifier, encryptionContext: { purpose: "interop" } });
  const { hierarchy, raw, other, ...rest } = keyrings(kms, plan);
  const keyring = new MultiKeyring(rest.kms, [raw, hierarchy]);
  const encryptionContext = plan.contexts[context];
  const made = [];
  for (const suite of suites) {
    for (const length of lengths) {
      const plaintext = Uint8Array.from({ length }, (_, at) => (31 * at + length) % 256);
      const options = { encryptionContext, algorithmSuite: suite, frameLength };
      const { message } = await writer(suite).encrypt(keyring, plaintext, options);
      const { header, replaces, sidecar } = await reader.rewrap(raw, other, message);
      const rewrapped = sidecar ? { sidecar: base64(sidecar) } : { header: base64(header), replaces };
      made.push({ suite, length, plaintext: base64(plaintext), message: base64(message), rewrapped });
    }
  }
  return made;
}

export async function checkMessages(kms, plan, made) {
  const have = keyrings(kms, plan);
  const report = { messages: [], message_flips: [] };
  const { suites, length } = plan.messages.flip;
  for (const [index, message] of made.entries()) {
    report.messages.push(await opened(have, message));
    if (suites.includes(message.suite) && message.length === length) {
      const flipped = eachFlipped(bytes(message.message));
      const decrypted = await outcomes(flipped, (altered) => reader.decrypt(have.raw, altered));
      report.message_flips.push({ message: index, outcomes: decrypted });
    }
  }
  return report;
}

async function opened(have, { message: text, rewrapped: { header, replaces, sidecar } }) {
  const message = bytes(text);
  const moved = sidecar ? message : Uint8Array.of(...bytes(header), ...message.subarray(replaces));
  const options = { sidecar: sidecar && bytes(sidecar) };
  const decrypted = await reader.decrypt(have.raw, message).catch((error) => ({ error: nameOf(error) }));
  return {
    kms: await plaintext(reader.decrypt(have.kms, message)),
    raw: decrypted.error ? { error: decrypted.error } : { plaintext: base64(decrypted.plaintext) },
    hierarchy: await plaintext(reader.decrypt(have.hierarchy, message)),
    rewrapped: await plaintext(reader.decrypt(have.other, moved, options)),
    suite: decrypted.header?.algorithmSuite,
    encryption_context: decrypted.encryptionContext ?? {},
  };
}

function plaintext(decrypting) {
  return decrypting.then(({ plaintext }) => ({ plaintext: base64(plaintext) }), (error) => ({ error: nameOf(error) }));
}
