// One contender in a page of headless Chromium: answers the orchestrator's requests, a JSON object a line. See ../README.md.
//
//     runner.mjs MODULE [OPTIONS]    MODULE is a file of this folder that exports `contender(OPTIONS)`, OPTIONS a JSON object
//
// A contender has `encrypt(plaintext)`, which gives the message in as many parts as its package does, and `decrypt(message)`.
// The page does the work (page.js); this process bundles it, serves it the run's files, and watches its memory.
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { forgetPeak, require, resident, versions } from "../node/support.mjs";

const { build } = require("esbuild");
const { chromium } = require("playwright-core");
const HERE = fileURLToPath(new URL(".", import.meta.url));

// Isolated, a page's clock is as fine as it gets in a browser (5 microseconds instead of 100).
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const PAGE = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="script.js"></script>';

/** The page's script: page.js with one contender, and the packages that it imports. */
async function bundle(module, options) {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { contender } from "./${module}.js"; import { serve } from "./page.js"; serve(contender(${options}));`,
      resolveDir: HERE,
    },
    bundle: true,
    define: { global: "globalThis" },
    format: "esm",
    logLevel: "warning",
    nodePaths: [join(process.env.PEERS_PACKAGES, "node_modules")],
    platform: "browser",
    write: false,
  });
  return outputFiles[0].text;
}

/** Serves the page, and the files of this run to read and to write. */
async function serve(script) {
  const server = createServer(async (request, response) => {
    const name = basename(new URL(request.url, "http://localhost").pathname);
    const file = join(process.env.PEERS_RUN, name);
    if (request.method === "PUT") {
      await pipeline(request, createWriteStream(file));
      response.writeHead(204, ISOLATED).end();
    } else if (name === "page.html" || name === "script.js") {
      response.writeHead(200, { ...ISOLATED, "content-type": name.endsWith("js") ? "text/javascript" : "text/html" });
      response.end(name === "script.js" ? script : PAGE);
    } else {
      response.writeHead(200, { ...ISOLATED, "content-length": statSync(file).size });
      await pipeline(createReadStream(file), response);
    }
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  return { address: `http://localhost:${server.address().port}`, close: () => server.close() };
}

async function launch() {
  if (!process.env.CHROMIUM) throw new Error("CHROMIUM must name a Chromium: run run.sh");
  const args = ["--js-flags=--expose-gc", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
  // Chromium's sandbox does not run as root.
  return chromium.launch({ executablePath: process.env.CHROMIUM, args, chromiumSandbox: process.getuid() !== 0 });
}

/** The processes that pages run in; ours is the biggest, for Chromium keeps an empty one ready. */
async function renderers(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

async function answer(browser, page, { do: what, op, plaintext, message, input, calls }) {
  const ask = (verb, ...values) => page.evaluate(([name, rest]) => globalThis[name](...rest), [verb, values]);
  if (what === "make") {
    await ask("make", basename(plaintext), basename(message));
    return { bytes: statSync(message).size };
  }
  if (what === "time") return { ...(await ask("time", op, basename(input), calls)), calls };
  const before = Math.max(...(await renderers(browser)).map((process) => resident("VmRSS", process)));
  await ask("load", basename(input));
  const processes = await renderers(browser);
  processes.forEach((process) => forgetPeak(process));
  await ask("once", op);
  return { before, peak: Math.max(...processes.map((process) => resident("VmHWM", process))) };
}

const [module, options = "{}"] = process.argv.slice(2);
const tell = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
const server = await serve(await bundle(module, options));
const browser = await launch();
const page = await browser.newPage();
await page.goto(`${server.address}/page.html`);
await page.waitForFunction(() => "packages" in globalThis);
const packages = await page.evaluate(() => globalThis.packages);
tell({ versions: { Chromium: browser.version(), ...versions(packages) } });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    tell({ how: "whole", ...(await answer(browser, page, JSON.parse(line))) });
  } catch (error) {
    // Told to the orchestrator, which decides whether the table can show it. The stack is of no use there.
    tell({ cannot: error.message.split("\n")[0].slice(0, 200) });
  }
}
await browser.close();
server.close();
