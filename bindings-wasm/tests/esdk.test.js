// AWS's Encryption SDK for JavaScript with its own KMS keyrings, over a vault: in Node and in Chromium, as scripts/setup/peers pins it.
import { build } from "esbuild";
import { expect } from "chai";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { exchange } from "./esdk/exchange.js";
import { launch, open } from "./support/browser.js";
import { serve } from "./support/server.js";

const here = fileURLToPath(new URL(".", import.meta.url));

test("npm @aws-crypto/client-node over a vault, both ways", async () => {
  const require = createRequire(`${process.env.PEERS}/node/package.json`);
  const { KmsKeyringNode: KmsKeyring, ...sdk } = require("@aws-crypto/client-node");
  const { KMS } = require("@aws-sdk/client-kms");
  expect(await exchange({ ...sdk, KmsKeyring, KMS })).to.have.length(15);
});

describe("npm @aws-crypto/client-browser", () => {
  let browser, folder, server;
  before(async () => {
    browser = await launch();
    folder = await mkdtemp(join(tmpdir(), "pocketkms-esdk-"));
    server = await serve(folder);
  });
  after(async () => {
    server.close();
    await browser.close();
    await rm(folder, { recursive: true });
  });

  test("over a vault, both ways", async () => {
    const contents = `
      import { KmsKeyringBrowser as KmsKeyring, CommitmentPolicy, buildClient, getClient } from "@aws-crypto/client-browser";
      import { KMS } from "@aws-sdk/client-kms";
      import { Buffer } from "buffer";
      import { exchange } from "./esdk/exchange.js";
      globalThis.Buffer = Buffer; // The Encryption SDK needs it, and leaves it to the app.
      exchange({ buildClient, CommitmentPolicy, KmsKeyring, getClient, KMS }, false)
        .then((done) => console.log(done.length), (error) => console.log(error.stack));
    `;
    const packages = join(process.env.PEERS, "browser/node_modules");
    const alias = { "@aws-sdk/client-kms": join(packages, "@aws-sdk/client-kms"), pocketkms: join(here, "node_modules/pocketkms/embedded.js"), "pocketkms/aws-sdk": join(here, "node_modules/pocketkms/aws-sdk.js") };
    await build({
      stdin: { contents, resolveDir: here }, bundle: true, define: { global: "globalThis" }, format: "esm", logLevel: "error",
      nodePaths: [packages], alias, platform: "browser", outfile: join(folder, "bundle.js"),
    });
    await writeFile(join(folder, "index.html"), '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/bundle.js"></script>');
    const { page, printed } = await open(browser, `${server.address}/index.html`);
    const began = Date.now();
    while (printed.length === 0 && Date.now() - began < 60_000) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(printed).to.deep.equal(["14"]);
    await page.close();
  });
});
