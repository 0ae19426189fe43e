//! Custom key stores of AWS CloudHSM clusters, by a cluster in this process. A real token stands in tests/pkcs11.rs.

mod blobs;
mod clusters;
mod keys;
mod once;
mod outside;
mod settings;
mod uses;

use pocketkms::{ErrorKind, Result};
use pocketkms_tests::vault::error;

#[track_caller]
fn refused<T>(result: Result<T>, kind: ErrorKind, words: &str) {
    let error = error(result);
    assert_eq!(error.kind(), kind, "{}", error.report());
    assert!(error.message().contains(words), "{}", error.report());
}
