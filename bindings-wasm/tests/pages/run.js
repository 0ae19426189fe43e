// What both pages do: offer the cases to the test that looks at the page from outside.
import { suites } from "../cases/index.js";

globalThis.runCase = async (suite, title) => {
  try {
    await suites[suite][title]();
    return undefined;
  } catch (error) {
    return error.stack ?? String(error);
  }
};

/** What a worker answers that opens a vault. */
globalThis.askWorker = () => new Promise((resolve, reject) => {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = reject;
});
