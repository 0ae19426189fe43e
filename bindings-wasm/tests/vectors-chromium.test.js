// The vectors in Chromium.
import { vectorsIn } from "./support/all-vectors.js";

vectorsIn("Chromium");
