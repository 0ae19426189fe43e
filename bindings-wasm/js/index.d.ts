/// <reference lib="esnext.disposable" />

import type { CloudHsmCluster, XksTransport } from "./key-stores.js";
import type * as generated from "./types.js";
import type {
  Argon2Cost, AssumeRoleRequest, AuditEvent, Bill, BillRequest, BranchKeyOperations, Bytes, BytesInput, BytesLater, ClockTrust, EstimateRequest, IamEntity,
  KmsError, KmsOperations, ListIamEntitiesRequest, ListIamEntitiesResponse, LookupEventsRequest, LookupEventsResponse, ParcelOperations, RecoveryKey, RequestQuota,
  ResourceQuotas, RootKeyInfo, SessionContext, SimulateRequest, SimulateResponse,
} from "./types.js";

export * from "./key-stores.js";
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
  static fromBytes(bytes: BytesInput): RootKey;

  /** 32 new random bytes. Keep {@link toBytes} of it. */
  static generate(): Promise<RootKey>;

  /**
   * A recovery key as it was written down: `vault.addRecoveryKey()` showed it. Upper and lower case, spaces and hyphens do not matter, nor do
   * look-alikes (O and 0; I, L and 1; U and V). A checksum finds other mistakes.
   *
   * @throws ValidationException if it is not a recovery key; where PocketKMS is not loaded yet, when it is used.
   */
  static fromRecoveryKey(text: string): RootKey;

  /**
   * The 32 bytes of a root key that is made of bytes, to keep them where {@link fromBytes} finds them again.
   *
   * @throws ValidationException if it is made of something else.
   */
  toBytes(): Bytes;

  /**
   * A passphrase, hashed with Argon2id, in UTF-8. Normalise the text (`text.normalize()`) where users type it on different
   * systems. A string cannot be wiped; give bytes where that counts. In a page a worker hashes it, so that the page goes on meanwhile.
   *
   * @throws ValidationException if it is empty.
   * @param cost What guessing the passphrase of a new vault shall cost, or how long hashing it takes here. An existing vault keeps the cost it was made with.
   * @param maxCost What opening a vault may cost at the most: 256 MiB, 10 passes and 16 lanes by default. The cost stands in the vault's
   *   header, which is read before anything is verified; one that asks for more is a `LimitExceededException`.
   */
  static fromPassphrase(passphrase: string | BytesInput, cost?: Argon2Cost | HashingTime, maxCost?: Argon2Cost): RootKey;

  /**
   * A key of WebCrypto that never leaves this browser: no script can read it. It lies in IndexedDB, and is made when the root key is added to a
   * vault, or a vault is made with it. It opens the vault without asking anybody; so it keeps the vault from anyone who copies the database,
   * and not from a script in the page. When the browser evicts it, or the site's data are cleared, it is gone: a vault needs another root
   * key, too, that a person can keep ({@link Vault.addRecoveryKey}).
   *
   * @param name Which of the site's keys; `"default"` by default.
   */
  static webCrypto(name?: string): RootKey;

  /** Deletes a key of WebCrypto from this browser, for good: nothing that it wrapped is opened any more. */
  static forgetWebCrypto(name?: string): Promise<void>;

  /**
   * The passkeys that were added to a vault: a person agrees to use one of them, and its authenticator answers the secret that opens the
   * vault (the extension `prf` of WebAuthn). A click has to come before, in some browsers.
   *
   * A passkey is never the only root key of a vault.
   *
   * @param options.rpId The relying party: the page's host by default.
   */
  static passkey(options?: { rpId?: string | undefined }): RootKey;

  /**
   * Makes a passkey, to be added by {@link Vault.addRootKey}, which asks the authenticator twice: what was wrapped by the first answer has to be
   * unwrapped by the second. Some authenticators answered otherwise.
   *
   * @param options.rp The relying party; the page's host by default.
   * @param options.user For whom: `id` are up to 64 bytes that the authenticator knows the account by, `name` is shown.
   * @throws UnsupportedOperationException where there is no WebAuthn, and for an authenticator without the extension `prf`.
   */
  static createPasskey(options: {
    rp?: { id?: string | undefined; name?: string | undefined } | undefined;
    user: { id: BytesInput; name: string; displayName?: string | undefined };
  }): Promise<RootKey>;

  /**
   * Hashes a passphrase, in the very call of which the thread stands still, so that another thread need not: in a worker, which posts the
   * bytes to its page. {@link fromDerived} makes a root key of them, which opens the vault at once.
   *
   * The bytes open that vault as the passphrase does. Hand them over (`postMessage(bytes, [bytes.buffer])`), and keep no copy.
   *
   * @param options.snapshot The vault that is to be opened; without it, one that is to be made. What is derived opens no other vault.
   * @param options.cost As of {@link fromPassphrase}.
   * @param options.maxCost As of {@link fromPassphrase}.
   */
  static derive(
    passphrase: string | BytesInput,
    options?: { snapshot?: BytesInput | BytesLater | undefined; cost?: Argon2Cost | HashingTime | undefined; maxCost?: Argon2Cost | undefined },
  ): Promise<Bytes>;

  /**
   * What {@link derive} resolved to. A vault that is made with it opens with the passphrase, too.
   *
   * @throws ValidationException if it is no such thing.
   */
  static fromDerived(derived: BytesInput): RootKey;

  /** Wipes the bytes. A vault that was opened with them stays open. */
  close(): void;
  [Symbol.dispose](): void;
}

/** In place of a cost, how long hashing takes on this device: the cost is measured when a vault is made or the passphrase is added, and kept. */
export interface HashingTime {
  /** 250 to 1000 is usual. */
  milliseconds: number;
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
  /** Turns the time forward. */
  advance(by: {
    days?: number | undefined;
    hours?: number | undefined;
    minutes?: number | undefined;
    seconds?: number | undefined;
    milliseconds?: number | undefined;
  }): void;
  /** Turns the time forward by so many days. */
  advanceDays(days: number): void;
}

/**
 * Who calls, and where. A vault holds the keys of many accounts and Regions; a caller sees those of its own. What is left out is as the vault
 * remembers it; where it is made, the root user of account `000000000000` in `us-east-1`.
 */
export interface ClientOptions {
  /** Twelve digits; by default that of the principal. */
  accountId?: string | undefined;
  /** Such as `eu-central-1`. */
  region?: string | undefined;
  /**
   * The ARN of the account's root user, of an IAM user, or of a session of a role, or the name of an AWS service that calls by itself on behalf
   * of the account. By default the root user of another account.
   */
  principal?: string | undefined;
}

/** Who a client calls as. */
export interface CallerOptions extends ClientOptions {
  /** What is true of the caller's session and connection. */
  session?: SessionContext | undefined;
}

/** Who calls, and where. */
export interface Caller {
  readonly accountId: string;
  readonly region: string;
  readonly principal: string;
}

/** With what a vault is made or opened: for whom, and by which clock. */
export interface VaultOptions extends ClientOptions {
  /** The machine's own by default. */
  clock?: Clock | undefined;
  /** How far the vault relies on that clock; `TRUSTED` by default. */
  clockTrust?: ClockTrust | undefined;
  /** When events of the audit trail are stored: within a second by default. */
  audit?: Audit | undefined;
  /**
   * What {@link Vault.head} gave when it was last asked, kept out of reach of anyone who can write the store: a vault whose store was restored
   * from a copy since is refused (`RolledBackException`), and none is made in its place.
   */
  expectedHead?: string | undefined;
  /**
   * Is shown the events of the audit trail that calls of this vault store, in their order, for a second place: after the call that stored
   * them, before what awaits it goes on. It may call the vault. What it throws, or its promise rejects with, does not concern that call:
   * the trail has the events. A page hears of it by its event `error`, as of an error that was not caught; Node prints it.
   */
  auditSink?: ((events: AuditEvent[]) => unknown) | undefined;
  /**
   * The root certificates that are trusted to say what the `recipient` of an answer is, in place of AWS's: each an X.509 certificate, PEM or
   * DER. By default that is the root G1 of AWS Nitro Enclaves; with none, no attestation document is accepted.
   */
  attestationRoots?: readonly BytesInput[] | undefined;
  /**
   * What carries requests to external key store proxies: an {@link XksHttpsTransport}, or a function of the app's. Without one, no proxy can be
   * reached.
   */
  xksTransport?: XksTransport | undefined;
  /** The AWS CloudHSM clusters behind custom key stores, by their ids: `cluster-` and 11 to 16 letters and the digits 2 to 7. */
  cloudHsmClusters?: { readonly [id: string]: CloudHsmCluster } | undefined;
  /**
   * Whose these clusters are, by their ids: accounts of twelve digits, or `*` for every account. A cluster that is left out is of the account that the
   * vault is opened for. For any other account there is no such cluster: whoever may make a custom key store of it may give it wrong passwords, until
   * it locks its `kmsuser` out.
   */
  cloudHsmClusterAccounts?: { readonly [id: string]: readonly string[] } | undefined;
}

/**
 * When events of the audit trail are stored. The event of a call that changes something is always in the same commit as the change. Those of
 * other calls wait in memory, so long at most (a second by default, by the vault's clock), until 1,000 of them have come together, or the
 * page is hidden or the vault closed. `"STRICT"` stores an event before anything of the answer is given out, and the call fails if that
 * does; so do `{ milliseconds: 0 }` of a vault in IndexedDB. `"OFF"` records nothing.
 */
export type Audit = "OFF" | "STRICT" | { milliseconds: number };

/** The form in which the audit trail is written: a file of AWS CloudTrail's (`{"Records": [...]}`), or JSON lines, a record in each. */
export type AuditFormat = "CLOUDTRAIL" | "JSON_LINES";

/**
 * What may be wrong with the audit trail: an entry is gone, was altered, has the place of another, or does not belong there; or the trail
 * goes on after its end was not known, since the record `generation` was damaged or gone: entries may be missing before that. A gap is no
 * attack: the store did not take all events in time, and so many are missing.
 */
export type AuditProblemKind = "REMOVED" | "EDITED" | "REORDERED" | "INSERTED" | "RESTARTED" | "GAP" | "OTHER";

/** Something that is wrong with the audit trail. */
export interface AuditProblem {
  kind: AuditProblemKind;
  /** The number of the entry, which is in the record `audit/<number>`. */
  entry: number;
  /** More about it. */
  explanation: string;
}

/** What {@link Vault.verifyAudit} found. */
export interface AuditReport {
  /** How many events were checked. */
  events: number;
  /** What is wrong with the trail, in its order; at most 1,000 gaps and 1,000 other problems. */
  problems: AuditProblem[];
}

/** With what a vault in IndexedDB is made or opened. `clockTrust` is `SYSTEM` by default where the clock is the machine's. */
export interface StoredVaultOptions extends VaultOptions {
  /**
   * The {@link Vault.revision} that the app knows the vault to have at least, kept elsewhere. A vault that is older, or that the browser
   * evicted, is a `StoreDamagedException`.
   */
  expectedRevision?: number | undefined;
}

/** With what a vault in IndexedDB is made. */
export interface NewVaultOptions extends VaultOptions {
  /**
   * Makes a vault in memory where IndexedDB is refused: `durable` is false, and {@link Vault.warning} says why. Never where a vault is there, or is
   * expected to be.
   */
  inMemoryWhereRefused?: boolean | undefined;
}

/** A record of a vault that does not open. */
export interface DamagedRecord {
  /** The record's name: which key, alias or material it belongs to. */
  name: string;
  /** The name of the error: `RecordCorruptedException`, or `UnsupportedVersionException` of a newer record. */
  error: string;
  /** What is wrong with it. For the developer only. */
  explanation: string;
}

/**
 * An open vault, for the app that keeps it: its snapshot, root key and time, and a client for each caller. Give a {@link Kms} to code
 * that calls on somebody's behalf, and keep this.
 */
export declare class Vault {
  private constructor();

  /**
   * Opens the vault of that name in IndexedDB. What a call changed is on the disk when its promise resolves; several tabs and workers may
   * use one vault, and see what the others changed within a second.
   *
   * @throws NotFoundException if there is none; StoreException if IndexedDB cannot be used here (in Node, in private modes of some
   *   browsers), where {@link inMemory} still can; StoreDamagedException if it is gone or older although `expectedRevision` says otherwise.
   */
  static open(name: string, rootKey: RootKey, options?: StoredVaultOptions): Promise<Vault>;

  /**
   * Makes a new vault of that name in IndexedDB, and asks the browser to keep it ({@link persistent}).
   *
   * @throws AlreadyExistsException if there is one.
   */
  static create(name: string, rootKey: RootKey, options?: NewVaultOptions): Promise<Vault>;

  /** Opens the vault of that name, or makes it. With `expectedRevision` it is never made. */
  static openOrCreate(name: string, rootKey: RootKey, options?: StoredVaultOptions & NewVaultOptions): Promise<Vault>;

  /**
   * Writes a snapshot, made on any platform, into IndexedDB as the vault of that name, all of it or nothing, and opens it: after the browser
   * evicted a vault, or on another device.
   *
   * @throws AlreadyExistsException if there is a vault of that name; StoreFullException if there is no room for it.
   */
  static restore(name: string, snapshot: BytesInput | BytesLater, rootKey: RootKey, options?: VaultOptions): Promise<Vault>;

  /** Deletes the vault of that name, for good, for all tabs: theirs are closed. */
  static delete(name: string): Promise<void>;

  /** Makes a new vault in memory, which is gone with the page. Take a {@link snapshot} to keep it. */
  static inMemory(rootKey: RootKey, options?: VaultOptions): Promise<Vault>;

  /** Whether what a call changed is there when the page is gone: not of a vault in memory. */
  readonly durable: boolean;

  /**
   * Whether the browser has agreed to keep it even where it runs out of room; some ask the user first. Otherwise it may evict it: keep a
   * {@link snapshot}, too.
   */
  readonly persistent: boolean;

  /** Why the vault is in memory only, although it was to be kept in IndexedDB: with `inMemoryWhereRefused`. Show the user. */
  readonly warning: KmsError | undefined;

  /** Opens a snapshot, made on any platform, into memory. */
  static openSnapshot(snapshot: BytesInput | BytesLater, rootKey: RootKey, options?: VaultOptions): Promise<Vault>;

  /**
   * A client for a caller. Who that is, the app has to know: nothing is asked of the caller here. It throws `ValidationException` for what is
   * no principal, or one of another account than `accountId`, and `NotFoundException` for a principal missing from the registry that keeps its account;
   * of a vault in IndexedDB, that is an `AccessDeniedException` of each call.
   */
  client(options?: CallerOptions): Kms;

  /**
   * Puts a user, group, role, federated user or account into the registry, in place of what was kept of it.
   *
   * From its first entity on, an account is kept: its principals are those of the registry, and their identity policies decide as AWS's do.
   * Who is not in it is allowed nothing. Of an account that is not kept, key policies and grants alone decide.
   */
  putIamEntity(entity: IamEntity): Promise<void>;

  /** What the registry keeps of an entity, by its ARN. */
  getIamEntity(arn: string): Promise<IamEntity>;

  /** The ARNs of what the registry keeps of an account, page by page. */
  listIamEntities(request?: ListIamEntitiesRequest): Promise<ListIamEntitiesResponse>;

  /**
   * Removes an entity from the registry. Its clients are allowed nothing any more. A group goes when no user is in it, and an account (the ARN
   * of its root user) when nothing else is kept of it: then identity policies of that account count no more.
   */
  removeIamEntity(arn: string): Promise<void>;

  /**
   * Request quotas for all clients of the vault in this page: AWS's numbers, but for those that are given, by the vault's clock; `undefined` for
   * none, as at first. The count begins again. Each page and worker counts for itself.
   *
   * A request beyond its quota fails with `ThrottlingException`, which AWS's SDKs try again with backoff. Who asks pays, whosever the key is,
   * and whatever becomes of the request.
   */
  setRequestQuotas(quotas: readonly RequestQuota[] | undefined): Promise<void>;

  /**
   * Resource quotas for all clients of the vault in this page: AWS's numbers, but for those that are given; `undefined` for AWS's, as at first. What is
   * there already stays. More fails with `LimitExceededException`, tags with `TagException`. Keys are counted only where their number is given, by
   * reading as many names at each `createKey`.
   */
  setResourceQuotas(quotas: ResourceQuotas | undefined): Promise<void>;

  /**
   * For how many seconds, by the vault's clock, a grant that is made from now on counts only for requests that bring its token; 0 as at first,
   * when it counts at once, at most 300. An app that forgets its tokens fails with AWS now and then, and here each time.
   */
  setGrantDelay(seconds: number): Promise<void>;

  /**
   * What a month of an account would cost at AWS, up to now: its keys in all Regions, by the hour, and the requests that it made.
   *
   * Keys are exact: an hour in which a key was there counts. A key costs nothing while its deletion is pending, and as much as ever if that is
   * cancelled. Requests are counted in the audit trail: those that change something exactly, others but for those whose events were lost. The
   * account may be any caller's.
   */
  bill(request: BillRequest): Promise<Bill>;

  /** What a month would cost at AWS of which only the quantities are known. Nothing of the vault is asked. */
  estimate(request: EstimateRequest): Promise<Bill>;

  /**
   * Tries out what the vault's policies, grants and principals decide of a call, and why: which statement of which policy or grant decides,
   * which conditions do not hold and with what value, or what would be needed. Nothing is carried out.
   */
  simulate(request: SimulateRequest, options?: CallerOptions): Promise<SimulateResponse>;

  /**
   * Assumes a role as a caller: the client of a session of it, if its trust policy and the caller's own policies allow that. The app can also
   * make the client of a session without asking: {@link client} with the session's ARN.
   */
  assumeRole(request: AssumeRoleRequest, options?: CallerOptions): Promise<Kms>;

  /** The caller that the vault was opened for: what was named then, and otherwise what it was created for. */
  readonly caller: Caller;

  /** The whole vault as one sealed file, the same on every platform. Of a vault in memory, say so when it is where it lasts: {@link markSaved}. */
  snapshot(): Promise<Bytes>;

  /** The same as a `Blob`, to be downloaded or uploaded. */
  snapshotBlob(): Promise<Blob>;

  /**
   * The file is where it lasts: what this {@link snapshot} has needs saving no more. Call it after the bytes were written, and not where that
   * failed. It takes the snapshot itself, so that a change that came in between is never taken for saved.
   *
   * @throws ValidationException if it is not one of the latest 64 snapshots taken of this vault since it was opened.
   */
  markSaved(snapshot: BytesInput): Promise<void>;

  /**
   * Whether something that a caller changed is in memory only, and lost with the page: from the creation of a vault on, and after each change,
   * until a snapshot with it is said to be saved ({@link markSaved}). A key whose deletion fell due counts too: what was saved last still has it.
   * Rotations that only fell due do not: every copy comes to the same.
   */
  readonly needsSaving: boolean;

  /**
   * How many changes the vault has seen, those of time (a rotation or a deletion that fell due) and of the audit trail included. Snapshots keep it: it
   * distinguishes an older snapshot from the one that was saved last. Of two copies that went on separately it does not say which is
   * newer: a copy that no one changed may have the greater one.
   */
  revision(): Promise<number>;

  /** Whether deletions wait, since the clock is far ahead of the latest known time. Only with `clockTrust: "SYSTEM"`. */
  timeInDoubt(): Promise<boolean>;

  /** Says that the clock is right, whatever it showed before: what fell due by it is carried out from now on. */
  confirmTime(): Promise<void>;

  /** The records that calls found damaged since the vault was opened, and passed over: any caller's. */
  damaged(): Promise<DamagedRecord[]>;

  /** Opens every record of the vault; those that are damaged. */
  verify(): Promise<DamagedRecord[]>;

  /**
   * A page of the audit trail: the events that the request asks for, in the form of AWS CloudTrail's, the newest first. For the owner of the
   * vault alone: they may be any caller's. A call about another account's key makes two events, which come together: then a page has more
   * than it was asked for.
   *
   * @throws InvalidMarkerException if the marker is none that a page gave.
   */
  lookupEvents(request?: LookupEventsRequest): Promise<LookupEventsResponse>;

  /** The same events one after the other, read page by page. `maxResults` is how many are read at once. */
  auditEvents(request?: LookupEventsRequest): AsyncGenerator<AuditEvent, void, undefined>;

  /**
   * The text of a file of the same events, part by part, the oldest first unless the request says otherwise: for a `Blob`, a file, a
   * `Response`. They are read page by page.
   *
   * @param options.format `"CLOUDTRAIL"` by default.
   */
  exportAudit(options?: LookupEventsRequest & { format?: AuditFormat | undefined }): AsyncGenerator<string, void, undefined>;

  /**
   * Stores the events of the audit trail that wait in memory: on a timer, where nothing calls for a while. A page that is hidden and a vault
   * that is closed do so by themselves; a worker is not told that it is ended, and a page that is closed at once may lose its last second's.
   */
  flushAudit(): Promise<void>;

  /** Looks through the whole audit trail: whether an entry was removed, edited, moved or inserted, or events could not be stored. */
  verifyAudit(): Promise<AuditReport>;

  /**
   * Removes the events from before that time, and resolves to how many those were. What is left can be verified as before. A head that was
   * pinned before is no good any more if entries after it were removed: pin one afterwards.
   */
  removeAuditBefore(time: Date): Promise<number>;

  /**
   * The state of the vault, in about 150 printable characters, to be kept out of reach of anyone who can write the store. It reveals a store
   * that was restored as a whole ({@link VaultOptions.expectedHead}), and is no secret.
   */
  head(): Promise<string>;

  /** The root keys that open the vault, in the order in which they were added. Each wraps the vault key, which seals the records. */
  rootKeys(): Promise<RootKeyInfo[]>;

  /**
   * Adds a root key beside those that there are, and resolves to its id. It is opened as it stands in the store before it counts.
   *
   * @param label For people: where the key is kept.
   */
  addRootKey(rootKey: RootKey, label?: string): Promise<string>;

  /** Adds a new recovery key, for a person to write down: it is shown this once, and opens the vault by {@link RootKey.fromRecoveryKey}. */
  addRecoveryKey(label?: string): Promise<RecoveryKey>;

  /**
   * Removes a root key. The last one that a person can keep stays: that is a `LastRootKeyException`. Anyone who has the key and an earlier
   * copy of the vault still has the vault key in it: {@link shred} ends that.
   */
  removeRootKey(id: string): Promise<void>;

  /** Puts a root key in the place of another, in one commit, and resolves to its id. It keeps the label. */
  replaceRootKey(id: string, rootKey: RootKey): Promise<string>;

  /**
   * Makes a new vault key and seals every record again under it, in pages; then the old vault key is destroyed. An earlier copy of the
   * vault still opens with these root keys: {@link shred} ends that.
   *
   * @param rootKeys All root keys of the vault, since each wraps the new vault key. Remove those that are lost before.
   */
  rotateVaultKey(rootKeys: Iterable<RootKey>): Promise<void>;

  /** Goes on with a rotation of the vault key, or a {@link shred}, that did not come to its end. Resolves to whether there was one. */
  finishRotation(): Promise<boolean>;

  /**
   * Makes deletion final: deletes what is due, makes a new vault key, seals every record again under it, and takes away every root key but
   * this new one. Then no earlier copy of the vault opens with a root key that remains. Destroy the former ones, and add a recovery key.
   * Keep the new root key where it lasts before this call. Until it has resolved, the vault opens with its former root keys only; call it again with the same new root key where it did not.
   */
  shred(rootKey: RootKey): Promise<void>;

  /** Whether the vault was closed. */
  readonly closed: boolean;

  /**
   * Locks the vault for every client and keyring of it, and wipes its keys, until it is unlocked: for a page that is hidden. Calls under way
   * come to their end, or fail as later ones do, with `VaultLockedException`; what they had begun is whole or not there. A stream under way
   * goes on: its key is a `CryptoKey` of its own by then. What the page has is not wiped: plaintexts, the root key. Events of the
   * audit trail that wait are stored after the unlocking; {@link flushAudit} stores them before. To lock twice does no harm.
   */
  lock(): void;

  /**
   * Unlocks the vault by any of its root keys, as opening it would: every client and keyring of it works again.
   *
   * @throws WrongRootKeyException for another root key; RolledBackException if the database was put back meanwhile. The vault stays
   * locked then.
   */
  unlock(rootKey: RootKey): Promise<void>;

  /** Whether the vault is locked. */
  readonly locked: boolean;

  /**
   * Closes the vault for all its clients, keyrings and caches, and wipes it from memory. Later calls are refused with
   * `VaultClosedException`. To close twice does no harm.
   */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * AWS KMS for one caller: a client of an open {@link Vault}, as one of AWS's SDKs is a client of the service. Anyone who has one calls as
 * this caller and no other; what concerns the vault as a whole is the host's.
 */
export declare class Kms {
  private constructor();

  /** Who calls. */
  readonly caller: Caller;

  /** Whether the vault was closed. */
  readonly closed: boolean;

  /**
   * Answers a request of AWS's JSON protocol (AWS JSON 1.1) as AWS KMS would, without HTTP: for requests that come over a channel of
   * the app's own. `pocketkms/aws-sdk` is made of it.
   *
   * Errors of KMS are answers, with the status, name and text that AWS gives. It rejects for what AWS does not know: a closed vault, a full
   * disk, a change whose outcome is unknown.
   *
   * @param target The header `X-Amz-Target`, such as `TrentService.Encrypt`.
   * @param body JSON in UTF-8, at most 1 MiB.
   */
  call(target: string, body: BytesInput | BytesLater): Promise<WireResponse>;

  /**
   * The pages of a list, one after the other, as they are asked for:
   * `for await (const { keys } of kms.paginate("listKeys", { limit: 100 }))`.
   */
  paginate<Operation extends PaginatedOperation>(
    operation: Operation,
    request?: Parameters<Operations[Operation]>[0],
  ): AsyncGenerator<Awaited<ReturnType<Operations[Operation]>>, void, undefined>;
}

/** The operations, of AWS KMS, of the branch key store and of parcels. */
export interface Operations extends KmsOperations, BranchKeyOperations, ParcelOperations {}

/** The operations that answer in pages. */
export type PaginatedOperation = {
  [Name in keyof Operations]: Awaited<ReturnType<Operations[Name]>> extends { truncated: boolean } ? Name : never;
}[keyof Operations];

/** What AWS KMS would answer over HTTP. */
export interface WireResponse {
  /** 200, or the status of the exception. */
  status: number;
  /** JSON in UTF-8; empty where an operation answers nothing. */
  body: Bytes;
}

export interface Kms extends KmsOperations, BranchKeyOperations, ParcelOperations {}

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
 * Says where the WebAssembly modules are, for a bundler that does not follow `new URL(..., import.meta.url)`. Call it before
 * the first vault is made or opened. The function is called with the name of the file that is needed: `pocketkms_bg.wasm`, and
 * `pocketkms_asymmetric_bg.wasm` when it comes to keys with a public half; for a bundler they are `pocketkms/pocketkms_bg.wasm` and
 * `pocketkms/pocketkms_asymmetric_bg.wasm`. If its answer for the second is a URL of the first, the file beside that is taken.
 */
export declare function locateWasm(locate: (file: WasmFile) => WasmSource | Promise<WasmSource>): void;

/**
 * Loads the WebAssembly module before it is needed, so that the first vault or message need not wait for it. With `asymmetric` the
 * second one, too, so that the first use of a key with a public half need not wait either.
 */
export declare function preload(options?: { asymmetric?: boolean }): Promise<void>;

/** The files of the WebAssembly modules. */
export type WasmFile = "pocketkms_bg.wasm" | "pocketkms_asymmetric_bg.wasm";

/** The module, its bytes, or where they are. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module;
