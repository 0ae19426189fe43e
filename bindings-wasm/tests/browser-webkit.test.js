// The cases in WebKit.
import { testIn } from "./support/pages.js";

testIn("WebKit");
