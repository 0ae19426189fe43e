// Measures in Node and in headless Chromium, and prints what came out.
import { fileURLToPath } from "node:url";
import { launch, open } from "../support/browser.js";
import { serve } from "../support/server.js";
import { measure } from "./measure.js";

function print(where, { rows, passphraseMillis }) {
  console.log(`\n${where}: microseconds a call; a passphrase takes ${passphraseMillis.toFixed(0)} ms`);
  const columns = Object.keys(rows[0]);
  console.log(columns.map((name) => name.padStart(16)).join(""));
  for (const row of rows) {
    console.log(columns.map((name) => row[name].toFixed(name === "bytes" ? 0 : 1).padStart(16)).join(""));
  }
}

print(`Node ${process.versions.node}`, await measure());

const server = await serve(fileURLToPath(new URL("..", import.meta.url)));
const browser = await launch();
const { page } = await open(browser, `${server.address}/bench/page.html`);
await page.waitForFunction(() => "measure" in globalThis);
print(`Chromium ${browser.version()}`, await page.evaluate(() => globalThis.measure()));
await browser.close();
server.close();
