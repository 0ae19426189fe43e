// What the documentation shows is what runs: in Chromium, in Node if it says so (`mjs`), and the README in both where it can.
import { expect } from "chai";
import { spawnSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, open } from "./support/browser.js";
import { examples } from "./support/examples.js";
import { serve } from "./support/server.js";
import { IMPORTS, vendor } from "./support/vendor.js";

const file = (name) => new URL(name, import.meta.url);

/** In Node there is no IndexedDB. */
const isKept = ({ code }) => /Vault\.(open|create|openOrCreate)\(/.test(code);
const everywhere = (await examples("README.md", "js")).filter((example) => !isKept(example));

for (const { code, prints } of [...everywhere, ...(await examples("README.md", "mjs")), ...(await examples("guide-browser.md", "mjs"))]) {
  test(`the example for Node runs there, and prints ${prints[0]}`, async () => {
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
    await vendor();
    browser = await launch();
    server = await serve(fileURLToPath(file(".")));
  });
  after(async () => {
    server.close();
    await browser.close();
  });

  for (const [index, { code, page = onPlainPage(code), prints }] of [...modules, ...pages].entries()) {
    test(`example ${index + 1}, which prints ${prints[0]}`, { timeout: 60_000 }, async () => {
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
<script type="importmap" nonce="page">${JSON.stringify({ imports: IMPORTS })}</script>
<script type="module">
${code}
</script>
`;
