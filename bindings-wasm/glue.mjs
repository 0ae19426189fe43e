// glue.mjs FILE: checks what wasm-bindgen wrote, and makes it safe for the garbage collector to end what is native.
//
// What JavaScript throws in an import that is not declared `catch` passes through WebAssembly's frames: their stack is lost for
// good, and no destructor runs. So every import must be of a kind that throws nothing: caught, one of host.js, or one of the few of
// wasm-bindgen's own that are known here. Anything else fails the build.
import { readFileSync, writeFileSync } from "node:fs";

/** wasm-bindgen's own, which look at a primitive, or at an object of this package. */
const HARMLESS = [
  /^__wbg___wbindgen_(boolean|number|string)_get_/, /^__wbg___wbindgen_is_(null|undefined|string)_/,
  /^__wbg_[a-z]+_unwrap$/, /^__wbindgen_generic_\d+$/, /^__wbindgen_init_externref_table$/,
];
/** What Rust calls to give up: js/answer.js knows that this ends the instance. */
const ENDS = /^__wbg___wbindgen_throw_/;

const [, , file] = process.argv;
/** The second module calls nothing of this package's, and has no classes. */
const isFirst = file.endsWith("/pocketkms.js");
const text = readFileSync(file, "utf8");
const problems = [];

const host = importsOf(text, /^import \{ ([^}]+) \} from ["']\.\.\/host\.js["'];?$/gm);
const modules = Array.from(text.matchAll(/^import .* from ["'](.*)["'];?$/gm), ([, from]) => from);
problems.push(...modules.filter((from) => from !== "../host.js").map((from) => `it imports ${from}`));

const body = text.match(/^function __wbg_get_imports\(\) \{\n([^]*?)^\}$/m)?.[1] ?? "";
const entries = body.match(/^ {8}\w+: function/gm) ?? [];
const classified = entries.map((entry) => entry.trim().slice(0, -": function".length));
if (classified.length === 0 || (host.size > 0) !== isFirst) {
  problems.push("its imports are not where they used to be");
}
for (const name of classified) {
  const source = sourceOf(name);
  const caught = source.startsWith("function() { return handleError(");
  // Its bytes are shown to it as a view of the memory.
  const call = source.match(/\n\s*(?:const ret = )?(\w+)\((?:getArrayU8FromWasm0\()?arg/)?.[1];
  if (!(caught || ENDS.test(name) || HARMLESS.some((kind) => kind.test(name)) || host.has(call))) {
    problems.push(`an import may throw and is not caught: ${name}: ${source}`);
  }
}

// One name for each function that is imported without anything in between; one is enough, and bundlers complain of the others.
const single = text.replace(/^import \* as import(?!1 )\d+ from .*\n/gm, "").replace(/^ *"\.\.\/host\.js": import(?!1,)\d+,\n/gm, "");
const guarded = single.replace(
  /new FinalizationRegistry\(ptr => (wasm\.__wbg_\w+_free\(ptr, 1\))\)/g,
  "new FinalizationRegistry(ptr => { if (!hasFailed()) $1; })",
);
if ((guarded !== single) !== isFirst) {
  problems.push("its finalizers are not where they used to be");
}
// A page may have replaced methods of `Uint8Array.prototype`.
const own = guarded.replace(/(\w+\(\))\.subarray\(/g, "partBetween($1, ").replace(/(partBetween\([^;]*\))\.set\((\w+)\);/g, "setBytes($1, $2);");
if (own === guarded || /\.subarray\(|\)\.set\(/.test(own)) {
  problems.push("its memory is not read as it used to be");
}
// js/native.js says where the module is. A second place here would have bundlers look for a file that is not used.
if (own.includes("import.meta")) {
  problems.push("it says where the module is");
}
if (problems.length > 0) {
  console.error(`${file}:\n  ${problems.join("\n  ")}`);
  process.exit(1);
}
writeFileSync(file, `${isFirst ? 'import { hasFailed } from "../answer.js";\n' : ""}import { partBetween, setBytes } from "../bytes.js";\n${own}`);

function importsOf(text, lines) {
  return new Set(Array.from(text.matchAll(lines), ([, names]) => names.split(", ").map((name) => name.split(" as ").at(-1))).flat());
}

function sourceOf(name) {
  const from = body.indexOf(` ${name}: `) + name.length + 3;
  return body.slice(from, body.indexOf("\n        }", from) + 10);
}
