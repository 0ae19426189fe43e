// The WebAssembly modules as texts of modules, loaded when they are first needed: for Node, and for bundlers that pass over files.
import { locateWasm } from "./native.js";

locateWasm(async (file) => {
  const { default: base64 } = await (file === "pocketkms_bg.wasm" ? import("./wasm/embedded.js") : import("./wasm/embedded-asymmetric.js"));
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
});

export * from "./index.js";
