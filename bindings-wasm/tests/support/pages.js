// The cases in an engine: on a page without a bundler, and on a page of Vite's, developed and built. Each engine has a file of its own,
// so that two of them run beside each other.
import { suites } from "../cases/index.js";
import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as vite from "vite";
import * as vite7 from "vite-7";
import { ENGINES, open } from "./browser.js";
import { serve } from "./server.js";
import { vendor } from "./vendor.js";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Starts the servers of the pages: each resolves to an address, and `close`. */
const pages = {
  async "a plain page"() {
    const { address, close } = await serve(root);
    return { address: `${address}/pages/plain.html`, close };
  },

  "Vite's development server": () => develop(vite),

  "the development server of Vite 7": () => develop(vite7),

  async "a page built by Vite"() {
    const outDir = await mkdtemp(join(tmpdir(), "pocketkms-dist-"));
    const options = { root, configFile: false, logLevel: "warn" };
    await vite.build({ ...options, base: "./", worker: { format: "es" }, build: { outDir, emptyOutDir: true, rollupOptions: { input: join(root, "pages/vite.html") } } });
    const { address, close } = await serve(outDir);
    return { address: `${address}/pages/vite.html`, close: () => Promise.all([close(), rm(outDir, { recursive: true })]) };
  },
};

async function develop({ createServer }) {
  // Without its cache, so that Vite prepares the package as it does after a fresh install; and of this page alone, since other tests
  // write into the folder meanwhile.
  await rm(join(root, "node_modules/.vite"), { recursive: true, force: true });
  const server = await createServer({ root, configFile: false, logLevel: "warn", server: { host: "localhost", port: 0, watch: null }, optimizeDeps: { entries: ["pages/vite.html"] } });
  await server.listen();
  return { address: new URL("pages/vite.html", server.resolvedUrls.local[0]).href, close: () => server.close() };
}

/** Development servers send the same to every engine. */
const EVERYWHERE = ["a plain page", "a page built by Vite"];

/** All cases in that engine. */
export function testIn(engine) {
  before(vendor);
  describe(engine, () => {
    let browser;
    before(async () => { browser = await ENGINES[engine](); });
    after(() => browser?.close());

    for (const [name, start] of Object.entries(pages).filter(([name]) => engine === "Chromium" || EVERYWHERE.includes(name))) {
      testOn(name, start, () => browser);
    }
  });
}

/** All cases on one page. */
function testOn(name, start, browser) {
  describe(name, () => {
    let server, page, problems;
    before(async () => {
      server = await start();
      ({ page, problems } = await open(browser(), server.address));
      await page.waitForFunction(() => "runCase" in globalThis);
    });
    after(async () => {
      await page?.close();
      await server?.close();
    });

    for (const [suite, cases] of Object.entries(suites)) {
      for (const title of Object.keys(cases)) {
        test(`${suite}: ${title}`, async () => {
          const failure = await page.evaluate(([suite, title]) => globalThis.runCase(suite, title), [suite, title]);
          expect(failure).to.equal(undefined);
        });
      }
    }

    test("a worker opens a vault too", async () => {
      expect(await page.evaluate(() => globalThis.askWorker())).to.equal("0 keys");
    });

    test("a worker hashes the passphrase, and the page opens the vault", async () => {
      expect(await page.evaluate(() => globalThis.openByWorker())).to.equal(0);
    });

    if (name === "a plain page") {
      test("workers that are ended in mid-write leave every answered key, and no half of one", async () => {
        const { answered, missing, damaged } = await page.evaluate((rounds) => globalThis.endInMidWrite(rounds), 4);
        expect(answered).to.be.above(20);
        expect([missing, damaged]).to.deep.equal([[], []]);
      });

      test("a vault of 300 keys", async () => {
        expect(await page.evaluate((count) => globalThis.openLarge(count), 300)).to.deep.equal({ keys: 300, damaged: [] });
      });
    }

    test("the page had no errors and no warnings", async () => {
      const found = [...problems, ...(await page.evaluate(() => globalThis.problems))];
      // What a sink throws is reported: cases/audit.js.
      expect(found.filter((problem) => !problem.includes("a sink that fails"))).to.deep.equal([]);
    });
  });
}
