//! One file: whole or not there.

mod common;

use common::{files, keyring, kind, message, plaintext, reader};
use pocketkms::{
    ErrorKind,
    envelope::{
        AlgorithmSuite, DecryptOptions, EncryptOptions, EncryptionClient, ReencryptOptions, RewrapOptions, Rewrapped,
    },
};
use pocketkms_files::{Error, Progress, decrypt_file, encrypt_file, reencrypt_file, remove_abandoned, sidecar_path};
use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

const SIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384;

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn encrypt(source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    let client = EncryptionClient::default();
    encrypt_file(&client, &keyring("old"), EncryptOptions::default(), source, destination, &mut on).map(|_| ())
}

fn decrypt(source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    decrypt_file(&reader(), &keyring("old"), DecryptOptions::default(), source, destination, &mut on).map(|_| ())
}

/// A folder with these files, and their paths.
fn folder<const N: usize>(names: [&str; N]) -> (tempfile::TempDir, [PathBuf; N]) {
    let folder = tempfile::tempdir().unwrap();
    let paths = names.map(|name| folder.path().join(name));
    (folder, paths)
}

#[test]
fn a_message_that_is_not_whole_leaves_nothing() {
    for suite in [AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, SIGNED] {
        let whole = message(suite, "old", &plaintext(200_000));
        let (folder, [source, destination]) = folder(["message", "plaintext"]);
        for length in (0..whole.len()).step_by(4999).chain([whole.len() - 1]) {
            fs::write(&source, &whole[..length]).unwrap();
            assert_eq!(kind(decrypt(&source, &destination)), ErrorKind::InvalidMessage);
            assert_eq!(files(folder.path()), [source.as_path()], "{length}");
        }
        let mut altered = whole.clone();
        let last = altered.len() - 1;
        altered[last] ^= 1;
        fs::write(&source, altered).unwrap();
        assert_eq!(kind(decrypt(&source, &destination)), ErrorKind::InvalidMessage);
        fs::write(&source, [&whole[..], b"more"].concat()).unwrap();
        assert_eq!(kind(decrypt(&source, &destination)), ErrorKind::InvalidMessage);
        assert_eq!(files(folder.path()), [source.as_path()]);
        // A destination that is there stays as it is.
        fs::write(&destination, b"older").unwrap();
        assert_eq!(kind(decrypt(&source, &destination)), ErrorKind::InvalidMessage);
        assert_eq!(fs::read(&destination).unwrap(), b"older");
    }
}

#[test]
fn the_source_is_never_the_destination() {
    let (folder, [source, link]) = folder(["source", "link"]);
    fs::write(&source, b"text").unwrap();
    let roundabout = folder.path().join(".").join("source");
    fs::hard_link(&source, &link).unwrap();
    for destination in [&source, &roundabout, &link] {
        assert_eq!(kind(encrypt(&source, destination)), ErrorKind::Validation);
        assert_eq!(kind(decrypt(&source, destination)), ErrorKind::Validation);
    }
    assert_eq!(fs::read(&source).unwrap(), b"text");
}

#[test]
fn what_a_living_process_writes_is_not_abandoned() {
    let (folder, [source, destination]) = folder(["source", "destination"]);
    fs::write(&source, vec![1; 10 << 20]).unwrap();
    // What a killed process leaves has no lock any more.
    let (abandoned, foreign) =
        (folder.path().join(".pocketkms-0123456789abcdef.tmp"), folder.path().join(".pocketkms-notes.tmp"));
    fs::write(&abandoned, b"part of a plaintext").unwrap();
    fs::write(&foreign, b"another program's").unwrap();
    let mut removed = Vec::new();
    let mut look = |_: Progress| {
        removed.push(remove_abandoned(folder.path()).unwrap());
        ControlFlow::Continue(())
    };
    let client = EncryptionClient::default();
    encrypt_file(&client, &keyring("old"), EncryptOptions::default(), &source, &destination, &mut look).unwrap();
    assert_eq!(removed.iter().sum::<usize>(), 1);
    assert_eq!(files(folder.path()), [foreign, destination, source]);
}

#[test]
fn what_the_operating_system_refuses() {
    let (folder, [source, destination]) = folder(["source", "none/destination"]);
    assert!(matches!(encrypt(&source, &destination), Err(Error::Io { path, .. }) if path == source));
    assert!(matches!(encrypt(folder.path(), &destination), Err(Error::Io { path, .. }) if path == folder.path()));
    fs::write(&source, b"text").unwrap();
    assert!(matches!(encrypt(&source, &destination), Err(Error::Io { path, .. }) if path == destination));
}

#[test]
fn progress_ends_the_work_and_leaves_nothing() {
    let (folder, [source, destination]) = folder(["source", "destination"]);
    fs::write(&source, vec![1; 10 << 20]).unwrap();
    let mut reported = Vec::new();
    let mut cancel = |progress: Progress| {
        reported.push(progress);
        if progress.done > progress.total / 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let client = EncryptionClient::default();
    let result = encrypt_file(&client, &keyring("old"), EncryptOptions::default(), &source, &destination, &mut cancel);
    assert!(matches!(result, Err(Error::Cancelled)));
    assert!(reported.len() >= 2 && reported.iter().all(|progress| progress.total == 10 << 20));
    assert_eq!(files(folder.path()), [source]);
}

#[test]
fn there_and_back() {
    for length in [0, 1, 65_536, 9_000_000] {
        let (folder, [source, message, copy]) = folder(["source", "message", "copy"]);
        fs::write(&source, plaintext(length)).unwrap();
        let mut done = 0;
        let client = EncryptionClient::default();
        let options = EncryptOptions { encryption_context: [("purpose", "test")].into(), ..Default::default() };
        let header = encrypt_file(&client, &keyring("old"), options, &source, &message, &mut |progress| {
            assert!(progress.done > done);
            done = progress.done;
            ControlFlow::Continue(())
        });
        assert_eq!(done, length as u64);
        let reported = DecryptOptions::default();
        let decrypted = decrypt_file(&client, &keyring("old"), reported, &message, &copy, &mut on).unwrap();
        assert_eq!(decrypted.header, header.unwrap());
        assert_eq!(decrypted.encryption_context["purpose"], "test");
        assert!(fs::read(&copy).unwrap() == plaintext(length));
        assert_eq!(files(folder.path()).len(), 3);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
            // A message is an ordinary file, as the source is.
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&message), mode(&source));
        }
    }
}

#[test]
fn the_sidecar_beside_a_message_is_used() {
    let (_folder, [path, copy]) = folder(["message", "copy"]);
    let stored = message(SIGNED, "stranger", b"text");
    fs::write(&path, &stored).unwrap();
    assert_eq!(kind(decrypt(&path, &copy)), ErrorKind::UnableToDecryptDataKey);
    let options = RewrapOptions::default();
    let rewrapped = reader().rewrap(&keyring("stranger"), &keyring("old"), &options, &stored).unwrap();
    let Rewrapped::Sidecar(sidecar) = rewrapped else { panic!("a sidecar") };
    fs::write(sidecar_path(&path), sidecar).unwrap();
    decrypt(&path, &copy).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), b"text");
    fs::write(sidecar_path(&path), b"S").unwrap();
    assert_eq!(kind(decrypt(&path, &copy)), ErrorKind::InvalidMessage);
}

#[test]
fn a_message_is_re_encrypted_or_left_alone() {
    let (folder, [path, new, copy]) = folder(["message", "new", "plaintext"]);
    let reencrypted = |options: ReencryptOptions| {
        reencrypt_file(&reader(), &keyring("old"), &keyring("new key"), options, &path, &new, &mut on)
    };
    let whole = message(SIGNED, "old", &plaintext(200_000));
    for broken in [&whole[..whole.len() - 1], &[&whole[..], b"more"].concat()] {
        fs::write(&path, broken).unwrap();
        assert_eq!(kind(reencrypted(ReencryptOptions::default()).map(|_| ())), ErrorKind::InvalidMessage);
        assert_eq!(files(folder.path()), [path.as_path()]);
    }
    fs::write(&path, &whole).unwrap();
    let committing = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    let header = reencrypted(ReencryptOptions { algorithm_suite: Some(committing), ..Default::default() }).unwrap();
    assert_eq!(header.algorithm_suite, committing);
    assert_eq!(kind(decrypt(&new, &copy)), ErrorKind::UnableToDecryptDataKey);
    decrypt_file(&reader(), &keyring("new key"), DecryptOptions::default(), &new, &copy, &mut on).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), plaintext(200_000));
    assert_eq!(fs::read(&path).unwrap(), whole);
}

#[test]
fn a_replaced_message_leaves_no_sidecar() {
    let (_folder, [source, path, copy]) = folder(["source", "message", "copy"]);
    fs::write(&source, b"text").unwrap();
    fs::write(sidecar_path(&path), b"of the message that was here before").unwrap();
    encrypt(&source, &path).unwrap();
    decrypt(&path, &copy).unwrap();
    assert_eq!(fs::read(&copy).unwrap(), b"text");
    assert!(!sidecar_path(&path).exists());
}
