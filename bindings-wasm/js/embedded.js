// The WebAssembly module as text of a module, loaded when it is first needed: for Node, and for bundlers that pass over files.
import { locateWasm } from "./native.js";

locateWasm(async () => {
  const { default: base64 } = await import("./wasm/embedded.js");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
});

export * from "./index.js";
