// What the documentation shows is what runs: the README in Node and in Chromium, the guide in Chromium, or in Node if it says so.
import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, open } from "./support/browser.js";
import { examples } from "./support/examples.js";
import { serve } from "./support/server.js";

const file = (name) => new URL(name, import.meta.url);

for (const { code, prints } of await examples("README.md", "js")) {
  test(`the README's example runs in Node, and prints ${prints[0]}`, async () => {
    await writeFile(file("example.mjs"), code);
    const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(file("example.mjs"))], { encoding: "utf8" });
    expect(stderr).to.equal("");
    expect(prints).to.have.length.above(0);
    expect(stdout).to.equal(prints.map((line) => `${line}\n`).join(""));
  });
}

for (const { code, prints } of await examples("guide-browser.md", "mjs")) {
  test(`the guide's example for Node runs there, and prints ${prints[0]}`, async () => {
    // With the project's packages, but in a folder of its own, for it writes files.
    await mkdir(file("example/"), { recursive: true });
    await writeFile(file("example/example.mjs"), code);
    const { stdout, stderr } = spawnSync(process.execPath, ["example.mjs"], { encoding: "utf8", cwd: fileURLToPath(file("example/")) });
    await rm(file("example/"), { recursive: true });
    expect(stderr).to.equal("");
    expect(prints).to.have.length.above(0);
    expect(stdout).to.equal(prints.map((line) => `${line}\n`).join(""));
  });
}

describe("documentation in Chromium", async () => {
  const modules = [...(await examples("README.md", "js")), ...(await examples("guide-browser.md", "js"))];
  const pages = (await examples("guide-browser.md", "html")).map((page) => ({ ...page, page: page.code }));

  let browser, server;
  before(async () => {
    browser = await launch();
    server = await serve(fileURLToPath(file(".")));
  });
  after(async () => {
    server.close();
    await browser.close();
  });

  for (const [index, { code, page = onPlainPage(code), prints }] of [...modules, ...pages].entries()) {
    test(`example ${index + 1}, which prints ${prints[0]}`, { timeout: 30_000 }, async () => {
      // The policy that the server sends asks for a nonce where a script is in the page itself.
      await writeFile(file("example.html"), page.replace('<script type="module">', '<script type="module" nonce="page">'));
      const opened = await open(browser, `${server.address}/example.html`);
      while (opened.printed.length < prints.length && opened.problems.length === 0) {
        await setTimeout(20);
      }
      expect(opened.problems).to.deep.equal([]);
      expect(prints).to.have.length.above(0);
      expect(opened.printed).to.deep.equal(prints);
      await opened.page.close();
    });
  }

  after(() => rm(file("example.html")));
});

const onPlainPage = (code) => `<!doctype html>
<meta charset="utf-8">
<script type="importmap" nonce="page">{ "imports": { "pocketkms": "/node_modules/pocketkms/index.js" } }</script>
<script type="module">
${code}
</script>
`;
