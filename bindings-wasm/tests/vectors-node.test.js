// The vectors in Node.
import { vectorsInNode } from "./support/all-vectors.js";

vectorsInNode();
