//! Makes a vault of very many keys in a file, by the vault's own operations. What these commit is collected in memory, from there appended to
//! another file, and sorted into the vault's at the end: names are random, and a table larger than the memory takes records in any other
//! order a page of the disk at a time. Nothing waits for the disk, since no one needs the file if the machine fails meanwhile.

use pocketkms::{Change, CommitError, MemoryStore, Record, RootKey, Store, StoreError, Vault, api::CreateKeyRequest};
use pocketkms_sqlite::SqliteStore;
use rusqlite::Connection;
use std::{
    fs,
    path::Path,
    sync::{Arc, RwLock},
    thread,
};

/// Keys that are collected before they are written.
const BATCH: usize = 50_000;
const THREADS: usize = 2;

/// Records that are not written yet.
#[derive(Clone, Default)]
struct Pending(Arc<RwLock<MemoryStore>>);

impl Store for Pending {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.0.read().expect("no panic").get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.0.read().expect("no panic").scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.0.read().expect("no panic").commit(changes)
    }

    fn is_durable(&self) -> bool {
        true
    }
}

impl Pending {
    /// Appends everything to the collection. In memory stays what the next keys need, which a `last` one does not.
    fn collect(&self, file: &mut Connection, last: bool) {
        let mut pending = self.0.write().expect("no panic");
        let records = pending.scan("", None, usize::MAX).expect("memory does not fail");
        let is_needed = |record: &Record| !last && ["vault", "generation", "caller"].contains(&&*record.name);
        let transaction = file.transaction().expect("a transaction");
        {
            let sql = "INSERT INTO collected.records (name, revision, value) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare(sql).expect("the collection");
            for Record { name, revision, value } in records.iter().filter(|record| !is_needed(record)) {
                insert.execute((name, revision.cast_signed(), value.as_bytes())).expect("room");
            }
        }
        transaction.commit().expect("room");
        *pending = records.into_iter().filter(is_needed).collect();
    }
}

/// Returns the ids of the keys.
pub(crate) fn load(path: &Path, root: &RootKey, keys: usize) -> Vec<String> {
    drop(SqliteStore::create(path).expect("a file"));
    let mut file = Connection::open(path).expect("the file");
    let collection = path.with_extension("collected");
    // Opened as a vault, the file has its log again.
    file.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = FILE")
        .expect("settings");
    file.execute("ATTACH ?1 AS collected", [collection.to_str()]).expect("another file");
    file.execute_batch(
        "PRAGMA collected.journal_mode = OFF; PRAGMA collected.synchronous = OFF;
         CREATE TABLE collected.records (name TEXT, revision INTEGER, value BLOB)",
    )
    .expect("a table");
    let pending = Pending::default();
    let kms = Vault::builder().create_in(pending.clone(), root).expect("a vault").client();
    let create = |count: usize| -> Vec<String> {
        let key = |_| kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;
        (0..count).map(key).collect()
    };
    let mut ids = Vec::with_capacity(keys);
    while ids.len() < keys {
        let count = BATCH.min(keys - ids.len());
        let share = |number: usize| count / THREADS + usize::from(number < count % THREADS);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || create(share(number)))).collect();
            for thread in threads {
                ids.extend(thread.join().expect("no panic"));
            }
        });
        pending.collect(&mut file, ids.len() == keys);
    }
    let sql =
        "INSERT INTO records (name, revision, value) SELECT name, revision, value FROM collected.records ORDER BY name";
    file.execute(sql, ()).expect("room");
    drop(file);
    fs::remove_file(&collection).expect("it is there");
    ids
}
