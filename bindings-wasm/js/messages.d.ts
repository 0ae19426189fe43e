/// <reference lib="esnext.disposable" />

import type { Kms } from "./index.js";
import type { AlgorithmSuite, Bytes, CommitmentPolicy, PaddingScheme } from "./types.js";

/**
 * Encrypts and decrypts messages of any size, in the message format of the AWS Encryption SDK.
 *
 * A message carries its data key in encrypted form, so that whoever may use one of the wrapping keys can decrypt it, with
 * this package or with AWS's. A keyring says which wrapping keys. The client holds settings and no keys.
 */
export declare class EncryptionClient {
  constructor(options?: EncryptionClientOptions);

  /** Encrypts a message. */
  encrypt(keyring: Keyring, plaintext: Uint8Array, options?: EncryptOptions): Promise<Encrypted>;

  /** Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included. */
  decrypt(keyring: Keyring, message: Uint8Array, options?: DecryptOptions): Promise<Decrypted>;

  /**
   * A stream that encrypts what is written to it: `file.stream().pipeThrough(client.encryptStream(keyring))`. A few MiB
   * are in memory, however long the message is.
   */
  encryptStream(keyring: Keyring, options?: EncryptStreamOptions): EncryptionStream;

  /**
   * A stream that decrypts what is written to it. Plaintext comes out as soon as the frame that holds it is verified. Until the
   * stream has ended well, the plaintext may lack its end, and the signature of a signed message is not verified.
   */
  decryptStream(keyring: Keyring, options?: DecryptStreamOptions): DecryptionStream;

  /** Tells what a message says of itself, without decrypting it. Of a `Blob` or another source, only the front is read. */
  inspect(message: MessageSource): Promise<MessageInfo>;
}

/** Settings for all messages. */
export interface EncryptionClientOptions {
  /** Which suites may be used, as to key commitment; `REQUIRE_ENCRYPT_REQUIRE_DECRYPT` by default. */
  commitmentPolicy?: CommitmentPolicy | undefined;
  /** The most encrypted data keys of a message; 100 by default. */
  maxEncryptedDataKeys?: number | undefined;
  /** The longest frames that are decrypted, in bytes of plaintext; 64 MiB by default. A frame is kept in memory until it is whole. */
  maxFrameLength?: number | undefined;
  /** The longest unframed message that is decrypted, in bytes of plaintext; 64 MiB by default. It is kept in memory whole. */
  maxUnframedLength?: number | undefined;
  /**
   * From how many bytes on a frame is left to WebCrypto; shorter ones are done faster by WebAssembly. 8 KiB by default; `Infinity`
   * leaves nothing to WebCrypto. Where WebCrypto is missing (pages that came over HTTP) or has no such cipher (AES-192), all
   * is done by WebAssembly.
   */
  webCryptoFrom?: number | undefined;
}

/** How a message is to be encrypted. */
export interface EncryptOptions {
  /** Non-secret pairs that are stored in the message and authenticated with it. */
  encryptionContext?: Record<string, string> | undefined;
  /** The names of pairs that are authenticated, but not stored: they must be given again to decrypt. */
  requiredEncryptionContextKeys?: readonly string[] | undefined;
  /** The algorithm suite, as far as the commitment policy allows it. */
  algorithmSuite?: AlgorithmSuite | undefined;
  /** The length of a frame in bytes of plaintext, at least 1; 256 KiB by default. */
  frameLength?: number | undefined;
}

/** How a stream is to be encrypted. */
export interface EncryptStreamOptions extends EncryptOptions {
  /** How long the plaintext will be: another length is an error then. */
  plaintextLength?: number | undefined;
}

/** What is asked of a message to be decrypted. */
export interface DecryptOptions {
  /** Pairs given again. Those that the message stores must be equal; the others are authenticated with it. */
  encryptionContext?: Record<string, string> | undefined;
  /** The names of pairs that must be among them. */
  requiredEncryptionContextKeys?: readonly string[] | undefined;
}

/** What is asked of a stream to be decrypted. */
export interface DecryptStreamOptions extends DecryptOptions {
  /** Refuses signed messages, whose plaintext comes out before the signature at their end was verified. */
  unsignedOnly?: boolean | undefined;
}

/** A message. */
export interface Encrypted {
  /** Its bytes. */
  message: Bytes;
  /** Its header. */
  header: MessageHeader;
}

/** What a message held. */
export interface Decrypted {
  /** The plaintext. */
  plaintext: Bytes;
  /** The encryption context: the pairs that the message stores, and those that were given again. */
  encryptionContext: Record<string, string>;
  /** The message's header. */
  header: MessageHeader;
}

/** A stream being encrypted. An error or an abort at one end reaches the other. */
export interface EncryptionStream extends TransformStream<Uint8Array, Bytes> {
  /** The message's header, as soon as it is made. */
  readonly header: Promise<MessageHeader>;
}

/** A stream being decrypted. An error or an abort at one end reaches the other. */
export interface DecryptionStream extends TransformStream<Uint8Array, Bytes> {
  /** The message's header, as soon as it is verified. */
  readonly header: Promise<MessageHeader>;
  /** The encryption context, as soon as it is verified: the pairs that the message stores, and those that were given again. */
  readonly encryptionContext: Promise<Record<string, string>>;
}

/** The header of a message. Before the message's data key was found, nothing in it is to be trusted. */
export interface MessageHeader {
  /** The version of the message format: 1, or 2 with key commitment. */
  version: 1 | 2;
  /** The algorithm suite. */
  algorithmSuite: AlgorithmSuite;
  /** The message's id, random: 16 bytes in version 1, 32 in version 2. */
  messageId: Bytes;
  /** The pairs that the message stores, `aws-crypto-public-key` of a signed one included. */
  encryptionContext: Record<string, string>;
  /** The data key, once under each wrapping key. */
  encryptedDataKeys: EncryptedDataKey[];
  /** How the body is divided: into frames, each authenticated on its own, or in one piece, which is read only. */
  contentType: "FRAMED" | "UNFRAMED";
  /** The length of a frame's plaintext in bytes; 0 where the body is unframed. */
  frameLength: number;
  /** What commits to the data key, in version 2. */
  commitment?: Bytes | undefined;
}

/** A data key, encrypted under a wrapping key. */
export interface EncryptedDataKey {
  /** Which kind of keyring made it: `aws-kms`, or the key namespace of a raw keyring. */
  providerId: string;
  /** Which wrapping key it is encrypted under: a key ARN, or the key name of a raw keyring and what else it needs. */
  providerInfo: Bytes;
  /** The data key in encrypted form. */
  ciphertext: Bytes;
}

/** What a message is read from: bytes, a `Blob`, or what reads a part of it, from `start` up to, but not including `end`. */
export type MessageSource =
  | Uint8Array
  | Blob
  | { readonly size: number; read(start: number, end: number): Promise<Uint8Array> };

/** What a message says of itself. Nothing of it is authenticated: that takes the data key. */
export interface MessageInfo {
  /** The header. */
  header: MessageHeader;
  /** The length of the header in bytes: where the body begins. */
  headerLength: number;
  /** What each of the header's encrypted data keys is encrypted under, in their order. */
  wrappingKeys: WrappingKey[];
}

/** What a data key is encrypted under, as far as its encrypted form tells. */
export interface WrappingKey {
  /** Which kind of keyring encrypted it. */
  providerId: string;
  /** The key's name: a key ARN, a branch key id, the key name of a raw keyring. */
  keyName: string;
  /** The ARN of a KMS key. */
  keyArn?: string | undefined;
  /** The id of a PocketKMS key, as it stands in the ciphertext. */
  keyId?: string | undefined;
  /**
   * Which of the key's materials: of a PocketKMS key the first 32 of the 64 hexadecimal digits of its key material id, of a branch
   * key the version.
   */
  keyMaterial?: string | undefined;
}

/** What wraps data keys, and finds them again. */
export declare abstract class Keyring {
  protected constructor();
  /** For TypeScript: nothing else looks like a keyring. */
  private readonly keyring: true;
}

/** Data keys generated, encrypted and decrypted by the keys of a vault. */
export declare class KmsKeyring extends Keyring {
  /**
   * The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them can decrypt it. They are
   * named by key id, key ARN, alias name or alias ARN.
   */
  constructor(kms: Kms, generator: string, additional?: readonly string[], options?: KmsKeyringOptions);

  /** Decrypts with whichever key encrypted the data key, as far as the caller may use it and the filter allows. Cannot encrypt. */
  static discovery(kms: Kms, filter?: DiscoveryFilter, options?: KmsKeyringOptions): KmsKeyring;
}

export interface KmsKeyringOptions {
  /** Takes a multi-Region key for the same key as its replicas in other Regions. */
  multiRegionAware?: boolean | undefined;
  /** Grant tokens for every request. */
  grantTokens?: readonly string[] | undefined;
}

/** Which keys a discovery keyring may ask to decrypt. */
export interface DiscoveryFilter {
  /** The accounts. */
  accountIds: readonly string[];
  /** The partition; `aws` by default. */
  partition?: string | undefined;
}

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
  wrappingKey: Uint8Array;
}

/** Data keys encrypted with an RSA public key, and decrypted with the private one, of 2048 to 8192 bits. */
export declare class RawRsaKeyring extends Keyring {
  constructor(options: RawRsaKeyringOptions);

  /**
   * Decrypts old messages whose data keys were padded as in PKCS #1 v1.5. Cannot encrypt.
   *
   * Whoever can have messages of his own making decrypted and sees, by an error, by the time it takes or by what happens next,
   * whether the padding was right, decrypts any message with some thousands to millions of such questions. No library can
   * hide that. Use this where nobody else chooses what is decrypted, best once, to encrypt the messages anew.
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
  publicKey?: string | Uint8Array | undefined;
  /** To decrypt: PEM (`PRIVATE KEY`) or DER of a PKCS #8 `PrivateKeyInfo`. A string cannot be wiped; give bytes where that counts. */
  privateKey?: string | Uint8Array | undefined;
}

/**
 * Data keys that the app wraps and unwraps itself: by a real AWS KMS through its own SDK, by an HSM, by a service.
 *
 * With the provider id `aws-kms`, a KMS key's ARN as the provider information, and what that key's `Encrypt` answered as the
 * ciphertext, AWS's own SDKs open the message with their KMS keyrings.
 */
export declare class CallbackKeyring extends Keyring {
  /** @param providerId Stands in the message, and tells whose data key is whose. */
  constructor(providerId: string, callbacks: KeyringCallbacks);
}

export interface KeyringCallbacks {
  /**
   * Encrypts a data key, and says how it is found again. Bind it to the encryption context, for whoever unwraps it must be given the
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
