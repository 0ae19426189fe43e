//! Saving a message while a batch works on it loses nothing, and the file is not reported as rewrapped.

mod common;

use common::{Ending, Meanwhile, either, files, keyring, kind, message, open, plaintext, reader};
use pocketkms::{
    ErrorKind,
    envelope::{AlgorithmSuite, CommitmentPolicy, DecryptOptions, EncryptOptions, RewrapOptions, Rewrapped},
};
use pocketkms_files::{
    Error, FileProgress, Progress, Report, RewrapBatch, decrypt_file, encrypt_file, read_sidecar, sidecar_path,
};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    ops::ControlFlow,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
};

/// Rewrapped by a new header, and by a sidecar.
const SUITES: [AlgorithmSuite; 2] =
    [AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256, AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey];

fn on(_: FileProgress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn pass(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Encrypts a text to a file, as an application saves it.
fn save(text: &[u8], path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("source");
    fs::write(&source, text).unwrap();
    // Of version 1, which a batch writes again as a whole.
    let client = reader().commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    let options = EncryptOptions { algorithm_suite: Some(SUITES[0]), ..Default::default() };
    encrypt_file(&client, &keyring("old"), options, &source, path, &mut pass).unwrap();
}

fn decrypt(path: &Path) -> pocketkms_files::Result<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy");
    decrypt_file(&reader(), &either(), DecryptOptions::default(), path, &copy, &mut pass)?;
    Ok(fs::read(copy).unwrap())
}

fn sidecar(suite: AlgorithmSuite, text: &[u8]) -> Vec<u8> {
    let stored = message(suite, "old", text);
    let options = RewrapOptions { sidecar_only: true, ..Default::default() };
    match reader().rewrap(&keyring("old"), &keyring("new key"), &options, &stored).unwrap() {
        Rewrapped::Sidecar(sidecar) => sidecar,
        other @ Rewrapped::Header { .. } => panic!("{other:?}"),
    }
}

fn assert_changed(report: &Report) {
    assert_eq!((report.rewrapped, report.failed), (0, 1));
    match &report.failures[0].error {
        Error::Message(error) => {
            assert_eq!(error.kind(), ErrorKind::Conflict);
            assert!(error.message().contains("changed meanwhile"), "{error}");
        }
        other => panic!("{other:?}"),
    }
}

/// Ways in which somebody saves a message, or takes it away.
type Saving = fn(&Path, &[u8]);
const SAVINGS: [(&str, Saving); 3] = [
    ("by this library", |path, new| save(new, path)),
    ("by another name", |path, new| {
        // Beside the folder: in it, a batch would take what is half written for a message of its own.
        let beside = tempfile::tempdir_in(path.parent().and_then(Path::parent).unwrap()).unwrap();
        let other = beside.path().join("message");
        fs::write(&other, message(SUITES[0], "old", new)).unwrap();
        fs::rename(other, path).unwrap();
    }),
    ("in place", |path, new| fs::write(path, message(SUITES[1], "old", new)).unwrap()),
];

#[test]
fn a_message_that_is_saved_meanwhile_stays_as_it_was_saved() {
    for suite in SUITES {
        for (how, saving) in SAVINGS {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("message");
            fs::write(&path, message(suite, "old", b"old text")).unwrap();
            let source = Meanwhile::new("old", || saving(&path, b"new text"));
            let (client, new) = (reader(), keyring("new key"));
            let report = RewrapBatch::new(&client, &source, &new).files([path.clone()], &mut on);
            assert_changed(&report);
            assert_eq!(decrypt(&path).unwrap(), b"new text", "{how}");
            assert_eq!(files(folder.path()), [path.as_path()], "{how}");
            // The next batch finds the new one.
            assert_eq!(RewrapBatch::new(&client, &source, &new).directory(folder.path(), &mut on).rewrapped, 1);
            assert_eq!(open(&new, &path).unwrap(), b"new text");
        }
    }
}

#[test]
fn a_message_that_is_removed_meanwhile_does_not_come_back() {
    for suite in SUITES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        fs::write(&path, message(suite, "old", b"text")).unwrap();
        let source = Meanwhile::new("old", || fs::remove_file(&path).unwrap());
        let (client, new) = (reader(), keyring("new key"));
        assert_changed(&RewrapBatch::new(&client, &source, &new).files([path.clone()], &mut on));
        assert!(files(folder.path()).is_empty());
    }
}

/// Two batches, one of which writes sidecars: the header of the other would make that sidecar useless.
#[test]
fn a_sidecar_that_is_written_meanwhile_stays() {
    for suite in SUITES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        fs::write(&path, message(suite, "old", b"text")).unwrap();
        let inner = || {
            let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
            let options = RewrapOptions { sidecar_only: true, ..Default::default() };
            let report = RewrapBatch::new(&client, &old, &new).options(options).files([path.clone()], &mut on);
            assert_eq!(report.rewrapped, 1);
        };
        let (client, source, another) = (reader(), Meanwhile::new("old", inner), keyring("another"));
        assert_changed(&RewrapBatch::new(&client, &source, &another).files([path.clone()], &mut on));
        assert_eq!(open(&keyring("new key"), &path).unwrap(), b"text");
    }
}

#[test]
fn a_stale_sidecar_is_no_error_and_is_replaced() {
    for suite in SUITES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        fs::write(&path, message(suite, "old", b"text")).unwrap();
        let stale = sidecar(suite, b"of the message that was here before");
        fs::write(sidecar_path(&path), &stale).unwrap();
        assert_eq!(decrypt(&path).unwrap(), b"text");
        assert_eq!(read_sidecar(&reader(), &path).unwrap(), None);

        let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
        let report = RewrapBatch::new(&client, &old, &new).directory(folder.path(), &mut on);
        assert_eq!((report.rewrapped, report.failed), (1, 0), "{:?}", report.failures);
        assert_eq!(open(&new, &path).unwrap(), b"text");
        assert_eq!(sidecar_path(&path).exists(), suite.is_committing());
        assert_eq!(read_sidecar(&reader(), &path).unwrap().is_some(), suite.is_committing());
        // What is no sidecar at all may be a damaged one, and the only way to the data key.
        fs::write(sidecar_path(&path), &stale[..40]).unwrap();
        assert_eq!(kind(decrypt(&path)), ErrorKind::InvalidMessage);
    }
}

#[test]
fn a_source_that_is_written_to_while_it_is_encrypted() {
    let folder = tempfile::tempdir().unwrap();
    let [source, path] = ["source", "message"].map(|name| folder.path().join(name));
    fs::write(&source, plaintext(9_000_000)).unwrap();
    let mut write = |_: Progress| {
        // The length stays.
        let mut file = OpenOptions::new().write(true).open(&source).unwrap();
        file.write_all(b"another beginning").unwrap();
        ControlFlow::Continue(())
    };
    let options = EncryptOptions::default();
    let result = encrypt_file(&reader(), &keyring("old"), options, &source, &path, &mut write);
    assert_eq!(kind(result), ErrorKind::Conflict);
    assert_eq!(files(folder.path()), [source]);
}

/// Somebody saves again and again while batches run: what is there in the end is what was saved last, and at any time
/// there is a whole message.
#[test]
fn nothing_that_is_saved_is_lost() {
    const SAVES: usize = 60;
    for how in ["by this library", "by another name"] {
        let saving = SAVINGS.iter().find(|(name, _)| *name == how).unwrap().1;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("message");
        save(b"first", &path);
        let (ended, batches) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            scope.spawn(|| {
                let (client, from, new, old) = (reader(), either(), keyring("new key"), keyring("old"));
                while !ended.load(Ordering::Relaxed) {
                    for destination in [&new, &old] {
                        RewrapBatch::new(&client, &from, destination).every().directory(folder.path(), &mut on);
                        batches.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
            let _ending = Ending(&ended);
            for number in 0..SAVES {
                let text = plaintext(1_000_000 + number);
                saving(&path, &text);
                // The batch that was at work then has ended, and another one.
                let begun = batches.load(Ordering::SeqCst);
                while batches.load(Ordering::SeqCst) < begun + 2 {
                    thread::yield_now();
                }
                assert!(decrypt(&path).unwrap() == text, "{how}: save {number} is lost");
            }
        });
    }
}

/// Savers that know of no lock, as fast as they can: each name that they give a file stays that file's.
#[cfg(unix)]
#[test]
fn savers_without_the_lock_lose_nothing_either() {
    use std::os::unix::fs::MetadataExt;
    const SAVES: usize = 3_000;
    let folder = tempfile::tempdir().unwrap();
    let [path, next] = ["message", "next"].map(|name| folder.path().join(name));
    let texts = [b"even", b"odd!"].map(|text| message(SUITES[0], "old", text));
    fs::write(&path, &texts[0]).unwrap();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (client, from, new, old) = (reader(), either(), keyring("new key"), keyring("old"));
            while !ended.load(Ordering::Relaxed) {
                for destination in [&new, &old] {
                    RewrapBatch::new(&client, &from, destination).every().files([path.clone()], &mut on);
                }
            }
        });
        let _ending = Ending(&ended);
        for number in 1..=SAVES {
            let text = &texts[number % 2];
            fs::write(&next, text).unwrap();
            let saved = fs::metadata(&next).unwrap().ino();
            fs::rename(&next, &path).unwrap();
            // It is there, or what a batch made of it; between two names for a moment, but not for good.
            let mut looks = 0;
            while fs::metadata(&path).unwrap().ino() != saved {
                looks += 1;
                assert!(looks < 10_000, "save {number} is lost");
                let found = fs::read(&path).unwrap();
                let plaintext = reader().decrypt(&either(), DecryptOptions::default(), &found).unwrap().plaintext;
                if plaintext.expose() == [&b"even"[..], b"odd!"][number % 2] {
                    break;
                }
                thread::yield_now();
            }
        }
    });
    assert_eq!(files(folder.path()), [path]);
}

#[cfg(unix)]
#[test]
fn writers_wait_for_the_lock_of_the_directory_and_leave_nothing() {
    use rustix::fs::{FlockOperation, flock};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("message");
    let directory = fs::File::open(folder.path()).unwrap();
    flock(&directory, FlockOperation::LockExclusive).unwrap();
    let (begun, is_written) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            begun.store(true, Ordering::SeqCst);
            save(b"text", &path);
            is_written.store(true, Ordering::SeqCst);
        });
        // Its temporary file is there, and stays under that name.
        while files(folder.path()).is_empty() || !begun.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        for _ in 0..100 {
            thread::yield_now();
            assert!(!path.exists() && !is_written.load(Ordering::SeqCst));
        }
        flock(&directory, FlockOperation::Unlock).unwrap();
    });
    assert_eq!(files(folder.path()), [path.as_path()]);
    assert_eq!(decrypt(&path).unwrap(), b"text");
}
