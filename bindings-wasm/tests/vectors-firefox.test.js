// The vectors in Firefox.
import { vectorsIn } from "./support/all-vectors.js";

vectorsIn("Firefox");
