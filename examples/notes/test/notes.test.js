// The tutorial, as its reader would use it: two browsers, the server and the job.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { launch, open } from "./browser.js";
import { freePort } from "./port.js";

const { APP, PYTHON } = process.env;
const PASSPHRASE = "correct horse battery staple";
const NOTES = [{ title: "Shopping", text: "milk, <b>eggs</b>" }, { title: "Grüße", text: "an Grete" }];

let folder, database, server, address, browser;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "pocketkms-notes-"));
  database = join(folder, "data/notes.db");
  const port = await freePort();
  address = `http://localhost:${port}`;
  const env = { ...process.env, NOTES_DATA: join(folder, "data"), NOTES_PACKAGE: fileURLToPath(new URL("node_modules/pocketkms", import.meta.url)) };
  server = spawn(PYTHON, ["-m", "flask", "--app", "server", "run", "--port", `${port}`], { cwd: APP, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  server.stderr.on("data", (text) => (said += text));
  while (!(await fetch(address).catch(() => undefined))?.ok) {
    assert.equal(server.exitCode, null, said);
    await setTimeout(50);
  }
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server.kill();
  await once(server, "exit");
  await rm(folder, { recursive: true });
});

async function unlock(passphrase) {
  const opened = await open(browser, address);
  await opened.page.fill("input[name=passphrase]", passphrase);
  await opened.page.click("text=Unlock");
  return opened;
}

const shown = (page) => page.$$eval("article", (articles) => articles.map((article) => article.innerText.split("\n").filter(Boolean)));
const expected = NOTES.map(({ title, text }) => [title, text]);

/** SQL, by Python, for Node 20 has no SQLite. */
function sql(statement) {
  const program = "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); database.execute(sys.argv[2]); database.commit()";
  assert.equal(spawnSync(PYTHON, ["-c", program, database, statement]).status, 0);
}

function job(passphrase, to) {
  const env = { ...process.env, NOTES_PASSPHRASE: passphrase };
  return spawnSync(PYTHON, [join(APP, "export.py"), database, join(folder, to)], { env, encoding: "utf8" });
}

test("the first browser makes the vault and writes notes", async () => {
  const { page, problems } = await unlock(PASSPHRASE);
  for (const [index, { title, text }] of NOTES.entries()) {
    await page.fill("input[name=title]", title);
    await page.fill("textarea", text);
    await page.click("text=Save");
    await page.waitForFunction((count) => document.querySelectorAll("article p").length === count, index + 1);
  }
  assert.deepEqual(await shown(page), expected);
  assert.deepEqual(problems, []);
  await page.close();
});

test("the server has nothing that it could read", async () => {
  for (const name of await readdir(join(folder, "data"))) {
    const stored = await readFile(join(folder, "data", name));
    for (const text of ["Shopping", "milk", "Grete", PASSPHRASE]) assert.ok(!stored.includes(text), `${text} is in ${name}`);
  }
});

test("another browser opens the vault by the passphrase, and by no other", async () => {
  const wrong = await unlock("wrong horse battery staple");
  await wrong.page.waitForFunction(() => document.getElementById("problem").textContent === "This is not the passphrase.");
  await wrong.page.close();

  const { page, problems } = await unlock(PASSPHRASE);
  await page.waitForFunction((count) => document.querySelectorAll("article p").length === count, NOTES.length);
  assert.deepEqual(await shown(page), expected);
  assert.deepEqual(problems, []);
  await page.close();
});

test("a vault is saved only over the one that was opened", async () => {
  for (const headers of [{}, { "if-none-match": "*" }, { "if-match": '"another"' }]) {
    assert.equal((await fetch(`${address}/api/vault`, { method: "PUT", body: "x", headers })).status, 412);
  }
});

test("the job exports all notes", async () => {
  const { status, stderr } = job(PASSPHRASE, "exported");
  assert.equal(status, 0, stderr);
  const files = await readdir(join(folder, "exported"));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, "exported", file), "utf8")));
  assert.deepEqual(texts.sort(), NOTES.map(({ title, text }) => `# ${title}\n\n${text}\n`).sort());

  const wrong = job("wrong horse battery staple", "nothing");
  assert.notEqual(wrong.status, 0);
  assert.match(wrong.stderr, /WrongRootKeyException/);
});

test("a note that the server puts in the place of another is refused by both, and no other", async () => {
  sql("UPDATE notes SET message = (SELECT message FROM notes WHERE rowid = 2) WHERE rowid = 1");
  const { page } = await unlock(PASSPHRASE);
  await page.waitForFunction((count) => document.querySelectorAll("article").length === count, NOTES.length);
  assert.deepEqual(await shown(page), [["A note that cannot be opened (ValidationException)."], expected[1]]);
  await page.close();

  const { status, stderr } = job(PASSPHRASE, "replaced");
  assert.equal(status, 1);
  assert.match(stderr, /^[-0-9a-f]{36}: ValidationException: /);
  assert.equal((await readdir(join(folder, "replaced"))).length, 1);
});
