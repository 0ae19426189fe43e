// What goes on while the second module is on its way, which a call waits for, in a process that has not loaded it.
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { EncryptionClient, KmsKeyring, RootKey, Vault, locateWasm, preload } from "pocketkms";

const root = () => RootKey.fromBytes(new Uint8Array(32).fill(5));
const plaintext = Uint8Array.of(1, 2, 3);

/** Resolves when the second module is asked for. */
let reached;
let release;
const released = new Promise((resolve) => { release = resolve; });
const asked = new Promise((resolve) => { reached = resolve; });

locateWasm(async (file) => {
  if (file !== "pocketkms_bg.wasm") {
    reached();
    await released;
  }
  return readFile(new URL(import.meta.resolve(`pocketkms/${file}`)));
});

test("while a call waits for the second module, all others go on as if it were not there", async () => {
  await preload();
  const vault = await Vault.inMemory(root());
  const kms = vault.client();
  const { keyMetadata: { keyId } } = await kms.createKey();
  const shown = [];
  const watched = await Vault.inMemory(root(), { audit: { milliseconds: 1_000_000 }, auditSink: (events) => { shown.push(...events); } });
  const snapshot = await watched.snapshot();
  await watched.client().generateRandom({ numberOfBytes: 4 });

  const waiting = kms.createKey({ keySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" });
  await asked;
  // What the run before lacked is nothing to these: they are asked without one of their own.
  watched.close();
  await Promise.resolve();
  expect(shown.map(({ eventName }) => eventName)).to.include("GenerateRandom");
  expect(await (await Vault.openSnapshot(snapshot, root())).verify()).to.deep.equal([]);
  expect((await (await Vault.inMemory(root())).client().listKeys()).keys).to.deep.equal([]);
  const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext });
  expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
  const [client, keyring] = [new EncryptionClient(), new KmsKeyring(kms, keyId)];
  const { message } = await client.encrypt(keyring, plaintext);
  expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
  await vault.snapshot();

  release();
  expect((await waiting).keyMetadata.keySpec).to.equal("ECC_NIST_P256");
  expect((await kms.listKeys()).keys).to.have.length(2);
  expect(await vault.verify()).to.deep.equal([]);
});
