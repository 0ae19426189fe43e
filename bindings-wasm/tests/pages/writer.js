// A worker that creates keys until it is ended, and says the id of each that was answered. It has no import map.
import { RootKey, Vault } from "../node_modules/pocketkms/index.js";

onmessage = async ({ data: name }) => {
  const vault = await Vault.open(name, RootKey.fromBytes(new Uint8Array(32)));
  const kms = vault.client();
  for (;;) {
    postMessage((await kms.createKey()).keyMetadata.keyId);
  }
};
