// The WebAssembly module, fetched and compiled once, when it is first needed.
import { HELP, compile } from "./compile.js";
import { UnsupportedOperationException } from "./errors.js";
import initialise, { Cache, EncryptionClient, Fetched, Keyring, Opening, Replay, RootKey, RootKeys, Source, Steps, Vault } from "./wasm/pocketkms.js";

let locate = () => {
  if (!import.meta.url) {
    throw new Error(`a bundle that is no module does not know where the WebAssembly of PocketKMS is. ${HELP}`);
  }
  // Vite up to version 7 serves a package's code from its cache, but leaves the files beside it where they are.
  const [packages, cached] = import.meta.url.split("/.vite/deps/");
  return cached ? `${packages}/pocketkms/wasm/pocketkms_bg.wasm` : new URL("./wasm/pocketkms_bg.wasm", import.meta.url);
};
let loading;
let modules;
let module;

/** Says where the module is: its bytes, a URL, a `Response` or a `WebAssembly.Module`, or a promise of one. */
export function locateWasm(locator) {
  if (typeof locator !== "function") {
    throw new TypeError("locateWasm takes a function, which answers where the WebAssembly module is");
  }
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

/** Loads the module before it is needed: so that the first vault or message need not wait for it. */
export async function preload() {
  await native();
}

/** The native classes, if they are there. */
export const loaded = () => modules;

/** The module itself, for a worker. */
export const compiled = () => module;

async function load() {
  if (!globalThis.WebAssembly) {
    const text = "there is no WebAssembly here, which PocketKMS needs: Lockdown Mode and the policies of some organisations switch it off";
    throw new UnsupportedOperationException(text, undefined, []);
  }
  module = await compile(await locate());
  await initialise({ module_or_path: module });
  modules = { Cache, EncryptionClient, Fetched, Keyring, Opening, Replay, RootKey, RootKeys, Source, Steps, Vault };
  return modules;
}
