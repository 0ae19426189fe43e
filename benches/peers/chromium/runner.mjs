// One contender in a page of headless Chromium: answers the orchestrator's requests, a JSON object a line. See ../README.md.
//
//     runner.mjs MODULE [OPTIONS]    MODULE is a file of this folder that exports `contender(OPTIONS)`, OPTIONS a JSON object
//
// A contender has `encrypt(plaintext)`, which gives the message in as many parts as its package does, and `decrypt(message)`.
// One that streams has `encryptStream()` and `decryptStream()` too, each a new pair of a readable and a writable stream.
// The page does the work (page.js); this process bundles it, serves it the run's files, and watches its memory.
import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { forgetPeak, require, resident, versions } from "../node/support.mjs";

const { build } = require("esbuild");
const { chromium } = require("playwright-core");
const HERE = fileURLToPath(new URL(".", import.meta.url));

// Isolated, a page's clock is as fine as it gets in a browser (5 microseconds instead of 100).
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

// PocketKMS is served as it is, for a bundler leaves its WebAssembly behind.
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "pocketkms": "/pocketkms/index.js" } }</script>
<script type="module" src="script.js"></script>`;
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm" };

/** The page's script: page.js with one contender, and the packages that it imports. */
async function bundle(module, options) {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { contender } from "./${module}.js"; import { serve } from "./page.js"; serve(contender(${options}));`,
      resolveDir: HERE,
    },
    bundle: true,
    define: { global: "globalThis" },
    external: ["pocketkms"],
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
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const ours = path.startsWith("/pocketkms/");
    const file = ours ? join(process.env.POCKETKMS_NPM, "node_modules", path) : join(process.env.PEERS_RUN, basename(path));
    const headers = { ...ISOLATED, "content-type": TYPES[extname(path)] ?? "application/octet-stream" };
    const made = { "/page.html": PAGE, "/script.js": script }[path];
    if (request.method === "PUT") {
      await pipeline(request, createWriteStream(file));
      response.writeHead(204, ISOLATED).end();
    } else if (made !== undefined) {
      response.writeHead(200, headers).end(made);
    } else if (existsSync(file)) {
      response.writeHead(200, { ...headers, "content-length": statSync(file).size });
      await pipeline(createReadStream(file), response);
    } else {
      response.writeHead(404).end();
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

async function answer(browser, page, { do: what, op, plaintext, message, input, calls }, stream) {
  const ask = (verb, ...values) => page.evaluate(([name, rest]) => globalThis[name](...rest), [verb, values]);
  if (what === "make") {
    await ask("make", basename(plaintext), basename(message), stream);
    return { bytes: statSync(message).size };
  }
  if (what === "time") return { ...(await ask("time", op, basename(input), calls, stream)), calls };
  const before = Math.max(...(await renderers(browser)).map((process) => resident("VmRSS", process)));
  if (!stream) await ask("load", basename(input));
  const processes = await renderers(browser);
  processes.forEach((process) => forgetPeak(process));
  await (stream ? ask("onceStreamed", op, basename(input)) : ask("once", op));
  return { before, peak: Math.max(...processes.map((process) => resident("VmHWM", process))) };
}

const [module, options = "{}"] = process.argv.slice(2);
const report = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);
const server = await serve(await bundle(module, options));
const browser = await launch();
const page = await browser.newPage();
await page.goto(`${server.address}/page.html`);
await page.waitForFunction(() => "packages" in globalThis);
const { packages, streams } = await page.evaluate(() => ({ packages: globalThis.packages, streams: globalThis.streams }));
report({ versions: { Chromium: browser.version(), ...versions(packages) } });
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const request = JSON.parse(line);
    const stream = request.stream && streams;
    report({ how: stream ? "stream" : "whole", ...(await answer(browser, page, request, stream)) });
  } catch (error) {
    // Reported to the orchestrator, which decides whether the table can show it. The stack is of no use there.
    report({ cannot: error.message.split("\n")[0].slice(0, 200) });
  }
}
await browser.close();
server.close();
