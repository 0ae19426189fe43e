// The WebAssembly module, fetched and compiled once, when it is first needed.
import initialise, { Cache, Conversation, EncryptionClient, Keyring, RootKey, Source, Vault } from "./wasm/pocketkms.js";

// Where it is, when `undefined` is said: wasm-bindgen takes the file beside its own, by `import.meta.url`.
let locate = () => {
  // Vite up to version 7 serves a package's code from its cache, but leaves the files beside it where they are.
  const [packages, cached] = import.meta.url.split("/.vite/deps/");
  return cached && `${packages}/pocketkms/wasm/pocketkms_bg.wasm`;
};
let loading;

/** Says where the module is: its bytes, a URL, a `Response` or a `WebAssembly.Module`, or a promise of one. */
export function locateWasm(locator) {
  locate = locator;
}

/** The native classes, as soon as they are there. What failed is tried again the next time. */
export function native() {
  loading ??= load().catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load() {
  await initialise({ module_or_path: await locate() });
  return { Cache, Conversation, EncryptionClient, Keyring, RootKey, Source, Vault };
}
