/// <reference lib="esnext.disposable" />

import type * as generated from "./types.js";
import type { BranchKeyOperations } from "./messages.js";
import type { Bytes, KmsError, KmsOperations } from "./types.js";

export * from "./messages.js";
export * from "./types.js";

type Generated = typeof generated;

/** What opens a vault. Keep it outside of the vault: anyone who has both has every key. */
export declare class RootKey {
  private constructor();

  /**
   * 32 random bytes, kept by the host. They are copied; wipe your own when you need them no more.
   *
   * @throws ValidationException if there are not 32.
   */
  static fromBytes(bytes: Uint8Array): RootKey;

  /**
   * A passphrase, hashed with Argon2id, in UTF-8. Normalise the text (`text.normalize()`) where users type it on different
   * systems. A string cannot be wiped; give bytes where that counts.
   *
   * @throws ValidationException if it is empty.
   * @param cost What guessing the passphrase of a new vault shall cost. An existing vault keeps the cost it was made with.
   * @param maxCost What opening a vault may cost at the most: 256 MiB, 10 passes and 16 lanes by default. The cost stands in the vault's
   *   header, which is read before anything is verified; one that asks for more is a `LimitExceededException`.
   */
  static fromPassphrase(passphrase: string | Uint8Array, cost?: Argon2Cost, maxCost?: Argon2Cost): RootKey;

  /** Wipes the bytes. A vault that was opened with them stays open. */
  close(): void;
  [Symbol.dispose](): void;
}

/** The cost of a passphrase's key. */
export interface Argon2Cost {
  /** Memory in KiB; 65536 by default. */
  memoryKib?: number | undefined;
  /** Passes over the memory; 3 by default. */
  passes?: number | undefined;
  /** Lanes; 4 by default. */
  lanes?: number | undefined;
}

/** Where the time comes from: rotation periods and waiting periods run by it. */
export interface Clock {
  now(): Date;
}

/** A clock that stands still until it is turned, so that a test need not wait a year to see a rotation. */
export declare class ManualClock implements Clock {
  /** @param now The time that it shows; the present by default. */
  constructor(now?: Date);
  now(): Date;
  /** Sets the time. */
  set(now: Date): void;
  /** Turns the time forward by so many days. */
  advanceDays(days: number): void;
}

/** The root user of an account, calling the endpoint of a Region. A vault holds the keys of many; a caller sees its own. */
export interface Caller {
  /** Twelve digits. By default what the vault was made for; where it is made, `000000000000`. */
  account?: string | undefined;
  /** By default what the vault was made for; where it is made, `us-east-1`. */
  region?: string | undefined;
}

/** With what a vault is made or opened. */
export interface KmsOptions extends Caller {
  /** The machine's own by default. */
  clock?: Clock | undefined;
  /** How far the vault relies on that clock; `trusted` by default. */
  clockTrust?: ClockTrust | undefined;
}

/**
 * How far a vault relies on its clock. `trusted`: it is right by definition, and years may pass at once. `system`: it may be wrong for a
 * while; while it is more than three days ahead of the latest time at which the vault was used, no key is deleted, until the clock is back
 * or {@link Kms.confirmTime} says that it is right.
 */
export type ClockTrust = "trusted" | "system";

/** A record of a vault that does not open. */
export interface DamagedRecord {
  /** The record's name: which key, alias or material it belongs to. */
  name: string;
  /** The name of the error: `RecordCorruptedException`, or `UnsupportedVersionException` of a newer record. */
  error: string;
  /** What is wrong with it. For the developer only. */
  explanation: string;
}

/** An open vault, and who calls. */
export declare class Kms {
  private constructor();

  /** Makes a new vault in memory. Take a {@link snapshot} to keep it. */
  static create(rootKey: RootKey, options?: KmsOptions): Promise<Kms>;

  /** Opens a snapshot, made on any platform, into memory. */
  static openSnapshot(snapshot: Uint8Array, rootKey: RootKey, options?: KmsOptions): Promise<Kms>;

  /** The whole vault as one sealed file, the same on every platform. Then nothing needs saving, until the next change. */
  snapshot(): Promise<Bytes>;

  /**
   * Whether something that a caller changed is in memory only, and lost with the page: from the creation of a vault on, and after each change,
   * until a snapshot is taken. Rotations and deletions that only fell due do not count: every copy comes to the same.
   */
  readonly needsSaving: boolean;

  /**
   * How many changes the vault has seen, those of time included (a rotation or a deletion that fell due). Snapshots keep it: by it an older
   * snapshot is told from the one that was saved last. Of two copies that went on by themselves it does not tell which is newer: a copy
   * that nobody changed may have the greater one.
   */
  revision(): Promise<number>;

  /** Whether deletions wait, since the clock is far ahead of the latest known time. Only with `clockTrust: "system"`. */
  timeInDoubt(): Promise<boolean>;

  /** Says that the clock is right, whatever it showed before: what fell due by it is carried out from now on. */
  confirmTime(): Promise<void>;

  /** The records that calls found damaged since the vault was opened, and passed over. For the host: they may be any caller's. */
  damaged(): Promise<DamagedRecord[]>;

  /** Opens every record of the vault; those that are damaged. */
  verify(): Promise<DamagedRecord[]>;

  /** Who calls. */
  readonly caller: { account: string; region: string };

  /** Whether the vault was closed. */
  readonly closed: boolean;

  /**
   * Seals the vault under another root key. Ciphertexts and snapshots made before are not touched: an old snapshot still
   * opens with the old root key, so destroy both together.
   */
  changeRootKey(rootKey: RootKey): Promise<void>;

  /** The same vault for another caller. What `caller` leaves out stays as it is. */
  asCaller(caller: Caller): Kms;

  /**
   * Closes the vault for all its callers, keyrings and caches, and wipes it from memory. Later calls are refused with
   * `VaultClosedException`. To close twice does no harm.
   */
  close(): void;
  [Symbol.dispose](): void;
}

export interface Kms extends KmsOperations, BranchKeyOperations {}

/** The error classes by their names, which are AWS's. */
export type KmsErrors = {
  [Name in keyof Generated as Name extends `${string}Exception` ? Name : never]: Generated[Name] extends {
    prototype: infer Instance extends KmsError;
  }
    ? Instance
    : never;
};

/**
 * Whether an error is one of KMS, and of that name, if one is given.
 *
 * It knows the errors of another copy of this package too, where `instanceof` does not.
 */
export declare function isKmsError(error: unknown): error is KmsError;
export declare function isKmsError<Name extends keyof KmsErrors>(error: unknown, name: Name): error is KmsErrors[Name];

/**
 * A plain object with all that an error of KMS says, for `postMessage` and other ways that keep no classes; anything else as it is.
 * The explanation is in it: this is for your own workers, not for callers. {@link fromCloneable} makes the error of it again.
 */
export declare function toCloneable(error: unknown): unknown;

/** The error that {@link toCloneable} made a plain object of, of its class; anything else as it is. */
export declare function fromCloneable(value: unknown): unknown;

/**
 * Says where the WebAssembly module is, for a bundler that does not follow `new URL(..., import.meta.url)`. Call it before
 * the first vault is made or opened; `pocketkms/pocketkms_bg.wasm` is the file's name for a bundler.
 */
export declare function locateWasm(locate: () => WasmSource | Promise<WasmSource>): void;

/** The module, its bytes, or where they are. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;
