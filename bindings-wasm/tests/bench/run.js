// Measures in Node and in headless Chromium, and prints what came out. `run.js operations|messages` measures one part only.
import { fileURLToPath } from "node:url";
import { launch, open } from "../support/browser.js";
import { serve } from "../support/server.js";
import { bulk, crossing } from "./messages.js";
import { measure } from "./measure.js";

const KiB = 1024, MiB = 1024 * KiB;
const BULK = { size: 64 * MiB, rounds: 7, frameLengths: [64, 128, 256, 512, 1024].map((length) => length * KiB) };
const CROSSING = { sizes: [1, 4, 8, 16, 32, 64, 256].map((size) => size * KiB), rounds: 25 };

function print(title, rows) {
  console.log(`\n${title}`);
  const columns = Object.keys(rows[0]);
  console.log(columns.map((name) => name.padStart(16)).join(""));
  for (const row of rows) {
    const cells = columns.map((name) => (typeof row[name] === "number" ? row[name].toFixed(name === "bytes" ? 0 : 1) : row[name] ?? ""));
    console.log(cells.map((cell) => cell.padStart(16)).join(""));
  }
}

/** `run(name, options)` measures one thing, here or on a page. */
async function report(where, run) {
  const part = process.argv[2];
  if (part !== "messages") {
    const { rows, passphraseMillis } = await run("measure");
    print(`${where}: microseconds a call; a passphrase takes ${passphraseMillis.toFixed(0)} ms`, rows);
  }
  if (part !== "operations") {
    print(`${where}: microseconds a message, by WebAssembly (wasm) and by WebCrypto (web)`, await run("crossing", CROSSING));
    print(`${where}: MiB a second, 64 MiB; % of one call of WebCrypto`, await run("bulk", BULK));
  }
}

await report(`Node ${process.versions.node}`, (name, options) => ({ measure, crossing, bulk })[name](options));

const server = await serve(fileURLToPath(new URL("..", import.meta.url)));
const browser = await launch();
const { page } = await open(browser, `${server.address}/bench/page.html`);
await page.waitForFunction(() => globalThis.measure && globalThis.messages);
await report(`Chromium ${browser.version()}`, (name, options) =>
  page.evaluate(([name, options]) => ({ measure: globalThis.measure, ...globalThis.messages })[name](options), [name, options]));
await browser.close();
server.close();
