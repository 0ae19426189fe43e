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
