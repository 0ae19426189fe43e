//! Copies of a vault in use, and going back to one.

use super::{builder, create, folder, names, open};
use pocketkms::{ErrorKind, api::ListKeysRequest};
use pocketkms_sqlite::Backup;
use pocketkms_tests::vault::{create_key, decrypt, encrypt, error, explained, root};
use rusqlite::Connection;
use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

#[test]
fn a_copy_opens_as_the_vault_did_at_that_moment() {
    let (folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    let blob = encrypt(&vault, &key, b"before");
    let copy = folder.path().join("copy.vault");
    assert_eq!(vault.vault.backup(&copy).unwrap(), []);
    create_key(&vault);

    let copied = open(&copy);
    assert_eq!(decrypt(&copied, &blob).unwrap(), b"before");
    assert_eq!(copied.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
    // Each goes on by itself.
    create_key(&copied);
    assert_eq!(copied.vault.verify().unwrap(), []);
    explained(vault.vault.backup(&copy), ErrorKind::AlreadyExists, &["copy.vault"]);
    explained(vault.vault.backup(&path), ErrorKind::AlreadyExists, &["keys.vault"]);
    // The log of a vault that is gone would be applied to the copy.
    let log = folder.path().join("new.vault-wal");
    std::fs::write(&log, "left behind").unwrap();
    explained(vault.vault.backup(folder.path().join("new.vault")), ErrorKind::AlreadyExists, &["new.vault-wal"]);
    std::fs::remove_file(&log).unwrap();
    drop((vault, copied));
    assert_eq!(names(&path), ["copy.vault", "keys.vault"]);

    // The vault is lost, and a copy takes its place.
    fs::remove_file(&path).unwrap();
    fs::rename(&copy, &path).unwrap();
    assert_eq!(decrypt(&open(&path), &blob).unwrap(), b"before");
}

#[test]
fn a_copy_while_others_write_is_whole() {
    let (folder, path) = folder();
    let vault = create(&path);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    create_key(&vault);
                }
            });
        }
        for number in 0..3 {
            let copy = folder.path().join(number.to_string());
            assert_eq!(vault.vault.backup(&copy).unwrap(), []);
            let copied = open(&copy);
            assert_eq!(copied.vault.verify().unwrap(), []);
            let keys = copied.list_keys(ListKeysRequest { limit: Some(1000), ..Default::default() }).unwrap().keys;
            // A key with all that belongs to it, or nothing of it.
            keys.iter().take(20).for_each(|key| drop(encrypt(&copied, &key.key_id, b"whole")));
        }
        is_over.store(true, Ordering::SeqCst);
    });
}

#[test]
fn what_is_damaged_in_the_vault_is_named_in_its_copy() {
    let (folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    let blob = encrypt(&vault, &key, b"kept");
    create_key(&vault);
    let other = Connection::open(&path).unwrap();
    let alter = "UPDATE records SET value = CAST(value || x'00' AS BLOB) WHERE name = (SELECT max(name) FROM records WHERE name LIKE 'key/%')";
    assert_eq!(other.execute(alter, ()).unwrap(), 1);
    let damaged = vault.vault.backup(folder.path().join("copy.vault")).unwrap();
    assert_eq!(damaged, vault.vault.verify().unwrap());
    assert_eq!(damaged.len(), 1);
    assert!(damaged[0].name.starts_with("key/"));
    drop((other, blob));
}

/// A handle goes on with the header that it has opened. A copy of the one in the file would open with no root key.
#[test]
fn a_header_that_was_altered_in_the_file_is_not_copied_for_a_good_one() {
    let (folder, path) = folder();
    let vault = create(&path);
    let file = Connection::open(&path).unwrap();
    let sql = "UPDATE records SET value = CAST(value || x'00' AS BLOB) WHERE name = 'vault'";
    assert_eq!(file.execute(sql, ()).unwrap(), 1);
    let copy = folder.path().join("copy.vault");
    explained(vault.vault.backup(&copy), ErrorKind::RecordCorrupted, &["'vault'"]);
    assert!(!copy.exists());
}

#[test]
fn a_vault_in_memory_has_no_file_to_copy() {
    let (folder, _) = folder();
    let vault = builder().create_in_memory(&root()).unwrap();
    let copy = folder.path().join("copy.vault");
    assert_eq!(error(vault.backup(&copy)).kind(), ErrorKind::UnsupportedOperation);
    assert!(!copy.exists());
}
