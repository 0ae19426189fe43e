// The vectors in WebKit.
import { vectorsIn } from "./support/all-vectors.js";

vectorsIn("WebKit");
