// The cases in Node, and what only Node can see of the package.
import { suites } from "./cases/index.js";
import { expect } from "chai";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import * as pocketkms from "pocketkms";
import initialise from "./node_modules/pocketkms/wasm/pocketkms.js";
import { rootKey, vault } from "./support/help.js";

const hex = (bytes) => Buffer.from(bytes).toString("hex");

/** Runs a module in a process of its own, in this project. */
function run(module) {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  return spawnSync(process.execPath, ["--input-type=module", "--eval", module], { cwd, encoding: "utf8" });
}

for (const [suite, cases] of Object.entries(suites)) {
  describe(`Node: ${suite}`, () => {
    for (const [title, run] of Object.entries(cases)) {
      test(title, run);
    }
  });
}

describe("WebAssembly's memory", () => {
  test("keeps no secret that is no longer needed", async () => {
    const random = (length) => crypto.getRandomValues(new Uint8Array(length));
    const [rootBytes, passphrase, plaintext, control] = [random(32), random(24), random(640), random(24)];
    const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

    const kms = await pocketkms.Kms.create(pocketkms.RootKey.fromBytes(rootBytes));
    const { keyId } = (await kms.createKey({ description: hex(control) })).keyMetadata;
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext });
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
    const dataKey = (await kms.generateDataKey({ keyId, keySpec: "AES_256" })).plaintext;
    const bytes = (await kms.generateRandom({ numberOfBytes: 64 })).plaintext;
    await kms.changeRootKey(pocketkms.RootKey.fromPassphrase(passphrase, cheap));

    const { memory } = await initialise(); // loaded already, so it only answers
    const found = (needle) => {
      const pieces = Array.from({ length: needle.length / 8 }, (_, index) => needle.subarray(8 * index, 8 * index + 8));
      return pieces.some((piece) => Buffer.from(memory.buffer).includes(piece));
    };
    expect(found(Buffer.from(hex(control))), "what is no secret, so that finding is seen to work").to.equal(true);
    expect(Object.entries({ rootBytes, passphrase, plaintext, dataKey, bytes }).filter(([, secret]) => found(secret))).to.deep.equal([]);
    kms.close();
  });
});

describe("the package", () => {
  test("loads from where it is told to, and after a failure tries again", () => {
    const { status, stdout, stderr } = run(`
      import { Kms, RootKey, locateWasm } from "pocketkms";
      import { readFile } from "node:fs/promises";
      const root = RootKey.fromBytes(new Uint8Array(32));
      locateWasm(() => { throw new Error("not there"); });
      await Kms.create(root).catch((error) => console.log(error.message));
      const file = new URL(import.meta.resolve("pocketkms/pocketkms_bg.wasm"));
      locateWasm(async () => new WebAssembly.Module(await readFile(file)));
      console.log((await (await Kms.create(root)).listKeys()).keys);
    `);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: "not there\n[]\n", stderr: "" });
  });


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
