// The cases in Node, and what only Node can see of the package.
import { suites } from "./cases/index.js";
import { expect } from "chai";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { describe, test } from "node:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import * as pocketkms from "pocketkms";
import initialise from "./node_modules/pocketkms/wasm/pocketkms.js";
import initialiseAsymmetric from "./node_modules/pocketkms/wasm/pocketkms_asymmetric.js";
import { altered, clients, inPieces, pattern, rawAes, readAll, rejection, rootKey, vault } from "./support/help.js";

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

/** Encrypts and decrypts by WebAssembly and by WebCrypto; answers what keys there were in between. */
async function messages(wrappingKey, plaintexts) {
  const keys = {};
  const turned = (bytes) => bytes.map((byte) => byte ^ 0x5a);
  const watched = new pocketkms.CallbackKeyring("watched", {
    async wrap(dataKey) {
      keys[`data key ${Object.keys(keys).length}`] = dataKey.slice();
      return { providerInfo: Uint8Array.of(1), ciphertext: turned(dataKey) };
    },
    unwrap: async ({ ciphertext }) => turned(ciphertext),
  });
  const { importKey } = crypto.subtle;
  crypto.subtle.importKey = (format, key, ...rest) => {
    keys[`derived key ${Object.keys(keys).length}`] = key.slice();
    return importKey.call(crypto.subtle, format, key, ...rest);
  };
  const raw = new pocketkms.RawAesKeyring({ namespace: "app", name: "key", wrappingKey });
  const keyring = new pocketkms.MultiKeyring(raw, [watched]);
  for (const client of clients()) {
    for (const plaintext of plaintexts) {
      const { message } = await client.encrypt(keyring, plaintext);
      await client.decrypt(keyring, message);
      const stream = inPieces(plaintext, 1000).pipeThrough(client.encryptStream(keyring)).pipeThrough(client.decryptStream(keyring));
      expect((await readAll(stream)).bytes).to.deep.equal(plaintext);
    }
  }
  delete crypto.subtle.importKey;
  raw.close();
  expect(Object.keys(keys)).to.have.length(16);
  return keys;
}

/** Encrypts and decrypts with what a KMS and a store of branch keys answer; answers the secrets among that. */
async function answeredElsewhere() {
  const keyId = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
  const [generated, branchKey] = [32, 32].map((length) => crypto.getRandomValues(new Uint8Array(length)));
  let wrapped;
  const kms = {
    generateDataKey: async () => ({ keyId, plaintext: generated, ciphertextBlob: Uint8Array.of(1) }),
    encrypt: async ({ plaintext }) => ({ keyId, ciphertextBlob: (wrapped = plaintext.slice()).map((byte) => byte ^ 0x5a) }),
    decrypt: async ({ ciphertextBlob }) => ({ keyId, plaintext: ciphertextBlob.length === 1 ? generated : ciphertextBlob.map((byte) => byte ^ 0x5a) }),
  };
  const open = async () => ({ branchKeyVersion: "00000000-0000-4000-8000-000000000001", branchKey });
  const client = new pocketkms.EncryptionClient();
  for (const keyring of [
    new pocketkms.KmsKeyring(kms, keyId),
    new pocketkms.MultiKeyring(rawAes(), [new pocketkms.KmsKeyring(kms, keyId)]),
    new pocketkms.HierarchicalKeyring({ activeBranchKey: open, branchKeyVersion: open }, "branch", { ttl: 60 }),
  ]) {
    const { message } = await client.encrypt(keyring, new Uint8Array(100));
    expect((await client.decrypt(keyring, message)).plaintext).to.have.length(100);
  }
  return { generated, branchKey, wrapped };
}

/** Whether any part of bytes is in a memory. */
function isIn(memory, needle) {
  const pieces = Array.from({ length: needle.length / 8 }, (_, index) => needle.subarray(8 * index, 8 * index + 8));
  return pieces.some((piece) => Buffer.from(memory.buffer).includes(piece));
}

describe("WebAssembly's memory", () => {
  test("keeps no secret that is no longer needed", async () => {
    const random = (length) => crypto.getRandomValues(new Uint8Array(length));
    const [rootBytes, passphrase, plaintext, control] = [random(32), random(24), random(640), random(24)];
    const cheap = { memoryKib: 64, passes: 1, lanes: 1 };

    const host = await pocketkms.Vault.inMemory(pocketkms.RootKey.fromBytes(rootBytes));
    const kms = host.client();
    const { keyId } = (await kms.createKey({ description: hex(control) })).keyMetadata;
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext });
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
    const dataKey = (await kms.generateDataKey({ keyId, keySpec: "AES_256" })).plaintext;
    const bytes = (await kms.generateRandom({ numberOfBytes: 64 })).plaintext;
    const [wrappingKey, short, long] = [random(32), random(640), random(40_000)];
    const derived = { ...(await messages(wrappingKey, [short, long])), ...(await answeredElsewhere()) };
    await host.shred(pocketkms.RootKey.fromPassphrase(passphrase, cheap));
    // Shredding empties the cache of records. One is in it again, so that what is to be found is not left to freed memory.
    await kms.describeKey({ keyId });

    const { memory } = await initialise(); // loaded already, so it only answers
    const found = (needle) => isIn(memory, needle);
    expect(found(Buffer.from(hex(control))), "what is no secret, so that finding is seen to work").to.equal(true);
    expect(Object.entries({ rootBytes, passphrase, plaintext, dataKey, bytes, wrappingKey, short, long: long.subarray(-640), ...derived }).filter(([, secret]) => found(secret))).to.deep.equal([]);
    host.close();
  });

  test("of either module keeps none of a key pair", async () => {
    const { host, kms } = await vault();
    const { keyMetadata: { keyId } } = await kms.createKey({ keySpec: "RSA_2048", keyUsage: "SIGN_VERIFY" });
    const message = crypto.getRandomValues(new Uint8Array(640));
    await kms.sign({ keyId, message, messageType: "RAW", signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" });
    const pair = (keyPairSpec) => kms.generateDataKeyPair({ keyId: "alias/test", keyPairSpec });
    const [p256, ed25519] = [(await pair("ECC_NIST_P256")).privateKeyPlaintext, (await pair("ECC_NIST_EDWARDS25519")).privateKeyPlaintext];
    const { keyMetadata: { keyId: lattice } } = await kms.createKey({ keySpec: "ML_KEM_512", keyUsage: "ENCAPSULATE_DECAPSULATE" });
    const { sharedSecret } = await kms.encapsulate({ keyId: lattice, encapsulationAlgorithm: "ML_KEM" });
    const secrets = {
      message, sharedSecret,
      // Where the private keys are in their encodings (RFC 5915, RFC 8410).
      p256: p256.subarray(36, 68), ed25519: ed25519.subarray(16, 48),
    };
    const memories = { first: (await initialise()).memory, second: (await initialiseAsymmetric()).memory };
    const { publicKey } = await kms.getPublicKey({ keyId });
    // The key in use has its modulus there, in words of which the lowest is first.
    expect(isIn(memories.second, publicKey.slice(33, 289).reverse()), "what is no secret, so that finding is seen to work").to.equal(true);
    const left = Object.entries(memories).flatMap(([where, memory]) => Object.keys(secrets).filter((name) => isIn(memory, secrets[name])).map((name) => `${name} in the ${where}`));
    expect(left).to.deep.equal([]);
    host.close();
  });
});

describe("Node's own streams", () => {
  test("files go through, without being in memory", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pocketkms-files-"));
    const file = (name) => join(folder, name);
    await writeFile(file("plain"), pattern(3_000_000));
    const client = new pocketkms.EncryptionClient();
    const copy = (from, stream, to) => pipeline(Readable.toWeb(createReadStream(from)), stream, createWriteStream(to));
    await copy(file("plain"), client.encryptStream(rawAes()), file("message"));
    await copy(file("message"), client.decryptStream(rawAes()), file("again"));
    expect(Buffer.compare(await readFile(file("plain")), await readFile(file("again")))).to.equal(0);
    await writeFile(file("message"), altered(await readFile(file("message")), -1));
    const error = await rejection(copy(file("message"), client.decryptStream(rawAes()), file("again")));
    expect(error).to.be.an.instanceof(pocketkms.InvalidMessageException);
    await rm(folder, { recursive: true });
  });
});

describe("encryptions that Node's streams give up", () => {
  const client = new pocketkms.EncryptionClient();
  const failure = new Error("the source failed");

  test("are no whole messages", async () => {
    async function* failing() {
      yield pattern(300_000);
      throw failure;
    }
    const collected = [];
    const sink = () => new Writable({ write(chunk, encoding, done) { collected.push(chunk); done(); } });
    for (const encrypt of [
      (stream) => pipeline(failing, stream, sink()),
      (stream) => pipeline(Readable.from(failing()), stream, sink()),
      (stream) => pipeline(Readable.toWeb(Readable.from(failing())), stream, sink()),
      (stream) => pipeline(failing, Duplex.fromWeb(stream), sink()),
      (stream) => Promise.all([pipeline(failing, Writable.fromWeb(stream.writable)), pipeline(stream.readable, sink())]),
      async (stream) => {
        const duplex = Duplex.fromWeb(stream);
        const reading = pipeline(duplex, sink());
        duplex.write(pattern(300_000));
        setTimeout(() => duplex.destroy(), 20);
        // Node takes a stream that was destroyed without an error for one that has ended.
        await reading;
        throw failure;
      },
    ]) {
      collected.length = 0;
      expect(await rejection(encrypt(client.encryptStream(rawAes())))).to.be.an.instanceof(Error);
      const opened = await rejection(client.decrypt(rawAes(), Buffer.concat(collected)));
      expect(opened).to.be.an.instanceof(pocketkms.InvalidMessageException);
    }
  });

  test("or, where Node closes what was destroyed, are refused for their length", async () => {
    const { readable, writable } = client.encryptStream(rawAes(), { plaintextLength: 1000 });
    const reading = readAll(readable);
    const node = Writable.fromWeb(writable);
    node.on("error", () => {});
    node.write(pattern(300));
    setTimeout(() => node.destroy(), 20);
    const { bytes, error } = await reading;
    expect(error).to.be.an.instanceof(pocketkms.ValidationException);
    expect(await rejection(client.decrypt(rawAes(), bytes))).to.be.an.instanceof(pocketkms.InvalidMessageException);
  });
});

describe("a WebAssembly instance that failed", () => {
  test("says so in words from then on, and does not end the process", () => {
    // No program can do this by mistake: what it can do, tests/cases/mistakes.js does thousands of times.
    const { status, stdout, stderr } = run(`
      import { setFlagsFromString } from "node:v8";
      import { runInNewContext } from "node:vm";
      import { EncryptionClient, KmsKeyring, RawAesKeyring, RootKey, Vault } from "pocketkms";
      import initialise from "./node_modules/pocketkms/wasm/pocketkms.js";
      const root = RootKey.fromBytes(new Uint8Array(32));
      const vault = await Vault.inMemory(root);
      const kms = vault.client();
      const { keyMetadata: { keyId } } = await kms.createKey();
      const [client, raw] = [new EncryptionClient(), new RawAesKeyring({ namespace: "a", name: "b", wrappingKey: new Uint8Array(32) })];
      new Uint8Array((await initialise()).memory.buffer).fill(0xff);
      const calls = [
        () => kms.listKeys(), () => vault.snapshot(), () => vault.client(), () => vault.addRootKey(root), () => Vault.inMemory(root),
        () => new KmsKeyring(kms, keyId), () => client.encrypt(raw, new Uint8Array(10)), () => client.inspect(new Uint8Array(10)), () => raw.close(), () => vault.close(),
      ];
      for (const call of calls) {
        await (async () => call())().then(() => console.log("ended"), (error) => console.log(error.name, error.message, error.cause instanceof Error));
      }
      setFlagsFromString("--expose-gc");
      for (let round = 0; round < 3; round += 1) {
        runInNewContext("gc")();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    `);
    const failed = "InvalidStateError the WebAssembly instance failed, and every vault in it is lost; reload the page true\n";
    expect({ status, stderr, stdout }).to.deep.equal({ status: 0, stderr: "", stdout: failed.repeat(8) + "ended\n".repeat(2) });
  });
});

describe("the package", () => {
  test("loads from where it is asked to, and after a failure tries again", () => {
    const { status, stdout, stderr } = run(`
      import { RootKey, Vault, locateWasm } from "pocketkms";
      import { readFile } from "node:fs/promises";
      const root = RootKey.fromBytes(new Uint8Array(32));
      locateWasm(() => { throw new Error("not there"); });
      await Vault.inMemory(root).catch((error) => console.log(error.message));
      const file = new URL(import.meta.resolve("pocketkms/pocketkms_bg.wasm"));
      locateWasm(async () => new WebAssembly.Module(await readFile(file)));
      console.log((await (await Vault.inMemory(root)).client().listKeys()).keys);
    `);
    expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: "not there\n[]\n", stderr: "" });
  });

  test("loads the second module when a key with a public half is first asked for, and not before", () => {
    const { status, stdout, stderr } = run(`
      import { EncryptionClient, KmsKeyring, RawRsaKeyring, RootKey, Vault, locateWasm, preload } from "pocketkms";
      import { readFile } from "node:fs/promises";
      const asked = [];
      let there = false;
      locateWasm((file) => {
        asked.push(file);
        if (file !== "pocketkms_bg.wasm" && !there) throw new Error("not there yet");
        return readFile(new URL(import.meta.resolve("pocketkms/" + file)));
      });
      const host = await Vault.inMemory(RootKey.fromBytes(new Uint8Array(32)));
      const kms = host.client();
      const { keyMetadata: { keyId } } = await kms.createKey();
      const keyring = new KmsKeyring(kms, keyId);
      const client = new EncryptionClient();
      const { message } = await client.encrypt(keyring, new Uint8Array(10_000));
      await client.decrypt(keyring, message);
      await kms.createKey({ keySpec: "HMAC_256", keyUsage: "GENERATE_VERIFY_MAC" });
      await Vault.openSnapshot(await host.snapshot(), RootKey.fromBytes(new Uint8Array(32)));
      console.log(asked.splice(0).join());
      const keySpec = { keySpec: "ECC_NIST_P256", keyUsage: "SIGN_VERIFY" };
      await kms.createKey(keySpec).catch((error) => console.log(error.message, asked.splice(0).join()));
      there = true;
      const made = await Promise.all([kms.createKey(keySpec), kms.createKey(keySpec)]);
      console.log(asked.splice(0).join(), (await kms.listKeys()).keys.length, (await host.verify()).length);
      console.log((await host.lookupEvents({})).events.filter(({ eventName, errorCode }) => eventName === "CreateKey" && !errorCode).length);
      await preload({ asymmetric: true });
      console.log(asked.length);
    `);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(stdout).to.equal("pocketkms_bg.wasm\nnot there yet pocketkms_asymmetric_bg.wasm\npocketkms_asymmetric_bg.wasm 4 0\n4\n0\n");
  });

  test("says so where the first module is answered for the second", () => {
    const { status, stdout, stderr } = run(`
      import { RawRsaKeyring, RootKey, Vault, locateWasm, preload } from "pocketkms";
      import { readFile } from "node:fs/promises";
      locateWasm(() => readFile(new URL(import.meta.resolve("pocketkms/pocketkms_bg.wasm"))));
      await preload();
      await preload({ asymmetric: true }).catch((error) => console.log(error.message));
    `);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(stdout).to.match(/^locateWasm\(\) answered another module where pocketkms_asymmetric_bg\.wasm was asked for/);
  });

  test("does not take the modules of two versions", () => {
    const { status, stdout, stderr } = run(`
      import { RootKey, Vault, locateWasm, preload } from "pocketkms";
      import { primitivesBuild } from "./node_modules/pocketkms/wasm/pocketkms.js";
      import { readFile } from "node:fs/promises";
      await preload();
      // The number, as it stands in the module's code.
      const number = [];
      for (let left = primitivesBuild() | 0; number.length < 5; left >>= 7) number.push((left & 0x7f) | (number.length < 4 ? 0x80 : 0));
      locateWasm(async (file) => {
        const bytes = await readFile(new URL(import.meta.resolve("pocketkms/" + file)));
        bytes[bytes.indexOf(Buffer.from(number))] ^= 1;
        return bytes;
      });
      await preload({ asymmetric: true }).catch((error) => console.log(error.message));
    `);
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(stdout).to.equal("pocketkms_asymmetric_bg.wasm is of another version of the package than pocketkms_bg.wasm: have both fetched again\n");
  });

  test("keeps what has public keys out of the module that every page loads", async () => {
    const [first, second] = await Promise.all(["pocketkms_bg.wasm", "pocketkms_asymmetric_bg.wasm"].map((name) => readFile(new URL(`./node_modules/pocketkms/wasm/${name}`, import.meta.url))));
    // A constant of SHA-3, which lattices hash with.
    const keccak = Buffer.from("8a80000000000080", "hex");
    expect([second.includes(keccak), first.includes(keccak)]).to.deep.equal([true, false]);
  });

  test("carries the notices of what it contains", async () => {
    const read = (name) => readFile(new URL(`./node_modules/pocketkms/${name}`, import.meta.url), "utf8");
    const text = await read("THIRD-PARTY-NOTICES.txt");
    for (const crate of ["aes-gcm", "argon2", "rsa", "wasm-bindgen"]) expect(text).to.match(new RegExp(`^${crate} \\d`, "m"));
    expect(text).to.include("Permission is hereby granted");
    expect(await read("RUST-LIBRARY-NOTICES.html")).to.have.length.above(100_000);
  });

  test("exports what it declares", async () => {
    const declarations = await Promise.all(["index.d.ts", "key-stores.d.ts", "messages.d.ts", "types.d.ts"].map((name) => readFile(new URL(`node_modules/pocketkms/${name}`, import.meta.url), "utf8")));
    const declared = declarations.join("").matchAll(/^export declare (?:abstract )?(?:class|function|const) (\w+)/gm);
    expect(new Set(Object.keys(pocketkms))).to.deep.equal(new Set(Array.from(declared, ([, name]) => name)));
  });

  test("declares every method, and has every method that it declares", async () => {
    const types = await readFile(new URL("node_modules/pocketkms/types.d.ts", import.meta.url), "utf8");
    const groups = ["KmsOperations", "BranchKeyOperations", "ParcelOperations"].map((name) => types.match(new RegExp(`interface ${name} \\{([^]*?)\n\\}`))[1]);
    const declared = Array.from(groups.join("").matchAll(/^  (\w+)\(/gm), ([, name]) => name);
    expect(declared).to.have.length.above(25);
    const own = ["constructor", "call", "caller", "closed", "paginate"];
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
    const vaults = await Promise.all(Array.from({ length: 8 }, () => pocketkms.Vault.inMemory(rootKey())));
    const keys = await Promise.all(vaults.flatMap((vault) => Array.from({ length: 8 }, () => vault.client().createKey())));
    expect(new Set(keys.map(({ keyMetadata }) => keyMetadata.keyId)).size).to.equal(64);
  });
});
