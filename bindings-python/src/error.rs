//! Errors of the core as the package's exceptions.

use pocketkms::{Error, ErrorKind};
use pyo3::{
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyTuple},
};

/// The exception class of each error code.
static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// The exception that tells in Python what the error tells in Rust.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    // If there is no such exception, the package is broken, and Python's own error says how.
    exception(py, error).map_or_else(|broken| broken, PyErr::from_value)
}

/// What the core is told of an exception that Python code raised inside of it: one of the package's own as what it is,
/// any other as a key that cannot be had.
pub(crate) fn as_core_error(py: Python<'_>, exception: &PyErr) -> Error {
    let value = exception.value(py);
    let own = || -> PyResult<Error> {
        let code: u16 = value.getattr(intern!(py, "code"))?.extract()?;
        let class = classes(py)?.bind(py).as_any().get_item(code)?;
        let kind = ErrorKind::ALL.iter().find(|kind| kind.code() == code && value.is_instance(&class).unwrap_or(false));
        let kind = *kind.ok_or_else(|| exception.clone_ref(py))?;
        let error = Error::new(kind, value.getattr(intern!(py, "message"))?.extract::<String>()?);
        Ok(match value.getattr(intern!(py, "explanation"))?.extract::<Option<String>>()? {
            Some(explanation) => error.explain(explanation),
            None => error,
        })
    };
    // Its text may tell anything, and so is no text to be shown.
    own().unwrap_or_else(|_| Error::new(ErrorKind::KeyUnavailable, "").explain(exception.to_string()))
}

fn classes(py: Python<'_>) -> PyResult<&'static Py<PyDict>> {
    CLASSES.get_or_try_init(py, || {
        let classes = py.import(crate::convert::GENERATED)?.getattr("ERRORS")?;
        Ok::<_, PyErr>(classes.cast_into::<PyDict>()?.unbind())
    })
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    let causes = error.causes().iter().map(|cause| exception(py, cause)).collect::<PyResult<Vec<_>>>()?;
    let causes = PyTuple::new(py, causes)?;
    classes(py)?.bind(py).as_any().get_item(error.kind().code())?.call1((error.message(), error.explanation(), causes))
}
