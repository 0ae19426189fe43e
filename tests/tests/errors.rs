//! What an error tells to whom: its text anybody, its members the developer of the same process.

use pocketkms::{Error, ErrorKind};
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
