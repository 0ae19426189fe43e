// What is behind the custom key stores of the cases: an external key store proxy and an AWS CloudHSM cluster, both by WebCrypto.
import { ClusterError } from "pocketkms";
import { bytes, text } from "./help.js";

export const ENDPOINT = "https://xks.example.com";
export const PATH = "/tenant/kms/xks/v1";
export const ACCESS_KEY = "HGIE2BUAFNDMBCMSQVWLGCEXAMPLE";
export const SECRET_KEY = "VU6W2byoiBrhDqNGbx703oL0syCAmhlQgwNUT123456";
export const CLUSTER = "cluster-abcdefg2345";
export const PASSWORD = "kmsPswd";

const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes(message)));
}

/** The signature that a request should have (AWS Signature Version 4). */
async function signature(path, { "X-Amz-Date": date, Authorization: authorization }, body) {
  const scope = /Credential=[^/]+\/([^,]+),/.exec(authorization)[1];
  const host = new URL(ENDPOINT).host;
  const canonical = ["POST", path, "", `host:${host}`, `x-amz-date:${date}`, "", "host;x-amz-date", hex(await sha256(body))].join("\n");
  const signed = ["AWS4-HMAC-SHA256", date, scope, hex(await sha256(bytes(canonical)))].join("\n");
  let key = bytes(`AWS4${SECRET_KEY}`);
  for (const part of scope.split("/")) key = await hmac(key, part);
  return hex(await hmac(key, signed));
}

const aes = (raw, usage) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, [usage]);

/** AES-GCM; of what does not open, the error of WebCrypto. */
async function gcm(usage, raw, iv, given, additionalData) {
  return new Uint8Array(await crypto.subtle[usage]({ name: "AES-GCM", iv, additionalData }, await aes(raw, usage), given));
}

/** A proxy with external keys, by their ids, whose requests must be signed. `seen` are the paths of those that were. */
export class Proxy {
  seen = [];
  bodies = [];
  /** The error with which it answers everything. */
  refuses = undefined;
  /** A busy machine takes its time. */
  timeout = 60_000;
  #keys;

  constructor(keys = { one: crypto.getRandomValues(new Uint8Array(32)) }) {
    this.#keys = new Map(Object.entries(keys));
  }

  /** A transport to it. */
  send = async ({ url, endpoint, path, headers, body }) => {
    if (url !== endpoint + path || endpoint !== ENDPOINT) throw new Error(`another address: ${url}`);
    const [status, answer] = await this.#answer(path, headers, body);
    return { status, body: bytes(JSON.stringify(answer)) };
  };

  async #answer(path, headers, body) {
    if (this.refuses) return [400, { errorName: this.refuses }];
    if (!path.startsWith(`${PATH}/`)) return [404, { errorName: "InvalidUriPathException" }];
    if (headers.Authorization.split("Signature=")[1] !== (await signature(path, headers, body))) {
      return [401, { errorName: "AuthenticationFailedException" }];
    }
    const resource = path.slice(PATH.length);
    this.seen.push(resource);
    this.bodies.push(text(body));
    if (resource === "/health") {
      const ekmFleetDetails = [{ id: "1", model: "one", healthStatus: "ACTIVE" }];
      return [200, { xksProxyFleetSize: 1, xksProxyVendor: "a", xksProxyModel: "b", ekmVendor: "c", ekmFleetDetails }];
    }
    const key = this.#keys.get(resource.split("/")[2]);
    if (!key) return [404, { errorName: "KeyNotFoundException" }];
    if (resource.endsWith("/metadata")) {
      return [200, { keySpec: "AES_256", keyUsage: ["ENCRYPT", "DECRYPT"], keyStatus: "ENABLED" }];
    }
    return this.#use(key, resource.endsWith("/encrypt"), JSON.parse(text(body)));
  }

  async #use(key, encrypts, request) {
    const part = (name) => fromBase64(request[name]);
    const aad = part("additionalAuthenticatedData");
    const full = joined([aad.length >> 8, aad.length & 0xff], aad, [0]);
    if (encrypts) {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await gcm("encrypt", key, iv, part("plaintext"), full);
      const [ciphertext, tag] = [sealed.slice(0, -16), sealed.slice(-16)];
      const made = { ciphertext, initializationVector: iv, authenticationTag: tag, ciphertextDataIntegrityValue: await sha256(joined(aad, iv, ciphertext, tag)) };
      return [200, Object.fromEntries(Object.entries(made).map(([name, value]) => [name, toBase64(value)]))];
    }
    try {
      const sealed = joined(part("ciphertext"), part("authenticationTag"));
      return [200, { plaintext: toBase64(await gcm("decrypt", key, part("initializationVector"), sealed, full)) }];
    } catch {
      return [400, { errorName: "InvalidCiphertextException" }];
    }
  }
}

/** A cluster whose keys are in this page. `calls` are the methods that were called. */
export class Cluster {
  keys = new Map();
  calls = [];
  /** What the next calls throw. */
  fails = undefined;

  async #begin(method, password) {
    this.calls.push(method);
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (this.fails) throw this.fails;
    if (password !== PASSWORD) throw new ClusterError("INVALID_CREDENTIALS", "that is not the password");
  }

  describe() {
    this.calls.push("describe");
    return undefined;
  }

  async connect(password) {
    await this.#begin("connect", password);
  }

  disconnect() {
    this.calls.push("disconnect");
  }

  async createKey(password, label) {
    await this.#begin("createKey", password);
    this.keys.set(label, crypto.getRandomValues(new Uint8Array(32)));
    return label;
  }

  async deleteKey(password, key) {
    await this.#begin("deleteKey", password);
    this.keys.delete(key);
  }

  async encrypt(password, key, plaintext, aad) {
    const [given, authenticated] = [plaintext.slice(), aad.slice()];
    await this.#begin("encrypt", password);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    return joined(iv, await gcm("encrypt", this.keys.get(key), iv, given, authenticated));
  }

  async decrypt(password, key, ciphertext, aad) {
    const [iv, sealed, authenticated] = [ciphertext.slice(0, 12), ciphertext.slice(12), aad.slice()];
    await this.#begin("decrypt", password);
    try {
      return await gcm("decrypt", this.keys.get(key), iv, sealed, authenticated);
    } catch {
      throw new ClusterError("INVALID_CIPHERTEXT");
    }
  }

  async random(password, length) {
    await this.#begin("random", password);
    return new Uint8Array(length).fill(0x5a);
  }
}

/** The request that makes a custom key store of the proxy. */
export const proxyStore = (rawSecretAccessKey = SECRET_KEY) => ({
  customKeyStoreName: "outside",
  customKeyStoreType: "EXTERNAL_KEY_STORE",
  xksProxyConnectivity: "PUBLIC_ENDPOINT",
  xksProxyUriEndpoint: ENDPOINT,
  xksProxyUriPath: PATH,
  xksProxyAuthenticationCredential: { accessKeyId: ACCESS_KEY, rawSecretAccessKey },
});

/** Makes a custom key store of the proxy, and connects it; its id. */
export async function connectedProxy(kms) {
  const { customKeyStoreId } = await kms.createCustomKeyStore(proxyStore());
  await kms.connectCustomKeyStore({ customKeyStoreId });
  return customKeyStoreId;
}

/** The same of the cluster. */
export async function connectedCluster(kms, keyStorePassword = PASSWORD) {
  const request = { customKeyStoreName: "hsm", cloudHsmClusterId: CLUSTER, trustAnchorCertificate: "MII", keyStorePassword };
  const { customKeyStoreId } = await kms.createCustomKeyStore(request);
  await kms.connectCustomKeyStore({ customKeyStoreId });
  return customKeyStoreId;
}
