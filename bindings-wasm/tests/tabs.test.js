// What needs more than one page, or a browser that the test controls: pages that are closed, a quota, an authenticator.
import { expect } from "chai";
import { setTimeout } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINES } from "./support/browser.js";
import { serve } from "./support/server.js";
import { vendor } from "./support/vendor.js";

const ROUNDS = 5;

let server;
before(async () => {
  await vendor();
  server = await serve(fileURLToPath(new URL(".", import.meta.url)));
});
after(() => server.close());

/** Pages with the same storage. */
const profile = (browser) => browser.newContext?.() ?? browser;

async function load(context) {
  const page = await context.newPage();
  await page.goto(`${server.address}/pages/plain.html`);
  await page.waitForFunction(() => "lookAfter" in globalThis);
  return page;
}

for (const [engine, launch] of Object.entries(ENGINES)) {
  describe(engine, () => {
    let browser;
    before(async () => { browser = await launch(); });
    after(() => browser?.close());

    test("pages that are closed in mid-write leave every answered key, and no half of one", async () => {
      const [context, name] = [await profile(browser), `closed-${Math.random()}`];
      const watching = await load(context);
      const count = () => watching.evaluate((name) => globalThis.countAnswered(name), name);
      for (let round = 0; round < ROUNDS; round++) {
        const pages = [await load(context), await load(context)];
        await Promise.all(pages.map((page) => page.evaluate((name) => globalThis.writeUntilEnded(name), name)));
        for (const wanted = (await count()) + 3 + (round % 3); (await count()) < wanted;) {
          await setTimeout(5);
        }
        await Promise.all(pages.map((page) => page.close()));
      }
      const { answered, missing, damaged } = await watching.evaluate((name) => globalThis.lookAfter(name), name);
      expect(answered).to.be.above(3 * ROUNDS - 1);
      expect([missing, damaged]).to.deep.equal([[], []]);
      await watching.close();
    });

    test("events that wait are stored when their page is hidden", async () => {
      const context = await profile(browser);
      const [watching, page] = [await load(context), await load(context)];
      for (const event of ["visibilitychange", "pagehide"]) {
        const name = `hidden-${Math.random()}`;
        const used = await page.evaluate((name) => globalThis.useWhileEventsWait(name), name);
        const count = () => watching.evaluate((name) => globalThis.countEvents(name, "Encrypt"), name);
        expect((await count()).count).to.equal(0);
        await page.evaluate((event) => globalThis.hide(event), event);
        for (let tries = 0; (await count()).count < used && tries < 1000; tries++) await setTimeout(10);
        expect(await count()).to.deep.equal({ count: used, problems: [] });
      }
      await Promise.all([watching.close(), page.close()]);
    });

    test("without WebAssembly, as in Lockdown Mode, there is one clear error", async () => {
      const page = await load(await profile(browser));
      const { name, message } = await page.evaluate(() => globalThis.openWithoutWasm("no-wasm"));
      expect(name).to.equal("UnsupportedOperationException");
      expect(message).to.contain("Lockdown Mode");
      await page.close();
    });

    test("under a policy that forbids WebAssembly, the error says what the policy has to allow", async () => {
      const page = await load(await profile(browser));
      const { message } = await page.evaluate(() => globalThis.openWithoutWasm("no-wasm-eval"));
      expect(message).to.contain("'wasm-unsafe-eval'");
      await page.close();
    });

    if (engine === "Chromium") inChromium(() => browser);
  });
}

/** What only Chromium lets a test set. */
function inChromium(browser) {
  let page, devtools;
  before(async () => {
    const context = await browser().newContext();
    page = await load(context);
    devtools = await context.newCDPSession(page);
  });
  after(() => page?.close());

  test("a site that has used up its room is a named error, and nothing is lost", async () => {
    const [{ origin }, name] = [new URL(server.address), `full-${Math.random()}`];
    const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: used + 1_000_000 });
    const full = await page.evaluate((name) => globalThis.fillUp(name), name);
    expect(full.name).to.equal("StoreFullException");
    expect(full.created).to.be.above(10);
    expect(await page.evaluate(() => globalThis.useFull())).to.deep.equal({ missing: [], decrypted: 10, damaged: [] });
    await devtools.send("Storage.overrideQuotaForOrigin", { origin });
    expect(await page.evaluate((name) => globalThis.useAgain(name), name)).to.deep.equal([]);
  });

  /** While there is an authenticator like this. */
  async function withAuthenticator(more, work) {
    await devtools.send("WebAuthn.enable");
    const options = {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...more,
    };
    const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
    try {
      return await work();
    } finally {
      await devtools.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    }
  }

  test("a passkey opens a vault, beside another root key", async () => {
    const { plaintext, kinds, refused } = await withAuthenticator({ hasPrf: true }, () => page.evaluate(() => globalThis.usePasskey()));
    expect(plaintext).to.equal("secret");
    expect(kinds).to.deep.equal([
      ["PASSPHRASE", undefined, "", true], ["CALLBACK", "passkey:localhost", "Alice's passkey", true], ["CALLBACK", "passkey:localhost", "Bob's", true],
    ]);
    expect(refused).to.deep.equal({ alone: "LastRootKeyException", last: "LastRootKeyException" });
  });

  test("a passkey whose secret is another the second time is not added", async () => {
    const found = await withAuthenticator({ hasPrf: true }, () => page.evaluate(() => globalThis.addLyingPasskey()));
    expect(found).to.deep.equal({ error: "WrongRootKeyException", rootKeys: 1 });
  });

  test("an authenticator without secrets makes no root key", async () => {
    const error = await withAuthenticator({ hasPrf: false }, () => page.evaluate(() => globalThis.createPasskey()));
    expect(error).to.equal("UnsupportedOperationException");
  });
}
