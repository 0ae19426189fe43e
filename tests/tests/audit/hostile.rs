//! What a caller, a sink or someone who writes the store does to stop the trail, or to hide in it.

use super::{describe_as, entries, found, open, patient, problems, put, remove, scene, stored, use_key};
use pocketkms::{
    Audit, AuditProblemKind, AuditSink, ErrorKind, Kms, Record, Sealed,
    api::{AuditEvent, CreateKeyRequest, DescribeKeyRequest, LookupEventsRequest, UpdateKeyDescriptionRequest},
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_key, error, root},
};
use std::sync::{Arc, Mutex, OnceLock};

fn events(kms: &Opened) -> Vec<AuditEvent> {
    let all = LookupEventsRequest { oldest_first: Some(true), ..Default::default() };
    kms.vault.audit_events(all).map(Result::unwrap).collect()
}

#[test]
fn a_request_that_is_too_long_is_recorded_without_its_parameters() {
    let (_store, kms, key, _clock) = scene(patient());
    let before = events(&kms).len();
    for _ in 0..3 {
        let request = DescribeKeyRequest { key_id: "\u{1}".repeat(1_500_000), ..Default::default() };
        assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::Validation);
    }
    use_key(&kms, &key, 1);
    kms.vault.flush_audit().unwrap();
    let events = events(&kms).split_off(before);
    assert_eq!(events.len(), 4);
    for event in &events[..3] {
        assert_eq!(event.error_code.as_deref(), Some("ValidationException"));
        assert!(event.cloud_trail_event.len() < 10_000, "{} bytes", event.cloud_trail_event.len());
    }
    assert_eq!(problems(&kms.vault.verify_audit().unwrap()), []);
}

#[test]
fn names_that_were_put_among_the_entries_end_no_list_and_no_opening() {
    let (store, kms, key, _clock) = scene(patient());
    for round in 0..5 {
        describe_as(&kms, &key, &format!("{round}"));
    }
    let head = kms.vault.head().unwrap();
    let whole = events(&kms);
    let model = stored(&store, &entries(&store)[0]);
    let junk = ["audit/", "audit/00000000000000000001x", "audit/99999999999999999999", "audit/zzz"];
    for name in junk {
        put(&store, &Record { name: name.into(), ..model.clone() });
    }
    for index in 0..150 {
        put(&store, &Record { name: format!("audit/00000000000000000002.{index:03}"), ..model.clone() });
    }
    let kms: Opened = builder().0.expected_head(&head).open(store.clone(), &root()).unwrap().into();
    assert_eq!(events(&kms), whole);
    let newest_first: Vec<_> = kms.vault.audit_events(LookupEventsRequest::default()).map(Result::unwrap).collect();
    assert_eq!(newest_first.len(), whole.len());
    assert!(problems(&kms.vault.verify_audit().unwrap()).iter().all(|(kind, _)| *kind == AuditProblemKind::Inserted));
    // Nor do they keep the host from removing what is old.
    assert!(kms.vault.remove_audit_before(pocketkms::Timestamp::MAX).unwrap() > 0);
}

#[test]
fn a_record_that_was_put_back_stays_named_after_it_is_written_again() {
    let (store, kms, key, _clock) = scene(patient());
    let name = store.names().into_iter().find(|name| name.starts_with("key/")).unwrap();
    describe_as(&kms, &key, "first");
    let old = stored(&store, &name);
    describe_as(&kms, &key, "second");
    describe_as(&kms, &key, "third");
    drop(kms);
    put(&store, &old);
    let kms = open(&store);
    found(&kms, &[(&name, "put back")]);
    describe_as(&kms, &key, "after it");
    found(&kms, &[(&name, "put back")]);
    kms.vault.rotate_vault_key(&[&root()]).unwrap();
    found(&kms, &[(&name, "put back")]);
}

#[test]
fn a_record_that_was_deleted_and_put_back_stays_named() {
    let (store, kms, _key, _clock) = scene(patient());
    let name = store.names().into_iter().find(|name| name.starts_with("alias/")).unwrap();
    let old = stored(&store, &name);
    kms.delete_alias(pocketkms::api::DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    drop(kms);
    put(&store, &old);
    let kms = open(&store);
    found(&kms, &[(&name, "")]);
    kms.vault.rotate_vault_key(&[&root()]).unwrap();
    found(&kms, &[(&name, "put back")]);
}

/// Calls the vault for each event that it is shown.
#[derive(Clone, Default)]
struct Calling {
    kms: Arc<OnceLock<(Kms, String)>>,
    shown: Arc<Mutex<usize>>,
}

impl AuditSink for Calling {
    fn events(&self, events: &[AuditEvent]) -> pocketkms::Result<()> {
        *self.shown.lock().unwrap() += events.len();
        if let Some((kms, key)) = self.kms.get() {
            let request = UpdateKeyDescriptionRequest { key_id: key.clone(), description: "by the sink".into() };
            kms.update_key_description(request)?;
        }
        Ok(())
    }
}

#[test]
fn a_sink_that_calls_the_vault_comes_to_an_end() {
    let sink = Calling::default();
    let builder = builder().0.audit(Audit::strict()).audit_sink(sink.clone());
    let kms = Opened::from(builder.create_in(Shared::new(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    assert!(sink.kms.set((kms.vault.client(), key.clone())).is_ok());
    describe_as(&kms, &key, "by the host");
    let shown = *sink.shown.lock().unwrap();
    assert!((2..100).contains(&shown), "{shown} events");
    assert_eq!(problems(&kms.vault.verify_audit().unwrap()), []);
}

#[test]
fn a_trail_that_goes_on_after_its_end_was_lost_says_so() {
    let (store, kms, key, _clock) = scene(patient());
    for round in 0..5 {
        describe_as(&kms, &key, &format!("{round}"));
    }
    drop(kms);
    // Someone takes the newest entries away, and what names them.
    entries(&store).iter().rev().take(2).for_each(|name| remove(&store, name));
    let generation = stored(&store, "generation");
    put(&store, &Record { value: Sealed::from_stored(b"nothing that opens"), ..generation });
    let kms = open(&store);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::RecordCorrupted);
    kms.vault.confirm_time().unwrap();
    create_key(&kms);
    drop(kms);
    let kms = open(&store);
    let found = problems(&kms.vault.verify_audit().unwrap());
    assert!(matches!(&*found, [(AuditProblemKind::Restarted, _)]), "{found:?}");
    let events = events(&kms);
    let restarts: Vec<_> = events.iter().filter(|event| event.event_name == "AuditTrailRestart").collect();
    assert!(
        matches!(&*restarts, [one] if one.cloud_trail_event.contains(r#""eventSource":"pocketkms""#)),
        "{restarts:?}"
    );
    // It is said once.
    kms.vault.confirm_time().unwrap();
    assert_eq!(problems(&kms.vault.verify_audit().unwrap()), found);
}
