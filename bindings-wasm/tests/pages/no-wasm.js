// As in Lockdown Mode. Shows the page around it what a vault says there.
delete globalThis.WebAssembly;
const { RootKey, Vault } = await import("../node_modules/pocketkms/index.js");
const error = await Vault.openOrCreate("locked", RootKey.fromBytes(new Uint8Array(32)), { inMemoryWhereRefused: true }).catch((error) => error);
parent.postMessage({ name: error.name, message: error.message });
