// Configures a client of the AWS SDK for JavaScript, version 3, so that a vault answers it. Nothing of the SDK is imported, since it
// takes any object that handles a request. The declarations are in aws-sdk.d.ts.
import { wipe } from "./bytes.js";
import { own } from "./own.js";

/** A KMS endpoint says its Region behind its service, whichever partition it is of, and be it a VPC's. */
const REGION_OF_HOST = /(?:^|\.)kms(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\./;

/** Where LocalStack's endpoints are, whose names have Regions as AWS's have. */
const OF_LOCALSTACK = /\.localhost\.localstack\.cloud\.?$/;

/** The domains of all partitions of AWS. */
const OF_AWS =
  /(?:^|\.)(?:amazonaws\.(?:com|com\.cn|eu)|amazonwebservices\.(?:com\.cn|eu)|api\.aws|aws\.scloud|(?:c2s|hci|aws)\.ic\.gov|sgov\.gov|adc-e\.uk)\.?$/;

/** Placeholders: the SDK asks for credentials before it sends anything, but nothing is signed. */
const CREDENTIALS = { accessKeyId: "UNSIGNED", secretAccessKey: "UNSIGNED" };

/** The configuration of a client whose requests are answered in process: `new KMSClient(awsSdk(kms))`. */
export function awsSdk(source, options) {
  const { region, kmsIn } = typeof source?.client === "function" ? ofVault(source, options) : ofKms(source, options);
  return {
    region,
    credentials: { ...CREDENTIALS },
    signer: { sign: async (request) => request },
    requestHandler: new KmsRequestHandler(kmsIn),
    // Handlers are not given the Region of their client, but extensions are: each client gets a handler of its own.
    extensions: [{ configure: (client) => client.setHttpHandler(new KmsRequestHandler(kmsIn, client.region())) }],
  };
}

/** A client of the vault for each Region that is asked for. */
function ofVault(vault, options = {}) {
  const taken = own(options, "options");
  const first = vault.client(taken);
  const { region } = first.caller;
  const clients = new Map([[region, first]]);
  const kmsIn = (asked) => {
    if (!clients.has(asked)) {
      clients.set(asked, vault.client({ ...taken, region: asked }));
    }
    return clients.get(asked);
  };
  return { region, kmsIn };
}

/** One client, of one Region: another would silently get the keys of this one. */
function ofKms(kms, options) {
  if (typeof kms !== "object" || typeof kms?.call !== "function" || typeof kms.caller?.region !== "string" || options !== undefined) {
    throw new TypeError("awsSdk takes a Kms, or a Vault and options");
  }
  const { region } = kms.caller;
  const kmsIn = (asked) => {
    if (asked !== region) {
      throw new TypeError(`the client or its endpoint is for ${asked}, but its Kms calls from ${region}: make it with awsSdk(vault), for any Region`);
    }
    return kms;
  };
  return { region, kmsIn };
}

/** Answers requests in place of the handler that would send them. */
class KmsRequestHandler {
  #kmsIn;
  #region;
  metadata = { handlerProtocol: "http/1.1" };

  constructor(kmsIn, region) {
    this.#kmsIn = kmsIn;
    this.#region = region;
  }

  async handle(request, { abortSignal, requestTimeout } = {}) {
    refuseAborted(abortSignal);
    const kms = this.#kmsIn(await this.#regionOf(request));
    const called = kms.call(headerOf(request, "x-amz-target") ?? "", bodyOf(request));
    const { status, body } = await unlessGivenUp(called, abortSignal, requestTimeout);
    const headers = { "content-type": "application/x-amz-json-1.1", "content-length": String(body.length), "x-amzn-requestid": requestId() };
    return { response: { statusCode: status, headers, body } };
  }

  /** That of the endpoint, if it is AWS's: one of the app's own need not name any, or may look as if it did. */
  async #regionOf({ hostname }) {
    const host = hostname.toLowerCase();
    const isOfAws = OF_AWS.test(host);
    const named = isOfAws || OF_LOCALSTACK.test(host) ? REGION_OF_HOST.exec(host)?.[1] : undefined;
    if (named !== undefined) {
      return named;
    }
    const ofClient = typeof this.#region === "function" ? await this.#region() : this.#region;
    // The SDK makes names even for Regions that AWS does not have.
    if (isOfAws && !host.startsWith(`kms.${ofClient}.`)) {
      throw new TypeError(`${hostname} is AWS's, but no endpoint of AWS KMS in a Region`);
    }
    if (ofClient === undefined) {
      throw new TypeError(`${hostname} names no Region, and the client did not say its own: add extensions of yours to those of awsSdk(), or upgrade @aws-sdk/client-kms`);
    }
    return ofClient;
  }

  // There are no sockets to configure or to close.

  updateHttpClientConfig() {}

  httpHandlerConfigs() {
    return {};
  }

  destroy() {}
}

function refuseAborted(signal) {
  if (signal?.aborted) {
    throw aborted(signal);
  }
}

const aborted = (signal) => named("AbortError", new Error("Request aborted", { cause: signal.reason }));

const named = (name, error) => Object.assign(error, { name });

/** What was called, unless the app gives up before: a vault in IndexedDB may have to wait for another tab. The call itself goes on. */
async function unlessGivenUp(called, signal, timeout) {
  let timer, stop;
  const givenUp = new Promise((_, reject) => {
    stop = () => reject(aborted(signal));
    signal?.addEventListener?.("abort", stop);
    if (timeout > 0) {
      const text = `the vault did not answer within ${timeout} ms; what was asked for may still happen`;
      timer = setTimeout(() => reject(named("TimeoutError", new Error(text))), timeout);
    }
  });
  try {
    return await Promise.race([called, givenUp]);
  } catch (error) {
    called.then(({ body }) => wipe(body), () => {});
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener?.("abort", stop);
  }
}

function headerOf({ headers }, name) {
  const found = Object.keys(headers).find((header) => header.toLowerCase() === name);
  return found && headers[found];
}

function bodyOf({ body = "" }) {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

/** Random, in the form of AWS's: also where a page has no `crypto.randomUUID`. */
function requestId() {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
