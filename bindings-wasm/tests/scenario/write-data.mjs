// write-data.mjs REPOSITORY FILE: from the description of the core on standard input, writes the scenarios and the types as one module.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , repository, file] = process.argv;
const { operations, structures, ownStructures } = JSON.parse(readFileSync(0, "utf8"));
const folder = join(repository, "tests/scenario");
const names = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== "schema.json").sort();
const scenarios = names.map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
const schema = JSON.parse(readFileSync(join(folder, "schema.json"), "utf8"));
const hostArguments = schema.$defs.hostMethod["x-arguments"];
const parts = Object.entries({ scenarios, operations, structures: { ...structures, ...ownStructures }, hostArguments }).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`);
writeFileSync(file, parts.join(""));
