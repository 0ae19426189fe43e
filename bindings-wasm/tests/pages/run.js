// What both pages do: offer the cases to the test that looks at the page from outside.
import { suites } from "../cases/index.js";
import { CIPHERS } from "../support/help.js";
import { runVector } from "../support/vectors.js";

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
