// The cases in Chromium, and on a page there that has no WebCrypto.
import { expect } from "chai";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINES, open } from "./support/browser.js";
import { testIn } from "./support/pages.js";
import { serve } from "./support/server.js";

testIn("Chromium");

// By another name than localhost, a page that came over HTTP has no WebCrypto.
const INSECURE = "insecure.test";

describe("Chromium, without WebCrypto", () => {
  let browser;
  before(async () => { browser = await ENGINES.Chromium(`--host-resolver-rules=MAP ${INSECURE} 127.0.0.1`); });
  after(() => browser?.close());

  test("a page without WebCrypto encrypts and decrypts all the same", async () => {
    const server = await serve(fileURLToPath(new URL(".", import.meta.url)));
    const insecure = server.address.replace("localhost", INSECURE);
    const { page, problems } = await open(browser, `${insecure}/pages/plain.html`);
    await page.waitForFunction(() => "runCase" in globalThis);
    expect(await page.evaluate(() => globalThis.crypto.subtle)).to.equal(undefined);
    for (const title of ["every suite comes back, around the edges of frames, whichever cipher wrote it", "every altered byte is refused"]) {
      expect(await page.evaluate((title) => globalThis.runCase("messages", title), title)).to.equal(undefined);
    }
    expect(await page.evaluate((title) => globalThis.runCase("streams", title), "pieces of any length, every suite")).to.equal(undefined);
    // Nor does it make RSA keys, which WebAssembly makes then.
    const title = "keys of every kind sign, whichever are asked for at once";
    expect(await page.evaluate((title) => globalThis.runCase("asymmetric", title), title)).to.equal(undefined);
    expect(problems).to.deep.equal([]);
    await page.close();
    server.close();
  });
});
