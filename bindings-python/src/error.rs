//! Errors of the core as the package's exceptions.

use pocketkms::{Error, ErrorKind};
use pyo3::{
    exceptions::PyException,
    intern,
    prelude::*,
    sync::PyOnceLock,
    types::{PyDict, PyTuple},
};
use std::{ptr, sync::Arc};

/// The exception class of each error code.
static CLASSES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();

/// The exception of an error: what Python code raised inside of the core, as the very same object, or the package's own.
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    // If there is no such exception, the package is broken, and Python's own error says how.
    exception(py, error).map_or_else(|broken| broken, PyErr::from_value)
}

/// The error that carries an exception of Python code through the core: one of the package's own as what it is, any other as a
/// key that cannot be had.
pub(crate) fn as_core_error(py: Python<'_>, exception: PyErr) -> Error {
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
    // Any other exception's text may hold secrets, so it goes into the explanation and never into the message.
    let error = own().unwrap_or_else(|_| Error::new(ErrorKind::KeyUnavailable, "").explain(exception.to_string()));
    // KeyboardInterrupt, SystemExit, asyncio.CancelledError: no answer to what was asked, but an end of it.
    let error = if value.is_instance_of::<PyException>() { error } else { error.cancelling() };
    error.with_origin(Arc::new(exception))
}

fn classes(py: Python<'_>) -> PyResult<&'static Py<PyDict>> {
    CLASSES.get_or_try_init(py, || {
        let classes = py.import(crate::convert::GENERATED)?.getattr("ERRORS")?;
        Ok::<_, PyErr>(classes.cast_into::<PyDict>()?.unbind())
    })
}

fn exception<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    if let Some(raised) = error.origin().and_then(|origin| origin.downcast_ref::<PyErr>()) {
        return Ok(raised.value(py).clone().into_any());
    }
    let causes = error.causes().iter().map(|cause| exception(py, cause)).collect::<PyResult<Vec<_>>>()?;
    let attempts = error.attempts().map(|attempt| {
        let members = PyDict::new(py);
        // Its error is one of the causes.
        let at = attempt.error.and_then(|found| error.causes().iter().position(|cause| ptr::eq(cause, found)));
        let cause = at.and_then(|at| causes.get(at));
        members.set_item(intern!(py, "index"), attempt.index)?;
        members.set_item(intern!(py, "provider_id"), attempt.provider_id)?;
        members.set_item(intern!(py, "key_name"), attempt.key_name)?;
        members.set_item(intern!(py, "key_arn"), attempt.key_arn)?;
        members.set_item(intern!(py, "error"), cause)?;
        py.import(crate::convert::GENERATED)?.getattr("Attempt")?.call((), Some(&members))
    });
    let attempts = PyTuple::new(py, attempts.collect::<PyResult<Vec<_>>>()?)?;
    let causes = PyTuple::new(py, &causes)?;
    let class = classes(py)?.bind(py).as_any().get_item(error.kind().code())?;
    class.call1((error.message(), error.explanation(), causes, attempts))
}
