// The recipes for the browser: types checked, bundled as the page says, and used in Chromium.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import react from "@vitejs/plugin-react";
import vue from "@vitejs/plugin-vue";
import { build } from "vite";
import { launch, open } from "./browser.js";
import { freePort } from "./port.js";
import { serve } from "./server.js";

const root = fileURLToPath(new URL(".", import.meta.url));
const folder = (page) => join(root, "pages", page);
const bin = (name) => join(root, "node_modules", ".bin", name);

const TYPES = {
  module: "esnext", moduleResolution: "bundler", target: "es2024", lib: ["es2024", "dom", "dom.iterable"], jsx: "react-jsx", types: ["node"],
  strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, allowImportingTsExtensions: true, noEmit: true, skipLibCheck: true,
};

/** Checks the types of a page, as an app's own build would. */
async function check(page, compiler = "tsc") {
  await writeFile(join(folder(page), "tsconfig.json"), JSON.stringify({ compilerOptions: TYPES, include: ["src", "*.ts"] }));
  const { stdout, stderr, status } = spawnSync(bin(compiler), ["--project", folder(page)], { encoding: "utf8" });
  assert.equal(stdout + stderr, "");
  assert.equal(status, 0);
}

/** Bundles a page with Vite, which must have nothing to say. */
async function bundle(page, options = {}) {
  const outDir = join(folder(page), options.build?.ssr ? "server" : "dist");
  const said = [];
  const note = (text) => said.push(text);
  const logger = { info() {}, warn: note, warnOnce: note, error: note, clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
  await build({ root: folder(page), customLogger: logger, ...options, build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 10_000, ...options.build } });
  assert.deepEqual(said, []);
  return outDir;
}

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** Opens what is in a folder, does something there, and expects no error and no warning. */
async function visit(out, work) {
  const server = await serve(out);
  const opened = await open(browser, `${server.address}/index.html`);
  try {
    await work(opened);
    assert.deepEqual(opened.problems, []);
  } finally {
    await opened.page.close();
    server.close();
  }
}

/** Types the passphrase, and encrypts: what the pages of React and Vue have in common. */
async function unlockAndEncrypt({ page }) {
  await page.fill("input[name=passphrase]", "correct horse battery staple");
  await page.click("text=Unlock");
  await page.click("text=Encrypt");
  await page.waitForFunction(() => document.querySelector("output")?.textContent !== "");
  assert.equal(await page.textContent("output"), "card 4242, 123 bytes");
}

test("React", async () => {
  await check("react");
  await visit(await bundle("react", { plugins: [react()] }), unlockAndEncrypt);
});

test("React in development, where StrictMode runs effects twice", async () => {
  const options = { plugins: [react()], mode: "development", define: { "process.env.NODE_ENV": '"development"' }, build: { minify: false } };
  await visit(await bundle("react", options), unlockAndEncrypt);
});

test("Vue", async () => {
  await check("vue", "vue-tsc");
  await visit(await bundle("vue", { plugins: [vue()] }), unlockAndEncrypt);
});

test("a vault in a worker", async () => {
  await check("workers");
  const source = await readFile(join(folder("workers"), "src/main.ts"), "utf8");
  const prints = Array.from(source.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, line]) => line);
  await visit(await bundle("workers"), async ({ printed, problems }) => {
    while (printed.length < prints.length && problems.length === 0) await setTimeout(20);
    assert.ok(prints.length > 3);
    assert.deepEqual(printed, prints);
  });
});

test("server-side rendering, and hydration", async () => {
  await check("ssr");
  await bundle("ssr", { plugins: [react()], build: { ssr: "src/entry-server.tsx" } });
  const { RootKey, Vault } = await import("pocketkms");
  const vault = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32).fill(7)));
  const kms = vault.client();
  const { keyMetadata } = await kms.createKey();
  const { ciphertextBlob } = await kms.encrypt({ keyId: keyMetadata.keyId, plaintext: new TextEncoder().encode("a private note") });
  const stored = { snapshot: Buffer.from(await vault.snapshot()).toString("base64"), ciphertext: Buffer.from(ciphertextBlob).toString("base64") };

  const { render } = await import(pathToFileURL(join(folder("ssr"), "server/entry-server.js")));
  const html = render(stored);
  assert.match(html, /<p>locked<\/p>/);
  assert.doesNotMatch(html, /private note/);
  await writeFile(join(folder("ssr"), "index.html"), `<!doctype html><meta charset="utf-8">${html}<script type="module" src="/src/entry-client.tsx"></script>`);
  // A development build of React, which says so if it finds other HTML than it would render.
  const options = { plugins: [react()], mode: "development", define: { "process.env.NODE_ENV": '"development"' }, build: { minify: false } };
  await visit(await bundle("ssr", options), async ({ page }) => {
    await page.waitForFunction(() => document.querySelector("p").textContent === "a private note");
  });
});

test("Next: server and client components", async () => {
  const cwd = folder("next");
  const env = { ...process.env, VAULT_ROOT_KEY: randomBytes(32).toString("base64") };
  const built = spawnSync(bin("next"), ["build"], { cwd, env, encoding: "utf8" });
  assert.equal(built.status, 0, built.stdout + built.stderr);

  const port = await freePort();
  const server = spawn(bin("next"), ["start", "--port", String(port), "--hostname", "127.0.0.1"], { cwd, env, stdio: "ignore" });
  try {
    const address = `http://127.0.0.1:${port}/`;
    while (!(await fetch(address).catch(() => undefined))?.ok) {
      assert.equal(server.exitCode, null);
      await setTimeout(100);
    }
    const { page, problems } = await open(browser, address.replace("127.0.0.1", "localhost"));
    assert.equal(await page.textContent("#server"), "decrypted on the server");
    await page.fill("input[name=passphrase]", "correct horse battery staple");
    await page.fill("textarea", "a note");
    await page.click("text=Encrypt");
    await page.waitForFunction(() => document.querySelector("output").textContent !== "");
    assert.equal(await page.textContent("output"), "120 bytes, encrypted in the browser");
    assert.deepEqual(problems, []);
    await page.close();
  } finally {
    server.kill();
    await once(server, "exit");
  }
});
