//! What another handle changed is seen within the lease, and what a handle changes never rests on what is old.

use super::{Case, Fixture};
use crate::{
    store::{Counted, Leased},
    vault::{Opened, create_alias, create_key, decrypt, describe, encrypt, error, root},
};
#[allow(clippy::wildcard_imports, reason = "the requests of many operations")]
use pocketkms::{ErrorKind, ManualClock, Monotonic, Store, Vault, api::*, keys::KeyState};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

pub(super) const CASES: &[Case] = &[
    ("without a lease a change is seen at the next call", seen_immediately),
    ("with a lease a change is seen when it is over", seen_within_the_lease),
    ("the lease counts from the start of the look", counted_from_the_start),
    ("a message ends the lease", a_message),
    ("a change looks at what is there now", changes_look),
    ("what is known needs no reading", no_reading),
];

const LEASE: Duration = Duration::from_millis(500);
/// A millisecond less.
const NEARLY: Duration = Duration::from_millis(499);

/// A monotonic clock that is moved by hand.
#[derive(Clone, Default)]
struct Stopwatch(Arc<AtomicU64>);

impl Stopwatch {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Monotonic for Stopwatch {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Two handles on one vault: one that changes things and one that looks, with that lease.
struct Scene {
    writer: Opened,
    reader: Opened,
    time: Stopwatch,
    key: String,
    blob: Vec<u8>,
}

fn builder() -> pocketkms::VaultBuilder {
    Vault::builder().clock(ManualClock::new(crate::vault::START))
}

fn scene(fixture: &dyn Fixture, lease: Duration, around: impl Fn(Box<dyn Store>) -> Box<dyn Store>) -> Scene {
    let time = Stopwatch::default();
    let writer = Opened::from(builder().create_in(fixture.open(), &root()).unwrap());
    let key = create_key(&writer).key_id;
    create_alias(&writer, "alias/a", &key);
    let store = around(Box::new(Leased { store: fixture.open(), lease }));
    let reader = Opened::from(builder().monotonic(time.clone()).open(store, &root()).unwrap());
    let blob = encrypt(&reader, "alias/a", b"kept").into_vec();
    Scene { writer, reader, time, key, blob }
}

/// What others may do to a key, and what comes of it.
fn disable(scene: &Scene) {
    scene.writer.disable_key(DisableKeyRequest { key_id: scene.key.clone() }).unwrap();
}

fn is_disabled(scene: &Scene) -> bool {
    let state = describe(&scene.reader, &scene.key).key_state == KeyState::Disabled;
    match decrypt(&scene.reader, &scene.blob) {
        Ok(plaintext) => assert!(!state && plaintext == b"kept"),
        Err(error) => assert!(state && error.kind() == ErrorKind::Disabled, "{}", error.report()),
    }
    state
}

fn seen_immediately(fixture: &dyn Fixture) {
    let scene = scene(fixture, Duration::ZERO, |store| store);
    assert!(!is_disabled(&scene));
    disable(&scene);
    assert!(is_disabled(&scene));
    scene.writer.enable_key(EnableKeyRequest { key_id: scene.key.clone() }).unwrap();
    assert!(!is_disabled(&scene));
    let other = create_key(&scene.writer).key_id;
    let request = UpdateAliasRequest { alias_name: "alias/a".into(), target_key_id: other.clone() };
    scene.writer.update_alias(request).unwrap();
    assert_eq!(describe(&scene.reader, "alias/a").key_id, other);
    scene.writer.delete_alias(DeleteAliasRequest { alias_name: "alias/a".into() }).unwrap();
    let request = DescribeKeyRequest { key_id: "alias/a".into(), ..Default::default() };
    assert_eq!(error(scene.reader.describe_key(request)).kind(), ErrorKind::NotFound);
}

fn seen_within_the_lease(fixture: &dyn Fixture) {
    let scene = scene(fixture, LEASE, |store| store);
    scene.time.pass(LEASE);
    assert!(!is_disabled(&scene));
    disable(&scene);
    scene.time.pass(NEARLY);
    assert!(!is_disabled(&scene), "it is not looked at before");
    scene.time.pass(Duration::from_millis(1));
    assert!(is_disabled(&scene));
    // A longer one counts as a second.
    let longer = Leased { store: fixture.open(), lease: Duration::from_secs(3600) };
    let reader = Opened::from(builder().monotonic(scene.time.clone()).open(longer, &root()).unwrap());
    describe(&reader, &scene.key);
    scene.writer.enable_key(EnableKeyRequest { key_id: scene.key.clone() }).unwrap();
    scene.time.pass(Duration::from_secs(1));
    assert_eq!(describe(&reader, &scene.key).key_state, KeyState::Enabled);
}

/// A store that takes its time to answer.
struct Slow(Box<dyn Store>, Stopwatch, Duration);

impl Store for Slow {
    fn get(&self, name: &str) -> Result<Option<pocketkms::Record>, pocketkms::StoreError> {
        self.0.get(name)
    }

    fn scan(
        &self,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<pocketkms::Record>, pocketkms::StoreError> {
        self.0.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<pocketkms::Change>) -> Result<(), pocketkms::CommitError> {
        self.0.commit(changes)
    }

    fn generation(&self) -> Result<u64, pocketkms::StoreError> {
        let generation = self.0.generation();
        self.1.pass(self.2);
        generation
    }

    fn lease(&self) -> Duration {
        self.0.lease()
    }
}

fn counted_from_the_start(fixture: &dyn Fixture) {
    let scene = scene(fixture, LEASE, |store| store);
    // The answer comes when the lease is nearly over: it is as old as the question.
    let slow = Slow(Box::new(Leased { store: fixture.open(), lease: LEASE }), scene.time.clone(), NEARLY);
    let reader = Opened::from(builder().monotonic(scene.time.clone()).open(slow, &root()).unwrap());
    scene.time.pass(LEASE);
    let scene = Scene { reader, ..scene };
    assert!(!is_disabled(&scene));
    disable(&scene);
    scene.time.pass(Duration::from_millis(1));
    assert!(is_disabled(&scene));
}

fn a_message(fixture: &dyn Fixture) {
    let scene = scene(fixture, LEASE, |store| store);
    assert!(!is_disabled(&scene));
    disable(&scene);
    assert!(!is_disabled(&scene));
    scene.reader.vault.refresh();
    assert!(is_disabled(&scene));
}

fn changes_look(fixture: &dyn Fixture) {
    let scene = scene(fixture, LEASE, |store| store);
    assert!(!is_disabled(&scene));
    disable(&scene);
    assert!(!is_disabled(&scene));
    // The key is enabled as far as is known, and nothing would be to do.
    scene.reader.enable_key(EnableKeyRequest { key_id: scene.key.clone() }).unwrap();
    assert_eq!(describe(&scene.writer, &scene.key).key_state, KeyState::Enabled);
    // What a handle itself changes it sees.
    scene.reader.disable_key(DisableKeyRequest { key_id: scene.key.clone() }).unwrap();
    assert!(is_disabled(&scene));
}

fn no_reading(fixture: &dyn Fixture) {
    let counted = Counted::new(fixture.open());
    let seen = counted.clone();
    let scene = scene(fixture, LEASE, |_| Box::new(Leased { store: Box::new(seen.clone()), lease: LEASE }));
    is_disabled(&scene);
    encrypt(&scene.reader, "alias/a", b"more");
    let (reads, looks) = (counted.reads(), counted.looks());
    for _ in 0..10 {
        is_disabled(&scene);
        encrypt(&scene.reader, "alias/a", b"more");
    }
    assert_eq!((counted.reads(), counted.looks()), (reads, looks), "within the lease the store is left alone");
    scene.time.pass(LEASE);
    is_disabled(&scene);
    encrypt(&scene.reader, "alias/a", b"more");
    assert_eq!((counted.reads(), counted.looks()), (reads, looks + 1), "nothing has changed");
}
