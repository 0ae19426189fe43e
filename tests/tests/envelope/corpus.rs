//! The corpora of the fuzz targets, as ordinary tests: what once was an input of interest stays one.
//!
//! `fuzz/README.md` says where they come from and how to run the fuzzers themselves.

use pocketkms_tests::fuzzing;
use std::{fs, path::Path};

fn replay(target: &str) {
    let (_, check) = fuzzing::ALL.into_iter().find(|(name, _)| *name == target).expect("a check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let (mut taken, mut refused) = (0, 0);
    for entry in entries {
        let path = entry.expect("an entry").path();
        println!("{}", path.display());
        let data = fs::read(&path).expect("a file");
        *if check(&data) { &mut taken } else { &mut refused } += 1;
        // Not one bit of it may break anything, either.
        for position in 0..data.len().min(64) {
            let mut altered = data.clone();
            altered[position] ^= 1 << (position % 8);
            check(&altered);
        }
    }
    println!("{target}: {taken} were taken, {refused} refused");
    assert!(taken >= 3 && refused >= 3, "{target}: the corpus is not what it was");
}

/// After a change of what the vault of the fuzzers is: `cargo test --test envelope corpus::write_again -- --ignored`.
#[test]
#[ignore = "writes the corpora of `blob`, `record` and `snapshot` again"]
fn write_again() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for target in ["blob", "record", "snapshot"] {
        fs::remove_dir_all(corpora.join(target)).expect("a corpus");
        fs::create_dir(corpora.join(target)).expect("a folder");
    }
    for (target, name, data) in fuzzing::seeds() {
        fs::write(corpora.join(target).join(name), data).expect("a file");
    }
}

#[test]
fn header() {
    replay("header");
}

#[test]
fn body() {
    replay("body");
}

#[test]
fn footer() {
    replay("footer");
}

#[test]
fn sidecar() {
    replay("sidecar");
}

#[test]
fn policy() {
    replay("policy");
}

#[test]
fn wire() {
    replay("wire");
}

#[test]
fn blob() {
    replay("blob");
}

#[test]
fn record() {
    replay("record");
}

#[test]
fn snapshot() {
    replay("snapshot");
}

#[test]
fn key_reference() {
    replay("key_reference");
}

#[test]
fn key_file() {
    replay("key_file");
}

#[test]
fn attestation() {
    replay("attestation");
}

#[test]
fn parcel() {
    replay("parcel");
}

#[test]
fn xks() {
    replay("xks");
}
