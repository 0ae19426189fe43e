// A worker has no import map, so the package is named by its file.
import { RootKey, Vault } from "../node_modules/pocketkms/index.js";

const vault = await Vault.inMemory(RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 }));
postMessage(`${(await vault.client().listKeys()).keys.length} keys`);

// Hashes a passphrase for the page, which opens the vault with what comes back.
onmessage = async ({ data: { passphrase, snapshot } }) => {
  const derived = await RootKey.derive(passphrase, { snapshot });
  postMessage(derived, [derived.buffer]);
};
