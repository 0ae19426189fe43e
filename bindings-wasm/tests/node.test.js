// The cases in Node, and what only Node can see of the package.
import { suites } from "./cases/index.js";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import vm from "node:vm";
import * as pocketkms from "pocketkms";
import { rootKey, vault } from "./support/help.js";

for (const [suite, cases] of Object.entries(suites)) {
  describe(`Node: ${suite}`, () => {
    for (const [title, run] of Object.entries(cases)) {
      test(title, run);
    }
  });
}

describe("the package", () => {
  test("exports what it declares", async () => {
    const declarations = await Promise.all(["index.d.ts", "types.d.ts"].map((name) => readFile(new URL(`node_modules/pocketkms/${name}`, import.meta.url), "utf8")));
    const declared = declarations.join("").matchAll(/^export declare (?:abstract )?(?:class|function|const) (\w+)/gm);
    expect(new Set(Object.keys(pocketkms))).to.deep.equal(new Set(Array.from(declared, ([, name]) => name)));
  });

  test("declares every method, and has every method that it declares", async () => {
    const types = await readFile(new URL("node_modules/pocketkms/types.d.ts", import.meta.url), "utf8");
    const [, operations] = types.match(/interface KmsOperations \{([^]*?)\n\}/);
    const declared = Array.from(operations.matchAll(/^  (\w+)\(/gm), ([, name]) => name);
    expect(declared).to.have.length.above(25);
    const own = ["constructor", "snapshot", "changeRootKey", "asCaller", "close"];
    const methods = Object.getOwnPropertyNames(pocketkms.Kms.prototype).filter((name) => !own.includes(name));
    expect(methods.sort()).to.deep.equal(declared.sort());
  });

  test("takes bytes and errors across contexts, as test runners make them", async () => {
    const { kms } = await vault();
    const plaintext = vm.runInNewContext("Uint8Array.of(1, 2, 3)");
    expect(plaintext).not.to.be.an.instanceof(Uint8Array);
    const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext });
    expect((await kms.decrypt({ ciphertextBlob: Buffer.from(ciphertextBlob) })).plaintext).to.deep.equal(Uint8Array.of(1, 2, 3));
    const encryptionContext = vm.runInNewContext("({ a: 'b' })");
    await kms.encrypt({ keyId: "alias/test", plaintext, encryptionContext });
  });

  test("is called at once by many", async () => {
    const vaults = await Promise.all(Array.from({ length: 8 }, () => pocketkms.Kms.create(rootKey())));
    const keys = await Promise.all(vaults.flatMap((kms) => Array.from({ length: 8 }, () => kms.createKey())));
    expect(new Set(keys.map(({ keyMetadata }) => keyMetadata.keyId)).size).to.equal(64);
  });
});
