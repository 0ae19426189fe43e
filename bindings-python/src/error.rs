//! Errors of the core as the package's exceptions.

use pocketkms::Error;
use pyo3::{prelude::*, sync::PyOnceLock, types::PyDict};

/// The exception class of each error code.
static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// The exception that tells in Python what the error tells in Rust.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    // If there is no such exception, the package is broken, and Python's own error says how.
    exception(py, error).map_or_else(|broken| broken, PyErr::from_value)
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let cause = error.cause().map(|cause| exception(py, cause)).transpose()?;
    let classes = CLASSES.get_or_try_init(py, || {
        let classes = py.import(crate::convert::GENERATED)?.getattr("ERRORS")?;
        Ok::<_, PyErr>(classes.cast_into::<PyDict>()?.unbind())
    })?;
    classes.bind(py).as_any().get_item(error.kind().code())?.call1((error.message(), error.explanation(), cause))
}
