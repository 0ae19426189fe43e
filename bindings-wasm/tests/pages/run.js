// What both pages do: offer the cases to the test that looks at the page from outside.
import { RootKey, Vault } from "pocketkms";
import { suites } from "../cases/index.js";
import { CIPHERS } from "../support/help.js";
import { runVector } from "../support/vectors.js";
import "./passkeys.js";
import "./quota.js";
import "./tabs.js";

// What goes wrong in the page, for the engines whose drivers do not say it.
globalThis.problems = [];
for (const event of ["error", "unhandledrejection"]) {
  addEventListener(event, ({ message, reason }) => problems.push(`${event}: ${message ?? reason}`));
}
for (const level of ["error", "warn"]) {
  const { [level]: print } = console;
  console[level] = (...given) => {
    problems.push(`${level}: ${given.join(" ")}`);
    print.apply(console, given);
  };
}

globalThis.runCase = async (suite, title) => {
  try {
    await suites[suite][title]();
    return undefined;
  } catch (error) {
    return `${error}\n${error.stack}\n${error.cause?.stack ?? ""}`;
  }
};

/** What a worker answers that opens a vault. */
globalThis.askWorker = () => new Promise((resolve, reject) => {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = reject;
});

/** How many keys a vault has that the page opens with what a worker made of the passphrase. */
globalThis.openByWorker = async () => {
  const passphrase = RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 });
  const snapshot = await (await Vault.inMemory(passphrase)).snapshot();
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const next = () => new Promise((resolve, reject) => Object.assign(worker, { onmessage: ({ data }) => resolve(data), onerror: reject }));
  await next();
  const derived = next();
  worker.postMessage({ passphrase: "text", snapshot });
  const vault = await Vault.openSnapshot(snapshot, RootKey.fromDerived(await derived));
  return (await vault.client().listKeys()).keys.length;
};

/**
 * Two workers create keys in one vault, and are ended in mid-write, over and over. What is missing of the keys that were answered, and
 * what is damaged.
 */
globalThis.endInMidWrite = async (rounds) => {
  const [name, rootKey] = [`ended-${Math.random()}`, RootKey.fromBytes(new Uint8Array(32))];
  (await Vault.create(name, rootKey)).close();
  const answered = [];
  for (let round = 0; round < rounds; round++) {
    const workers = [0, 1].map(() => new Worker(new URL("./writer.js", import.meta.url), { type: "module" }));
    await Promise.all(workers.map((worker) => new Promise((resolve, reject) => {
      let left = 2 + (round % 3);
      worker.onmessage = ({ data }) => {
        answered.push(data);
        if (--left === 0) {
          worker.terminate();
          resolve();
        }
      };
      worker.onerror = reject;
      worker.postMessage(name);
    })));
  }
  const vault = await Vault.open(name, rootKey);
  const there = new Set();
  for await (const { keys } of vault.client().paginate("listKeys", { limit: 1000 })) {
    keys.forEach(({ keyId }) => there.add(keyId));
  }
  const damaged = await vault.verify();
  vault.close();
  await Vault.delete(name);
  return { answered: answered.length, missing: answered.filter((id) => !there.has(id)), damaged };
};

/** How many keys a vault has that was made of so many, and opened again, and what is damaged of it. */
globalThis.openLarge = async (count) => {
  const [name, rootKey] = [`large-${Math.random()}`, RootKey.fromBytes(new Uint8Array(32))];
  const vault = await Vault.create(name, rootKey);
  const kms = vault.client();
  for (let made = 0; made < count; made += 50) {
    await Promise.all(Array.from({ length: 50 }, () => kms.createKey()));
  }
  vault.close();
  const again = await Vault.open(name, rootKey);
  let keys = 0;
  for await (const page of again.client().paginate("listKeys", { limit: 1000 })) {
    keys += page.keys.length;
  }
  const damaged = await again.verify();
  again.close();
  await Vault.delete(name);
  return { keys, damaged };
};

const fromBase64 = (text) => text && Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** What is wrong with each of these vectors, the bytes of which come as base64, by the cipher of that name. */
globalThis.runVectors = async (vectors, asStream, cipher) => {
  const results = [];
  for (const { message, plaintext, ...vector } of vectors) {
    const bytes = { message: fromBase64(message), plaintext: fromBase64(plaintext) };
    results.push(await runVector({ ...vector, ...bytes }, asStream, CIPHERS[cipher]));
  }
  return results;
};
