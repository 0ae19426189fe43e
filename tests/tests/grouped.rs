//! Several callers in one commit of the store: each has an outcome of its own, whatever becomes of the commit.

use pocketkms::{
    Change, CommitError, ErrorKind, Record, Result, Store, StoreError, StoreErrorKind,
    api::{CreateKeyRequest, DisableKeyRequest, ListKeysRequest, ListResourceTagsRequest, Tag, TagResourceRequest},
    keys::KeyState,
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, describe, root},
};
use std::{
    collections::BTreeSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread,
    time::Duration,
};

const THREADS: usize = 8;

/// What becomes of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Made,
    /// It happens, and its answer is lost.
    AnswerLost,
    /// It never happens, and the store does not know that.
    RequestLost,
    Refused,
    /// The store panics before it does anything.
    Panic,
    /// It cannot be reserved, however often somebody asks.
    Locked,
}

/// A store whose next commit waits behind a gate, so that others have time to queue up.
#[derive(Clone, Default)]
struct Gated {
    store: Shared,
    gate: Arc<(Mutex<Gate>, Condvar)>,
}

#[derive(Default)]
struct Gate {
    is_closed: bool,
    is_reached: bool,
    commits: usize,
    /// How often it could not be reserved.
    refused: usize,
    /// How many changes the largest commit had.
    largest: usize,
    /// Of the commits after the one at the gate.
    fate: Option<Fate>,
}

impl Gated {
    fn lock(&self) -> MutexGuard<'_, Gate> {
        self.gate.0.lock().unwrap()
    }

    fn close(&self) {
        *self.lock() = Gate { is_closed: true, ..Gate::default() };
    }

    fn wait_until_reached(&self) {
        let gate = self.gate.1.wait_while(self.lock(), |gate| !gate.is_reached);
        drop(gate.unwrap());
    }

    fn open(&self, fate: Fate) {
        let mut gate = self.lock();
        (gate.is_closed, gate.fate) = (false, Some(fate));
        self.gate.1.notify_all();
    }
}

impl Store for Gated {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let mut gate = self.lock();
        gate.commits += 1;
        gate.largest = gate.largest.max(changes.len());
        let is_first = gate.is_closed && !gate.is_reached;
        gate.is_reached = true;
        self.gate.1.notify_all();
        let mut gate = self.gate.1.wait_while(gate, |gate| gate.is_closed).unwrap();
        let fate = if is_first { Fate::Made } else { gate.fate.take().unwrap_or(Fate::Made) };
        drop(gate);
        let lost = || StoreError::other("the line is dead");
        match fate {
            Fate::Made => self.store.commit(changes),
            Fate::AnswerLost => {
                self.store.commit(changes)?;
                Err(CommitError::Unknown(lost()))
            }
            Fate::RequestLost => Err(CommitError::Unknown(lost())),
            Fate::Panic => panic!("the store panics"),
            Fate::Refused | Fate::Locked => Err(CommitError::Failed(lost())),
        }
    }

    fn reserve(&self) -> Result<(), StoreError> {
        let mut gate = self.lock();
        if gate.is_closed || gate.fate != Some(Fate::Locked) {
            return Ok(());
        }
        gate.refused += 1;
        Err(StoreError::new(StoreErrorKind::Busy, "another process has the lock"))
    }
}

/// What came of work that was done in threads at the same time.
struct Outcome<T> {
    results: Vec<thread::Result<T>>,
    commits: usize,
    largest: usize,
    refused: usize,
}

/// Has a first commit wait until all others wait for it, with `meanwhile` before it goes on. Others may be late, however
/// long this waits for them; then it begins again with a new vault.
fn together<T: Send>(
    fate: Fate,
    work: impl Fn(&Opened, usize) -> T + Sync,
    prepare: impl Fn(&Opened),
    meanwhile: impl Fn(&Gated),
) -> (Gated, Opened, Outcome<T>) {
    for patience in 1..100 {
        let store = Gated::default();
        let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
        prepare(&kms);
        store.close();
        let results: Vec<_> = thread::scope(|scope| {
            let (kms, work) = (&kms, &work);
            let first = scope.spawn(move || create_key(kms));
            store.wait_until_reached();
            let run = |number| catch_unwind(AssertUnwindSafe(|| work(kms, number)));
            let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || run(number))).collect();
            thread::sleep(Duration::from_millis(20 * patience));
            meanwhile(&store);
            store.open(fate);
            first.join().unwrap();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let Gate { commits, largest, refused, .. } = *store.lock();
        if largest > 3 * THREADS || (1..THREADS).contains(&refused) {
            return (store, kms, Outcome { results, commits, largest, refused });
        }
    }
    panic!("no commit was made for all");
}

fn create(kms: &Opened, _: usize) -> Result<String> {
    kms.create_key(CreateKeyRequest::default()).map(|response| response.key_metadata.key_id)
}

fn key_ids(kms: &Opened) -> BTreeSet<String> {
    kms.list_keys(ListKeysRequest::default()).unwrap().keys.into_iter().map(|key| key.key_id).collect()
}

/// What another process sees.
fn reopened(store: &Gated) -> Opened {
    let other = Opened::from(builder().0.open(store.store.clone(), &root()).unwrap());
    assert_eq!(other.vault.verify().unwrap(), []);
    other
}

#[test]
fn those_who_wait_are_in_one_commit() {
    for fate in [Fate::Made, Fate::AnswerLost] {
        let (store, kms, Outcome { results, commits, largest, .. }) = together(fate, create, |_| {}, |_| {});
        assert!(commits < 1 + THREADS, "{fate:?}: {commits} commits of {largest} changes");
        let made: BTreeSet<_> = results.into_iter().map(|result| result.unwrap().unwrap()).collect();
        assert_eq!(made.len(), THREADS, "{fate:?}");
        let kept = key_ids(&kms);
        assert!(kept.is_superset(&made) && kept.len() == THREADS + 1, "{fate:?}");
        assert_eq!(key_ids(&reopened(&store)), kept, "{fate:?}");
    }
}

#[test]
fn what_failed_for_all_is_said_to_all_and_changed_nothing() {
    for fate in [Fate::RequestLost, Fate::Refused] {
        let (store, kms, Outcome { results, .. }) = together(fate, create, |_| {}, |_| {});
        let mut made = 0;
        let mut refused = 0;
        for result in results {
            match result.unwrap() {
                // It came too late for the others' commit, and had one of its own.
                Ok(_) => made += 1,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Store, "{fate:?}");
                    assert!(error.message().contains("nothing was changed"), "{fate:?}: {error}");
                    assert!(error.report().contains("the line is dead"), "{fate:?}: {}", error.report());
                    refused += 1;
                }
            }
        }
        assert!(refused > 1, "{fate:?}");
        assert_eq!(key_ids(&kms).len(), 1 + made, "{fate:?}");
        assert_eq!(key_ids(&reopened(&store)), key_ids(&kms), "{fate:?}");
        // Nothing is left of it.
        create(&kms, 0).unwrap();
    }
}

/// A store that panics is the end of one caller's thread. No one else hears that nothing was changed.
#[test]
fn a_panic_of_the_store_is_an_unknown_outcome_for_the_others() {
    let (store, kms, Outcome { results, .. }) = together(Fate::Panic, create, |_| {}, |_| {});
    let (panicked, others): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_err);
    assert_eq!(panicked.len(), 1);
    let mut unknown = 0;
    for result in others {
        if let Err(error) = result.unwrap() {
            assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
            unknown += 1;
        }
    }
    assert!(unknown > 0);
    create(&kms, 0).unwrap();
    assert_eq!(key_ids(&reopened(&store)), key_ids(&kms));
}

/// A lock that another process keeps is waited for once for all of them, and not by each in turn.
#[test]
fn a_lock_that_is_not_had_is_waited_for_once() {
    let (store, kms, Outcome { results, refused, .. }) = together(Fate::Locked, create, |_| {}, |_| {});
    assert!(refused < THREADS);
    for result in results {
        assert_eq!(result.unwrap().unwrap_err().kind(), ErrorKind::DependencyTimeout);
    }
    store.lock().fate = None;
    create(&kms, 0).unwrap();
    assert_eq!(key_ids(&reopened(&store)), key_ids(&kms));
}

/// A store that no one may reserve, in which another process replaces the vault key while a record is read.
#[derive(Clone)]
struct Unreserved {
    store: Shared,
    other: Arc<Mutex<Option<Opened>>>,
}

impl Store for Unreserved {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        if name.starts_with("key/")
            && let Some(other) = self.other.lock().unwrap().take()
        {
            other.vault.rotate_vault_key(&[&root()]).unwrap();
        }
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, _: Vec<Change>) -> Result<(), CommitError> {
        Err(CommitError::Failed(StoreError::new(StoreErrorKind::ReadOnly, "it may only be read")))
    }

    fn reserve(&self) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "it may only be read"))
    }
}

#[test]
fn reading_reserves_nothing() {
    let store = Shared::new();
    let other = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&other).key_id;
    let unreserved = Unreserved { store, other: Arc::default() };
    let kms = Opened::from(builder().0.open(unreserved.clone(), &root()).unwrap());
    *unreserved.other.lock().unwrap() = Some(other);
    assert_eq!(describe(&kms, &key).key_id, key);
    assert!(unreserved.other.lock().unwrap().is_none(), "no one replaced the vault key");
}

/// One rests on a record that another process changes meanwhile: it computes again, and no one else notices.
#[test]
fn a_conflict_of_one_is_no_one_elses() {
    let key = Mutex::new(String::new());
    let key_id = || key.lock().unwrap().clone();
    let work = |kms: &Opened, number: usize| match (number, DisableKeyRequest { key_id: key_id() }) {
        (0, request) => kms.disable_key(request).map(|()| String::new()),
        _ => create(kms, number),
    };
    let tag = |store: &Gated| {
        let other = Opened::from(builder().0.open(store.store.clone(), &root()).unwrap());
        let tags = vec![Tag { tag_key: "kept".into(), tag_value: String::new() }];
        other.tag_resource(TagResourceRequest { key_id: key_id(), tags }).unwrap();
    };
    let prepare = |kms: &Opened| *key.lock().unwrap() = create_key(kms).key_id;
    let (store, kms, Outcome { results, .. }) = together(Fate::Made, work, prepare, tag);
    assert!(results.into_iter().all(|result| result.unwrap().is_ok()));
    let key_id = key_id();
    for kms in [kms, reopened(&store)] {
        assert_eq!(key_ids(&kms).len(), 1 + THREADS);
        assert_eq!(describe(&kms, &key_id).key_state, KeyState::Disabled);
        let request = ListResourceTagsRequest { key_id: key_id.clone(), ..Default::default() };
        assert_eq!(kms.list_resource_tags(request).unwrap().tags.len(), 1);
    }
}

/// All change one record: no two of them are in one commit, and none is lost.
#[test]
fn changes_of_one_record_are_made_one_after_the_other() {
    let store = Gated::default();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let work = |kms: &Opened, number: usize| {
        // Half of them have nothing to do with that key.
        if number.is_multiple_of(2) {
            create_key(kms);
            return;
        }
        let tags = vec![Tag { tag_key: number.to_string(), tag_value: String::new() }];
        kms.tag_resource(TagResourceRequest { key_id: key.clone(), tags }).unwrap();
    };
    for _ in 0..10 {
        thread::scope(|scope| {
            let (kms, work) = (&kms, &work);
            (0..THREADS).for_each(|number| drop(scope.spawn(move || work(kms, number))));
        });
    }
    let request = ListResourceTagsRequest { key_id: key.clone(), ..Default::default() };
    assert_eq!(reopened(&store).list_resource_tags(request).unwrap().tags.len(), THREADS / 2);
    assert_eq!(key_ids(&kms).len(), 1 + 10 * THREADS / 2);
}
