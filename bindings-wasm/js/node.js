// The same in Node, where a bundle may lie anywhere, or be no file at all: so it brings the WebAssembly along.
import "./embedded.js";

export * from "./index.js";
