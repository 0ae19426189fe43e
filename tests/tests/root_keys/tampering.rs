//! Anyone who writes the store and cannot open the vault.

use super::{Scene, open};
use pocketkms::{ErrorKind, Record, Sealed, api::CreateKeyRequest};
use pocketkms_tests::{
    store::Shared,
    vault::{create_key, error, explained, root, root_of},
};

fn header(store: &Shared) -> Record {
    store.records().into_iter().find(|record| record.name == "vault").expect("a header")
}

/// A wrap of 32 raw bytes in a header, by its number: 30 bytes of description and mark, the label, and the wrapped key.
fn wrap(header: &[u8], number: usize) -> std::ops::Range<usize> {
    let mut start = 23;
    for _ in 0..number {
        start = end(header, start);
    }
    start..end(header, start)
}

fn end(header: &[u8], start: usize) -> usize {
    start + 30 + usize::from(u16::from_be_bytes([header[start + 25], header[start + 26]])) + 112
}

#[test]
fn no_wrap_is_added_taken_out_or_exchanged() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    other.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    let (own, foreign) = (header(&scene.store), header(&other.store));
    let (own, foreign) = (own.value.as_bytes(), foreign.value.as_bytes());
    let (first, second) = (wrap(own, 0), wrap(own, 1));
    let taken_out = |wrap: std::ops::Range<usize>| {
        let mut bytes = [&own[..wrap.start], &own[wrap.end..]].concat();
        bytes[22] = 1;
        bytes
    };
    let added = {
        let mut bytes = [&own[..second.end], &foreign[wrap(foreign, 1)], &own[second.end..]].concat();
        bytes[22] = 3;
        bytes
    };
    let exchanged = [&own[..second.start], &foreign[wrap(foreign, 1)], &own[second.end..]].concat();
    let turned = [&own[..first.start], &own[second.clone()], &own[first.clone()], &own[second.end..]].concat();
    let unmarked = {
        let mut bytes = own.to_vec();
        bytes[second.end - 113] = 0;
        bytes
    };
    for bytes in [taken_out(second), added, exchanged, turned, unmarked, taken_out(first.clone())] {
        let store = scene.store.copy();
        store.tamper("vault", |record| record.value = Sealed::from_stored(&bytes));
        let results = [root(), root_of(8)].map(|root| error(open(&store, &root)));
        assert!(results.iter().any(|error| error.kind() == ErrorKind::RecordCorrupted), "{results:?}");
        for error in results {
            let kinds = [ErrorKind::RecordCorrupted, ErrorKind::WrongRootKey];
            assert!(kinds.contains(&error.kind()), "{}", error.report());
        }
    }
}

#[test]
fn a_header_that_is_put_back_is_refused_by_name() {
    let scene = Scene::new();
    scene.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    let before = header(&scene.store);
    scene.kms.vault.remove_root_key(&scene.id("second")).unwrap();
    explained(scene.open(&root_of(8)), ErrorKind::WrongRootKey, &[]);
    let revision = header(&scene.store).revision;

    // By a handle that opens the vault, and by one that had it open.
    for raised in [false, true] {
        let store = scene.store.copy();
        let kms = open(&store, &root()).unwrap();
        let mut old = before.clone();
        if raised {
            old.revision = revision;
        }
        store.tamper("vault", |record| *record = old);
        let (kind, words): (_, &[&str]) = if raised {
            (ErrorKind::RecordCorrupted, &["'vault'"])
        } else {
            (ErrorKind::RolledBack, &["older state", "'vault' has revision", &format!("had {revision}")])
        };
        for root in [root(), root_of(8)] {
            explained(open(&store, &root), kind, words);
        }
        if !raised {
            explained(kms.create_key(CreateKeyRequest::default()), kind, words);
            explained(kms.vault.root_keys(), kind, words);
        }
    }
    scene.opens(&root());
}

/// A record, or all of them, under the header of another vault.
#[test]
fn nothing_moves_to_another_vault() {
    let (scene, other) = (Scene::new(), Scene::new());
    create_key(&other.kms);
    for record in other.store.records() {
        let store = scene.store.copy();
        let mut records = store.records();
        records.retain(|own| own.name != record.name);
        records.push(record.clone());
        store.replace(records);
        match open(&store, &root()) {
            Ok(kms) => {
                let damaged = kms.vault.verify().unwrap();
                assert!(damaged.iter().any(|damaged| damaged.name == record.name), "{}", record.name);
            }
            // The header opens with the same root key, and with it nothing else.
            Err(error) => assert!(error.report().contains("the record '"), "{}", error.report()),
        }
    }
}
