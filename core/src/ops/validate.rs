//! Constraints that stand in no description of a type.

use crate::{
    error::{Error, ErrorKind},
    shape::{Place, Violations},
};
use alloc::{format, string::String};

/// A `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}

/// What the request must have where the description does not always ask for it.
pub(super) fn missing(member: &str) -> Error {
    Violations::missing_alone(&Place::Named(member))
}

/// What AWS has and this version does not: refused by name, in place of a promise.
pub(super) fn not_offered(what: &str) -> Error {
    Error::new(ErrorKind::UnsupportedOperation, format!("This version of PocketKMS does not offer {what}."))
}
