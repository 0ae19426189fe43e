//! The trail of a vault whose store has to be waited for: each call is recorded once, however often it runs.

use super::{found, open, patient};
use pocketkms::{
    Audit, AuditSink, ErrorKind, Kms,
    api::{AuditEvent, CreateKeyRequest, DescribeKeyRequest, EncryptRequest, ListKeysRequest, LookupEventsRequest},
};
use pocketkms_tests::{
    driven::Driver,
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, error, root},
};
use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

struct Scene {
    driver: Driver,
    kms: Opened,
    faulty: Faulty,
    store: Shared,
    key: String,
}

fn scene(audit: Audit, lease: bool) -> Scene {
    let store = Shared::new();
    let faulty = Faulty::new(store.clone());
    let driver = Driver::new(faulty.clone(), lease);
    let (builder, _clock) = builder();
    let kms = Opened::from(driver.create(builder.audit(audit), &root()).unwrap());
    let key = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
    Scene { driver, kms, faulty, store, key }
}

impl Scene {
    fn encrypt(&self) -> pocketkms::Result<()> {
        let request =
            EncryptRequest { key_id: self.key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
        self.driver.run(|| self.kms.execute(&request)).map(drop)
    }

    fn describe_none(&self) -> ErrorKind {
        let request = DescribeKeyRequest { key_id: "alias/none".into(), ..Default::default() };
        error(self.driver.run(|| self.kms.describe_key(request.clone()))).kind()
    }

    fn stored_events(&self) -> u64 {
        let report = open(&self.store).vault.verify_audit().unwrap();
        assert_eq!(report.problems, []);
        report.events
    }
}

#[test]
fn each_call_is_recorded_once() {
    for lease in [false, true] {
        let scene = scene(patient(), lease);
        (0..5).for_each(|_| scene.encrypt().unwrap());
        assert_eq!(scene.describe_none(), ErrorKind::NotFound);
        assert_eq!(scene.stored_events(), 1);
        scene.driver.run(|| scene.kms.vault.flush_audit()).unwrap();
        assert_eq!(scene.stored_events(), 7);
        scene.driver.run(|| scene.kms.vault.flush_audit()).unwrap();
        scene.encrypt().unwrap();
        // What looks at the trail stores what waits.
        let report = scene.driver.run(|| scene.kms.vault.verify_audit()).unwrap();
        assert_eq!((report.events, &*report.problems), (8, &[][..]));
        assert_eq!(scene.driver.run(|| scene.kms.vault.verify()).unwrap(), []);
        let head = scene.driver.run(|| scene.kms.vault.head()).unwrap();
        assert_eq!(open(&scene.store).vault.head().unwrap(), head);
        found(&open(&scene.store), &[]);
    }
}

#[test]
fn the_next_call_stores_what_has_waited() {
    let scene = scene(Audit::window(Duration::from_millis(1)), true);
    (0..999).for_each(|_| scene.encrypt().unwrap());
    assert_eq!(scene.stored_events(), 1);
    scene.encrypt().unwrap();
    scene.encrypt().unwrap();
    assert_eq!(scene.stored_events(), 1001);
}

#[test]
fn strictly_it_is_stored_before_the_answer() {
    for audit in [Audit::strict(), Audit::window(Duration::ZERO)] {
        let scene = scene(audit, true);
        scene.encrypt().unwrap();
        assert_eq!(scene.stored_events(), 2);
        assert_eq!(scene.describe_none(), ErrorKind::NotFound);
        assert_eq!(scene.stored_events(), 3);
        scene.faulty.plan(Fault::CommitRefused, 0);
        assert_eq!(error(scene.encrypt()).kind(), ErrorKind::Store);
        assert_eq!(scene.describe_none(), ErrorKind::Store);
        assert!(scene.faulty.recover());
        scene.encrypt().unwrap();
        scene.driver.run(|| scene.kms.vault.flush_audit()).unwrap();
        assert_eq!(scene.stored_events(), 5);
    }
}

#[test]
fn faults_in_a_flush_lose_and_repeat_nothing() {
    for fault in Fault::ONCE {
        for spared in 0..6 {
            let scene = scene(patient(), false);
            (0..3).for_each(|_| scene.encrypt().unwrap());
            scene.faulty.plan(fault, spared);
            let _ = scene.driver.run(|| scene.kms.vault.flush_audit());
            let has_happened = scene.faulty.recover();
            scene.driver.run(|| scene.kms.vault.flush_audit()).unwrap();
            assert_eq!(scene.stored_events(), 4, "{fault:?} after {spared}");
            if !has_happened {
                break;
            }
        }
    }
}

#[test]
fn old_events_are_removed_in_steps() {
    let scene = scene(patient(), false);
    for _ in 0..100 {
        scene.driver.run(|| scene.kms.create_key(CreateKeyRequest::default())).unwrap();
    }
    let later = pocketkms::Timestamp::from_millis(i64::MAX);
    let removed = scene.driver.run(|| scene.kms.vault.remove_audit_before(later)).unwrap();
    // All but those of the newest entry, which stays.
    assert_eq!(removed, 100);
    found(&open(&scene.store), &[]);
    assert_eq!(scene.stored_events(), 1);
}

#[derive(Clone, Default)]
struct Keeping(Arc<Mutex<Vec<AuditEvent>>>);

impl AuditSink for Keeping {
    fn events(&self, events: &[AuditEvent]) -> pocketkms::Result<()> {
        self.0.lock().unwrap().extend_from_slice(events);
        Ok(())
    }
}

#[test]
fn a_sink_is_shown_the_events_that_are_stored() {
    let (store, sink) = (Shared::new(), Keeping::default());
    let driver = Driver::new(store.clone(), true);
    let builder = builder().0.audit(patient()).audit_sink(sink.clone());
    let kms = Opened::from(driver.create(builder, &root()).unwrap());
    let key = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
    for _ in 0..3 {
        let request = EncryptRequest { key_id: key.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
        driver.run(|| kms.execute(&request)).unwrap();
    }
    driver.run(|| kms.vault.flush_audit()).unwrap();
    driver.run(|| kms.vault.rotate_vault_key(&[&root()])).unwrap();
    let all = LookupEventsRequest { oldest_first: Some(true), ..Default::default() };
    let stored: Vec<_> = open(&store).vault.audit_events(all).map(Result::unwrap).collect();
    assert_eq!(stored.len(), 4);
    assert_eq!(*sink.0.lock().unwrap(), stored);
}

/// Runs an operation of its own, in steps, for each event that it is shown.
#[derive(Clone, Default)]
struct Describing(Arc<OnceLock<(Driver, Kms, String)>>, Arc<AtomicUsize>);

impl AuditSink for Describing {
    fn events(&self, events: &[AuditEvent]) -> pocketkms::Result<()> {
        self.1.fetch_add(events.len(), Ordering::SeqCst);
        let Some((driver, kms, key)) = self.0.get() else { return Ok(()) };
        let request = DescribeKeyRequest { key_id: key.clone(), ..Default::default() };
        driver.run(|| kms.describe_key(request.clone())).map(drop)
    }
}

#[test]
fn a_sink_that_calls_the_vault_is_no_part_of_the_operation() {
    for lease in [false, true] {
        let (store, sink) = (Shared::new(), Describing::default());
        let driver = Driver::new(store.clone(), lease);
        let builder = builder().0.audit(Audit::strict()).audit_sink(sink.clone());
        let kms = Opened::from(driver.create(builder, &root()).unwrap());
        let key = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
        assert!(sink.0.set((driver.clone(), kms.vault.client(), key)).is_ok());
        driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap();
        assert!(sink.1.load(Ordering::SeqCst) > 1);
        let opened = open(&store);
        assert_eq!(opened.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 2);
    }
}
