//! Batches: what fails stops no one else, what is done is not done again.

mod common;

use common::{either, files, keyring, message, open, reader, store};
use pocketkms::{
    RootKey, Vault,
    api::{CreateKeyRequest, RotateKeyOnDemandRequest},
    envelope::{AlgorithmSuite, EncryptOptions, EncryptionClient, RewrapOptions, Rewrapped},
};
use pocketkms_files::{Error, FileProgress, Outcome, Report, RewrapBatch, sidecar_path};
use std::{fs, ops::ControlFlow, path::Path};

fn on(_: FileProgress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn rewrap(directory: &Path) -> Report {
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    RewrapBatch::new(&client, &old, &new).verify_with(&new).directory(directory, &mut on)
}

fn counts(report: &Report) -> (u64, u64, u64) {
    (report.rewrapped, report.already_done, report.failed)
}

#[test]
fn one_bad_file_stops_no_one() {
    let folder = tempfile::tempdir().unwrap();
    let stored = store(folder.path(), 12);
    let suite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    let bad = [
        ("a text", b"no message".to_vec()),
        ("empty", vec![]),
        ("cut", message(suite, "old", b"text")[..50].to_vec()),
        ("of a stranger", message(suite, "stranger", b"text")),
    ];
    for (name, bytes) in &bad {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    // A broken sidecar is not replaced: it may be the only way to the data key.
    fs::write(folder.path().join("with a broken sidecar"), message(suite, "old", b"text")).unwrap();
    fs::write(sidecar_path(&folder.path().join("with a broken sidecar")), b"broken").unwrap();

    let report = rewrap(folder.path());
    // What is no message has not failed.
    assert_eq!((counts(&report), report.skipped), ((12, 0, 3), 2));
    for failure in &report.failures {
        assert!(matches!(failure.error, Error::Message(_)), "{}", failure.error);
    }
    for (path, plaintext) in &stored {
        assert_eq!(open(&keyring("new key"), path).unwrap(), *plaintext);
    }
    for (name, bytes) in &bad {
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), *bytes);
    }
    assert_eq!(fs::read(sidecar_path(&folder.path().join("with a broken sidecar"))).unwrap(), b"broken");
    assert_eq!(counts(&rewrap(folder.path())), (0, 12, 3));
    // A file that the caller takes for a message is reported.
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let named = RewrapBatch::new(&client, &old, &new).files([folder.path().join("a text")], &mut on);
    assert_eq!((counts(&named), named.skipped), ((0, 0, 1), 0));
}

#[test]
fn what_is_skipped_is_reported_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), 3);
    let vault = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    fs::write(folder.path().join("vault"), vault.snapshot().unwrap()).unwrap();
    // A sidecar whose message is gone.
    let old = message(AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, "old", b"text");
    let Rewrapped::Sidecar(sidecar) =
        reader().rewrap(&keyring("old"), &keyring("new key"), &RewrapOptions::default(), &old).unwrap()
    else {
        panic!("a sidecar")
    };
    fs::write(sidecar_path(&folder.path().join("gone")), sidecar).unwrap();
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let mut skipped = Vec::new();
    let report = RewrapBatch::new(&client, &old, &new).directory(folder.path(), &mut |file| {
        if let Outcome::Skipped(reason) = file.outcome {
            skipped.push((file.path.file_name().unwrap().to_owned(), reason.reason()));
        }
        ControlFlow::Continue(())
    });
    assert_eq!((counts(&report), report.skipped), ((3, 0, 0), 2));
    assert_eq!(skipped, [("gone.pocketkms-sidecar".into(), "not a message"), ("vault".into(), "not a message")]);
}

/// Such a name was given by other means: here it is none of `encrypt_file`'s.
#[test]
fn a_message_with_the_name_of_a_sidecar_is_not_passed_over() {
    for is_beside in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.pocketkms-sidecar");
        fs::write(&path, message(AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, "old", b"text")).unwrap();
        if is_beside {
            fs::write(folder.path().join("letter"), b"no message").unwrap();
        }
        let report = rewrap(folder.path());
        assert_eq!((counts(&report), report.skipped), ((1, 0, 0), u64::from(is_beside)));
        assert_eq!(open(&keyring("new key"), &path).unwrap(), b"text");
        assert_eq!(counts(&rewrap(folder.path())), (0, 1, 0));
    }
}

#[test]
fn the_body_is_never_touched() {
    let folder = tempfile::tempdir().unwrap();
    let stored = store(folder.path(), 22);
    let before: Vec<_> = stored.iter().map(|(path, _)| fs::read(path).unwrap()).collect();
    rewrap(folder.path());
    for ((path, _), before) in stored.iter().zip(before) {
        let after = fs::read(path).unwrap();
        if sidecar_path(path).exists() {
            assert_eq!(after, before);
        } else {
            assert_ne!(after, before);
            let body = before.len().min(after.len()) - 400.min(before.len());
            assert_eq!(after[after.len() - body..], before[before.len() - body..]);
        }
    }
}

#[test]
fn to_the_newest_material_and_only_once() {
    let folder = tempfile::tempdir().unwrap();
    let kms = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap().client();
    let key_id = kms.create_key(CreateKeyRequest::default()).unwrap().key_metadata.key_id;
    let (client, keyring) = (EncryptionClient::default(), kms.keyring(&key_id, &[]));
    let paths: Vec<_> = (0..5).map(|number| folder.path().join(number.to_string())).collect();
    for path in &paths {
        fs::write(path, client.encrypt(&keyring, EncryptOptions::default(), b"text").unwrap().message).unwrap();
    }
    let batch = RewrapBatch::new(&client, &keyring, &keyring);
    let run = || counts(&batch.files(paths.clone(), &mut on));
    assert_eq!(run(), (0, 5, 0));
    for _ in 0..3 {
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key_id.clone() }).unwrap();
        assert_eq!(run(), (5, 0, 0));
        assert_eq!(run(), (0, 5, 0));
    }
    assert_eq!(files(folder.path()).len(), 10);
    let every = RewrapBatch::new(&client, &keyring, &keyring).every();
    assert_eq!(counts(&every.files(paths.clone(), &mut on)), (5, 0, 0));
    let missing = batch.files([folder.path().join("missing")], &mut on);
    assert!(matches!(missing.failures[0].error, Error::Io { .. }));
}

#[test]
fn progress_ends_a_batch_between_two_files() {
    let folder = tempfile::tempdir().unwrap();
    store(folder.path(), 10);
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let mut reported = 0;
    let report = RewrapBatch::new(&client, &old, &new).directory(folder.path(), &mut |progress| {
        reported += 1;
        assert_eq!(progress.done, reported);
        assert!(matches!(progress.outcome, Outcome::Rewrapped));
        if reported == 4 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((counts(&report), report.cancelled), ((4, 0, 0), true));
    let rest = RewrapBatch::new(&client, &either(), &new).directory(folder.path(), &mut on);
    assert_eq!((counts(&rest), rest.cancelled), ((6, 4, 0), false));
}

#[test]
fn sidecars_alone_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let stored = store(folder.path(), 11);
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let options = RewrapOptions { sidecar_only: true, ..Default::default() };
    let report = RewrapBatch::new(&client, &old, &new).options(options).directory(folder.path(), &mut on);
    assert_eq!(counts(&report), (11, 0, 0));
    assert!(stored.iter().all(|(path, _)| sidecar_path(path).exists()));
}

/// A destination whose key is another one than it says: found out before anything takes its place.
#[test]
fn what_cannot_be_decrypted_again_takes_no_place() {
    let folder = tempfile::tempdir().unwrap();
    let stored = store(folder.path(), 11);
    let (client, old, new) = (reader(), keyring("old"), keyring("another"));
    let verifier = keyring("new key");
    let batch = RewrapBatch::new(&client, &old, &new).verify_with(&verifier);
    assert_eq!(counts(&batch.directory(folder.path(), &mut on)), (0, 0, 11));
    for (path, plaintext) in &stored {
        assert_eq!(open(&old, path).unwrap(), *plaintext);
    }
    assert_eq!(files(folder.path()).len(), 11);
}
