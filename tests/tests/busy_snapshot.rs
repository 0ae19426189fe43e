//! A snapshot that is taken while another process writes between any two pages of it: it is of one moment all the same.

use pocketkms::{
    Change, CommitError, Record, Store, StoreError, Vault,
    api::{DeleteAliasRequest, ListAliasesRequest, ListKeysRequest},
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, describe, encrypt, root},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// More records than a page has.
const KEYS: usize = 400;

/// A store in which another process makes changes after each scan of it all, so many times.
#[derive(Clone, Default)]
struct Busy {
    store: Shared,
    other: Arc<Mutex<Option<Opened>>>,
    left: Arc<AtomicUsize>,
    scans: Arc<AtomicUsize>,
}

impl Store for Busy {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let found = self.store.scan(prefix, after, limit);
        if !prefix.is_empty() {
            return found;
        }
        self.scans.fetch_add(1, Ordering::SeqCst);
        if let Some(other) = &*self.other.lock().unwrap()
            && self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
        {
            // In an order in which a part of it shows: the alias comes early among the names, the key late.
            let key = create_key(other).key_id;
            let _ = other.delete_alias(DeleteAliasRequest { alias_name: "alias/newest".into() });
            create_alias(other, "alias/newest", &key);
        }
        found
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.store.commit(changes)
    }
}

#[test]
fn a_snapshot_is_of_one_moment_whatever_others_do() {
    let store = Busy::default();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    for _ in 0..KEYS {
        create_key(&kms);
    }
    *store.other.lock().unwrap() = Some(builder().0.open(store.store.clone(), &root()).unwrap().into());
    // No one, somebody for a while, and somebody who does not stop.
    for (changes, most_scans) in [(0, 6), (2, 16), (usize::MAX, 17)] {
        store.left.store(changes, Ordering::SeqCst);
        store.scans.store(0, Ordering::SeqCst);
        let snapshot = kms.vault.snapshot().unwrap();
        let scans = store.scans.load(Ordering::SeqCst);
        assert!(scans > 1 && scans <= most_scans, "{scans} scans");
        store.left.store(0, Ordering::SeqCst);
        let copy = Opened::from(Vault::builder().open_snapshot(&snapshot, &root()).unwrap());
        assert_eq!(copy.vault.verify().unwrap(), []);
        let (mut keys, mut marker) = (Vec::new(), None);
        loop {
            let page = copy.list_keys(ListKeysRequest { limit: Some(1000), marker, ..Default::default() }).unwrap();
            keys.extend(page.keys.into_iter().map(|key| key.key_id));
            let Some(next) = page.next_marker else { break };
            marker = Some(next);
        }
        for key in &keys {
            drop(encrypt(&copy, key, b"whole"));
        }
        for alias in copy.list_aliases(ListAliasesRequest::default()).unwrap().aliases {
            assert!(keys.contains(&describe(&copy, &alias.alias_name).key_id));
        }
        assert!(keys.len() >= KEYS);
    }
}
