//! Asking the trail, and writing it out.

use super::{ALICE, Scene};
use pocketkms::{AuditFormat, Error, ErrorKind, Timestamp, api::LookupEventsRequest};
use pocketkms_tests::vault::START;
use serde_json::Value;

const BOB: &str = "arn:aws:iam::111122223333:user/Bob";

/// A trail of several callers and days.
fn trail() -> Scene {
    let scene = Scene::new();
    let bob = scene.client(BOB);
    for day in 0..4 {
        scene.call("Encrypt", r#"{"KeyId": "K_ID", "Plaintext": "AA=="}"#);
        scene.try_call(&bob, "Encrypt", r#"{"KeyId": "L_ID", "Plaintext": "AA=="}"#);
        scene.try_call(&bob, "Encrypt", r#"{"KeyId": "alias/none", "Plaintext": "AA=="}"#);
        if day < 3 {
            scene.clock.advance_days(1);
        }
    }
    scene
}

fn names(scene: &Scene, request: LookupEventsRequest) -> Vec<String> {
    let event = |event: Result<pocketkms::api::AuditEvent, Error>| {
        let event = event.unwrap();
        format!("{} {}", event.principal.unwrap_or_default().rsplit('/').next().unwrap(), event.event_name)
    };
    scene.vault.audit_events(request).map(event).collect()
}

fn all() -> LookupEventsRequest {
    LookupEventsRequest::default()
}

#[test]
fn a_filter_takes_what_it_says() {
    let scene = trail();
    let count = |request| names(&scene, request).len();
    // Six changes made the scene.
    assert_eq!(count(all()), 6 + 12);
    assert_eq!(count(LookupEventsRequest { principal: Some(BOB.into()), ..all() }), 8);
    assert_eq!(count(LookupEventsRequest { principal: Some(ALICE.into()), ..all() }), 10);
    assert_eq!(count(LookupEventsRequest { event_name: Some("Encrypt".into()), ..all() }), 12);
    assert_eq!(count(LookupEventsRequest { errors_only: Some(true), ..all() }), 4);
    for name in ["K_ID", "K_ARN"] {
        // Created, named, and used four times.
        assert_eq!(count(LookupEventsRequest { key_id: Some(scene.read(name)), ..all() }), 6, "{name}");
    }
    let tomorrow = Some(START.plus_days(1));
    assert_eq!(count(LookupEventsRequest { start_time: tomorrow, ..all() }), 9);
    assert_eq!(count(LookupEventsRequest { end_time: tomorrow, ..all() }), 9);
    let later = Some(Timestamp::from_millis(START.as_millis() + 1));
    assert_eq!(count(LookupEventsRequest { start_time: later, end_time: tomorrow, ..all() }), 0);
    let both = LookupEventsRequest { principal: Some(BOB.into()), errors_only: Some(false), ..all() };
    assert_eq!(count(LookupEventsRequest { key_id: Some(scene.read("L_ID")), ..both }), 4);
    assert_eq!(count(LookupEventsRequest { event_name: Some("encrypt".into()), ..all() }), 0);
}

#[test]
fn pages_of_every_size_come_to_the_same() {
    let scene = trail();
    let newest = names(&scene, all());
    let mut oldest = names(&scene, LookupEventsRequest { oldest_first: Some(true), ..all() });
    assert_eq!(oldest[0], "Alice CreateKey");
    oldest.reverse();
    assert_eq!(newest, oldest);
    for size in [1, 2, 3, 5, 17, 18, 19, 1000] {
        assert_eq!(names(&scene, LookupEventsRequest { max_results: Some(size), ..all() }), newest, "{size}");
        let errors = LookupEventsRequest { max_results: Some(size), errors_only: Some(true), ..all() };
        assert_eq!(names(&scene, errors), ["Bob Encrypt"; 4]);
        let page = scene.vault.lookup_events(&LookupEventsRequest { max_results: Some(size), ..all() }).unwrap();
        assert!(page.events.len() <= usize::try_from(size).unwrap());
        assert_eq!(page.truncated, page.next_marker.is_some());
    }
}

#[test]
fn what_is_no_request_is_refused() {
    let scene = Scene::new();
    let refused = |request| scene.vault.lookup_events(&request).unwrap_err().kind();
    for max_results in [0, -1, 1001] {
        assert_eq!(refused(LookupEventsRequest { max_results: Some(max_results), ..all() }), ErrorKind::Validation);
    }
    for marker in ["x", "1.2", "1.2.3.4", "-1", "99999999999999999999999.0"] {
        assert_eq!(refused(LookupEventsRequest { marker: Some(marker.into()), ..all() }), ErrorKind::InvalidMarker);
    }
}

#[test]
fn files_of_both_forms_have_every_event_once() {
    let scene = trail();
    let file: Value = serde_json::from_str(&scene.exported()).unwrap();
    let records = file["Records"].as_array().unwrap();
    assert_eq!(records.len(), 18);
    assert_eq!(records[0]["eventName"], "CreateKey");
    let mut lines = String::new();
    let write = |text: &str| {
        lines.push_str(text);
        Ok(())
    };
    assert_eq!(scene.vault.export_audit(AuditFormat::JsonLines, all(), write).unwrap(), 18);
    assert!(lines.ends_with("}\n"));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, *records);

    let none = LookupEventsRequest { event_name: Some("None".into()), ..all() };
    for (format, expected) in [(AuditFormat::CloudTrail, "{\"Records\":[]}\n"), (AuditFormat::JsonLines, "")] {
        let mut file = String::new();
        let write = |text: &str| {
            file.push_str(text);
            Ok(())
        };
        assert_eq!(scene.vault.export_audit(format, none.clone(), write).unwrap(), 0);
        assert_eq!(file, expected);
    }
}

/// Writing may fail, which ends the export with its error.
#[test]
fn an_export_ends_with_the_error_of_its_writer() {
    let scene = trail();
    let mut written = 0;
    let write = |_: &str| {
        written += 1;
        if written < 4 { Ok(()) } else { Err(Error::new(ErrorKind::Store, "full")) }
    };
    let error = scene.vault.export_audit(AuditFormat::CloudTrail, all(), write).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Store, "full"));
    assert_eq!(written, 4);
}

#[test]
fn ids_are_those_of_one_event_each() {
    let scene = trail();
    let events: Vec<_> = scene.vault.audit_events(all()).map(Result::unwrap).collect();
    let mut ids: Vec<_> = events.iter().map(|event| event.event_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 18);
    // And they stay the same.
    let again: Vec<_> = scene.vault.audit_events(all()).map(Result::unwrap).collect();
    assert_eq!(events, again);
}
