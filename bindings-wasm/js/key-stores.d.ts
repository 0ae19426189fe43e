// What is behind custom key stores: an external key store proxy, an AWS CloudHSM cluster, or what an app puts in their place.
import type { Bytes, BytesInput } from "./types.js";

/**
 * A request of AWS's XKS proxy API, version 1: an HTTP POST of JSON, signed. It holds no plaintext of a caller's: what a proxy encrypts is
 * encrypted already.
 */
export interface XksRequest {
  /** The endpoint and the path. */
  readonly url: string;
  /** Whose proxy it is: `https://` and the name of a host. */
  readonly endpoint: string;
  /** The path at that host. */
  readonly path: string;
  /** The headers, all but `Host`, which is that of the endpoint and is signed, too. */
  readonly headers: { [name: string]: string };
  readonly body: Bytes;
  /** Aborted when the time is over: an answer that comes later is passed over. */
  readonly signal: AbortSignal;
}

/** What a proxy answered. */
export interface XksResponse {
  /** The HTTP status. */
  status: number;
  /** The body, of which 16 KiB are taken at most. */
  body: BytesInput;
}

/**
 * Sends a request, and answers the response whatever its status is; redirections are not followed. While it is waited for, other calls of the
 * vault go on, and it may call the vault itself. What it throws is the `cause` of what the call throws, as its `origin`; an `AbortError` ends the call as it is.
 */
export type XksSend = (request: XksRequest) => XksResponse | Response | PromiseLike<XksResponse | Response>;

/** What carries requests: a function; or an object with the function and the time that it has, in milliseconds: 250 by default, as with AWS KMS. */
export type XksTransport = XksSend | { send: XksSend; readonly timeout?: number | undefined };

/**
 * Carries requests by `fetch`. A browser asks the proxy first whether it takes requests of the page (CORS: the method POST, and the headers
 * `authorization`, `content-type` and `x-amz-date`), and the page's own policy has to allow it (`connect-src`).
 */
export declare class XksHttpsTransport {
  /**
   * @param options.timeout How many milliseconds an exchange may take: 250 by default, as with AWS KMS.
   * @param options.hosts The proxies that may be called, by the names of their hosts; `*.example.com` is each below that. Any by default: whoever may
   *   make a custom key store may have its endpoint called.
   */
  constructor(options?: { timeout?: number | undefined; hosts?: readonly string[] | undefined });
  readonly timeout: number;
  send(request: XksRequest): Promise<Response>;
}

/** Why a cluster could not do what was asked of it. */
export type ClusterErrorKind =
  | "NOT_FOUND"
  | "NOT_ACTIVE"
  | "NO_ACTIVE_HSM"
  | "INVALID_CREDENTIALS"
  | "USER_LOCKED_OUT"
  | "USER_NOT_FOUND"
  | "USER_LOGGED_IN"
  | "UNREACHABLE"
  | "FULL"
  | "KEY_NOT_FOUND"
  | "INVALID_CIPHERTEXT"
  | "INTERNAL";

/**
 * What the methods of a {@link CloudHsmCluster} throw: operations answer with the exception of AWS KMS that this stands for, and the text is its
 * explanation, which stays in the page. Anything else that they throw is the `origin` of that exception.
 */
export declare class ClusterError extends Error {
  constructor(kind: ClusterErrorKind, message?: string);
  readonly kind: ClusterErrorKind;
}

/**
 * The cluster of hardware security modules behind a custom key store: what makes, keeps and uses its keys, which never leave it.
 *
 * Each method may answer at once or by a promise, and gets the password of the crypto user `kmsuser` as the custom key store has it. While it
 * is waited for, other calls of the vault go on. Keys are AES keys of 256 bits that encrypt by GCM, with an IV of 12 bytes and a tag of 16. The
 * bytes that a method is handed are wiped when it has answered.
 */
export interface CloudHsmCluster {
  /** The trust anchor certificate that custom key stores have to name; `undefined` where they may name any. Without logging in. */
  describe(): string | undefined | PromiseLike<string | undefined>;
  /** Logs in, to find out whether the keys can be used. */
  connect(password: string): unknown;
  /** The custom key store was disconnected. No one waits for it. */
  disconnect(): unknown;
  /** Makes a key, and answers its id in the cluster: 1 to 128 letters, digits, `-`, `_` and `.`. The label is the id of the KMS key. */
  createKey(password: string, label: string): string | PromiseLike<string>;
  /** Deletes a key, when its KMS key was deleted after the waiting period, or could not be stored. No one waits for it. */
  deleteKey(password: string, key: string): unknown;
  /** Encrypts up to 4,096 bytes, and answers IV, ciphertext and tag in one. `aad` is authenticated. */
  encrypt(password: string, key: string, plaintext: Bytes, aad: Bytes): BytesInput | PromiseLike<BytesInput>;
  /** Decrypts what `encrypt` answered. A tag that does not match is the `ClusterError` `INVALID_CIPHERTEXT`. */
  decrypt(password: string, key: string, ciphertext: Bytes, aad: Bytes): BytesInput | PromiseLike<BytesInput>;
  /** Random bytes, 1 to 1024. */
  random(password: string, length: number): BytesInput | PromiseLike<BytesInput>;
}
