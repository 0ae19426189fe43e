//! A second place for events.

use super::{ALICE, REGION};
use pocketkms::{
    AuditSink, Caller, Error, ErrorKind,
    api::{AuditEvent, CreateKeyRequest, ListKeysRequest, LookupEventsRequest},
};
use pocketkms_tests::vault::{builder, root};
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<AuditEvent>>>);

impl AuditSink for Collected {
    fn events(&self, events: &[AuditEvent]) -> Result<(), Error> {
        self.0.lock().unwrap().extend(events.iter().cloned());
        Ok(())
    }
}

struct Failing;

impl AuditSink for Failing {
    fn events(&self, _: &[AuditEvent]) -> Result<(), Error> {
        Err(Error::new(ErrorKind::Store, "the bucket is gone"))
    }
}

struct Panicking;

impl AuditSink for Panicking {
    fn events(&self, _: &[AuditEvent]) -> Result<(), Error> {
        panic!("out of order")
    }
}

/// The events of some calls, one of which changes nothing.
fn called(sink: impl AuditSink + 'static) -> Vec<AuditEvent> {
    let (builder, _clock) = builder();
    let caller = Caller::new(ALICE, REGION).unwrap();
    let vault = builder.caller(caller).audit_sink(sink).create_in_memory(&root()).unwrap();
    let kms = vault.client();
    kms.create_key(CreateKeyRequest::default()).unwrap();
    kms.list_keys(ListKeysRequest::default()).unwrap();
    kms.create_key(CreateKeyRequest::default()).unwrap();
    vault.flush_audit().unwrap();
    let all = LookupEventsRequest { oldest_first: Some(true), ..Default::default() };
    vault.audit_events(all).map(Result::unwrap).collect()
}

#[test]
fn a_sink_is_given_what_is_stored() {
    let sink = Collected::default();
    let mut stored = called(sink.clone());
    assert_eq!(stored.len(), 3);
    let mut given = sink.0.lock().unwrap().clone();
    for events in [&mut stored, &mut given] {
        events.sort_by(|one, other| one.event_id.cmp(&other.event_id));
    }
    assert_eq!(given, stored);
}

#[test]
fn a_sink_that_fails_or_panics_loses_nothing() {
    assert_eq!(called(Failing).len(), 3);
    assert_eq!(called(Panicking).len(), 3);
}
