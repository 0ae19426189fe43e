// The cases in Firefox.
import { testIn } from "./support/pages.js";

testIn("Firefox");
