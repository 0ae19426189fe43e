//! Snapshots that are none, or no longer.

use crate::scene::{Scene, flips};
use pocketkms::{Audit, ErrorKind, ManualClock, Result, Sealed, Vault};
use pocketkms_tests::{
    format::{Snapshot, listed, prefix_length},
    vault::{Opened, START, decrypt, error, explained, root},
};

const ROOT: [u8; 32] = [7; 32];

fn open(bytes: &[u8]) -> Result<Opened> {
    let builder = Vault::builder().clock(ManualClock::new(START)).audit(Audit::off());
    builder.open_snapshot(bytes, &root()).map(Opened::from)
}

#[test]
fn a_snapshot_that_ends_early_is_refused_at_every_byte() {
    let scene = Scene::new();
    let snapshot = scene.kms.vault.snapshot().unwrap();
    let whole = snapshot.len();
    for length in 0..whole {
        // Before the length was read, no one can know it; there are 30 bytes before the header.
        let expected = if length < 18 { 30 } else { whole };
        let words = format!("the snapshot ends at byte {length} of {expected}");
        explained(open(&snapshot[..length]), ErrorKind::SnapshotTruncated, &[&words]);
    }
    assert!(open(&snapshot).is_ok());
    scene.is_unharmed();
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let scene = Scene::new();
    let snapshot = scene.kms.vault.snapshot().unwrap();
    let prefix = prefix_length(&snapshot);
    // One bit of every byte, each time another; of the header, which is short, every bit is tried elsewhere.
    for (at, flipped) in flips(&snapshot).enumerate().filter(|(bit, _)| bit / 8 % 8 == bit % 8).map(|(_, flip)| flip) {
        let error = error(open(&flipped));
        let (kinds, word): (&[ErrorKind], _) = match at {
            ..8 => (&[ErrorKind::SnapshotCorrupted], "no snapshot of PocketKMS"),
            8..10 => (&[ErrorKind::UnsupportedVersion], "update it"),
            // Shorter or longer than it says.
            10..18 => (&[ErrorKind::SnapshotTruncated, ErrorKind::SnapshotCorrupted], "the snapshot"),
            // The revision, which the header's tag covers; the length of the header.
            18..26 => (&[ErrorKind::RecordCorrupted], "header was altered"),
            26..30 => (&[ErrorKind::RecordCorrupted, ErrorKind::SnapshotCorrupted], "altered"),
            // The vault's header, which has its own tests.
            at if at < prefix => {
                (&[ErrorKind::RecordCorrupted, ErrorKind::WrongRootKey, ErrorKind::UnsupportedVersion], "the")
            }
            at if at < prefix + 64 => (&[ErrorKind::SnapshotCorrupted], "first bytes were altered"),
            _ => (&[ErrorKind::SnapshotCorrupted], "records were altered"),
        };
        assert!(kinds.contains(&error.kind()) && error.message().contains(word), "byte {at}: {error}");
    }
    scene.is_unharmed();
}

#[test]
fn what_is_no_snapshot() {
    for (bytes, words) in [
        (&b"hello"[..], "do not begin with 'PKMSSNAP'"),
        (&[0; 1000], "do not begin with 'PKMSSNAP'"),
        (b"PK\x03\x04 a ZIP file", "do not begin with 'PKMSSNAP'"),
        (b"pkmssnap", "do not begin with 'PKMSSNAP'"),
    ] {
        explained(open(bytes), ErrorKind::SnapshotCorrupted, &[words]);
    }
    explained(open(b""), ErrorKind::SnapshotTruncated, &["byte 0"]);
}

#[test]
fn bytes_after_the_end_are_refused() {
    let scene = Scene::new();
    let snapshot = scene.kms.vault.snapshot().unwrap();
    for more in [&b"\0"[..], b"\n", &snapshot] {
        let longer = [&snapshot[..], more].concat();
        explained(open(&longer), ErrorKind::SnapshotCorrupted, &["bytes follow the end"]);
    }
    scene.is_unharmed();
}

#[test]
fn a_snapshot_of_a_later_version_is_named_so() {
    let scene = Scene::new();
    let mut snapshot = scene.kms.vault.snapshot().unwrap();
    for version in [0_u16, 2, 256, u16::MAX] {
        snapshot[8..10].copy_from_slice(&version.to_be_bytes());
        let words = [&*format!("format version {version};"), "reads 1", "update it"];
        explained(open(&snapshot), ErrorKind::UnsupportedVersion, &words);
    }
    scene.is_unharmed();
}

#[test]
fn lengths_beyond_the_file_are_not_believed() {
    let scene = Scene::new();
    let mut snapshot = scene.kms.vault.snapshot().unwrap();
    for length in [u64::MAX, 1 << 62, 1 << 40, snapshot.len() as u64 + 1] {
        snapshot[10..18].copy_from_slice(&length.to_be_bytes());
        explained(open(&snapshot), ErrorKind::SnapshotTruncated, &[&format!("of {length}")]);
    }
    for length in [0_u64, 1, 29, 30, 232, 233, 312] {
        let mut short = snapshot[..usize::try_from(length).unwrap().max(18)].to_vec();
        short[10..18].copy_from_slice(&length.to_be_bytes());
        let error = error(open(&short));
        assert!(
            [ErrorKind::SnapshotTruncated, ErrorKind::SnapshotCorrupted].contains(&error.kind()),
            "{length}: {error}"
        );
    }
    scene.is_unharmed();
}

/// What only the holder of the root key could write: the seals are right, the list of records is not.
#[test]
fn a_list_of_records_that_does_not_add_up_is_refused() {
    let scene = Scene::new();
    let snapshot = scene.kms.vault.snapshot().unwrap();
    let mut content = Snapshot::read(&snapshot, &ROOT);
    assert!(open(&content.write(&ROOT)).is_ok(), "the test's own writer writes what opens");
    let payload = std::mem::take(&mut content.payload);
    let records = Snapshot::read(&snapshot, &ROOT).records();
    let mut ends = vec![0];
    for record in &records {
        ends.push(ends.last().unwrap() + listed(record).len());
    }
    assert_eq!(*ends.last().unwrap(), payload.len());

    let words = ["the list of records does not add up"];
    let mut refuse = |payload: &[u8]| {
        content.payload = payload.to_vec();
        explained(open(&content.write(&ROOT)), ErrorKind::SnapshotCorrupted, &words);
    };
    for length in (0..payload.len()).filter(|length| !ends.contains(length)) {
        refuse(&payload[..length]);
    }
    let name_length = usize::from(u16::from_be_bytes([payload[0], payload[1]]));
    for length in [u16::MAX, 40_000] {
        refuse(&[&length.to_be_bytes(), &payload[2..]].concat());
    }
    for length in [u32::MAX, 1 << 31, u32::try_from(payload.len()).unwrap()] {
        let at = 2 + name_length + 8;
        refuse(&[&payload[..at], &length.to_be_bytes(), &payload[at + 4..]].concat());
    }
    let mut name = payload.clone();
    name[2] = 0xff;
    refuse(&name);
    refuse(&[&payload[..], &[0]].concat());
    scene.is_unharmed();
}

/// A vault that was cut at the edge of a record opens, and misses what it lost when it is asked for.
#[test]
fn records_in_a_snapshot_are_sealed_one_by_one_too() {
    let scene = Scene::new();
    let snapshot = scene.kms.vault.snapshot().unwrap();
    let mut content = Snapshot::read(&snapshot, &ROOT);
    let mut records = content.records();
    let (first, second) = (records[0].value.clone(), records[1].value.clone());
    for (name, value) in [("swapped", second), ("altered", Sealed::from_stored(&[first.as_bytes(), &[0]].concat()))] {
        let key = records.iter().position(|record| record.name.starts_with("key/")).unwrap();
        records[key].value = value;
        content.payload = records.iter().flat_map(listed).collect();
        let kms = open(&content.write(&ROOT)).expect("the list adds up");
        let damaged = kms.vault.verify().expect("a store that answers");
        assert!(damaged.len() == 1 && damaged[0].kind == ErrorKind::RecordCorrupted, "{name}: {damaged:?}");
    }
    scene.is_unharmed();
}

#[test]
fn a_snapshot_holds_all_and_opens_again_and_again() {
    let scene = Scene::new();
    let mut snapshot = scene.kms.vault.snapshot().unwrap();
    for _ in 0..3 {
        let kms = open(&snapshot).unwrap();
        for (blob, plaintext) in &scene.blobs {
            assert_eq!(decrypt(&kms, blob).unwrap(), *plaintext);
        }
        let again = kms.vault.snapshot().unwrap();
        let (old, new) = (Snapshot::read(&snapshot, &ROOT), Snapshot::read(&again, &ROOT));
        assert!((old.revision, old.header, old.payload) == (new.revision, new.header, new.payload));
        assert!(snapshot != again, "sealed again each time");
        snapshot = again;
    }
    scene.is_unharmed();
}
