//! A batch stays in its tree, whatever is swapped for links while it works.

#![cfg(unix)]

mod common;

use common::{Ending, Meanwhile, either, files, keyring, message, open, reader};
use pocketkms::envelope::AlgorithmSuite;
use pocketkms_files::{FileProgress, RewrapBatch};
use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

fn on(_: FileProgress<'_>) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

const SUITES: [AlgorithmSuite; 2] =
    [AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256, AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey];

/// Messages of both kinds in a directory.
fn fill(directory: &Path, count: usize) {
    fs::create_dir_all(directory).unwrap();
    for number in 0..count {
        let text = number.to_string();
        fs::write(directory.join(&text), message(SUITES[number % 2], "old", text.as_bytes())).unwrap();
    }
}

fn contents(directory: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(directory).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

/// Swapped by the keyring, between the opening of a file and its new name.
#[test]
fn a_directory_that_is_swapped_while_a_file_is_rewrapped() {
    for suite in SUITES {
        let folder = tempfile::tempdir().unwrap();
        let [tree, outside, aside] = ["tree", "outside", "aside"].map(|name| folder.path().join(name));
        for directory in [&tree.join("below"), &outside] {
            fs::create_dir_all(directory).unwrap();
            fs::write(directory.join("message"), message(suite, "old", b"text")).unwrap();
        }
        let before = contents(&outside);
        let source = Meanwhile::new("old", || {
            fs::rename(tree.join("below"), &aside).unwrap();
            symlink(&outside, tree.join("below")).unwrap();
        });
        let (client, new) = (reader(), keyring("new key"));
        RewrapBatch::new(&client, &source, &new).directory(&tree, &mut on);
        assert_eq!(contents(&outside), before, "{suite}");
        assert_eq!(open(&either(), &aside.join("message")).unwrap(), b"text");
    }
}

#[test]
fn a_file_that_is_swapped_while_it_is_rewrapped() {
    for suite in SUITES {
        let folder = tempfile::tempdir().unwrap();
        let [tree, outside] = ["tree", "outside"].map(|name| folder.path().join(name));
        for directory in [&tree, &outside] {
            fs::create_dir_all(directory).unwrap();
            fs::write(directory.join("message"), message(suite, "old", b"text")).unwrap();
        }
        let before = contents(&outside);
        let source = Meanwhile::new("old", || {
            fs::remove_file(tree.join("message")).unwrap();
            symlink(outside.join("message"), tree.join("message")).unwrap();
        });
        let (client, new) = (reader(), keyring("new key"));
        let report = RewrapBatch::new(&client, &source, &new).directory(&tree, &mut on);
        assert_eq!((report.rewrapped, report.failed), (0, 1));
        assert_eq!(contents(&outside), before, "{suite}");
        assert!(fs::symlink_metadata(tree.join("message")).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&tree).unwrap().count(), 1);
    }
}

/// Directories and files are swapped for links, in a loop, while batches run.
#[test]
fn nothing_outside_of_the_tree_is_ever_touched() {
    const BATCHES: usize = 60;
    let folder = tempfile::tempdir().unwrap();
    let [tree, outside, aside] = ["tree", "outside", "aside"].map(|name| folder.path().join(name));
    fill(&tree.join("one"), 8);
    fill(&tree.join("two"), 8);
    fill(&outside, 8);
    fs::create_dir(&aside).unwrap();
    // What a killed process left outside is none of the batch's either.
    fs::write(outside.join(".pocketkms-0123456789abcdef.tmp"), b"abandoned").unwrap();
    let before = contents(&outside);
    let (ended, swaps) = (AtomicBool::new(false), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let (one, file) = (tree.join("one"), tree.join("two").join("3"));
            while !ended.load(Ordering::Relaxed) {
                for (path, target, kept) in
                    [(&one, &outside, aside.join("one")), (&file, &outside.join("3"), aside.join("file"))]
                {
                    fs::rename(path, &kept).unwrap();
                    symlink(target, path).unwrap();
                    thread::yield_now();
                    fs::remove_file(path).unwrap();
                    // The link may have been refused, and never replaced.
                    fs::rename(&kept, path).unwrap();
                }
                swaps.store(true, Ordering::Relaxed);
            }
        });
        let (client, from, old, new) = (reader(), either(), keyring("old"), keyring("new key"));
        let _ending = Ending(&ended);
        for number in 0..BATCHES {
            let destination = if number % 2 == 0 { &new } else { &old };
            RewrapBatch::new(&client, &from, destination).directory(&tree, &mut on);
            assert!(contents(&outside) == before, "batch {number} left its tree");
        }
    });
    assert!(swaps.load(Ordering::Relaxed));
    for directory in ["one", "two"] {
        for number in 0..8 {
            let text = number.to_string();
            assert_eq!(open(&either(), &tree.join(directory).join(&text)).unwrap(), text.as_bytes());
        }
    }
}

#[test]
fn very_many_directories_above_each_other_are_an_error_of_the_last_ones() {
    let folder = tempfile::tempdir().unwrap();
    let mut path = folder.path().to_owned();
    for _ in 0..200 {
        path.push("d");
    }
    fs::create_dir_all(&path).unwrap();
    fs::write(folder.path().join("message"), message(SUITES[1], "old", b"text")).unwrap();
    let (client, old, new) = (reader(), keyring("old"), keyring("new key"));
    let report = RewrapBatch::new(&client, &old, &new).directory(folder.path(), &mut on);
    assert_eq!((report.rewrapped, report.failed), (1, 1));
}
