// The browser's participant: makes and checks as ../README.md says, and judges nothing.
import { ManualClock, RootKey, Vault } from "pocketkms";
import { base64, bytes, eachFlipped, flip, hex, nameOf, outcome, outcomes } from "./bits.js";
import { checkMessages, makeMessages } from "./messages.js";

const NAME = "browser";
const PASSPHRASE_LENGTH = 17;

/** The inputs, and what is made of them. */
function read(plan) {
  return {
    ...plan,
    place: { accountId: plan.account, region: plan.region },
    roots: { raw: RootKey.fromBytes(hex(plan.root_key)), passphrase: RootKey.fromPassphrase(plan.passphrase) },
    wrongRoots: {
      raw: RootKey.fromBytes(hex(plan.wrong_root_key)),
      passphrase: RootKey.fromPassphrase(plan.wrong_passphrase),
    },
  };
}

// --- make

async function make({ plan: input }) {
  const plan = read(input);
  const manifest = { maker: NAME, key_ids: {}, cases: [] };
  const snapshots = {};
  for (const [vault, rotations] of [["raw", plan.rotations], ["passphrase", 0]]) {
    const clock = new ManualClock(new Date(plan.clock_millis));
    const host = await Vault.inMemory(plan.roots[vault], { clock, ...plan.place });
    const kms = host.client();
    const { keyId } = (await kms.createKey({ description: `made by ${NAME}` })).keyMetadata;
    manifest.key_ids[vault] = keyId;
    await kms.createAlias({ aliasName: plan.alias, targetKeyId: keyId });
    for (let generation = 0; generation <= rotations; generation++) {
      if (generation > 0) {
        clock.advanceDays(1);
        await kms.rotateKeyOnDemand({ keyId });
      }
      for await (const made of cases(kms, plan, vault)) {
        manifest.cases.push({ vault, generation, ...made });
      }
    }
    if (vault === "raw") manifest.messages = await makeMessages(kms, plan);
    snapshots[vault] = base64(await host.snapshot());
    host.close();
  }
  return { manifest, snapshots };
}

async function* cases(kms, plan, vault) {
  const keyId = plan.alias;
  const material = (await kms.describeKey({ keyId })).keyMetadata.currentKeyMaterialId;
  for (const [context, pairs] of Object.entries(plan.contexts)) {
    const encryptionContext = pairs ?? undefined;
    for (const length of vault === "raw" ? plan.lengths : [PASSPHRASE_LENGTH]) {
      const plaintext = Uint8Array.from({ length }, (_, at) => (31 * at + length) % 256);
      const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext });
      yield { kind: "encrypt", context, length, plaintext: base64(plaintext), blob: base64(ciphertextBlob), material };
    }
    if (vault === "raw") {
      const key = await kms.generateDataKey({ keyId, keySpec: "AES_256", encryptionContext });
      const { plaintext, ciphertextBlob, keyMaterialId } = key;
      const blob = { plaintext: base64(plaintext), blob: base64(ciphertextBlob), material: keyMaterialId };
      yield { kind: "data-key", context, length: plaintext.length, ...blob };
    }
  }
}

// --- check

async function check({ plan: input, manifest, snapshots: stored }) {
  const plan = read(input);
  const clock = new ManualClock(new Date(plan.clock_millis));
  clock.advanceDays(3);
  const open = (snapshot, root) => Vault.openSnapshot(snapshot, root, { clock, ...plan.place });
  const raw = bytes(stored.raw);
  const passphrase = bytes(stored.passphrase);
  const client = async (snapshot, root) => (await open(snapshot, root)).client();
  const vaults = { raw: await client(raw, plan.roots.raw), passphrase: await client(passphrase, plan.roots.passphrase) };

  const report = { checker: NAME, vaults: {}, decrypted: [], wrong_context: [], flips: [], snapshots: {} };
  for (const [vault, kms] of Object.entries(vaults)) {
    report.vaults[vault] = await describe(kms, plan);
  }
  for (const [index, made] of manifest.cases.entries()) {
    const kms = vaults[made.vault];
    report.decrypted.push(await decrypt(kms, plan, made));
    report.wrong_context.push(await wrongContext(kms, plan, made));
    if (isToFlip(plan, made)) {
      report.flips.push({ case: index, outcomes: await flips(kms, plan, made) });
    }
  }
  Object.assign(report, await checkMessages(vaults.raw, plan, manifest.messages));
  report.snapshots = {
    raw_flips: await outcomes(eachFlipped(raw), (flipped) => open(flipped, plan.roots.raw)),
    raw_truncated: await outcome(open(raw.subarray(0, Math.floor(raw.length / 2)), plan.roots.raw)),
    raw_wrong_root: await outcome(open(raw, plan.wrongRoots.raw)),
    passphrase_flip: await outcome(open(flip(passphrase, passphrase.length - 1, 0), plan.roots.passphrase)),
    passphrase_wrong_root: await outcome(open(passphrase, plan.wrongRoots.passphrase)),
  };
  return report;
}

async function describe(kms, plan) {
  const { keyMetadata: key } = await kms.describeKey({ keyId: plan.alias });
  const { rotations } = await kms.listKeyRotations({ keyId: key.keyId });
  return {
    key_id: key.keyId,
    description: key.description,
    creation_millis: key.creationDate.getTime(),
    rotation_millis: rotations.map(({ rotationDate }) => rotationDate.getTime()),
  };
}

async function decrypt(kms, plan, { context, blob }) {
  // Crosswise for the two that mean the same.
  const pairs = plan.contexts[context] ?? {};
  const crosswise = plan.contexts[context] !== null && Object.keys(pairs).length === 0;
  const encryptionContext = crosswise ? undefined : pairs;
  try {
    const { plaintext, keyMaterialId, keyId } = await kms.decrypt({ ciphertextBlob: bytes(blob), encryptionContext });
    return { plaintext: base64(plaintext), material: keyMaterialId, key_id: keyId };
  } catch (error) {
    return { error: nameOf(error) };
  }
}

function wrongContext(kms, plan, { context, blob }) {
  const [name, value] = plan.wrong_pair;
  const encryptionContext = { ...plan.contexts[context], [name]: value };
  return outcome(kms.decrypt({ ciphertextBlob: bytes(blob), encryptionContext }));
}

function isToFlip(plan, { vault, kind, context, length }) {
  return vault === "raw" && kind === "encrypt" && context === plan.flip.context && plan.flip.lengths.includes(length);
}

function flips(kms, plan, { context, blob }) {
  const encryptionContext = plan.contexts[context] ?? undefined;
  return outcomes(eachFlipped(bytes(blob)), (ciphertextBlob) => kms.decrypt({ ciphertextBlob, encryptionContext }));
}

globalThis.participant = { make, check };
