//! Constraints that stand in no description of a type.

use crate::{
    error::{Error, ErrorKind},
    shape::{Place, Violations},
};
use alloc::string::String;

/// A `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, message)
}

/// What the request must have where the description does not always ask for it.
pub(super) fn missing(member: &str) -> Error {
    Violations::missing_alone(&Place::Named(member))
}
