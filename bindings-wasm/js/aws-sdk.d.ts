import type { CallerOptions, Kms, Vault } from "./index.js";

/**
 * The configuration of a client of the AWS SDK for JavaScript, version 3, whose requests are answered in this process: no network is
 * used and no credentials are needed.
 *
 * ```js
 * import { KMSClient } from "@aws-sdk/client-kms";
 * const client = new KMSClient(awsSdk(kms));
 * ```
 *
 * By a {@link Kms} the client acts as its caller, in its Region alone. By a {@link Vault} it acts as the caller that `options` name, in the
 * Region of the client, whichever that is: what makes clients of many Regions gets `awsSdk(vault)`. Where an endpoint of the app's own names a
 * Region of AWS KMS, it is that. Other options of the client go beside it: `new KMSClient({ ...awsSdk(vault), region: "eu-west-1",
 * maxAttempts: 1 })`; `extensions` of the app's own are added to those that are there.
 *
 * A closed vault, a full disk and a change whose outcome is unknown are errors of this package (`VaultClosedException`,
 * `StoreFullException`, `OutcomeUnknownException`), which the SDK does not retry. An aborted or late call may still happen.
 */
export declare function awsSdk(kms: Kms): AwsSdkConfig;
export declare function awsSdk(vault: Vault, options?: CallerOptions): AwsSdkConfig;
export declare function awsSdk(source: Kms | Vault): AwsSdkConfig;

/** A part of the SDK's `KMSClientConfig`, described here so that this package does not depend on the SDK. */
export interface AwsSdkConfig {
  /** That of the `Kms`, or the first of the `Vault`. */
  region: string;
  /** Placeholders: the SDK asks for some, but nothing is signed. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Leaves requests unsigned. */
  signer: { sign<Request>(request: Request): Promise<Request> };
  /** Answers in place of the handler that would send requests. */
  requestHandler: AwsSdkRequestHandler;
  /** Has each client call in its own Region. */
  extensions: { configure(client: AwsSdkExtended): void }[];
}

/** What is used of the SDK's `KMSExtensionConfiguration`. */
export interface AwsSdkExtended {
  setHttpHandler(handler: any): void;
  region(): any;
}

/** The SDK's `HttpHandler`. */
export interface AwsSdkRequestHandler {
  readonly metadata: { handlerProtocol: string };
  handle(request: AwsSdkRequest, options?: { abortSignal?: unknown; requestTimeout?: number }): Promise<{ response: AwsSdkResponse }>;
  updateHttpClientConfig(key: never, value: never): void;
  httpHandlerConfigs(): {};
  destroy(): void;
}

/** What is read of the SDK's `HttpRequest`. */
export interface AwsSdkRequest {
  hostname: string;
  headers: Record<string, string>;
  body?: any;
}

/** The SDK's `HttpResponse`. */
export interface AwsSdkResponse {
  statusCode: number;
  headers: Record<string, string>;
  body?: any;
}
