//! The audit trail on such a disk: events that wait are stored once, whatever the store said of it, and no use of a key waits for them.

use super::{
    image,
    image::Numbers,
    open,
    vfs::{Event, Fault, Recording},
};
use pocketkms::{ErrorKind, api::LookupEventsRequest};
use pocketkms_sqlite::VaultFile;
use pocketkms_tests::vault::{Opened, builder, create_key, encrypt, root};
use std::{collections::BTreeSet, path::Path};

/// How many uses of a key the trail has, which is whole.
fn uses(kms: &Opened, when: &str) -> usize {
    let report = kms.vault.verify_audit().expect("it can be read");
    assert_eq!(report.problems, [], "{when}");
    assert_eq!(kms.vault.verify().expect("it can be read"), [], "{when}");
    let request = LookupEventsRequest { event_name: Some("Encrypt".into()), ..Default::default() };
    let ids: Vec<_> = kms.vault.audit_events(request).map(|event| event.expect("an event").event_id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{when}: an event is there twice");
    ids.len()
}

/// The same as another process finds it.
fn stored_uses(path: &Path, when: &str) -> usize {
    uses(&Opened::from(builder().0.open_file(path, &root()).expect("the vault")), when)
}

/// The number that was said to be stored.
fn promised(events: &[Event]) -> usize {
    let number = |event: &Event| match event {
        Event::Answer(number) => number.parse().ok(),
        _ => None,
    };
    events.iter().filter_map(number).max().unwrap_or(0)
}

#[test]
fn a_flush_that_fails_loses_and_repeats_nothing() {
    let faults =
        (0..4).map(Fault::Sync).chain((0..14).map(Fault::Write)).chain((0..40_000).step_by(3_999).map(Fault::Room));
    let (mut failed, mut named) = (0, BTreeSet::new());
    for fault in faults {
        let recording = Recording::start();
        let folder = tempfile::tempdir().expect("a temporary directory");
        let path = folder.path().join("disk.vault");
        let kms = open(&path).expect("a vault");
        let key = create_key(&kms).key_id;
        recording.plan(Some(fault));
        for count in [30, 10] {
            (0..count).for_each(|_| drop(encrypt(&kms, &key, b"goes on")));
            if let Err(error) = kms.vault.flush_audit() {
                named.insert(error.kind().name());
            }
        }
        failed += recording.plan(None);
        kms.vault.flush_audit().expect("a disk that works");
        recording.answered("40");
        assert_eq!(uses(&kms, &format!("{fault:?}")), 40, "{fault:?}");
        let events = recording.events();
        let mut numbers = Numbers(777);
        for unsynced in image::ALL {
            let image = super::image(&events, unsynced, &mut numbers);
            let when = format!("{fault:?}, unsynced writes {unsynced:?}");
            assert_eq!(stored_uses(&image.path().join("disk.vault"), &when), 40, "{when}");
        }
    }
    assert!(failed > 15, "{failed} faults");
    let expected = [ErrorKind::StoreFull, ErrorKind::Store, ErrorKind::OutcomeUnknown].map(ErrorKind::name);
    assert!(named.contains(expected[0]) && named.iter().all(|name| expected.contains(name)), "{named:?}");
}

#[test]
fn a_loss_of_power_takes_no_event_that_was_said_to_be_stored() {
    let recording = Recording::start();
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("disk.vault");
    let kms = open(&path).expect("a vault");
    let key = create_key(&kms).key_id;
    let begun = recording.events().len();
    for round in 1..=6 {
        (0..9).for_each(|_| drop(encrypt(&kms, &key, b"used")));
        kms.vault.flush_audit().expect("a disk that works");
        recording.answered((9 * round).to_string());
        if round == 3 {
            super::checkpoint(&path).expect("a checkpoint");
        }
    }
    let events = recording.events();
    let syncs: Vec<_> = (begun..events.len()).filter(|at| matches!(events[*at], Event::Sync { .. })).collect();
    assert!(syncs.len() >= 6, "each flush was synced");
    let mut numbers = Numbers(4711);
    for until in syncs.into_iter().flat_map(|at| [at, at + 1]) {
        for unsynced in image::ALL {
            let image = super::image(&events[..until], unsynced, &mut numbers);
            let when = format!("after event {until}, unsynced writes {unsynced:?}");
            let found = stored_uses(&image.path().join("disk.vault"), &when);
            // Those of a flush come together.
            assert!(found >= promised(&events[..until]) && found.is_multiple_of(9), "{when}: {found} events");
        }
    }
}
