// The two WebAssembly modules, each fetched and compiled once, when it is first needed: all but what has public keys, and that.
import { HELP, compile } from "./compile.js";
import { UnsupportedOperationException } from "./errors.js";
import { hasSecond, useSecond } from "./primitives.js";
import initialiseSecond from "./wasm/pocketkms_asymmetric.js";
import initialise, { Cache, EncryptionClient, Fetched, Keyring, Opening, Replay, RootKey, RootKeys, Source, Steps, Vault, primitivesBuild } from "./wasm/pocketkms.js";

const FIRST = "pocketkms_bg.wasm";
const SECOND = "pocketkms_asymmetric_bg.wasm";

let locate = (file) => {
  if (!import.meta.url) {
    throw new Error(`a bundle that is no module does not know where the WebAssembly of PocketKMS is. ${HELP}`);
  }
  // Vite up to version 7 serves a package's code from its cache, but leaves the files beside it where they are.
  const [packages, cached] = import.meta.url.split("/.vite/deps/");
  if (cached) {
    return `${packages}/pocketkms/wasm/${file}`;
  }
  // Bundlers look for these as they stand here.
  return file === FIRST ? new URL("./wasm/pocketkms_bg.wasm", import.meta.url) : new URL("./wasm/pocketkms_asymmetric_bg.wasm", import.meta.url);
};
let loading;
let loadingSecond;
let modules;
let module;

/** Says where the module of that file name is: its bytes, a URL, a `Response` or a `WebAssembly.Module`, or a promise of one. */
export function locateWasm(locator) {
  if (typeof locator !== "function") {
    throw new TypeError("locateWasm takes a function, which answers where the WebAssembly module of a file name is");
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

/** The same of the second module: resolves when what has public keys is there. */
export function asymmetric() {
  loadingSecond ??= loadSecond().catch((error) => {
    loadingSecond = undefined;
    throw error;
  });
  return loadingSecond;
}

/** Whether it is there. */
export const hasAsymmetric = hasSecond;

/** Loads a module before it is needed: so that the first vault or message need not wait for it. The second one if that is asked for. */
export async function preload({ asymmetric: both = false } = {}) {
  await Promise.all([native(), both ? asymmetric() : undefined]);
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
  module = await compile(await locate(FIRST));
  await initialise({ module_or_path: module });
  modules = { Cache, EncryptionClient, Fetched, Keyring, Opening, Replay, RootKey, RootKeys, Source, Steps, Vault };
  return modules;
}

async function loadSecond() {
  const found = await locate(SECOND);
  // A function that knows of the first file alone says where the other one is, too, if that lies beside it under its own name.
  const beside = typeof found === "string" || found instanceof URL ? String(found).replace(FIRST, SECOND) : found;
  const compiled = await compile(beside);
  if (!WebAssembly.Module.exports(compiled).some(({ name }) => name === "room")) {
    throw new Error(`locateWasm() answered another module where ${SECOND} was asked for. ${HELP}`);
  }
  // A cache of the page's may have kept one of them from before.
  const [second] = await Promise.all([initialiseSecond({ module_or_path: compiled }), native()]);
  if (second.build() >>> 0 !== primitivesBuild()) {
    throw new Error(`${SECOND} is of another version of the package than ${FIRST}: have both fetched again`);
  }
  useSecond(second);
}
