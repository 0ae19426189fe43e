// A site that has used up its room, which the browser's driver sets.
import { RootKey, Vault } from "pocketkms";

let vault;
let created = [];

/** Fills a vault until the browser refuses more. The name of the error, and how many keys there are then. */
globalThis.fillUp = async (name) => {
  vault = await Vault.create(name, RootKey.fromBytes(new Uint8Array(32)));
  created = [];
  const description = "x".repeat(8000);
  for (;;) {
    try {
      created.push((await vault.client().createKey({ description })).keyMetadata.keyId);
    } catch (error) {
      return { name: error.name, created: created.length };
    }
  }
};

/** What the full vault still does: how many keys it lists, whether it encrypts; and what is damaged. */
globalThis.useFull = async () => {
  const kms = vault.client();
  const { ciphertextBlob } = await kms.encrypt({ keyId: created[0], plaintext: new Uint8Array(10) });
  const { plaintext } = await kms.decrypt({ ciphertextBlob });
  const { keys } = await kms.listKeys({ limit: 1000 });
  return { missing: created.filter((id) => !keys.some(({ keyId }) => keyId === id)), decrypted: plaintext.length, damaged: await vault.verify() };
};

/** The same vault once there is room again. */
globalThis.useAgain = async (name) => {
  await vault.client().createKey();
  vault.close();
  const again = await Vault.open(name, RootKey.fromBytes(new Uint8Array(32)));
  const damaged = await again.verify();
  again.close();
  await Vault.delete(name);
  return damaged;
};
