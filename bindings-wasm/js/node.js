// The same in Node, whose fetch knows no files.
import { readFile } from "node:fs/promises";
import { locateWasm } from "./native.js";

locateWasm(() => readFile(new URL("./wasm/pocketkms_bg.wasm", import.meta.url)));

export * from "./index.js";
