//! Names under which a file could not be worked with afterwards are refused before anything is written.

mod common;

use common::{files, keyring, kind, message, reader};
use pocketkms::{
    ErrorKind,
    envelope::{AlgorithmSuite, DecryptOptions, EncryptOptions, ReencryptOptions},
};
use pocketkms_files::{Progress, RewrapBatch, decrypt_file, encrypt_file, reencrypt_file, sidecar_path};
use std::{fs, ops::ControlFlow, path::Path};

const SUITE: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn encrypt(source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    encrypt_file(&reader(), &keyring("old"), EncryptOptions::default(), source, destination, &mut on).map(drop)
}

fn decrypt(source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    decrypt_file(&reader(), &keyring("old"), DecryptOptions::default(), source, destination, &mut on).map(drop)
}

fn reencrypt(source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    let (old, options) = (keyring("old"), ReencryptOptions::default());
    reencrypt_file(&reader(), &old, &old, options, source, destination, &mut on).map(drop)
}

#[test]
fn a_name_that_leaves_no_place_for_a_sidecar() {
    let folder = tempfile::tempdir().unwrap();
    let [source, stored, copy] = ["source", "stored", "copy"].map(|name| folder.path().join(name));
    fs::write(&source, b"text").unwrap();
    fs::write(&stored, message(SUITE, "old", b"text")).unwrap();
    let named = |length| folder.path().join("m".repeat(length));
    for length in [238, 255] {
        assert_eq!(kind(encrypt(&source, &named(length))), ErrorKind::Validation);
        assert_eq!(kind(reencrypt(&stored, &named(length))), ErrorKind::Validation);
        assert_eq!(files(folder.path()), [source.as_path(), &stored]);
        // One that is there by other means opens all the same; only a sidecar it cannot get.
        fs::copy(&stored, named(length)).unwrap();
        decrypt(&named(length), &copy).unwrap();
        assert_eq!(fs::read(&copy).unwrap(), b"text");
        let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
        let batch = RewrapBatch::new(&client, &old, &new);
        let report = batch.files([named(length)], &mut |_| ControlFlow::Continue(()));
        assert_eq!(report.failed, 1);
        fs::remove_file(named(length)).unwrap();
        fs::remove_file(&copy).unwrap();
    }
    assert!(matches!(encrypt(&source, &named(256)), Err(pocketkms_files::Error::Io { .. })));
    // The longest one: encrypted, rewrapped, decrypted.
    encrypt(&source, &named(237)).unwrap();
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let batch = RewrapBatch::new(&client, &old, &new);
    assert_eq!(batch.files([named(237)], &mut |_| ControlFlow::Continue(())).rewrapped, 1);
    decrypt_file(&client, &new, DecryptOptions::default(), &named(237), &copy, &mut on).unwrap();
    // A plaintext needs no place beside it.
    decrypt(&stored, &named(255)).unwrap();
}

#[test]
fn names_that_mean_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let [source, stored] = ["source", "stored"].map(|name| folder.path().join(name));
    fs::write(&source, b"text").unwrap();
    fs::write(&stored, message(SUITE, "old", b"text")).unwrap();
    let all = files(folder.path());
    // A message under the name of a sidecar, and anything under one that is removed as abandoned.
    let [sidecar, temporary] =
        ["letter.pocketkms-sidecar", ".pocketkms-0123456789abcdef.tmp"].map(|name| folder.path().join(name));
    for destination in [&sidecar, &temporary] {
        assert_eq!(kind(encrypt(&source, destination)), ErrorKind::Validation);
        assert_eq!(kind(reencrypt(&stored, destination)), ErrorKind::Validation);
    }
    assert_eq!(kind(decrypt(&stored, &temporary)), ErrorKind::Validation);
    // A plaintext where its message's sidecar belongs.
    assert_eq!(kind(decrypt(&stored, &sidecar_path(&stored))), ErrorKind::Validation);
    for no_name in ["", "..", "/"] {
        assert_eq!(kind(encrypt(&source, &folder.path().join(no_name))), ErrorKind::Validation);
    }
    let mut directory = folder.path().join("new").into_os_string();
    directory.push("/");
    assert_eq!(kind(encrypt(&source, Path::new(&directory))), ErrorKind::Validation);
    assert_eq!(files(folder.path()), all);
}

/// A sidecar of the destination is removed with what it belongs to: it may not be the source.
#[test]
fn a_source_that_would_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("message");
    let source = sidecar_path(&path);
    fs::write(&source, b"text").unwrap();
    assert_eq!(kind(encrypt(&source, &path)), ErrorKind::Validation);
    assert_eq!(fs::read(&source).unwrap(), b"text");
    assert_eq!(files(folder.path()), [source]);
}
