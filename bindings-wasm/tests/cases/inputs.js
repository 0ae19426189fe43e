// What a method is given is taken in the call: whole, once, and as plain data; or refused.
import { expect } from "chai";
import { CachingMaterialsManager, CallbackKeyring, EncryptionClient, HierarchicalKeyring, KmsKeyring, ManualClock, MultiKeyring, RawAesKeyring, RawRsaKeyring, RootKey, Vault } from "pocketkms";
import { ACCOUNT, CIPHERS, REGION, START, pattern, rawAes, readAll, rejection, rootKey, vault } from "../support/help.js";

const client = new EncryptionClient();
const plaintext = pattern(20_000);
const keyId = "alias/test";

/** A view whose buffer went away. */
function detached() {
  const bytes = pattern(100);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** A view that is longer than its buffer by now; where the engine has such buffers. */
function shrunken() {
  const buffer = new ArrayBuffer(100, { maxByteLength: 200 });
  if (!buffer.resize) return detached();
  const bytes = new Uint8Array(buffer, 10, 50);
  buffer.resize(20);
  return bytes;
}

/** What is no bytes, or says that it is. */
const NO_BYTES = {
  "bytes whose buffer was transferred": detached,
  "bytes whose buffer is shorter now": shrunken,
  "numbers of 64 bits": () => new Float64Array(32),
  "numbers of 64 bits that say they are bytes": () => Object.defineProperty(new Float64Array(32), Symbol.toStringTag, { value: "Uint8Array" }),
  "clamped bytes": () => new Uint8ClampedArray(32),
  "a buffer that threads share": () => new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer,
  "what says that it is a buffer": () => Object.defineProperty({ byteLength: 32 }, Symbol.toStringTag, { value: "ArrayBuffer" }),
  "a DataView": () => new DataView(new ArrayBuffer(32)),
  "a proxy of bytes": () => new Proxy(new Uint8Array(32), {}),
  "an object with the prototype of bytes": () => Object.create(Uint8Array.prototype, { length: { value: 32 } }),
  "an array": () => Array.from({ length: 32 }, () => 1),
};

/** Every place that takes bytes. */
async function takers() {
  const { kms } = await vault();
  const { message } = await client.encrypt(rawAes(), plaintext);
  const written = (stream, bytes) => {
    const reading = readAll(stream.readable);
    const writer = stream.writable.getWriter();
    const closed = writer.write(bytes).then(() => writer.close());
    return closed.then(() => reading).then(({ error }) => { if (error) throw error; });
  };
  const elsewhere = (answer) => new KmsKeyring({ generateDataKey: async () => answer, encrypt: async () => answer, decrypt: async () => answer }, "a");
  const branchKeys = (branchKey) => {
    const open = async () => ({ branchKeyVersion: "00000000-0000-4000-8000-000000000001", branchKey });
    return new HierarchicalKeyring({ activeBranchKey: open, branchKeyVersion: open }, "branch", { ttl: 60 });
  };
  return {
    "kms.encrypt": (bytes) => kms.encrypt({ keyId, plaintext: bytes }),
    "kms.decrypt": (bytes) => kms.decrypt({ ciphertextBlob: bytes }),
    "RootKey.fromBytes": async (bytes) => RootKey.fromBytes(bytes),
    "RootKey.fromPassphrase": async (bytes) => RootKey.fromPassphrase(bytes),
    "Vault.openSnapshot": (bytes) => Vault.openSnapshot(bytes, rootKey()),
    "kms.call": (bytes) => kms.call("TrentService.ListKeys", bytes),
    "client.encrypt": (bytes) => client.encrypt(rawAes(), bytes),
    "client.decrypt": (bytes) => client.decrypt(rawAes(), bytes),
    "client.decrypt, a sidecar": (bytes) => client.decrypt(rawAes(), message, { sidecar: bytes }),
    "client.inspect": (bytes) => client.inspect(bytes),
    "client.inspectSidecar": (bytes) => client.inspectSidecar(bytes),
    "client.rewrap": (bytes) => client.rewrap(rawAes(), rawAes(8), bytes),
    "client.needsRewrap": (bytes) => client.needsRewrap(rawAes(), bytes),
    "client.rangeReader": (bytes) => client.rangeReader(rawAes(), bytes),
    "client.rangeReader, what is read": (bytes) => client.rangeReader(rawAes(), { size: 1000, read: async () => bytes }),
    "client.reencrypt": (bytes) => client.reencrypt(rawAes(), rawAes(8), bytes),
    "an encrypting stream": (bytes) => written(client.encryptStream(rawAes()), bytes),
    "a decrypting stream": (bytes) => written(client.decryptStream(rawAes()), bytes),
    "a re-encrypting stream": (bytes) => written(client.reencryptStream(rawAes(), rawAes(8)), bytes),
    "an AES key": async (wrappingKey) => new RawAesKeyring({ namespace: "a", name: "b", wrappingKey }),
    "an RSA key": async (publicKey) => new RawRsaKeyring({ namespace: "a", name: "b", paddingScheme: "OAEP_SHA256_MGF1", publicKey }),
    "what wrap answers": (bytes) => client.encrypt(new CallbackKeyring("a", { wrap: () => ({ providerInfo: bytes, ciphertext: bytes }), unwrap() {} }), plaintext),
    "what a KMS answers": (bytes) => client.encrypt(elsewhere({ keyId: "a", plaintext: bytes, ciphertextBlob: bytes }), plaintext),
    "what a store of branch keys answers": (bytes) => client.encrypt(branchKeys(bytes), plaintext),
  };
}

/** Does something while `Object.prototype` has these members. */
async function polluted(members, work) {
  Object.entries(members).forEach(([name, value]) => Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true }));
  try {
    return await work();
  } finally {
    Object.keys(members).forEach((name) => delete Object.prototype[name]);
  }
}

export default {
  async "what is no bytes is refused everywhere, and never taken for an empty message"() {
    for (const [place, take] of Object.entries(await takers())) {
      for (const [name, make] of Object.entries(NO_BYTES)) {
        // Not by `rejection`, which says nothing of the place where nothing was refused.
        const error = await take(make()).then(() => undefined, (error) => error);
        expect(error, `${name}: ${place}`).to.be.an.instanceof(TypeError);
        expect(error.message, `${name}: ${place}`).to.match(/^(the bytes of a (root key|passphrase)|the \w+|a message|what \S+ \w+|what is written|the data key|\w+) (must be|has no bytes)/);
      }
    }
  },

  async "an ArrayBuffer, a Blob and a Response are bytes, too"() {
    const { host, kms } = await vault();
    const text = new TextEncoder().encode("Grüße");
    const forms = { bytes: (bytes) => bytes.slice(), buffer: (bytes) => bytes.slice().buffer, blob: (bytes) => new Blob([bytes]), response: (bytes) => new Response(bytes.slice()) };
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: text });
    const snapshot = await host.snapshot();
    const { message } = await client.encrypt(rawAes(), plaintext);
    const { sidecar } = await client.rewrap(rawAes(), rawAes(8), message, { sidecarOnly: true });
    for (const [name, as] of Object.entries(forms)) {
      const encrypted = await kms.encrypt({ keyId, plaintext: as(text) });
      expect((await kms.decrypt({ ciphertextBlob: as(encrypted.ciphertextBlob) })).plaintext, name).to.deep.equal(text);
      expect((await kms.decrypt({ ciphertextBlob: as(ciphertextBlob) })).plaintext).to.deep.equal(text);
      expect((await kms.call("TrentService.ListKeys", as(new TextEncoder().encode("{}")))).status).to.equal(200);
      expect((await (await Vault.openSnapshot(as(snapshot), rootKey())).client().listKeys()).keys).to.have.length(1);
      const { message: made } = await client.encrypt(rawAes(), as(plaintext));
      expect((await client.decrypt(rawAes(), as(made))).plaintext).to.deep.equal(plaintext);
      expect((await client.decrypt(rawAes(8), as(message), { sidecar: as(sidecar) })).plaintext).to.deep.equal(plaintext);
      expect((await client.inspectSidecar(as(sidecar))).wrappingKeys).to.have.length(1);
      const { message: again } = await client.reencrypt(rawAes(), rawAes(8), as(message));
      expect((await client.decrypt(rawAes(8), again)).plaintext).to.deep.equal(plaintext);
      const decrypting = client.decryptStream(rawAes(8), { sidecar: as(sidecar) });
      expect((await readAll(new Blob([message]).stream().pipeThrough(decrypting))).bytes).to.deep.equal(plaintext);
      if (name !== "response") expect((await client.inspect(as(message))).wrappingKeys).to.have.length(1);
    }
    for (const as of [forms.bytes, forms.buffer]) {
      const root = RootKey.fromBytes(as(Uint8Array.from({ length: 32 }, (_, index) => index)));
      await Vault.openSnapshot(snapshot, root);
      const writable = client.encryptStream(rawAes());
      const reading = readAll(writable.readable);
      const writer = writable.writable.getWriter();
      await writer.write(as(plaintext));
      await writer.close();
      expect((await client.decrypt(rawAes(), (await reading).bytes)).plaintext).to.deep.equal(plaintext);
    }
    const gone = new Response("no such page", { status: 404 });
    for (const attempt of [client.encrypt(rawAes(), gone), kms.encrypt({ keyId, plaintext: gone }), Vault.openSnapshot(gone, rootKey())]) {
      const error = await rejection(attempt);
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.contain("is a Response with status 404");
    }
    expect(() => RootKey.fromBytes(new Blob([new Uint8Array(32)]))).to.throw(TypeError, "must be a Uint8Array");
  },

  async "a member named by a symbol is refused, not left out"() {
    const { kms } = await vault();
    const tenant = Symbol("tenant");
    for (const attempt of [
      () => kms.encrypt({ keyId, plaintext, encryptionContext: { order: "4711", [tenant]: "a" } }),
      () => kms.encrypt({ keyId, plaintext, [tenant]: "a" }),
      () => client.encrypt(rawAes(), plaintext, { encryptionContext: { [tenant]: "a" } }),
      () => client.decryptStream(rawAes(), { encryptionContext: { [tenant]: "a" } }),
    ]) {
      const error = await rejection(async () => attempt());
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.contain("named by a symbol");
    }
    // What frameworks hide on an object is not part of its data.
    const hidden = Object.defineProperty({ order: "4711" }, tenant, { value: "a", enumerable: false });
    await kms.encrypt({ keyId, plaintext: new Uint8Array(1), encryptionContext: hidden });
  },

  async "what a page does to the methods of bytes changes nothing"() {
    const { kms } = await vault();
    const [keyring, text] = [rawAes(), new TextEncoder().encode("kept")];
    const typedArrays = Object.getPrototypeOf(Uint8Array.prototype);
    // Node writes its own output with the others.
    const names = typeof process === "undefined" ? ["subarray", "set", "slice", "fill"] : ["subarray"];
    const before = names.map((name) => Object.getOwnPropertyDescriptor(typedArrays, name));
    let called = 0;
    const forged = { value() { called += 1; return new Uint8Array(0); }, writable: true, configurable: true };
    const made = [];
    try {
      names.forEach((name) => Object.defineProperty(typedArrays, name, forged));
      for (const options of Object.values(CIPHERS)) {
        const encrypting = new EncryptionClient(options);
        const { message } = await encrypting.encrypt(keyring, plaintext, { frameLength: 700 });
        made.push(message, (await encrypting.decrypt(keyring, message)).plaintext);
      }
      const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: text });
      made.push((await kms.decrypt({ ciphertextBlob })).plaintext);
    } finally {
      names.forEach((name, index) => Object.defineProperty(typedArrays, name, before[index]));
    }
    expect(called).to.equal(0);
    const [first, one, second, other, kept] = made;
    for (const message of [first, second]) expect((await client.decrypt(rawAes(), message)).plaintext).to.deep.equal(plaintext);
    expect([one, other]).to.deep.equal([plaintext, plaintext]);
    expect(new TextDecoder().decode(kept)).to.equal("kept");
  },

  async "bytes are the same at every length, also those that threads share"() {
    const shared = new WebAssembly.Memory({ initial: 16, maximum: 16, shared: true }).buffer;
    const { kms } = await vault();
    for (const length of [0, 1, 4096, 8191, 8192, 300_000]) {
      const bytes = new Uint8Array(shared, 7, length);
      bytes.set(pattern(length));
      const { message } = await client.encrypt(rawAes(), bytes);
      expect((await client.decrypt(rawAes(), message)).plaintext).to.deep.equal(pattern(length));
      const writable = client.encryptStream(rawAes());
      const reading = readAll(writable.readable);
      const writer = writable.writable.getWriter();
      await writer.write(bytes);
      await writer.close();
      expect((await client.decrypt(rawAes(), (await reading).bytes)).plaintext).to.deep.equal(pattern(length));
      new Uint8Array(shared).set(message);
      expect((await client.decrypt(rawAes(), new Uint8Array(shared, 0, message.length))).plaintext).to.deep.equal(pattern(length));
      if (length > 0 && length <= 4096) {
        const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext: bytes.fill(9) });
        expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(new Uint8Array(length).fill(9));
      }
    }
    const disguised = Object.defineProperty(pattern(10), Symbol.toStringTag, { value: "Float64Array" });
    expect((await client.decrypt(rawAes(), (await client.encrypt(rawAes(), disguised)).message)).plaintext).to.deep.equal(pattern(10));
  },

  async "messages are the bytes, options and keys that they were at the call"() {
    const sidecarOf = async (message) => (await client.rewrap(rawAes(), rawAes(8), message)).sidecar;
    for (const webCryptoFrom of [0, Infinity]) {
      const settings = { webCryptoFrom, commitmentPolicy: "REQUIRE_ENCRYPT_REQUIRE_DECRYPT" };
      const client = new EncryptionClient(settings);
      settings.commitmentPolicy = "FORBID_ENCRYPT_ALLOW_DECRYPT";
      const options = { encryptionContext: { order: "4711", owner: "a" }, requiredEncryptionContextKeys: ["owner"] };
      const bytes = plaintext.slice();
      const encrypting = client.encrypt(rawAes(), bytes, options);
      bytes.fill(0);
      options.encryptionContext.order = "4712";
      options.requiredEncryptionContextKeys.push("order");
      const { message, header } = await encrypting;
      expect(header.encryptionContext).to.deep.equal({ order: "4711" });
      expect(header.algorithmSuite).to.contain("COMMIT_KEY");

      const given = () => ({ encryptionContext: { owner: "a" } });
      const sidecar = await client.rewrap(rawAes(), rawAes(8), message, given()).then(({ sidecar }) => sidecar);
      const other = new RawAesKeyring({ namespace: "tests", name: "key 9", wrappingKey: new Uint8Array(32).fill(9) });
      const isPlaintext = ({ plaintext: found }) => expect(found).to.deep.equal(plaintext);
      for (const [call, check] of [
        [(bytes, options) => client.decrypt(rawAes(), bytes, options), isPlaintext],
        [(bytes, options) => client.decrypt(rawAes(8), bytes, Object.assign(options, { sidecar: sidecar.slice() })), isPlaintext],
        [(bytes, options) => client.reencrypt(rawAes(), other, bytes, options), async ({ message }) => isPlaintext(await client.decrypt(other, message, given()))],
        [(bytes) => client.inspect(bytes), (info) => expect(info.header.encryptionContext).to.deep.equal({ order: "4711" })],
        [(bytes, options) => client.rewrap(rawAes(), other, bytes, options), async ({ sidecar }) => isPlaintext(await client.decrypt(other, message, { ...given(), sidecar }))],
        [(bytes) => client.needsRewrap(rawAes(), bytes), (needed) => expect(needed).to.equal(false)],
        [(bytes, options) => client.rangeReader(rawAes(), bytes, options), async (reader) => expect(await reader.read(10, 20_000)).to.deep.equal(plaintext.slice(10))],
      ]) {
        const [bytes, options] = [message.slice(), given()];
        const calling = call(bytes, options);
        bytes.fill(0);
        options.sidecar?.fill(0);
        options.encryptionContext.owner = "b";
        options.frameLength = -1;
        await check(await calling);
      }
      const copy = sidecar.slice();
      const inspecting = client.inspectSidecar(copy);
      copy.fill(0);
      expect((await inspecting).wrappingKeys[0].keyName).to.equal("key 8");
    }
    expect(await sidecarOf((await client.encrypt(rawAes(), plaintext)).message)).to.be.an.instanceof(Uint8Array);
  },

  async "what is written to a stream is what it was at the call of write"() {
    const { message } = await client.encrypt(rawAes(), plaintext, { frameLength: 700 });
    for (const [stream, bytes, check] of [
      [client.encryptStream(rawAes(), { frameLength: 700 }), plaintext, async (message) => (await client.decrypt(rawAes(), message)).plaintext],
      [client.decryptStream(rawAes()), message, async (plaintext) => plaintext],
      [client.reencryptStream(rawAes(), rawAes(8)), message, async (message) => (await client.decrypt(rawAes(8), message)).plaintext],
    ]) {
      const reading = readAll(stream.readable);
      const writer = stream.writable.getWriter();
      const writing = [];
      const buffer = new Uint8Array(333);
      for (let at = 0; at < bytes.length; at += buffer.length) {
        const chunk = bytes.subarray(at, at + buffer.length);
        buffer.set(chunk);
        writing.push(writer.write(buffer.subarray(0, chunk.length)));
      }
      buffer.fill(0);
      await Promise.all([...writing, writer.close()]);
      expect(await check((await reading).bytes)).to.deep.equal(plaintext);
    }
  },

  async "vaults are made with what was given at the call"() {
    const root = rootKey();
    const options = { accountId: ACCOUNT, region: REGION, clock: new ManualClock(START) };
    const creating = Vault.inMemory(root, options);
    root.close();
    Object.assign(options, { accountId: "1", clock: {} });
    const host = await creating;
    const { keyMetadata } = await host.client().createKey();
    expect(keyMetadata.arn).to.contain(`:${REGION}:${ACCOUNT}:`);
    expect(keyMetadata.creationDate).to.deep.equal(START);

    const snapshot = await host.snapshot();
    const [bytes, again] = [snapshot.slice(), rootKey()];
    const opening = Vault.openSnapshot(bytes, again, { accountId: ACCOUNT, region: REGION });
    bytes.fill(0);
    again.close();
    expect((await (await opening).client().listKeys()).keys).to.have.length(1);

    const passphrase = new TextEncoder().encode("correct horse");
    const next = RootKey.fromPassphrase(passphrase, { memoryKib: 64, passes: 1, lanes: 1 });
    passphrase.fill(0);
    const changing = host.shred(next);
    next.close();
    await changing;
    await Vault.openSnapshot(await host.snapshot(), RootKey.fromPassphrase("correct horse"));
  },

  async "answers of the app's own objects are what they were when they came"() {
    const keyArn = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    const [key, branchKey, info] = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(2)];
    const wipeLater = () => { setTimeout(() => [key, branchKey, info].forEach((bytes) => bytes.fill(0xee)), 0); };
    const kms = {
      async generateDataKey() { wipeLater(); return { keyId: keyArn, plaintext: key.fill(1), ciphertextBlob: info.fill(1) }; },
      async encrypt({ plaintext }) { return { keyId: keyArn, ciphertextBlob: plaintext.slice() }; },
      async decrypt() { wipeLater(); return { keyId: keyArn, plaintext: key.fill(1) }; },
    };
    const open = async () => { wipeLater(); return { branchKeyVersion: "00000000-0000-4000-8000-000000000001", branchKey: branchKey.fill(2) }; };
    const callbacks = {
      async wrap(dataKey) { wipeLater(); const ciphertext = dataKey.slice(); return { providerInfo: info.fill(3), ciphertext }; },
      async unwrap({ ciphertext }) { wipeLater(); return key.subarray(0, ciphertext.length).fill(0) && key.set(ciphertext) === undefined ? key : undefined; },
    };
    for (const keyring of [
      new KmsKeyring(kms, keyArn),
      new HierarchicalKeyring({ activeBranchKey: open, branchKeyVersion: open }, "branch", { ttl: 0.001 }),
      new CallbackKeyring("hsm", callbacks),
    ]) {
      const later = new MultiKeyring(keyring, [rawAes()]);
      const { message } = await client.encrypt(later, plaintext);
      expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
      expect((await client.decrypt(rawAes(), message)).plaintext).to.deep.equal(plaintext);
    }
  },

  async "a source may read each part into the same buffer"() {
    const { message } = await client.encrypt(rawAes(), plaintext, { frameLength: 512 });
    const buffer = new Uint8Array(message.length);
    const source = { size: message.length, async read(start, end) {
      buffer.fill(0);
      buffer.set(message.subarray(start, end));
      setTimeout(() => buffer.fill(0), 0);
      return buffer.subarray(0, end - start);
    } };
    const reader = await client.rangeReader(rawAes(), source);
    source.read = async () => new Uint8Array(0);
    for (const [start, end] of [[0, 100], [5000, 9000], [19_000, 20_000]]) {
      expect(await reader.read(start, end)).to.deep.equal(plaintext.slice(start, end));
    }
  },

  async "keyrings are made with what was given when they were"() {
    const { kms, key } = await vault();
    const additional = [key.arn];
    const limits = { maxMessages: 1, maxAge: 60 };
    const callbacks = { wrap: (dataKey) => ({ providerInfo: Uint8Array.of(1), ciphertext: dataKey.slice() }), unwrap: ({ ciphertext }) => ciphertext };
    const keyring = new KmsKeyring(kms, keyId, additional);
    const callback = new CallbackKeyring("hsm", callbacks);
    const cache = new CachingMaterialsManager(keyring, limits);
    additional.push("alias/none");
    limits.maxMessages = -1;
    callbacks.wrap = callbacks.unwrap = () => { throw new Error("another"); };
    for (const manager of [keyring, callback, cache]) {
      const { message } = await client.encrypt(manager, plaintext);
      expect((await client.decrypt(manager, message)).plaintext).to.deep.equal(plaintext);
    }
  },

  async "members that a page gave all objects change nothing"() {
    const { kms } = await vault();
    const suite = "ALG_AES_256_GCM_IV12_TAG16_HKDF_SHA256";
    const members = {
      commitmentPolicy: "FORBID_ENCRYPT_ALLOW_DECRYPT", algorithmSuite: suite, encryptionContext: { a: "b" }, dryRun: true, frameLength: 1,
      webCryptoFrom: -1, clock: { now: () => new Date(0) }, accountId: "444455556666", principal: "arn:aws:iam::444455556666:root", region: "us-west-2", sidecar: new Uint8Array(1),
      unsignedOnly: "no", plaintextLength: 5, keyId: "alias/none", grantTokens: ["token"], description: "polluted", multiRegion: true, memoryKib: -1,
      requiredEncryptionContextKeys: ["a"], multiRegionAware: "no", plaintext: new Uint8Array(1), ciphertextBlob: new Uint8Array(1), maxAge: -1,
      explanation: "polluted", misuse: "polluted", code: 20,
    };
    const context = { order: "4711" };
    const seen = await polluted(members, async () => {
      const fresh = (await Vault.inMemory(RootKey.fromPassphrase("text", { memoryKib: 64, passes: 1, lanes: 1 }), {})).client({});
      const { keyMetadata } = await fresh.createKey({});
      const { header, message } = await new EncryptionClient({}).encrypt(new KmsKeyring(kms, "alias/test", [], {}), plaintext, { encryptionContext: context });
      const { plaintext: found, encryptionContext } = await new EncryptionClient({}).decrypt(new KmsKeyring(kms, "alias/test"), message, {});
      const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: Uint8Array.of(1) });
      const cache = new CachingMaterialsManager(rawAes(), {});
      await new EncryptionClient().encrypt(cache, plaintext);
      const missing = await kms.encrypt({ plaintext: Uint8Array.of(1) }).then(() => undefined, (error) => error);
      return { keyMetadata, header, found, encryptionContext, ciphertextBlob, missing };
    });
    expect(seen.keyMetadata).to.include({ description: "", multiRegion: false });
    expect(seen.keyMetadata.arn).to.contain(":us-east-1:000000000000:");
    expect(seen.keyMetadata.creationDate.getTime()).to.be.above(START.getTime());
    expect(seen.header.algorithmSuite).to.contain("COMMIT_KEY");
    expect(seen.header.frameLength).to.equal(262_144);
    expect(seen.header.encryptionContext).to.include(context).and.not.to.have.property("a");
    expect(seen.encryptionContext).to.include(context);
    expect(seen.found).to.deep.equal(plaintext);
    expect(seen.missing.message).to.contain("'keyId'");
    expect((await kms.decrypt({ ciphertextBlob: seen.ciphertextBlob })).plaintext).to.deep.equal(Uint8Array.of(1));
    expect(Object.getOwnPropertyNames({}.__proto__)).not.to.include("dryRun");
  },

  async "a setter that a page gave all objects gets nothing to see"() {
    const { kms } = await vault();
    let seen = "";
    const names = ["plaintext", "keyId", "ciphertextBlob", "code", "misuse", "order", "method", "iv", "providerInfo"];
    names.forEach((name) => Object.defineProperty(Object.prototype, name, { set: () => { seen += `${name} `; }, get: () => undefined, configurable: true }));
    let decrypted;
    try {
      const { ciphertextBlob } = await kms.encrypt({ keyId: "alias/test", plaintext: Uint8Array.of(1), encryptionContext: { order: "4711" } });
      decrypted = await kms.decrypt({ ciphertextBlob, encryptionContext: { order: "4711" } });
      await kms.decrypt({ ciphertextBlob }).catch(() => {});
      await client.encrypt(rawAes(), plaintext);
    } finally {
      names.forEach((name) => delete Object.prototype[name]);
    }
    expect(seen).to.equal("");
    expect(decrypted.plaintext).to.deep.equal(Uint8Array.of(1));
  },

  async "only object literals are taken for requests, options and contexts"() {
    const { kms } = await vault();
    class Request { keyId = keyId; }
    for (const request of [new Request(), Object.create({ keyId }), new Map([["keyId", keyId]]), () => {}, new Date(), Symbol("a"), 7n]) {
      expect(await rejection(kms.describeKey(request))).to.be.an.instanceof(TypeError);
      expect(await rejection(async () => new EncryptionClient(request))).to.be.an.instanceof(TypeError);
      expect(await rejection(kms.encrypt({ keyId, plaintext: Uint8Array.of(1), encryptionContext: request }))).to.be.an.instanceof(TypeError);
      expect(await rejection(client.encrypt(rawAes(), plaintext, { encryptionContext: request }))).to.be.an.instanceof(TypeError);
      expect(await rejection(Vault.inMemory(rootKey(), request))).to.be.an.instanceof(TypeError);
    }
    const bare = Object.assign(Object.create(null), { keyId });
    expect((await kms.describeKey(bare)).keyMetadata.enabled).to.equal(true);
    const names = JSON.parse('{"__proto__": "a", "constructor": "b", "toString": "c"}');
    const { message, header } = await client.encrypt(rawAes(), plaintext, { encryptionContext: names });
    expect(Object.entries(header.encryptionContext)).to.deep.equal(Object.entries(names).sort());
    expect(Object.keys((await client.decrypt(rawAes(), message)).encryptionContext)).to.include.members(["__proto__", "constructor", "toString"]);
    const wrong = await rejection(client.decrypt(rawAes(), message, { encryptionContext: JSON.parse('{"__proto__": "b"}') }));
    expect(wrong.name).to.equal("ValidationException");
  },

  async "what is too large, too deep or holds itself is refused at once"() {
    const { kms } = await vault();
    const self = {};
    self.self = self;
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
    const endless = new Proxy([], { get: (target, name) => (name === "length" ? 2 ** 53 - 1 : target[name]) });
    const wide = [];
    wide.length = 2 ** 32 - 1;
    const large = "x".repeat(1 << 21);
    for (const value of [self, [self], deep, endless, wide, large, { [large]: "a" }]) {
      for (const request of [value, { keyId: value }, { encryptionContext: value }, { grantTokens: value }]) {
        expect(await rejection(kms.encrypt(request))).to.be.an.instanceof(TypeError);
        expect(await rejection(client.encrypt(rawAes(), plaintext, request))).to.be.an.instanceof(TypeError);
      }
    }
  },
};
