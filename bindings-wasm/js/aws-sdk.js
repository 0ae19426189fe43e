// Configures a client of the AWS SDK for JavaScript, version 3, so that a vault answers it. Nothing of the SDK is imported, since it
// takes any object that handles a request. The declarations are in aws-sdk.d.ts.

/** A KMS endpoint says its Region behind its service, whichever partition it is of, and be it a VPC's. */
const REGION_OF_HOST = /(?:^|\.)kms(?:-fips)?\.([a-z]+(?:-[a-z]+)+-\d+)\./;

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
  };
}

/** A client of the vault for each Region that is asked for. */
function ofVault(vault, options = {}) {
  const first = vault.client(options);
  const { region } = first.caller;
  const clients = new Map([[region, first]]);
  const kmsIn = (asked = region) => {
    if (!clients.has(asked)) {
      clients.set(asked, vault.client({ ...options, region: asked }));
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
  const kmsIn = (asked = region) => {
    if (asked !== region) {
      throw new TypeError(`the client is for ${asked}, but its Kms calls from ${region}: make it with awsSdk(vault), for any Region`);
    }
    return kms;
  };
  return { region, kmsIn };
}

/** Answers requests in place of the handler that would send them. */
class KmsRequestHandler {
  #kmsIn;
  metadata = { handlerProtocol: "http/1.1" };

  constructor(kmsIn) {
    this.#kmsIn = kmsIn;
  }

  async handle(request, { abortSignal } = {}) {
    refuseAborted(abortSignal);
    const kms = this.#kmsIn(regionOf(request));
    const { status, body } = await kms.call(headerOf(request, "x-amz-target") ?? "", bodyOf(request));
    refuseAborted(abortSignal);
    const headers = { "content-type": "application/x-amz-json-1.1", "content-length": String(body.length), "x-amzn-requestid": requestId() };
    return { response: { statusCode: status, headers, body } };
  }

  // There are no sockets to configure or to close.

  updateHttpClientConfig() {}

  httpHandlerConfigs() {
    return {};
  }

  destroy() {}
}

/** An endpoint of the app's own need not name one: the SDK does not tell the handler for which Region the client is. */
function regionOf({ hostname }) {
  const host = hostname.toLowerCase();
  const region = REGION_OF_HOST.exec(host)?.[1];
  if (region === undefined && OF_AWS.test(host)) {
    throw new TypeError(`${hostname} is AWS's, but no endpoint of AWS KMS in a Region`);
  }
  return region;
}

function refuseAborted(signal) {
  if (signal?.aborted) {
    const error = new Error("Request aborted", { cause: signal.reason });
    error.name = "AbortError";
    throw error;
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
