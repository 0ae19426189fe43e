//! What a file has beside its content: permissions, owner, times, extended attributes.

#![cfg(unix)]

mod common;

use common::{keyring, message, plaintext, reader};
use pocketkms::envelope::{AlgorithmSuite, DecryptOptions, EncryptOptions, ReencryptOptions, RewrapOptions};
use pocketkms_files::{Progress, RewrapBatch, decrypt_file, encrypt_file, reencrypt_file, sidecar_path};
use rustix::{
    fs::{XattrFlags, getxattr, setxattr},
    io::Errno,
};
use std::{
    fs::{self, File, FileTimes, Permissions},
    ops::ControlFlow,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
    time::{Duration, SystemTime},
};

const REWRITTEN: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256;
const BESIDE: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
/// Another user's and group's, for a test that root runs.
const OTHER: (u32, u32) = (4321, 8765);
const NAME: &str = "user.comment";

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn times() -> (SystemTime, SystemTime) {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::new(seconds, 123_000_000);
    (at(1_000_000_000), at(1_100_000_000))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// Marks a file; returns whether the file system has extended attributes.
fn mark(path: &Path, mode: u32) -> bool {
    let has_attributes = match setxattr(path, NAME, b"kept", XattrFlags::empty()) {
        Ok(()) => true,
        Err(Errno::NOTSUP) => false,
        Err(error) => panic!("{error}"),
    };
    if rustix::process::geteuid().is_root() {
        chown(path, Some(OTHER.0), Some(OTHER.1)).unwrap();
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    let (accessed, modified) = times();
    let times = FileTimes::new().set_accessed(accessed).set_modified(modified);
    File::open(path).unwrap().set_times(times).unwrap();
    has_attributes
}

fn assert_owner(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    if rustix::process::geteuid().is_root() {
        assert_eq!((metadata.uid(), metadata.gid()), OTHER);
    }
}

fn attribute(path: &Path) -> Vec<u8> {
    let mut value = [0; 16];
    let length = getxattr(path, NAME, &mut value).unwrap_or(0);
    value[..length].to_vec()
}

fn assert_times(path: &Path) {
    let metadata = fs::metadata(path).unwrap();
    assert_eq!(metadata.modified().unwrap(), times().1);
    assert_eq!(metadata.accessed().unwrap(), times().0);
}

#[test]
fn a_batch_keeps_all() {
    for given in [0o600, 0o640, 0o644] {
        let folder = tempfile::tempdir().unwrap();
        let [rewritten, beside] = ["rewritten", "beside"].map(|name| folder.path().join(name));
        fs::write(&rewritten, message(REWRITTEN, "old", &plaintext(300_000))).unwrap();
        fs::write(&beside, message(BESIDE, "old", b"text")).unwrap();
        let has_attributes = mark(&rewritten, given) & mark(&beside, given);
        let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
        let batch = RewrapBatch::new(&client, &old, &new);
        let report = batch.directory(folder.path(), &mut |_| ControlFlow::Continue(()));
        assert_eq!((report.rewrapped, report.failed), (2, 0), "{:?}", report.failures);
        assert_eq!(mode(&rewritten), given);
        assert_owner(&rewritten);
        assert_times(&rewritten);
        if has_attributes {
            assert_eq!(attribute(&rewritten), b"kept");
        }
        // A sidecar is for whom its message is for; one that is replaced stays as it was.
        let sidecar = sidecar_path(&beside);
        assert_eq!(mode(&sidecar), given);
        assert_owner(&sidecar);
        fs::set_permissions(&sidecar, Permissions::from_mode(0o604)).unwrap();
        let every = RewrapBatch::new(&client, &new, &old).every();
        assert_eq!(every.directory(folder.path(), &mut |_| ControlFlow::Continue(())).rewrapped, 2);
        assert_eq!((mode(&sidecar), mode(&rewritten)), (0o604, given));
        let only = RewrapOptions { sidecar_only: true, ..Default::default() };
        let batch = RewrapBatch::new(&client, &old, &new).options(only);
        assert_eq!(batch.directory(folder.path(), &mut |_| ControlFlow::Continue(())).rewrapped, 2);
        assert_eq!(mode(&sidecar_path(&rewritten)), given);
    }
}

#[test]
fn reencryption_keeps_all_where_the_destination_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let [source, destination] = ["source", "destination"].map(|name| folder.path().join(name));
    fs::write(&source, message(BESIDE, "old", b"text")).unwrap();
    let has_attributes = mark(&source, 0o640);
    let reencrypt = || {
        let (old, new) = (keyring("old"), keyring("new key"));
        let options = ReencryptOptions::default();
        reencrypt_file(&reader(), &old, &new, options, &source, &destination, &mut on).unwrap();
    };
    reencrypt();
    assert_eq!(mode(&destination), 0o640);
    assert_owner(&destination);
    assert_times(&destination);
    if has_attributes {
        assert_eq!(attribute(&destination), b"kept");
    }
    // One that is replaced stays as closed as it was.
    fs::set_permissions(&destination, Permissions::from_mode(0o600)).unwrap();
    reencrypt();
    assert_eq!(mode(&destination), 0o600);
    assert_eq!(fs::metadata(&destination).unwrap().modified().unwrap(), times().1);
}

#[test]
fn what_is_replaced_keeps_its_permissions_and_gets_new_times() {
    let folder = tempfile::tempdir().unwrap();
    let [source, path] = ["source", "message"].map(|name| folder.path().join(name));
    fs::write(&source, b"text").unwrap();
    for given in [0o600, 0o400, 0o660, 0o644] {
        fs::write(&path, b"older").unwrap();
        let has_attributes = mark(&path, given);
        encrypt_file(&reader(), &keyring("old"), EncryptOptions::default(), &source, &path, &mut on).unwrap();
        assert_eq!(mode(&path), given);
        assert_owner(&path);
        assert!(fs::metadata(&path).unwrap().modified().unwrap() > times().1);
        if has_attributes {
            assert_eq!(attribute(&path), b"kept");
        }
    }
}

#[test]
fn a_plaintext_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [path, copy] = ["message", "copy"].map(|name| folder.path().join(name));
    fs::write(&path, message(BESIDE, "old", &plaintext(9_000_000))).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let decrypt = || {
        // From the first byte on, under its temporary name, too.
        let mut seen = 0;
        let mut look = |_: Progress| {
            for entry in fs::read_dir(folder.path()).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|extension| extension == "tmp") {
                    assert_eq!(mode(&path), 0o600);
                    seen += 1;
                }
            }
            ControlFlow::Continue(())
        };
        decrypt_file(&reader(), &keyring("old"), DecryptOptions::default(), &path, &copy, &mut look).unwrap();
        assert!(seen > 0);
    };
    decrypt();
    assert_eq!(mode(&copy), 0o600);
    // Who opened it to others wanted that.
    fs::set_permissions(&copy, Permissions::from_mode(0o640)).unwrap();
    decrypt();
    assert_eq!(mode(&copy), 0o640);
    // Another user's file, which is in the way, does not get it.
    if rustix::process::geteuid().is_root() {
        chown(&copy, Some(OTHER.0), Some(OTHER.1)).unwrap();
        fs::set_permissions(&copy, Permissions::from_mode(0o666)).unwrap();
        decrypt();
        let metadata = fs::metadata(&copy).unwrap();
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (0, 0o600));
    }
}

#[test]
fn a_new_message_is_an_ordinary_file_and_closed_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let [source, path] = ["source", "message"].map(|name| folder.path().join(name));
    fs::write(&source, plaintext(9_000_000)).unwrap();
    let mut seen = Vec::new();
    let mut look = |_: Progress| {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        seen.extend(entries.filter(|path| path.extension().is_some()).map(|path| mode(&path)));
        ControlFlow::Continue(())
    };
    encrypt_file(&reader(), &keyring("old"), EncryptOptions::default(), &source, &path, &mut look).unwrap();
    assert!(!seen.is_empty() && seen.iter().all(|mode| *mode == 0o600));
    assert_eq!(mode(&path), mode(&source));
}
