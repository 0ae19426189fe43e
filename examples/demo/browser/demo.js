// The browser takes over the vault that Python made, into IndexedDB. In another process it is still there: demo.js#again.
import { EncryptionClient, KmsKeyring, RootKey, Vault, isKmsError } from "pocketkms";

const bytes = async (name) => new Uint8Array(await (await fetch(`/parcel/${name}`)).arrayBuffer());
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const toBase64 = (data) => btoa(String.fromCharCode(...data));
const toHex = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [result, performance.now() - began];
}

const NAME = "customers";

async function demo() {
  const parcel = await (await fetch("/parcel/parcel.json")).json();
  const root = RootKey.fromBytes(await bytes("root.key"));
  const snapshot = await bytes("vault.snapshot");
  const encryptionContext = parcel.context;
  const open = (blob, context = encryptionContext) =>
    kms.decrypt({ ciphertextBlob: fromBase64(blob), encryptionContext: context });

  const [vault, open_ms] = await timed(() => Vault.restore(NAME, snapshot, root));
  const kms = vault.client();
  // On the disk when it resolves: the next process looks for it.
  const { keyMetadata } = await kms.describeKey({ keyId: parcel.alias });
  await kms.createAlias({ aliasName: "alias/browser", targetKeyId: keyMetadata.keyId });
  const [secret, secret_ms] = await timed(() => open(parcel.secret));
  // As it comes from the network, the message goes through: a few MiB of it are in memory.
  const client = new EncryptionClient();
  const keyring = new KmsKeyring(kms, parcel.alias);
  const decrypted = async (source) => {
    const parts = [];
    for await (const part of source.pipeThrough(client.decryptStream(keyring, { encryptionContext }))) parts.push(part);
    return new Blob(parts).arrayBuffer();
  };
  const [file, file_ms] = await timed(async () => decrypted((await fetch("/parcel/file.message")).body));
  const altered = await bytes("file.message");
  altered[altered.length >> 1] ^= 1;
  const nameOf = (error) => (isKmsError(error) ? error.name : String(error));
  const file_refused = await decrypted(new Blob([altered]).stream()).then(() => "accepted", nameOf);
  const refused = await open(parcel.secret, { ...encryptionContext, customer: "4712" }).then(
    () => "accepted",
    nameOf,
  );
  const plaintext = new TextEncoder().encode("Grüße from the browser");
  const reply = await kms.encrypt({ keyId: parcel.alias, plaintext, encryptionContext });

  vault.close();
  return {
    platform: navigator.userAgent.match(/Chrome\/\d+/)?.[0].replace("/", " ") ?? "browser",
    open_ms,
    secret: new TextDecoder().decode(secret.plaintext),
    secret_ms,
    secret_material: secret.keyMaterialId,
    file_sha256: toHex(await crypto.subtle.digest("SHA-256", file)),
    file_ms,
    file_refused,
    refused,
    reply: toBase64(reply.ciphertextBlob),
  };
}

/** What is left of the vault in another process of the browser. */
async function again() {
  const vault = await Vault.open(NAME, RootKey.fromBytes(await bytes("root.key")));
  const { aliases } = await vault.client().listAliases();
  const damaged = await vault.verify();
  vault.close();
  return { aliases: aliases.map(({ aliasName }) => aliasName), damaged };
}

const visit = location.hash === "#again" ? again : demo;
const answer = JSON.stringify(await visit().catch((error) => ({ error: String(error?.stack ?? error) })), null, 2);
document.getElementById("answer").textContent = answer;
await fetch("/answer", { method: "POST", body: answer });
