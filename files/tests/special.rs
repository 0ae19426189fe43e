//! What is no regular file is refused by its name, blocks no one, and stays as it is.

#![cfg(unix)]

mod common;

use common::{files, keyring, message, reader, without_blocking};
use pocketkms::envelope::{AlgorithmSuite, DecryptOptions, EncryptOptions, ReencryptOptions};
use pocketkms_files::{
    Error, Outcome, Progress, RewrapBatch, decrypt_file, encrypt_file, read_sidecar, reencrypt_file, remove_abandoned,
    sidecar_path,
};
use std::{
    fs,
    ops::ControlFlow,
    os::unix::{
        fs::{FileTypeExt, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

const SUITE: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

/// Each way in which a file is read or written.
const WAYS: [&str; 3] = ["encrypt", "decrypt", "reencrypt"];

fn run(way: &str, source: &Path, destination: &Path) -> pocketkms_files::Result<()> {
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    match way {
        "encrypt" => encrypt_file(&client, &old, EncryptOptions::default(), source, destination, &mut on).map(drop),
        "decrypt" => decrypt_file(&client, &old, DecryptOptions::default(), source, destination, &mut on).map(drop),
        _ => reencrypt_file(&client, &old, &new, ReencryptOptions::default(), source, destination, &mut on).map(drop),
    }
}

/// Refused with these words, and without blocking.
fn assert_refused(way: &'static str, source: &Path, destination: &Path, words: &str) {
    let (source, destination) = (source.to_owned(), destination.to_owned());
    match without_blocking(&format!("{way}, {words}"), move || run(way, &source, &destination)) {
        Err(error @ Error::Io { .. }) => {
            let text = format!("FileException: not a regular file: {words}");
            assert_eq!(error.to_string(), text, "{way}: no path in it");
        }
        other => panic!("{way}, {words}: {other:?}"),
    }
}

/// Makes a device, if the process may.
fn node(path: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("mknod");
    command.arg(path).args(arguments).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// One of each kind in a folder, with what an error calls it. The socket lives as long as its listener.
fn specials(folder: &Path) -> (Vec<(PathBuf, &'static str)>, UnixListener) {
    let path = |name: &str| folder.join(name);
    fifo(&path("fifo"));
    fs::create_dir(path("directory")).unwrap();
    let listener = UnixListener::bind(path("socket")).unwrap();
    let mut found = vec![
        (path("fifo"), "a named pipe (FIFO)"),
        (path("directory"), "a directory"),
        (path("socket"), "a socket"),
        (PathBuf::from("/dev/null"), "a character device"),
    ];
    if node(&path("character"), &["c", "1", "3"]) {
        found.push((path("character"), "a character device"));
    }
    if node(&path("block"), &["b", "7", "200"]) {
        found.push((path("block"), "a block device"));
    }
    (found, listener)
}

#[test]
fn sources() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let (specials, _listener) = specials(&inner);
    for way in WAYS {
        let destination = folder.path().join("destination");
        for (special, words) in &specials {
            assert_refused(way, special, &destination, words);
            // A link to one is one.
            let link = folder.path().join("link");
            symlink(special, &link).unwrap();
            assert_refused(way, &link, &destination, words);
            fs::remove_file(link).unwrap();
        }
        let dangling = folder.path().join("dangling");
        symlink("nowhere", &dangling).unwrap();
        assert_refused(way, &dangling, &destination, "a symbolic link that leads nowhere");
        fs::remove_file(dangling).unwrap();
        if cfg!(target_os = "linux") {
            assert_refused(way, Path::new("/proc/self/status"), &destination, "a file of the kernel's");
            assert_refused(way, Path::new("/sys/kernel/uevent_seqnum"), &destination, "a file of the kernel's");
        }
        assert!(!destination.exists());
    }
}

#[test]
fn destinations_stay_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (mut specials, _listener) = specials(folder.path());
    let [target, link, dangling] = ["target", "link", "dangling"].map(|name| folder.path().join(name));
    fs::write(&target, b"target").unwrap();
    symlink(&target, &link).unwrap();
    symlink("nowhere", &dangling).unwrap();
    specials.extend([(link, "a symbolic link"), (dangling, "a symbolic link")]);
    let source = folder.path().join("source");
    fs::write(&source, message(SUITE, "old", b"text")).unwrap();
    let kinds =
        || -> Vec<_> { specials.iter().map(|(path, _)| fs::symlink_metadata(path).unwrap().file_type()).collect() };
    let (before, all) = (kinds(), fs::read_dir(folder.path()).unwrap().count());
    for way in WAYS {
        for (special, words) in &specials {
            assert_refused(way, &source, special, words);
        }
    }
    assert_eq!(kinds(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), all);
    assert_eq!(fs::read(target).unwrap(), b"target");
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
}

type Plant = fn(&Path);

#[test]
fn planted_sidecars() {
    let folder = tempfile::tempdir().unwrap();
    let [source, path, copy] = ["source", "message", "copy"].map(|name| folder.path().join(name));
    fs::write(&source, b"text").unwrap();
    fs::write(&path, message(SUITE, "old", b"text")).unwrap();
    let stored = fs::read(&path).unwrap();
    let sidecar = sidecar_path(&path);
    let plants: [(&str, Plant); 4] = [
        ("a named pipe (FIFO)", fifo),
        ("a directory", |path| fs::create_dir(path).unwrap()),
        ("a symbolic link", |path| symlink("source", path).unwrap()),
        ("a symbolic link", |path| symlink("/dev/zero", path).unwrap()),
    ];
    for (words, plant) in plants {
        plant(&sidecar);
        assert_refused("decrypt", &path, &copy, words);
        assert_refused("reencrypt", &path, &copy, words);
        // Found out before the message is replaced.
        assert_refused("encrypt", &source, &path, words);
        let (message, all) = (path.clone(), folder.path().to_owned());
        without_blocking("a batch", move || {
            let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
            let batch = RewrapBatch::new(&client, &old, &new);
            assert_eq!(batch.files([message.clone()], &mut |_| ControlFlow::Continue(())).failed, 1);
            assert_eq!(batch.directory(&all, &mut |_| ControlFlow::Continue(())).failed, 1);
            assert!(read_sidecar(&client, &message).is_err());
        });
        assert_eq!(fs::read(&path).unwrap(), stored);
        if sidecar.is_dir() && !sidecar.is_symlink() {
            fs::remove_dir(&sidecar).unwrap();
        } else {
            fs::remove_file(&sidecar).unwrap();
        }
    }
    assert_eq!(files(folder.path()), [path, source]);
}

#[test]
fn a_batch_reports_them() {
    let folder = tempfile::tempdir().unwrap();
    let (specials, _listener) = specials(folder.path());
    // Names of temporary files, too.
    fifo(&folder.path().join(".pocketkms-0123456789abcdef.tmp"));
    let [path, link] = ["message", "link"].map(|name| folder.path().join(name));
    fs::write(&path, message(SUITE, "old", b"text")).unwrap();
    symlink(&path, &link).unwrap();
    let mut expected: Vec<_> = specials
        .into_iter()
        .filter(|(path, words)| *words != "a directory" && path.starts_with(folder.path()))
        .collect();
    expected.push((link.clone(), "a symbolic link"));
    expected.sort();
    let all = folder.path().to_owned();
    without_blocking("a batch", move || {
        let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
        let batch = RewrapBatch::new(&client, &old, &new);
        let mut skipped = Vec::new();
        let report = batch.directory(&all, &mut |file| {
            if let Outcome::Skipped(reason) = file.outcome {
                skipped.push((file.path.to_owned(), reason.reason()));
            }
            ControlFlow::Continue(())
        });
        assert_eq!((report.rewrapped, report.failed), (1, 0), "{:?}", report.failures);
        assert_eq!(skipped, expected);
        // By name, each is a failure; so is a link.
        let paths = expected.iter().map(|(path, _)| path.clone());
        assert_eq!(batch.files(paths, &mut |_| ControlFlow::Continue(())).failed, expected.len() as u64);
        assert_eq!(remove_abandoned(&all).unwrap(), 0);
    });
    assert!(fs::symlink_metadata(link).unwrap().is_symlink());
}

/// What a caller names may be a link to a file, as mounted secrets are. Its sidecar is beside the file.
#[test]
fn a_source_may_be_a_link_to_a_regular_file() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("below");
    fs::create_dir(&below).unwrap();
    let [path, link, copy] = [below.join("message"), folder.path().join("link"), folder.path().join("copy")];
    fs::write(&path, message(SUITE, "old", b"text")).unwrap();
    symlink("below/message", &link).unwrap();
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let report = RewrapBatch::new(&client, &old, &new).directory(&below, &mut |_| ControlFlow::Continue(()));
    assert_eq!(report.rewrapped, 1);
    for source in [&path, &link] {
        decrypt_file(&client, &new, DecryptOptions::default(), source, &copy, &mut on).unwrap();
        assert_eq!(fs::read(&copy).unwrap(), b"text");
    }
    // And is the file that it leads to.
    assert!(encrypt_file(&client, &old, EncryptOptions::default(), &link, &path, &mut on).is_err());
}
