/// <reference lib="esnext.disposable" />

import type { Clock, Kms } from "./index.js";
import type {
  AlgorithmSuite, Bytes, BytesInput, BytesLater, CacheOptions, Decrypted, DecryptOptions, DecryptRequest,
  DecryptStreamOptions, DiscoveryFilter, EcdhCurveSpec, Encrypted, EncryptedDataKey, EncryptOptions, EncryptRequest,
  MessageClientOptions, EncryptStreamOptions, GenerateDataKeyRequest, KmsDiscoveryOptions, KmsKeyringOptions, MessageHeader,
  MessageInfo, PaddingScheme, RangeReaderOptions, ReencryptOptions, RewrapOptions, SidecarInfo,
} from "./types.js";

/**
 * Encrypts and decrypts messages of any size, in the message format of the AWS Encryption SDK.
 *
 * A message carries its data key in encrypted form, so that anyone who may use one of the wrapping keys can decrypt it, with
 * this package or with AWS's. A keyring says which wrapping keys. The client holds settings and no keys.
 */
export declare class EncryptionClient {
  constructor(options?: EncryptionClientOptions);

  /** Encrypts a message. */
  encrypt(keyring: MaterialsManager, plaintext: BytesInput | BytesLater, options?: EncryptOptions): Promise<Encrypted>;

  /** Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included. */
  decrypt(keyring: MaterialsManager, message: BytesInput | BytesLater, options?: DecryptOptions): Promise<Decrypted>;

  /**
   * A stream that encrypts what is written to it: `file.stream().pipeThrough(client.encryptStream(keyring))`. A few MiB
   * are in memory, however long the message is.
   */
  encryptStream(keyring: MaterialsManager, options?: EncryptStreamOptions): EncryptionStream;

  /**
   * A stream that decrypts what is written to it. Plaintext comes out as soon as the frame that holds it is verified. Until the
   * stream has ended well, the plaintext may lack its end, and the signature of a signed message is not verified.
   */
  decryptStream(keyring: MaterialsManager, options?: DecryptStreamOptions): DecryptionStream;

  /** Returns what a message says of itself, without decrypting it. Of a `Blob` or another source, only the front is read. */
  inspect(message: MessageSource): Promise<MessageInfo>;

  /** Returns what a sidecar says of itself, without decrypting it. */
  inspectSidecar(sidecar: BytesInput | BytesLater): Promise<SidecarInfo>;

  /**
   * Reads parts of a message, without what comes before them: of a `Blob`, or of an object that a server gives in ranges. The
   * message must be framed. WebAssembly decrypts it.
   */
  rangeReader(keyring: MaterialsManager, message: MessageSource, options?: RangeReaderOptions): Promise<RangeReader>;

  /**
   * Moves a stored message to other keys, or to the newest material of its key, without its body, which is neither read nor
   * changed. For an unsigned message of version 1 that makes a new header, for any other a sidecar. This takes no access away:
   * anyone who kept the old header, or the old sidecar, and may use the old key still finds the data key.
   */
  rewrap(
    source: MaterialsManager,
    destination: Keyring,
    message: MessageSource,
    options?: RewrapOptions,
  ): Promise<RewrappedHeader | RewrappedSidecar>;

  /**
   * Returns whether rewrapping with this destination would change which keys and materials a message uses. Nothing is decrypted. A
   * keyring that cannot know, as one of your own callbacks, says that it would.
   */
  needsRewrap(destination: Keyring, message: MessageSource, options?: { sidecar?: BytesInput | BytesLater | undefined }): Promise<boolean>;

  /**
   * Makes a new message of an old one, with a new data key. It is bound to the same encryption context, and does not store the pairs
   * that the old one does not store. Nothing of it is seen before all of the old one is verified, the signature included.
   */
  reencrypt(
    source: MaterialsManager,
    destination: MaterialsManager,
    message: BytesInput | BytesLater,
    options?: ReencryptOptions,
  ): Promise<Encrypted>;

  /**
   * The same as a stream: the old message is written to it, the new one read from it. What came out is of use only after the stream
   * has ended well.
   */
  reencryptStream(source: MaterialsManager, destination: MaterialsManager, options?: ReencryptOptions): EncryptionStream;
}

/** What supplies data keys: a keyring, or a cache in front of one. */
export type MaterialsManager = Keyring | CachingMaterialsManager;

/** Settings for all messages. */
export interface EncryptionClientOptions extends MessageClientOptions {
  /**
   * From how many bytes on a frame is left to WebCrypto; shorter ones are done faster by WebAssembly. 8 KiB by default; `Infinity`
   * leaves nothing to WebCrypto. Where WebCrypto is missing (pages that came over HTTP) or has no such cipher (AES-192), all
   * is done by WebAssembly.
   */
  webCryptoFrom?: number | undefined;
}

/** A new header of a message. */
export interface RewrappedHeader {
  /** The new header, to be written in place of the old one. The body follows as it is. */
  header: Bytes;
  /** The length of the old header. */
  replaces: number;
  sidecar?: undefined;
}

/** A sidecar of a message, which stays as it is. */
export interface RewrappedSidecar {
  /** To be kept beside the message, in place of the one that it may have, and given whenever it is decrypted. */
  sidecar: Bytes;
  header?: undefined;
}

/** Reads parts of one message. */
export declare class RangeReader {
  private constructor();
  /** The message's header, verified. */
  readonly header: MessageHeader;
  /** The encryption context, verified. */
  readonly encryptionContext: Record<string, string>;
  /**
   * The length of the plaintext, as it follows from the message's length: no more certain than that, but reading beyond it
   * verifies it. Unknown of a signed message.
   */
  readonly plaintextLength: number | undefined;
  /**
   * The plaintext from `start` up to, but not including `end`, each frame of it verified. It is shorter where the plaintext ends
   * before, which is verified, too.
   */
  read(start: number, end: number): Promise<Bytes>;
}

/** A stream being encrypted. An error or an abort at one end reaches the other. */
export interface EncryptionStream extends TransformStream<BytesInput, Bytes> {
  /** The message's header, as soon as it is made. */
  readonly header: Promise<MessageHeader>;
}

/** A stream being decrypted. An error or an abort at one end reaches the other. */
export interface DecryptionStream extends TransformStream<BytesInput, Bytes> {
  /** The message's header, as soon as it is verified. */
  readonly header: Promise<MessageHeader>;
  /** The encryption context, as soon as it is verified: the pairs that the message stores, and those that were given again. */
  readonly encryptionContext: Promise<Record<string, string>>;
}

/** What a message is read from: bytes, a `Blob`, or what reads a part of it, from `start` up to, but not including `end`. */
export type MessageSource =
  | BytesInput
  | Blob
  | { readonly size: number; read(start: number, end: number): Promise<Uint8Array> };

/** What wraps data keys, and finds them again. */
export declare abstract class Keyring {
  protected constructor();
  /** For TypeScript: nothing else looks like a keyring. */
  private readonly keyring: true;
}

/** Data keys generated, encrypted and decrypted by the keys of a KMS: of a vault, or of AWS's own, reached by the app. */
export declare class KmsKeyring extends Keyring {
  /**
   * The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt it. They are
   * named by key id, key ARN, alias name or alias ARN. A key id or key ARN stands for that key alone. An alias encrypts with the key
   * that it names now, and decrypts with every key of its account and Region with which the caller may; a mere alias name, which a
   * `KmsClient` cannot place, decrypts what was encrypted under the key that it names now.
   */
  constructor(kms: Kms | KmsClient, generator: string, additional?: readonly string[], options?: KmsKeyringOptions);

  /** Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows. Cannot encrypt. */
  static discovery(kms: Kms | KmsClient, filter?: DiscoveryFilter, options?: KmsDiscoveryOptions): KmsKeyring;
}

/** A request as a keyring sends it: bytes are `Uint8Array`. */
export type Sent<Request> = { [Name in keyof Request]: Exclude<Request[Name], ArrayBuffer | BytesLater> };

/**
 * What a KMS keyring asks of KMS, for an app that passes the requests on: to AWS by its own SDK, to a server of its own. Each method
 * may answer at once or by a promise. Members of the answers that are not named here are not looked at.
 *
 * What `generateDataKey` and `encrypt` throw ends the encryption of the message, and comes through as it is. What `decrypt` throws
 * is noted in the list of why each encrypted data key failed, and the next one is tried.
 *
 * A cache in front of the keyring cannot see that a key was rotated or disabled: it keeps a data key for as long as its limits say.
 */
export interface KmsClient {
  /** Makes a data key of `numberOfBytes` under the key `keyId`; answers the ARN of that key as `keyId`. */
  generateDataKey(request: Sent<GenerateDataKeyRequest>): MaybePromise<{ keyId: string; plaintext: Uint8Array; ciphertextBlob: Uint8Array }>;
  /** Encrypts a data key. `request.plaintext` is wiped when the promise has resolved. */
  encrypt(request: Sent<EncryptRequest>): MaybePromise<{ keyId: string; ciphertextBlob: Uint8Array }>;
  /** Decrypts a data key with the key `keyId`, and with no other; answers its ARN. */
  decrypt(request: Sent<DecryptRequest>): MaybePromise<{ keyId: string; plaintext: Uint8Array }>;
}

/** What is there at once, or later. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Data keys encrypted under an AES key. */
export declare class RawAesKeyring extends Keyring {
  constructor(options: RawAesKeyringOptions);
  /** Ends the keyring, and wipes its key. */
  close(): void;
  [Symbol.dispose](): void;
}

export interface RawAesKeyringOptions {
  /** With `name`, what finds the key again; stored in the message. `aws-kms` is AWS's own. */
  namespace: string;
  /** The key's name. */
  name: string;
  /** 16, 24 or 32 bytes. They are copied; wipe your own when you need them no more. */
  wrappingKey: BytesInput;
}

/** Data keys encrypted with an RSA public key, and decrypted with the private one, of 2048 to 8192 bits. */
export declare class RawRsaKeyring extends Keyring {
  constructor(options: RawRsaKeyringOptions);

  /**
   * Decrypts old messages whose data keys were padded as in PKCS #1 v1.5. Cannot encrypt.
   *
   * Anyone who can have messages of their own making decrypted and sees, by an error, by the time it takes or by what happens next,
   * whether the padding was right, decrypts any message with some thousands to millions of such questions. No library can
   * hide that. Use this where no one else chooses what is decrypted, best once, to re-encrypt the messages.
   */
  static pkcs1DespitePaddingOracles(options: Omit<RawRsaKeyringOptions, "paddingScheme" | "publicKey">): RawRsaKeyring;

  /** Ends the keyring, and wipes its key. */
  close(): void;
  [Symbol.dispose](): void;
}

export interface RawRsaKeyringOptions {
  /** With `name`, what finds the key again; stored in the message. `aws-kms` is AWS's own. */
  namespace: string;
  /** The key's name. */
  name: string;
  /** How data keys are padded; `PKCS1` is refused here. */
  paddingScheme: PaddingScheme;
  /** To encrypt: PEM (`PUBLIC KEY`) or DER of a `SubjectPublicKeyInfo`. */
  publicKey?: string | BytesInput | undefined;
  /** To decrypt: PEM (`PRIVATE KEY`) or DER of a PKCS #8 `PrivateKeyInfo`. A string cannot be wiped; give bytes where that counts. */
  privateKey?: string | BytesInput | undefined;
}

/**
 * Data keys encrypted under a key that two parties agree on over an elliptic curve: each needs the other's public key and its own
 * private key only. Keys are PEM or DER: a `SubjectPublicKeyInfo`, a PKCS #8 `PrivateKeyInfo`, of the curve that is named.
 */
export declare class RawEcdhKeyring extends Keyring {
  private constructor();

  /**
   * The keys of both parties are static: both can encrypt, and both can decrypt. Anyone who has either private key can read all messages
   * between the two, past ones, too.
   */
  static rawPrivateKeyToStaticPublicKey(options: {
    senderPrivateKey: string | BytesInput;
    recipientPublicKey: string | BytesInput;
    curveSpec: EcdhCurveSpec;
  }): RawEcdhKeyring;

  /**
   * A new key pair for each message, of which no one keeps the private key: only the recipient can decrypt. No one is authenticated as
   * the sender.
   */
  static ephemeralPrivateKeyToStaticPublicKey(options: {
    recipientPublicKey: string | BytesInput;
    curveSpec: EcdhCurveSpec;
  }): RawEcdhKeyring;

  /** Decrypts what any sender encrypted for one's own public key. Cannot encrypt. */
  static publicKeyDiscovery(options: {
    recipientPrivateKey: string | BytesInput;
    curveSpec: EcdhCurveSpec;
  }): RawEcdhKeyring;

  /** Ends the keyring, and wipes its key. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Data keys encrypted under branch keys, which are encrypted under KMS keys: so rotating or leaving a KMS key rewraps a few branch
 * keys instead of every message.
 */
export declare class HierarchicalKeyring extends Keyring {
  /**
   * @param source Where the branch keys are: a vault, or a store of the app's.
   * @param branchKeyId One for all messages, or a function that chooses one for each.
   */
  constructor(source: Kms, branchKeyId: string | BranchKeyIdSupplier, options: HierarchicalKeyringOptions);
  constructor(
    source: BranchKeySource,
    branchKeyId: string | BranchKeyIdSupplier,
    options: HierarchicalKeyringOptions & { clock?: Clock | undefined },
  );
}

/** Chooses the branch key by the encryption context, for keyrings of many tenants. */
export type BranchKeyIdSupplier = (encryptionContext: Record<string, string>) => MaybePromise<string>;

/**
 * A store of branch keys, other than a vault: AWS's key store, say. Each method may answer at once or by a promise.
 *
 * That a branch key was rotated there, or may not be used any more, is seen by `branchKeyState`; without that method when the keyring has
 * forgotten the branch key that it had, after its `ttl`.
 */
export interface BranchKeySource {
  /** The version that encrypts. */
  activeBranchKey(branchKeyId: string): MaybePromise<BranchKeyMaterials>;
  /** A version that encrypted. */
  branchKeyVersion(branchKeyId: string, branchKeyVersion: string): MaybePromise<BranchKeyMaterials>;
  /**
   * Text that is another one as soon as another version is active (asked without a version), or what the version is kept under has changed; an
   * error as soon as it may not be used any more. It is asked for each message, by the keyring and by a cache in front of it. Without this
   * method a rotation is seen when the keyring forgets the branch key.
   */
  branchKeyState?: ((branchKeyId: string, branchKeyVersion: string | undefined) => MaybePromise<string>) | undefined;
}

/** One version of a branch key, opened. */
export interface BranchKeyMaterials {
  /** The version: a UUID. */
  branchKeyVersion: string;
  /** The branch key: 32 bytes. They are copied. */
  branchKey: Uint8Array;
}

export interface HierarchicalKeyringOptions {
  /**
   * For how many seconds an opened branch key is kept. That its KMS key was disabled, that it was rotated, or that the vault was
   * closed, is seen at once all the same; of a store that is no vault, only after that time.
   */
  ttl: number;
  /** How many opened branch keys are kept at most; 1000 by default. */
  maxEntries?: number | undefined;
}

/**
 * One data key for several messages: a cache in front of a keyring. What it trades: messages that share a data key fall together if
 * it is found out. What it buys: one request to the keyring in place of many.
 *
 * That a key of a vault was rotated or disabled is seen at once. A {@link HierarchicalKeyring} whose branch keys are chosen by a function
 * is not cached to encrypt.
 */
export declare class CachingMaterialsManager {
  constructor(keyring: Keyring, limits?: CacheLimits);
  /** Forgets every data key. */
  clear(): void;
  private readonly cache: true;
}

/** For how long and for how much one data key is used. */
export interface CacheLimits extends CacheOptions {
  /** The clock by which entries age; the machine's clock by default. */
  clock?: Clock | undefined;
}

/**
 * Data keys that the app wraps and unwraps itself: by a real AWS KMS through its own SDK, by an HSM, by a service.
 *
 * With the provider id `aws-kms`, a KMS key's ARN as the provider information, and what that key's `Encrypt` answered as the
 * ciphertext, AWS's own SDKs open the message with their KMS keyrings.
 */
export declare class CallbackKeyring extends Keyring {
  /** @param providerId Stands in the message, and says whose data key is whose. */
  constructor(providerId: string, callbacks: KeyringCallbacks);
}

export interface KeyringCallbacks {
  /**
   * Encrypts a data key, and says how it is found again. Bind it to the encryption context, since unwrapping takes the
   * same. `dataKey` is wiped when the promise has resolved. An error ends the encryption of the message, and comes through as
   * it is.
   */
  wrap(
    dataKey: Bytes,
    encryptionContext: Record<string, string>,
    algorithmSuite: AlgorithmSuite,
  ): WrappedDataKey | Promise<WrappedDataKey>;

  /**
   * Decrypts a data key that has the keyring's provider id. It may be somebody else's all the same. An error is noted in the list
   * of why each encrypted data key failed, and the next one is tried.
   */
  unwrap(
    key: EncryptedDataKey,
    encryptionContext: Record<string, string>,
    algorithmSuite: AlgorithmSuite,
  ): Uint8Array | Promise<Uint8Array>;

  /**
   * What data keys would be wrapped with now, so that a cache may keep them: text that is another one as soon as the key rotates, an
   * error as soon as it may not be used for that encryption context. It is called for each message, to decrypt with the message's
   * encrypted data keys. Without it, a cache keeps none of this keyring.
   */
  fingerprint?:
    | ((
      encryptedDataKeys: EncryptedDataKey[] | undefined,
      encryptionContext: Record<string, string>,
    ) => string | Promise<string>)
    | undefined;
}

/** A data key, wrapped. */
export interface WrappedDataKey {
  /** Which key wrapped it, so that it is found again: of a KMS key its ARN, in UTF-8. At most 65,535 bytes. */
  providerInfo: Uint8Array;
  /** The data key, encrypted. At most 65,535 bytes. */
  ciphertext: Uint8Array;
}

/** Several keyrings in one: encrypts the data key under each of them; any one of them finds it again. */
export declare class MultiKeyring extends Keyring {
  /** @param generator Makes the data key; without one the keyring can only decrypt. */
  constructor(generator: Keyring | null | undefined, children?: readonly Keyring[]);
}
