// What the runners in Node share.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

/** Imports a package from where the set-up has put them. */
export const require = createRequire(`${process.env.PEERS_PACKAGES}/package.json`);

/** As `require`, from where PocketKMS was unpacked. */
export const requireOurs = createRequire(`${process.env.POCKETKMS_NPM}/package.json`);

/** The versions of packages, by what their own package.json says. */
export function versions(packages) {
  const folder = (name) => (name === "pocketkms" ? process.env.POCKETKMS_NPM : process.env.PEERS_PACKAGES);
  const of = (name) => JSON.parse(readFileSync(`${folder(name)}/node_modules/${name}/package.json`)).version;
  return Object.fromEntries(packages.map((name) => [name, of(name)]));
}

/** Bytes, as Linux counts them for one process. */
export function resident(field, process = "self") {
  const line = readFileSync(`/proc/${process}/status`, "utf8").match(new RegExp(`^${field}:\\s+(\\d+) kB`, "m"));
  return Number(line[1]) * 1024;
}

export function forgetPeak(process = "self") {
  writeFileSync(`/proc/${process}/clear_refs`, "5");
}
