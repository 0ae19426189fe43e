//! What can go wrong on the way: a Python exception, wearing the trait that serde asks of errors.

use pyo3::{exceptions::PyTypeError, prelude::*};
use std::fmt;

/// A Python exception.
pub(super) struct Failure(PyErr);

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(PyTypeError::new_err(message.to_string()))
    }
}

impl serde::ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(PyTypeError::new_err(message.to_string()))
    }
}

impl std::error::Error for Failure {}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A `TypeError` in Python's own words.
pub(crate) fn type_error(place: impl fmt::Display, wanted: &str, found: &Bound<'_, PyAny>) -> PyErr {
    match found.get_type().qualname() {
        // The type and never the value, which may be a secret.
        Ok(name) => PyTypeError::new_err(format!("'{place}' must be {wanted}, not {name}")),
        Err(error) => error,
    }
}
