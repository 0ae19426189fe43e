// The vectors of the AWS Encryption SDK's message format, in Node and in Chromium, by WebAssembly and by WebCrypto, one of them at
// once and the other as a stream.
//
// Those that were made for this project are in tests/vectors/aws-esdk. The others, which AWS's SDKs wrote, are read from
// ../shared/vectors/aws-esdk beside the repository. Where that is missing, one line says so; with CI=true it is a failure.
import { expect } from "chai";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, open } from "./support/browser.js";
import { CIPHERS } from "./support/help.js";
import { serve } from "./support/server.js";
import { NOT_OFFERED, runVector } from "./support/vectors.js";

const repository = process.env.REPOSITORY;
const OWN = join(repository, "tests/vectors/aws-esdk");
const SHARED = join(repository, "../shared/vectors/aws-esdk");
// What the sources begin with whose cases are copied.
const COPIED = "generated-";

async function read(folder) {
  const { format, count, cases, keys } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  expect(format).to.equal("esdk-vectors-1");
  expect(cases).to.have.length(count).above(0);
  return cases.map((vector) => ({ ...vector, folder, keys }));
}

/** Only those keys that the case names. */
const needed = ({ keys, keyring = [] }) => Object.fromEntries(keyring.flatMap(({ key, peer }) => [key, peer].filter(Boolean).map((name) => [name, keys[name]])));

const vectors = await read(OWN);
if (existsSync(SHARED)) {
  vectors.push(...(await read(SHARED)).filter(({ source }) => !source.startsWith(COPIED)));
} else {
  expect(process.env.CI, `${SHARED} is missing`).not.to.equal("true");
  console.log(`${SHARED} is missing: only the ${vectors.length} cases in ${OWN} are tested`);
}
const offered = vectors.filter(({ keyring = [] }) => !keyring.some(({ type }) => NOT_OFFERED.has(type)));
const files = await Promise.all(offered.map(async ({ folder, message, plaintext, ...vector }) => ({
  ...vector,
  keys: needed(vector),
  message: await readFile(join(folder, message)),
  plaintext: plaintext ? await readFile(join(folder, plaintext)) : undefined,
})));

/** Says which cases went wrong, of those that there must be. */
function expectAllRight(results) {
  expect(results).to.have.length(files.length);
  expect(results.filter((problem) => problem !== undefined)).to.deep.equal([]);
}

const named = (vector, problem) => problem && `${vector.id} (${vector.class}): ${problem}`;

test("there are as many vectors as there must be", () => {
  expect(vectors.length - offered.length, "not offered").to.be.below(60);
  expect(offered.length).to.be.above(380);
});

for (const [name, options] of Object.entries(CIPHERS)) {
  test(`vectors in Node, by ${name}`, async () => {
    const results = [];
    for (const vector of files) results.push(named(vector, await runVector(vector, name === "WebCrypto", options)));
    expectAllRight(results);
  });
}

describe("vectors in Chromium", () => {
  let browser, server, page, problems;
  before(async () => {
    browser = await launch();
    server = await serve(fileURLToPath(new URL(".", import.meta.url)));
    ({ page, problems } = await open(browser, `${server.address}/pages/plain.html`));
    await page.waitForFunction(() => "runVectors" in globalThis);
  });
  after(async () => {
    await browser.close();
    server.close();
  });

  for (const [name, options] of Object.entries(CIPHERS)) {
    test(`by ${name}`, async () => {
      const results = [];
      // A few at a time, for they go through a pipe as text.
      for (let at = 0; at < files.length; at += 50) {
        const some = files.slice(at, at + 50);
        const sent = some.map(({ message, plaintext, ...vector }) => ({
          ...vector, message: message.toString("base64"), plaintext: plaintext?.toString("base64"),
        }));
        const found = await page.evaluate((given) => globalThis.runVectors(...given), [sent, name !== "WebCrypto", options]);
        results.push(...found.map((problem, index) => named(some[index], problem ?? undefined)));
      }
      expectAllRight(results);
      expect(problems).to.deep.equal([]);
    });
  }
});
