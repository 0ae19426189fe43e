// Under a content security policy that allows scripts alone. Shows the page around it what a vault says there.
import { RootKey, Vault } from "../node_modules/pocketkms/index.js";

const error = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32))).catch((error) => error);
parent.postMessage({ name: error.name, message: error.message });
