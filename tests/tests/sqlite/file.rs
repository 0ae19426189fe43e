//! The file of a vault: made, opened, refused.

use super::{builder, create, folder, names, open, try_open};
use pocketkms::{
    Audit, ErrorKind, RootKey, Secret, Vault, VaultBuilder,
    api::{CreateKeyRequest, EncryptRequest, ListKeysRequest, LookupEventsRequest},
};
use pocketkms_sqlite::{VaultFile, flush_all, store_events_in_time};
use pocketkms_tests::vault::{create_key, decrypt, encrypt, error, explained, root, root_of};
use rusqlite::Connection;
use std::{fs, path::Path, thread, time::Duration};

#[test]
fn what_was_made_is_there_when_the_vault_is_opened_again() {
    let (_folder, path) = folder();
    let vault = create(&path);
    assert!(!vault.vault.needs_saving());
    let key = create_key(&vault).key_id;
    let blob = encrypt(&vault, &key, b"kept");
    // While it is open, and after it was closed.
    assert_eq!(decrypt(&open(&path), &blob).unwrap(), b"kept");
    vault.vault.close();
    assert_eq!(
        error(try_open(&path).and_then(|again| {
            vault.vault.revision()?;
            Ok(again)
        }))
        .kind(),
        ErrorKind::VaultClosed
    );
    drop(vault);
    // The last one that closes it leaves one file.
    assert_eq!(names(&path), ["keys.vault"]);
    assert_eq!(decrypt(&open(&path), &blob).unwrap(), b"kept");
}

#[test]
fn what_is_not_there_is_not_opened_and_what_is_there_is_not_made() {
    let (_folder, path) = folder();
    explained(try_open(&path), ErrorKind::NotFound, &["keys.vault", "no such file"]);
    assert!(names(&path).is_empty());
    explained(try_open(&path.join("deeper")), ErrorKind::NotFound, &["keys.vault"]);

    let vault = create(&path);
    let key = create_key(&vault).key_id;
    explained(builder().create_file(&path, &root()), ErrorKind::AlreadyExists, &["keys.vault"]);
    drop(vault);
    explained(builder().create_file(&path, &root()), ErrorKind::AlreadyExists, &["keys.vault"]);
    let listed = open(&path).list_keys(ListKeysRequest::default()).unwrap().keys;
    assert_eq!(listed.into_iter().map(|key| key.key_id).collect::<Vec<_>>(), [key]);
}

/// Also where no other call comes: a process that is killed then has lost no event.
#[test]
fn events_are_stored_in_time() {
    let (_folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    drop(vault);
    let trail = |name: &str| {
        let request = LookupEventsRequest { event_name: Some(name.into()), ..Default::default() };
        open(&path).vault.lookup_events(&request).unwrap().events.len()
    };
    let window = Audit::window(Duration::from_millis(20));
    let builder = Vault::builder().audit(window);
    let handle = store_events_in_time(builder, |builder| builder.open_file(&path, &root())).unwrap();
    for stored in 1..=3 {
        let request = EncryptRequest { key_id: key.clone(), plaintext: Secret::copy_of(b"x"), ..Default::default() };
        handle.client().encrypt(request).unwrap();
        // Nothing else is asked of this handle.
        while trail("Encrypt") < stored {
            thread::sleep(Duration::from_millis(1));
        }
    }
    // What waits longer is left alone, and stored when the process ends or the vault is closed.
    let builder = Vault::builder().audit(Audit::window(Duration::from_secs(3600)));
    let other = store_events_in_time(builder, |builder| builder.open_file(&path, &root())).unwrap();
    other.client().list_keys(ListKeysRequest::default()).unwrap();
    assert!(other.events_wait().is_some());
    assert_eq!(trail("ListKeys"), 0);
    flush_all();
    assert_eq!(trail("ListKeys"), 1);
    other.client().list_keys(ListKeysRequest::default()).unwrap();
    drop(other);
    assert_eq!(trail("ListKeys"), 2);
}

type Make = fn(VaultBuilder, &Path, &RootKey) -> pocketkms::Result<Vault>;

/// Both ways to make a vault.
const MAKES: [Make; 2] = [
    |builder, path, root| builder.create_file(path, root),
    |builder, path, root| builder.open_or_create_file(path, root),
];

/// Copied without its log while it was open, which loses what came later, it is still this vault and not an empty file.
#[test]
fn a_new_vault_is_in_its_file_and_not_in_its_log_alone() {
    for make in MAKES {
        let (folder, path) = folder();
        let vault = make(builder(), &path, &root()).unwrap();
        let copy = folder.path().join("copy.vault");
        fs::copy(&path, &copy).unwrap();
        explained(builder().open_or_create_file(&copy, &root_of(8)), ErrorKind::WrongRootKey, &[]);
        assert_eq!(open(&copy).vault.head().unwrap()[..38], vault.head().unwrap()[..38], "another vault");
    }
}

#[test]
fn opened_or_created_is_one_or_the_other() {
    let (_folder, path) = folder();
    let key = create_key(&builder().open_or_create_file(&path, &root()).unwrap().client()).key_id;
    let again = builder().open_or_create_file(&path, &root()).unwrap().client();
    assert_eq!(again.list_keys(ListKeysRequest::default()).unwrap().keys[0].key_id, key);
    explained(builder().open_or_create_file(&path, &root_of(8)), ErrorKind::WrongRootKey, &[]);
    assert_eq!(again.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
}

/// A process that died before its vault was made leaves a file without one.
#[test]
fn a_file_without_a_vault_can_become_one() {
    for make in [
        |path: &std::path::Path| fs::write(path, "").unwrap(),
        |path: &std::path::Path| drop(pocketkms_sqlite::SqliteStore::create(path).unwrap()),
    ] {
        let (_folder, path) = folder();
        make(&path);
        assert_eq!(error(try_open(&path)).kind(), ErrorKind::NotFound);
        create(&path);
        open(&path);
    }
}

#[test]
fn what_was_not_made_leaves_no_file() {
    for make in MAKES {
        let (folder, path) = folder();
        let refused = || make(builder().account_id("no account"), &path, &root());
        assert_eq!(error(refused()).kind(), ErrorKind::Validation);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // What was there before stays as it was.
        fs::write(&path, "").unwrap();
        assert_eq!(error(refused()).kind(), ErrorKind::Validation);
        assert!(path.exists());
        let key = create_key(&make(builder(), &path, &root()).unwrap().client()).key_id;
        assert!(refused().is_err());
        assert_eq!(open(&path).list_keys(ListKeysRequest::default()).unwrap().keys[0].key_id, key);
    }
}

#[test]
fn the_wrong_root_key_changes_nothing() {
    let (_folder, path) = folder();
    drop(create(&path));
    let before = fs::read(&path).unwrap();
    explained(builder().open_file(&path, &root_of(8)), ErrorKind::WrongRootKey, &[]);
    assert_eq!(fs::read(&path).unwrap(), before);
    open(&path);
}

#[test]
fn what_is_no_vault_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    let refused = |kind, words: &[&str]| {
        let before = fs::read(&path).unwrap();
        explained(try_open(&path), kind, words);
        assert_eq!(error(builder().create_file(&path, &root())).kind(), kind);
        assert_eq!(error(builder().open_or_create_file(&path, &root())).kind(), kind);
        assert_eq!(fs::read(&path).unwrap(), before);
        assert_eq!(names(&path), ["keys.vault"]);
    };
    fs::write(
        &path,
        "shopping: milk, bread, and a text that is longer than the header of a database, so that it is read",
    )
    .unwrap();
    refused(ErrorKind::StoreDamaged, &["not a database"]);
    fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    drop(other);
    refused(ErrorKind::StoreDamaged, &["another program"]);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    explained(try_open(&path), ErrorKind::Store, &["a directory"]);
}

#[test]
fn a_newer_versions_file_is_refused_also_while_it_is_open() {
    let (_folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    // A newer version of the software in another process.
    let newer = Connection::open(&path).unwrap();
    newer.execute_batch("BEGIN; CREATE TABLE audit (event BLOB); PRAGMA user_version = 2; COMMIT").unwrap();
    let message = "newer version of PocketKMS";
    explained(try_open(&path), ErrorKind::UnsupportedVersion, &[message, "version 2; this one knows 1"]);
    explained(vault.create_key(CreateKeyRequest::default()), ErrorKind::UnsupportedVersion, &[message]);
    explained(builder().create_file(&path, &root()), ErrorKind::UnsupportedVersion, &[message]);
    drop(newer);
    // What can be read can be read.
    encrypt(&vault, &key, b"still");
}

#[test]
fn a_vault_without_its_header_is_not_made_again() {
    let (_folder, path) = folder();
    drop(create(&path));
    Connection::open(&path).unwrap().execute("DELETE FROM records WHERE name = 'vault'", ()).unwrap();
    assert_eq!(error(builder().open_or_create_file(&path, &root())).kind(), ErrorKind::NotFound);
    assert_eq!(error(builder().create_file(&path, &root())).kind(), ErrorKind::AlreadyExists);
}

/// By the system's clock, as an app has it; a client is kept longer than the vault is open.
#[test]
fn a_closed_vault_leaves_one_file() {
    let (_folder, path) = folder();
    for _ in 0..2 {
        let vault = pocketkms::Vault::builder().open_or_create_file(&path, &root()).unwrap();
        let kms = vault.client();
        let key = create_key(&kms).key_id;
        encrypt(&kms, &key, b"kept");
        vault.close();
        assert_eq!(names(&path), ["keys.vault"]);
        assert_eq!(error(kms.list_keys(ListKeysRequest::default())).kind(), ErrorKind::VaultClosed);
    }
}
