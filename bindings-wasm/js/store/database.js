// A vault's records in IndexedDB: one database per vault, one object store of { name, revision, value }.
//
// A commit is one transaction, which compares every record that it expects and writes only if all are so. Nothing else is awaited in
// it: a transaction of IndexedDB ends by itself as soon as there is nothing left to do.
import { KmsError, StoreException, StoreFullException, VaultClosedException } from "../errors.js";

const RECORDS = "records";
const VERSION = 1;
/** The record whose revision counts the vault's changes. */
const GENERATION = "generation";

/** Behind every character of a name. */
const LAST = "\uffff";

export const databaseName = (name) => `pocketkms:${name}`;

/** Why there is no database, in words that say what to do. */
function refused(cause) {
  const text = "IndexedDB cannot be used here, so that no vault can be kept; Vault.inMemory(rootKey), or the option inMemoryWhereRefused, keeps one for as long as the page is open";
  const error = new StoreException(text, reason(cause), []);
  refusals.add(error);
  return Object.defineProperty(error, "cause", { value: cause, configurable: true });
}

const refusals = new WeakSet();

/** Whether an error says that no database can be kept here at all. */
export const isRefused = (error) => refusals.has(error);

const reason = (cause) => `${cause?.name ?? "Error"}: ${cause?.message ?? cause}`;

/** Why a vault was not written. Nothing of it is there. */
function filled(cause) {
  const [type, text] = kindOf(cause) === "full" ? [StoreFullException, "there is no room for the vault"] : [StoreException, "the vault could not be written"];
  return Object.defineProperty(new type(text, reason(cause), []), "cause", { value: cause, configurable: true });
}

/** Why a vault was not read. */
function unread(cause) {
  if (cause instanceof KmsError) {
    return cause;
  }
  return Object.defineProperty(new StoreException("the vault could not be read", reason(cause), []), "cause", { value: cause, configurable: true });
}

/** What is known of a failure: the kind that the core has for it. */
const kindOf = (error) => (error?.name === "QuotaExceededError" ? "full" : "other");

/** How a commit ended that did not happen, or may not have. */
class CommitFailure extends Error {
  constructor(outcome, cause) {
    super(reason(cause));
    this.outcome = outcome;
    this.kind = kindOf(cause);
  }
}

/**
 * What becomes of a transaction, by `act(resolve, reject)`; `lost()` is the error where the browser ends the connection before. Listens no
 * longer than the transaction takes: the connection stays for as long as the vault is open.
 */
function outcome(transaction, lost, act) {
  const settled = new AbortController();
  return new Promise((resolve, reject) => {
    transaction.db.addEventListener("close", () => reject(lost()), { signal: settled.signal });
    act(resolve, reject);
  }).finally(() => settled.abort());
}

const connectionLost = () => new Error("the connection was lost");

export class Database {
  #name;
  #db;
  #opening;
  #closed;
  /** Called when the database is closed for good, by another version of this package or by deletion. */
  onclose = () => {};

  /** Opens the database, which is made if it is not there. */
  static async open(name) {
    if (globalThis.indexedDB === undefined) {
      const node = globalThis.process?.versions?.node !== undefined;
      throw refused(new Error(node ? "Node has no IndexedDB; keep Vault.snapshot() in a file there" : "there is no indexedDB in this environment"));
    }
    const database = new Database();
    database.#name = name;
    await database.#connect();
    return database;
  }

  /** Deletes the database of a vault. */
  static delete(name) {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(databaseName(name));
      request.onsuccess = () => resolve();
      request.onerror = () => reject(refused(request.error));
    });
  }

  #connect() {
    if (this.#closed) {
      throw this.#closed;
    }
    this.#opening ??= this.#request().finally(() => { this.#opening = undefined; });
    return this.#opening;
  }

  #request() {
    return new Promise((resolve, reject) => {
      let request;
      try {
        request = indexedDB.open(databaseName(this.#name), VERSION);
      } catch (cause) {
        reject(refused(cause));
        return;
      }
      request.onupgradeneeded = () => request.result.createObjectStore(RECORDS, { keyPath: "name" });
      request.onerror = () => {
        const newer = request.error?.name === "VersionError";
        reject(newer ? new StoreException("a newer version of pocketkms wrote this vault: update the package", reason(request.error), []) : refused(request.error));
      };
      request.onsuccess = () => {
        const db = request.result;
        // The browser ended the connection: the next call opens another.
        db.onclose = () => this.#drop(db);
        // Another tab wants to delete or to upgrade it, and waits for this one.
        db.onversionchange = () => this.close(new VaultClosedException("the vault is closed", "another tab deletes or upgrades its database", []));
        if (this.#closed) {
          db.close();
          reject(this.#closed);
        } else {
          resolve(this.#db = db);
        }
      };
    });
  }

  close(error = new VaultClosedException("the vault is closed", undefined, [])) {
    if (!this.#closed) {
      this.#closed = error;
      this.#db?.close();
      this.#db = undefined;
      this.onclose();
    }
  }

  /** A transaction; on a connection that was lost, once more on a new one. */
  async #begin(mode) {
    for (let retry = true; ; retry = false) {
      const db = this.#db ?? await this.#connect();
      try {
        return db.transaction(RECORDS, mode, { durability: "strict" });
      } catch (error) {
        if (this.#closed) throw this.#closed;
        if (!retry || error.name !== "InvalidStateError") throw error;
        this.#drop(db);
      }
    }
  }

  /** Gives a connection up, so that the next call opens another. One that is left open would keep everybody from deleting the database. */
  #drop(db) {
    db?.close();
    if (this.#db === db) {
      this.#db = undefined;
    }
  }

  generation() {
    return this.read([{ name: GENERATION }]).then(([found]) => found);
  }

  /** The records for each of what is wanted, all of one moment. */
  async read(wanted) {
    const read = async () => {
      const transaction = await this.#begin("readonly");
      return outcome(transaction, connectionLost, (resolve, reject) => {
        const records = transaction.objectStore(RECORDS);
        const found = [];
        transaction.oncomplete = () => resolve(found);
        transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("the transaction was aborted"));
        wanted.forEach(({ name, prefix, after, limit }, index) => {
          if (name !== undefined) {
            records.get(name).onsuccess = ({ target }) => { found[index] = target.result === undefined ? [] : [target.result]; };
          } else {
            const range = IDBKeyRange.bound(after ?? prefix, prefix + LAST, after !== undefined);
            records.getAll(range, limit).onsuccess = ({ target }) => { found[index] = target.result; };
          }
        });
      });
    };
    try {
      return await read();
    } catch {
      // Reading twice does no harm.
      if (this.#closed) throw this.#closed;
      this.#drop(this.#db);
      return read();
    }
  }

  /** Writes the records of a whole vault, where there is nothing yet. Says whether there was not. */
  async fill(records) {
    const transaction = await this.#begin("readwrite").catch((error) => { throw unread(error); });
    return outcome(transaction, connectionLost, (resolve, reject) => {
      const store = transaction.objectStore(RECORDS);
      let empty;
      transaction.oncomplete = () => resolve(empty);
      transaction.onabort = () => reject(filled(transaction.error));
      store.count().onsuccess = ({ target }) => {
        empty = target.result === 0;
        if (empty) records.forEach((record) => store.put(record));
      };
    });
  }

  /** Makes all changes, on the disk when it resolves, or none. */
  async commit(changes) {
    let transaction;
    try {
      transaction = await this.#begin("readwrite");
    } catch (error) {
      throw new CommitFailure("failed", error);
    }
    const lost = () => new CommitFailure("unknown", connectionLost());
    return outcome(transaction, lost, (resolve, reject) => {
      const records = transaction.objectStore(RECORDS);
      let [left, conflict, failure] = [changes.length, false, undefined];
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => {
        const error = failure ?? transaction.error;
        // For any other reason the engine itself broke off, which may be after the changes reached the disk.
        const known = conflict || ["QuotaExceededError", "ConstraintError", "DataError"].includes(error?.name);
        reject(new CommitFailure(conflict ? "conflict" : known ? "failed" : "unknown", error ?? new Error("the transaction was aborted")));
      };
      transaction.onerror = ({ target }) => { failure ??= target.error; };
      const compared = () => {
        if (conflict) {
          transaction.abort();
          return;
        }
        for (const { name, expected, value } of changes) {
          if (value === null) {
            records.delete(name);
          } else if (value !== undefined) {
            records.put({ name, revision: (expected ?? 0) + 1, value });
          }
        }
        // Without waiting for the events of what was written.
        transaction.commit?.();
      };
      for (const { name, expected } of changes) {
        records.get(name).onsuccess = ({ target }) => {
          conflict ||= target.result?.revision !== expected;
          if (--left === 0) compared();
        };
      }
    });
  }
}

export { CommitFailure, kindOf, reason, unread };
