// The browser opens the vault that Python made: PocketKMS for the secret and the data key, WebCrypto for the file.
import { Kms, RootKey, isKmsError } from "pocketkms";

const bytes = async (name) => new Uint8Array(await (await fetch(`/parcel/${name}`)).arrayBuffer());
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const toBase64 = (data) => btoa(String.fromCharCode(...data));
const toHex = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [result, performance.now() - began];
}

async function demo() {
  const parcel = await (await fetch("/parcel/parcel.json")).json();
  const root = RootKey.fromBytes(await bytes("root.key"));
  const snapshot = await bytes("vault.snapshot");
  const sealed = await bytes("file.encrypted");
  const encryptionContext = parcel.context;
  const open = (blob, context = encryptionContext) =>
    kms.decrypt({ ciphertextBlob: fromBase64(blob), encryptionContext: context });

  const [kms, open_ms] = await timed(() => Kms.openSnapshot(snapshot, root));
  const [secret, secret_ms] = await timed(() => open(parcel.secret));
  const [file, file_ms] = await timed(async () => {
    const { plaintext } = await open(parcel.data_key);
    const key = await crypto.subtle.importKey("raw", plaintext, "AES-GCM", false, ["decrypt"]);
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.subarray(0, 12) }, key, sealed.subarray(12));
  });
  const refused = await open(parcel.secret, { ...encryptionContext, customer: "4712" }).then(
    () => "accepted",
    (error) => (isKmsError(error) ? error.name : String(error)),
  );
  const plaintext = new TextEncoder().encode("Grüße from the browser");
  const reply = await kms.encrypt({ keyId: parcel.alias, plaintext, encryptionContext });

  return {
    platform: navigator.userAgent.match(/Chrome\/\d+/)?.[0].replace("/", " ") ?? "browser",
    open_ms,
    secret: new TextDecoder().decode(secret.plaintext),
    secret_ms,
    secret_material: secret.keyMaterialId,
    file_sha256: toHex(await crypto.subtle.digest("SHA-256", file)),
    file_ms,
    file_by: "WebCrypto",
    refused,
    reply: toBase64(reply.ciphertextBlob),
  };
}

const answer = JSON.stringify(await demo().catch((error) => ({ error: String(error?.stack ?? error) })), null, 2);
document.getElementById("answer").textContent = answer;
await fetch("/answer", { method: "POST", body: answer });
