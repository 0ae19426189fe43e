//! What can go wrong on the way: a Python exception, wearing the trait that serde asks of errors.

use pyo3::{exceptions::PyTypeError, prelude::*};
use std::fmt;

/// A Python exception; none where a limit of the service model is broken, about which the core has the words.
pub(super) struct Failure(Option<PyErr>);

impl Failure {
    pub(super) const BROKEN: Self = Self(None);

    pub(super) fn into_exception(self) -> Option<PyErr> {
        self.0
    }
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self(Some(error))
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        failure.0.unwrap_or_else(|| PyTypeError::new_err("a value is not of its type"))
    }
}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Some(PyTypeError::new_err(message.to_string())))
    }
}

impl serde::ser::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Some(PyTypeError::new_err(message.to_string())))
    }
}

impl std::error::Error for Failure {}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(exception) => exception.fmt(f),
            None => f.write_str("a limit is broken"),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(exception) => exception.fmt(f),
            None => f.write_str("a limit is broken"),
        }
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
