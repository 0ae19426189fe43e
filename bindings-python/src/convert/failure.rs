//! What is of another type than it should be.

use pyo3::{exceptions::PyTypeError, prelude::*};
use std::fmt;

/// A `TypeError` in Python's own words.
pub(crate) fn type_error(place: impl fmt::Display, wanted: &str, found: &Bound<'_, PyAny>) -> PyErr {
    match found.get_type().qualname() {
        // The type and never the value, which may be a secret.
        Ok(name) => PyTypeError::new_err(format!("'{place}' must be {wanted}, not {name}")),
        Err(error) => error,
    }
}
