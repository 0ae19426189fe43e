// Opens the participant's page in headless Chromium, hands it the files, and writes what it answers.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, open } from "./browser.js";
import { serve } from "./server.js";

const [command, directory, out] = process.argv.slice(2);
const vaults = ["raw", "passphrase"];
const file = (name) => join(directory, name);
const json = async (name) => JSON.parse(await readFile(file(name), "utf8"));

/** What the page answers. Bytes cross as base64. */
async function ask(input) {
  const server = await serve(fileURLToPath(new URL(".", import.meta.url)));
  const browser = await launch();
  try {
    const { page, problems } = await open(browser, `${server.address}/page.html`);
    const answer = await page.evaluate(({ command, input }) => globalThis.participant[command](input), { command, input });
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return answer;
  } finally {
    await browser.close();
    server.close();
  }
}

if (command === "make") {
  const { manifest, snapshots } = await ask({ plan: await json("plan.json") });
  for (const vault of vaults) await writeFile(file(`${vault}.snapshot`), snapshots[vault], "base64");
  await writeFile(file("manifest.json"), JSON.stringify(manifest));
} else if (command === "check") {
  const snapshots = {};
  for (const vault of vaults) snapshots[vault] = await readFile(file(`${vault}.snapshot`), "base64");
  const report = await ask({ plan: await json("plan.json"), manifest: await json("manifest.json"), snapshots });
  await writeFile(out, JSON.stringify(report));
} else {
  throw new Error("usage: participant make DIR | check DIR OUT");
}
