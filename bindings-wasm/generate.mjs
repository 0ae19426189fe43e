// generate.mjs PACKAGE: from the core's description on standard input, writes what the package has of it beside the types:
// the names of the operations. And package.json, with Cargo's version.
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";

const [, , target] = process.argv;
const here = new URL(".", import.meta.url);

const { operations, branchKeyOperations, parcelOperations } = JSON.parse(readFileSync(0, "utf8"));
const list = (name, all) => `export const ${name} = [\n${all.map(({ camelName }) => `  "${camelName}",\n`).join("")}];\n`;
writeFileSync(
  `${target}/operations.js`,
  "// Generated from the definitions of the core. Do not edit.\n" + list("OPERATIONS", operations) + list("BRANCH_KEY_OPERATIONS", branchKeyOperations)
    + list("PARCEL_OPERATIONS", parcelOperations),
);

const metadata = execFileSync("cargo", ["metadata", "--format-version=1", "--no-deps"], { cwd: here });
const { version } = JSON.parse(metadata).packages.find(({ name }) => name === "pocketkms");
const manifest = JSON.parse(readFileSync(new URL("js/package.json", here), "utf8"));
writeFileSync(`${target}/package.json`, JSON.stringify({ ...manifest, version }, undefined, 2) + "\n");
