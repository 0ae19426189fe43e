// Custom key stores: an external key store proxy behind a function of the page's, and an AWS CloudHSM cluster that an object is. Both answer
// by promises, and calls wait for them.
import { expect } from "chai";
import { ClusterError, EncryptionClient, KmsKeyring, ManualClock, Vault, XksHttpsTransport } from "pocketkms";
import { START, bytes, rejection, rootKey, text } from "../support/help.js";
import { CLUSTER, Cluster, Proxy, connectedCluster, connectedProxy, proxyStore } from "../support/key-stores.js";
import { replaced, withName } from "../support/stored.js";

const plaintext = bytes("card 4242");
const encryptionContext = { order: "7" };

/** In a vault in memory. */
const inMemory = (options) => Vault.inMemory(rootKey(), { clock: new ManualClock(START), ...options });

/** A case in a vault in memory, and in one in IndexedDB. */
const inBoth = (title, work) => ({
  [title]: () => work(inMemory),
  [`${title}, of a vault in IndexedDB`]: withName((name) => work((options) => Vault.openOrCreate(name, rootKey(), { clock: new ManualClock(START), ...options }))),
});

/** A transport that has all the time that a busy machine needs. */
const patient = (send) => ({ send, timeout: 60_000 });

const states = async (kms) => (await kms.describeCustomKeyStores()).customKeyStores.map(({ connectionState, connectionErrorCode }) => [connectionState, connectionErrorCode]);

/** A key behind the proxy. */
async function external(kms) {
  const customKeyStoreId = await connectedProxy(kms);
  return (await kms.createKey({ origin: "EXTERNAL_KEY_STORE", customKeyStoreId, xksKeyId: "one" })).keyMetadata.keyId;
}

/** A key in the cluster. */
async function inCluster(kms) {
  const customKeyStoreId = await connectedCluster(kms);
  const { keyMetadata } = await kms.createKey({ origin: "AWS_CLOUDHSM", customKeyStoreId });
  return { customKeyStoreId, ...keyMetadata };
}

/** Does with a key what a key can do; the names of the operations that were called. */
async function use(kms, keyId) {
  const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext, encryptionContext });
  expect((await kms.decrypt({ ciphertextBlob, encryptionContext })).plaintext).to.deep.equal(plaintext);
  const dataKey = await kms.generateDataKey({ keyId, keySpec: "AES_256" });
  expect((await kms.decrypt({ ciphertextBlob: dataKey.ciphertextBlob })).plaintext).to.deep.equal(dataKey.plaintext);
  const { ciphertextBlob: blob } = await kms.generateDataKeyWithoutPlaintext({ keyId, numberOfBytes: 17 });
  expect((await kms.decrypt({ ciphertextBlob: blob })).plaintext).to.have.length(17);
  const moved = await kms.reEncrypt({ ciphertextBlob, sourceEncryptionContext: encryptionContext, destinationKeyId: keyId });
  expect((await kms.decrypt({ ciphertextBlob: moved.ciphertextBlob })).plaintext).to.deep.equal(plaintext);
}

export default {
  ...inBoth("a key behind a proxy is made and used, each answer asked for once", async (open) => {
    const proxy = new Proxy();
    const vault = await open({ xksTransport: proxy });
    const kms = vault.client();
    const keyId = await external(kms);
    expect(proxy.seen).to.deep.equal(["/health", "/health", "/keys/one/metadata"]);
    proxy.seen.length = 0;
    await use(kms, keyId);
    const [encrypt, decrypt] = ["/keys/one/encrypt", "/keys/one/decrypt"];
    expect(proxy.seen).to.deep.equal([encrypt, decrypt, encrypt, decrypt, encrypt, decrypt, decrypt, encrypt, decrypt]);
    expect(proxy.bodies.filter((body) => body.includes(btoa("card 4242")))).to.deep.equal([]);
    // One event of each call, however often it ran; and a proxy knows the call by the event's id.
    const { events } = await vault.lookupEvents({});
    expect(events.filter(({ eventName }) => eventName === "ReEncrypt")).to.have.length(1);
    const encrypted = events.filter(({ eventName }) => eventName === "Encrypt");
    expect(encrypted).to.have.length(1);
    expect(proxy.bodies.some((body) => encrypted[0].cloudTrailEvent.includes(JSON.parse(body).requestMetadata.kmsRequestId))).to.equal(true);
    expect(await vault.verify()).to.deep.equal([]);
    vault.close();
  }),

  ...inBoth("calls at once have each its own answer", async (open) => {
    const proxy = new Proxy();
    const vault = await open({ xksTransport: proxy });
    const kms = vault.client();
    const keyId = await external(kms);
    const texts = Array.from({ length: 8 }, (_, index) => `text ${index}`);
    const blobs = await Promise.all(texts.map((each) => kms.encrypt({ keyId, plaintext: bytes(each) })));
    const opened = await Promise.all(blobs.map(({ ciphertextBlob }) => kms.decrypt({ ciphertextBlob })));
    expect(opened.map(({ plaintext }) => text(plaintext))).to.deep.equal(texts);
    vault.close();
  }),

  ...inBoth("a key in a cluster is made and used there, and deleted with its KMS key", async (open) => {
    const cluster = new Cluster();
    const clock = new ManualClock(START);
    const vault = await open({ cloudHsmClusters: { [CLUSTER]: cluster }, clock });
    const kms = vault.client();
    const { keyId, cloudHsmClusterId, customKeyStoreId } = await inCluster(kms);
    expect([...cluster.keys.keys(), cloudHsmClusterId]).to.deep.equal([keyId, CLUSTER]);
    expect(cluster.calls.filter((method) => method === "createKey")).to.have.length(1);
    cluster.calls.length = 0;
    await use(kms, keyId);
    const [encrypt, decrypt] = ["encrypt", "decrypt"];
    expect(cluster.calls).to.deep.equal([encrypt, decrypt, encrypt, decrypt, encrypt, decrypt, decrypt, encrypt, decrypt]);
    expect((await kms.generateRandom({ numberOfBytes: 4, customKeyStoreId })).plaintext).to.deep.equal(new Uint8Array(4).fill(0x5a));
    const { ciphertextBlob } = await kms.encrypt({ keyId, plaintext });
    expect(await rejection(kms.decrypt({ ciphertextBlob, encryptionContext }))).to.include({ name: "InvalidCiphertextException" });
    await kms.scheduleKeyDeletion({ keyId, pendingWindowInDays: 7 });
    clock.advanceDays(8);
    await kms.listKeys();
    for (let tries = 0; cluster.keys.size > 0 && tries < 500; tries++) await new Promise((resolve) => setTimeout(resolve, 2));
    expect([...cluster.keys]).to.deep.equal([]);
    vault.close();
  }),

  ...inBoth("what is wrong with a proxy is an error of AWS KMS", async (open) => {
    const answers = [];
    const vault = await open({ xksTransport: patient(async () => answers.pop()()) });
    const kms = vault.client();
    const mine = new Error("no route");
    const body = (value) => bytes(JSON.stringify(value));
    for (const [answer, name] of [
      [() => { throw mine; }, "XksProxyUriUnreachableException"],
      [() => { throw new DOMException("late", "TimeoutError"); }, "XksProxyUriUnreachableException"],
      [() => ({ status: 401, body: body({ errorName: "AuthenticationFailedException" }) }), "XksProxyIncorrectAuthenticationCredentialException"],
      [() => ({ status: 404, body: body({ errorName: "InvalidUriPathException" }) }), "XksProxyInvalidConfigurationException"],
      [() => ({ status: 200, body: body({}) }), "XksProxyInvalidResponseException"],
      [() => ({ status: 200, body: new Uint8Array(1 << 20) }), "XksProxyInvalidResponseException"],
      [() => new Response("no", { status: 500 }), "XksProxyInvalidResponseException"],
      [() => new Response(new Uint8Array(1 << 20)), "XksProxyInvalidResponseException"],
      ...[undefined, 7, {}, { status: "200", body: bytes("") }, { status: 200, body: "text" }, { status: -1, body: bytes("") }].map((wrong) => [() => wrong, "XksProxyUriUnreachableException"]),
    ]) {
      answers.push(answer);
      const error = await rejection(kms.createCustomKeyStore(proxyStore()));
      expect(error, String(answer)).to.include({ name });
      if (String(answer).includes("mine")) expect(error.cause.origin).to.equal(mine);
      if (String(answer).includes("late")) expect(error.message).to.contain("did not respond in time");
    }
    expect((await kms.describeCustomKeyStores()).customKeyStores).to.deep.equal([]);
    // What ends the whole work comes through as it is.
    const abort = new DOMException("enough", "AbortError");
    answers.push(() => { throw abort; });
    expect(await rejection(kms.createCustomKeyStore(proxyStore()))).to.equal(abort);
    vault.close();
  }),

  ...inBoth("a proxy that does not answer in time is passed over, and what it answers later, too", async (open) => {
    const proxy = new Proxy();
    let [release, signal] = [];
    const late = new Promise((resolve) => { release = resolve; });
    let answersLate = false;
    const send = async (request) => {
      if (answersLate) {
        ({ signal } = request);
        await late;
      }
      return proxy.send(request);
    };
    const vault = await open({ xksTransport: { send, timeout: 20 } });
    const kms = vault.client();
    const other = await inMemory({ xksTransport: patient(send) });
    const keyId = await external(other.client());
    answersLate = true;
    const waiting = other.client().encrypt({ keyId, plaintext });
    const error = await rejection(kms.createCustomKeyStore(proxyStore()));
    expect(error).to.include({ name: "XksProxyUriUnreachableException" });
    expect(error.cause).to.include({ name: "DependencyTimeoutException" });
    expect(error.cause.origin).to.include({ name: "TimeoutError" });
    expect(signal).to.include({ aborted: true });
    answersLate = false;
    release();
    const { ciphertextBlob } = await waiting;
    expect((await other.client().decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
    expect(await vault.verify()).to.deep.equal([]);
    expect((await kms.describeCustomKeyStores()).customKeyStores).to.deep.equal([]);
    vault.close();
    other.close();
  }),

  ...inBoth("while an answer is waited for, other calls go on, and the vault can be closed", async (open) => {
    const proxy = new Proxy();
    let [release, asked] = [];
    let waits = false;
    const send = async (request) => {
      if (waits) await new Promise((resolve) => { release = resolve; asked(); });
      return proxy.send(request);
    };
    const vault = await open({ xksTransport: patient(send) });
    const kms = vault.client();
    const keyId = await external(kms);
    waits = true;
    const reached = new Promise((resolve) => { asked = resolve; });
    const waiting = kms.encrypt({ keyId, plaintext });
    await reached;
    const { keyMetadata: { keyId: own } } = await kms.createKey();
    const { ciphertextBlob } = await kms.encrypt({ keyId: own, plaintext });
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
    vault.close();
    release();
    // What is under way of a vault in IndexedDB ends as if nothing had happened.
    if (vault.durable) await waiting;
    else expect(await rejection(waiting)).to.include({ name: "VaultClosedException" });
  }),

  ...inBoth("a key that is disabled while its proxy is asked encrypts no more", async (open) => {
    const proxy = new Proxy();
    let during;
    const vault = await open({ xksTransport: patient(async (request) => {
      await during?.();
      return proxy.send(request);
    }) });
    const kms = vault.client();
    const keyId = await external(kms);
    during = async () => {
      during = undefined;
      await kms.disableKey({ keyId });
    };
    expect(await rejection(kms.encrypt({ keyId, plaintext }))).to.include({ name: "DisabledException" });
    vault.close();
  }),

  ...inBoth("what a cluster throws is an error of AWS KMS, with what it came from", async (open) => {
    const cluster = new Cluster();
    const vault = await open({ cloudHsmClusters: { [CLUSTER]: cluster } });
    const kms = vault.client();
    const { keyId } = await inCluster(kms);
    cluster.fails = new ClusterError("UNREACHABLE", "the cable is out");
    const unreachable = await rejection(kms.encrypt({ keyId, plaintext }));
    expect(unreachable).to.include({ name: "KeyUnavailableException", explanation: "the cable is out" });
    expect(unreachable.message).not.to.contain("cable");
    cluster.fails = new RangeError("mine");
    const mine = await rejection(kms.encrypt({ keyId, plaintext }));
    expect(mine).to.include({ name: "KMSInvalidStateException", origin: cluster.fails });
    cluster.fails = undefined;
    await replaced(cluster, "encrypt", () => () => "text", async () => {
      expect((await rejection(kms.encrypt({ keyId, plaintext }))).origin).to.be.an.instanceof(TypeError);
    });
    await replaced(cluster, "encrypt", () => () => new Uint8Array(27), async () => {
      expect(await rejection(kms.encrypt({ keyId, plaintext }))).to.include({ name: "KMSInvalidStateException" });
    });
    await kms.encrypt({ keyId, plaintext });
    vault.close();
  }),

  ...inBoth("a wrong password fails the connection, and is tried once", async (open) => {
    const cluster = new Cluster();
    const vault = await open({ cloudHsmClusters: { [CLUSTER]: cluster } });
    const kms = vault.client();
    await connectedCluster(kms, "another");
    expect(await states(kms)).to.deep.equal([["FAILED", "INVALID_CREDENTIALS"]]);
    expect(cluster.calls.filter((method) => method === "connect")).to.have.length(1);
    vault.close();
  }),

  ...inBoth("messages are encrypted under a key behind a proxy", async (open) => {
    const proxy = new Proxy();
    const vault = await open({ xksTransport: proxy });
    const kms = vault.client();
    const keyring = new KmsKeyring(kms, await external(kms));
    const client = new EncryptionClient();
    const { message } = await client.encrypt(keyring, plaintext, { encryptionContext });
    expect((await client.decrypt(keyring, message)).plaintext).to.deep.equal(plaintext);
    vault.close();
  }),

  async "the wire waits for a proxy, too"() {
    const proxy = new Proxy();
    const vault = await inMemory({ xksTransport: proxy });
    const kms = vault.client();
    const keyId = await external(kms);
    const { status, body } = await kms.call("TrentService.Encrypt", bytes(JSON.stringify({ KeyId: keyId, Plaintext: btoa("card 4242") })));
    expect(status).to.equal(200);
    const ciphertextBlob = Uint8Array.from(atob(JSON.parse(text(body)).CiphertextBlob), (character) => character.charCodeAt(0));
    expect((await kms.decrypt({ ciphertextBlob })).plaintext).to.deep.equal(plaintext);
    vault.close();
  },

  async "fetch carries requests to the proxy, and to no one else"() {
    const proxy = new Proxy();
    const asked = [];
    const answering = () => async (url, options) => {
      asked.push(options);
      const { pathname: path, origin: endpoint } = new URL(url);
      const { status, body } = await proxy.send({ url, endpoint, path, headers: options.headers, body: options.body });
      return new Response(body, { status });
    };
    await replaced(globalThis, "fetch", answering, async () => {
      const vault = await inMemory({ xksTransport: new XksHttpsTransport({ timeout: 60_000 }) });
      await use(vault.client(), await external(vault.client()));
      vault.close();
    });
    expect(asked[0]).to.include({ method: "POST", redirect: "error", credentials: "omit", cache: "no-store" });
    expect(Object.keys(asked[0].headers).sort()).to.deep.equal(["Authorization", "Content-Type", "X-Amz-Date"]);
    expect(asked[0].signal).to.be.an.instanceof(AbortSignal);
  },

  async "fetch calls no host that was not named"() {
    const asked = [];
    await replaced(globalThis, "fetch", () => async (url) => { asked.push(url); throw new TypeError("no network"); }, async () => {
      for (const [hosts, may] of [
        [["xks.example.com"], true], [["XKS.Example.COM."], true], [["*.example.com"], true], [undefined, true],
        [["example.com"], false], [["*.xks.example.com"], false], [["*"], false], [["*xks.example.com"], false], [["xks.example.com.evil.example"], false], [[], false],
      ]) {
        asked.length = 0;
        const vault = await inMemory({ xksTransport: new XksHttpsTransport({ hosts }) });
        expect(await rejection(vault.client().createCustomKeyStore(proxyStore())), hosts).to.include({ name: "XksProxyUriUnreachableException" });
        expect(asked.length, String(hosts)).to.equal(may ? 1 : 0);
        vault.close();
      }
    });
  },

  async "a cluster is of the accounts that are named, or of the vault's own"() {
    const other = { accountId: "444455556666" };
    const create = (kms) => kms.createCustomKeyStore({ customKeyStoreName: "hsm", cloudHsmClusterId: CLUSTER, trustAnchorCertificate: "MII", keyStorePassword: "kmsPswd" });
    const cloudHsmClusters = { [CLUSTER]: new Cluster() };
    for (const [accounts, own, others] of [[undefined, true, false], [["444455556666"], false, true], [["*"], true, true], [[], false, false]]) {
      const vault = await inMemory({ cloudHsmClusters, cloudHsmClusterAccounts: accounts && { [CLUSTER]: accounts } });
      for (const [kms, may] of [[vault.client(), own], [vault.client(other), others]]) {
        if (may) await create(kms);
        else expect(await rejection(create(kms)), String(accounts)).to.include({ name: "CloudHsmClusterNotFoundException" });
      }
      vault.close();
    }
  },

  async "options are checked"() {
    for (const [options, message] of [
      [{ xksTransport: 7 }, /^xksTransport must be/], [{ xksTransport: {} }, /^xksTransport must be/],
      [{ xksTransport: { send() {}, timeout: 0 } }, /^the timeout/], [{ xksTransport: { send() {}, timeout: "1" } }, /^the timeout/],
      [{ cloudHsmClusters: { [CLUSTER]: new Cluster() }, cloudHsmClusterAccounts: { [CLUSTER]: "444455556666" } }, /^cloudHsmClusterAccounts must be/],
      [{ cloudHsmClusters: 7 }, /^cloudHsmClusters must be/], [{ cloudHsmClusters: { [CLUSTER]: {} } }, /^cloudHsmClusters must be/],
    ]) {
      const error = await rejection(() => inMemory(options));
      expect(error).to.be.an.instanceof(TypeError);
      expect(error.message).to.match(message);
    }
    for (const wrong of [{ timeout: -1 }, { hosts: "xks.example.com" }, { hosts: [7] }]) expect(() => new XksHttpsTransport(wrong)).to.throw(TypeError);
    expect(new XksHttpsTransport()).to.include({ timeout: 250 });
    const thrown = new Error("mine");
    const asked = await inMemory({ xksTransport() { throw thrown; } });
    expect((await rejection(asked.client().createCustomKeyStore(proxyStore()))).cause.origin).to.equal(thrown);
    asked.close();
    const vault = await inMemory({});
    expect(await rejection(vault.client().createCustomKeyStore(proxyStore()))).to.include({ name: "XksProxyUriUnreachableException" });
    vault.close();
  },
};
