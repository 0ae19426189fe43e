//! The suite of all stores.

use pocketkms::{Change, CommitError, Effect, Sealed, Store};
use pocketkms_sqlite::SqliteStore;
use pocketkms_tests::store_suite::{self, Fixture};
use std::{path::PathBuf, sync::Barrier, thread, time::Duration};
use tempfile::TempDir;

/// Each handle has connections of its own, as one in another process.
struct File {
    path: PathBuf,
    _folder: TempDir,
}

impl Fixture for File {
    fn open(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open_or_create(&self.path).expect("a store"))
    }
}

#[test]
fn a_file_does_what_every_store_must() {
    store_suite::run(|| {
        let (folder, path) = super::folder();
        Box::new(File { path, _folder: folder })
    });
}

/// A writer that waits for the lock reads only when it has it, and so does not find what it read outdated.
#[test]
fn while_a_writer_has_reserved_the_file_the_others_wait() {
    let (_folder, path) = super::folder();
    let (first, second) = (SqliteStore::create(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let new = || Change { name: "a".to_string(), expected: None, effect: Effect::Put(Sealed::from_stored(b"1")) };
    let begun = Barrier::new(2);
    first.reserve().unwrap();
    thread::scope(|scope| {
        let late = scope.spawn(|| {
            begun.wait();
            second.commit(vec![new()])
        });
        begun.wait();
        // Time enough for the other one, if it could.
        thread::sleep(Duration::from_millis(100));
        assert_eq!(first.get("a").unwrap(), None);
        first.commit(vec![new()]).unwrap();
        assert!(matches!(late.join().unwrap(), Err(CommitError::Conflict)));
    });
}
