//! What an error says to whom: its text anybody, its members the developer of the same process.

use pocketkms::{Change, Effect, Error, ErrorKind, Sealed, StoreError, StoreErrorKind};
use std::{error::Error as _, sync::Arc};

fn whole() -> Error {
    let inner = Error::new(ErrorKind::Store, "no route").explain("10.0.0.7 answers not");
    let first = Error::new(ErrorKind::RecordCorrupted, "").explain("the record 'alias/2/x'").caused_by(inner);
    let second = Error::new(ErrorKind::Disabled, "arn is disabled.");
    Error::new(ErrorKind::KmsInternal, "sorry").explain("why").caused_by(first).caused_by(second)
}

#[test]
fn the_text_is_name_and_message_alone() {
    assert_eq!(whole().to_string(), "KMSInternalException: sorry");
    assert_eq!(Error::new(ErrorKind::InvalidCiphertext, "").explain("why").to_string(), "InvalidCiphertextException");
}

#[test]
fn the_report_is_all_of_it() {
    let all = "KMSInternalException: sorry (why); caused by RecordCorruptedException (the record 'alias/2/x'); caused by \
               StoreException: no route (10.0.0.7 answers not); caused by DisabledException: arn is disabled.";
    assert_eq!(whole().report(), all);
    let debug = format!("{:?}", whole());
    assert!(["sorry", "why", "alias/2/x", "10.0.0.7", "Disabled"].iter().all(|part| debug.contains(part)), "{debug}");
}

#[test]
fn causes_come_in_their_order() {
    let error = whole();
    let kinds: Vec<_> = error.causes().iter().map(Error::kind).collect();
    assert_eq!(kinds, [ErrorKind::RecordCorrupted, ErrorKind::Disabled]);
    assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("RecordCorruptedException"));
}

#[test]
fn what_an_app_threw_comes_back_as_it_was() {
    let thrown: pocketkms::Origin = Arc::new("no network");
    let error = Error::new(ErrorKind::KeyUnavailable, "").with_origin(Arc::clone(&thrown));
    assert!(error.origin().is_some_and(|origin| Arc::ptr_eq(origin, &thrown)));
    assert!(whole().origin().is_none());
}

#[test]
fn no_error_is_without_words() {
    for kind in ErrorKind::ALL.iter().copied() {
        assert_eq!(Error::new(kind, "").explanation(), Some(kind.description()));
        assert_eq!(Error::new(kind, "").explain("why").explanation(), Some("why"));
        assert_eq!(Error::new(kind, "AWS's own").explanation(), None);
    }
}

#[test]
fn a_person_is_told_what_each_error_means() {
    let lines = "KMSInternalException: sorry\nAn internal error. Retry the request.\nwhy\nCaused by RecordCorruptedException\n\
                 A stored record was altered, moved, swapped or rolled back.\nthe record 'alias/2/x'\nCaused by StoreException: no \
                 route\nThe store failed; nothing was changed.\n10.0.0.7 answers not\nCaused by DisabledException: arn is \
                 disabled.\nThe KMS key is disabled. Enable it first.";
    assert_eq!(whole().describe(), lines);
    let described = Error::new(ErrorKind::Entropy, "").describe();
    assert_eq!(described, "EntropyException\nThe source of randomness failed; nothing was changed.", "once is enough");
    assert_eq!(whole().attempts().len(), 0);
}

/// What a store fails of, its caller can distinguish and do something about.
#[test]
fn each_failure_of_a_store_has_a_name() {
    let cases = [
        (StoreErrorKind::Full, ErrorKind::StoreFull),
        (StoreErrorKind::ReadOnly, ErrorKind::StoreReadOnly),
        (StoreErrorKind::Busy, ErrorKind::DependencyTimeout),
        (StoreErrorKind::Damaged, ErrorKind::StoreDamaged),
        (StoreErrorKind::TooLarge, ErrorKind::Store),
        (StoreErrorKind::Other, ErrorKind::Store),
    ];
    for (kind, seen) in cases {
        let error = Error::from(StoreError::new(kind, "errno 28"));
        assert_eq!((error.kind(), error.explanation()), (seen, Some("errno 28")));
        assert!(error.message().contains("nothing was changed"), "{error}");
    }
}

#[test]
fn the_bounds_of_a_commit_are_exact() {
    let put = |name: &str, length: usize| Change {
        name: name.into(),
        expected: None,
        effect: Effect::Put(Sealed::from_stored(&vec![0; length])),
    };
    let keep = |number: usize| Change { name: format!("{number}"), expected: None, effect: Effect::Keep };
    let hundred: Vec<_> = (0..Change::MAX_PER_COMMIT).map(keep).collect();
    Change::check_bounds(&hundred).unwrap();
    let mut more = hundred;
    more.push(keep(100));
    assert_eq!(Change::check_bounds(&more).unwrap_err().kind(), StoreErrorKind::TooLarge);
    // Names count as values do.
    Change::check_bounds(&[put("name", Change::MAX_COMMIT_BYTES - 4)]).unwrap();
    assert_eq!(
        Change::check_bounds(&[put("names", Change::MAX_COMMIT_BYTES - 4)]).unwrap_err().kind(),
        StoreErrorKind::TooLarge
    );
}
