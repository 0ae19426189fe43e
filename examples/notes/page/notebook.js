// Everything that has to do with keys.
import { EncryptionClient, isKmsError, KmsKeyring, RootKey, Vault } from "./pocketkms/index.js";

const client = new EncryptionClient();

export class WrongPassphrase extends Error {}

/** Opens the user's vault, or makes one at the first visit. */
export async function openNotebook(passphrase) {
  const rootKey = RootKey.fromPassphrase(passphrase);
  const stored = await fetch("api/vault");
  if (stored.status === 200) {
    try {
      return new Notebook(await Vault.openSnapshot(new Uint8Array(await stored.arrayBuffer()), rootKey));
    } catch (error) {
      throw isKmsError(error, "WrongRootKeyException") ? new WrongPassphrase() : error;
    }
  }
  if (stored.status !== 204) throw new Error(`the server answered ${stored.status}`);

  const vault = await Vault.inMemory(rootKey);
  const kms = vault.client();
  const { keyMetadata } = await kms.createKey({ description: "notes" });
  await kms.createAlias({ aliasName: "alias/notes", targetKeyId: keyMetadata.keyId });
  await kms.enableKeyRotation({ keyId: keyMetadata.keyId });
  // Before anything is encrypted: a note under a key that was never saved could not be read again.
  await send("api/vault", await vault.snapshot(), { "if-none-match": "*" });
  return new Notebook(vault);
}

class Notebook {
  #keyring;

  constructor(vault) {
    this.#keyring = new KmsKeyring(vault.client(), "alias/notes");
  }

  async ids() {
    return (await fetch("api/notes")).json();
  }

  async save(note) {
    const id = crypto.randomUUID();
    const plaintext = new TextEncoder().encode(JSON.stringify(note));
    const { message } = await client.encrypt(this.#keyring, plaintext, { encryptionContext: contextOf(id) });
    await send(`api/notes/${id}`, message);
  }

  async load(id) {
    const message = new Uint8Array(await (await fetch(`api/notes/${id}`)).arrayBuffer());
    // The context is given again, so that another note under this id is refused.
    const { plaintext } = await client.decrypt(this.#keyring, message, { encryptionContext: contextOf(id) });
    return JSON.parse(new TextDecoder().decode(plaintext));
  }
}

/** What a note is bound to. Everybody may read it: nothing private belongs in it. */
const contextOf = (id) => ({ app: "notes", note: id });

async function send(path, body, headers = {}) {
  const { ok, status } = await fetch(path, { method: "PUT", body, headers });
  if (!ok) throw new Error(`the server answered ${status}`);
}
