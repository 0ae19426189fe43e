// The vectors of the AWS Encryption SDK's message format, in Node or in an engine, by WebAssembly and by WebCrypto, one of them in
// one call and the other as a stream. None is left out. Each engine has a file of its own, so that two of them run beside each other.
//
// Those that were made for this project are in tests/vectors/aws-esdk. The others, which AWS's SDKs wrote, are read from
// ../shared/vectors/aws-esdk beside the repository. Where that is missing, one line says so; with CI=true it is a failure.
import { expect } from "chai";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ENGINES, open } from "./browser.js";
import { CIPHERS } from "./help.js";
import { serve } from "./server.js";
import { vendor } from "./vendor.js";
import { runVector } from "./vectors.js";

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
  const shared = await read(SHARED);
  vectors.push(...shared.filter(({ source }) => !source.startsWith(COPIED)));
  // Those that are copied are among our own, so that all of them are here, once each.
  expect(vectors.map(({ id }) => id).sort()).to.deep.equal(shared.map(({ id }) => id).sort());
} else {
  expect(process.env.CI, `${SHARED} is missing`).not.to.equal("true");
  console.log(`${SHARED} is missing: only the ${vectors.length} cases in ${OWN} are tested`);
}
const files = await Promise.all(vectors.map(async ({ folder, message, plaintext, ...vector }) => ({
  ...vector,
  keys: needed(vector),
  message: await readFile(join(folder, message)),
  plaintext: plaintext ? await readFile(join(folder, plaintext)) : undefined,
})));

/** Says which cases went wrong, and counts the others: each was decrypted, refused or parsed. */
function expectAllRight(where, results) {
  const wrong = results.flatMap(({ problem }, index) => (problem ? [`${vectors[index].id} (${vectors[index].class}): ${problem}`] : []));
  expect(wrong).to.deep.equal([]);
  const count = (expected) => results.filter(({ outcome }) => outcome === expected).length;
  const [decrypted, refused, parsed] = ["decrypted", "refused", "parsed"].map(count);
  const left = vectors.length - decrypted - refused - parsed;
  console.log(`${where}: ${vectors.length} vectors: ${decrypted} decrypted, ${refused} refused, ${parsed} parsed, ${left} left out`);
  expect(left, "left out").to.equal(0);
  const wanted = (...expected) => vectors.filter(({ expect }) => expected.includes(expect)).length;
  expect(parsed).to.equal(wanted("parse"));
  expect(decrypted).to.be.within(wanted("ok"), wanted("ok", "reject-or-same"));
}

/** All of them in this process. */
export function vectorsInNode() {
  for (const [name, options] of Object.entries(CIPHERS)) {
    test(`vectors in Node, by ${name}`, async () => {
      const results = [];
      for (const vector of files) results.push(await runVector(vector, name === "WebCrypto", options));
      expectAllRight(`Node, ${name}`, results);
    });
  }
}

/** All of them in that engine. */
export function vectorsIn(engine) {
  describe(`vectors in ${engine}`, () => {
    let browser, server, page, problems;
    before(async () => {
      await vendor();
      browser = await ENGINES[engine]();
      server = await serve(fileURLToPath(new URL("..", import.meta.url)));
      ({ page, problems } = await open(browser, `${server.address}/pages/plain.html`));
      await page.waitForFunction(() => "runVectors" in globalThis);
    });
    after(async () => {
      await browser?.close();
      server?.close();
    });

    for (const name of Object.keys(CIPHERS)) {
      test(`by ${name}`, async () => {
        const results = [];
        // A few at a time, for they go through a pipe as text.
        for (let at = 0; at < files.length; at += 50) {
          const some = files.slice(at, at + 50);
          const sent = some.map(({ message, plaintext, ...vector }) => ({
            ...vector, message: message.toString("base64"), plaintext: plaintext?.toString("base64"),
          }));
          results.push(...await page.evaluate((given) => globalThis.runVectors(...given), [sent, name !== "WebCrypto", name]));
        }
        expectAllRight(`${engine}, ${name}`, results);
        expect([...problems, ...(await page.evaluate(() => globalThis.problems))]).to.deep.equal([]);
      });
    }
  });
}
