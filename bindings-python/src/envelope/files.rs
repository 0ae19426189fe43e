//! Files: whole, or not there.

use crate::{convert::type_error, error::raise, gate, pending::run};
use pocketkms_files::{Error, Progress};
use pyo3::{
    exceptions::{PyKeyboardInterrupt, PyOSError, PyRuntimeError},
    prelude::*,
};
use std::{io, ops::ControlFlow, path::PathBuf};

/// Works on files with the interpreter released, and raises what goes wrong.
pub(crate) fn work<T: Send>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&mut dyn FnMut(Progress) -> ControlFlow<()>) -> pocketkms_files::Result<T> + Send,
) -> PyResult<T> {
    if let Some(progress) = progress.filter(|progress| !progress.is_callable()) {
        return Err(type_error("progress", "callable", progress));
    }
    let progress = progress.map(|progress| progress.clone().unbind());
    let mut raised = None;
    let note = &mut raised;
    let done = run(py, true, move || {
        let done = work(&mut |Progress { done, total }| {
            let flow = gate::attach(|py| {
                // No one else looks whether Ctrl-C was pressed.
                py.check_signals()?;
                progress.as_ref().map_or(Ok(()), |progress| progress.call1(py, (done, total)).map(drop))
            });
            flow.map_or_else(
                |exception| {
                    *note = Some(exception);
                    ControlFlow::Break(())
                },
                ControlFlow::Continue,
            )
        });
        match done {
            Err(Error::Message(error)) => Err(error),
            other => Ok(other),
        }
    })?;
    done.map_err(|error| match error {
        Error::Io { path, error } => os_error(py, path, &error),
        // Only the callback cancels, and it left why.
        _ => raised.unwrap_or_else(|| PyKeyboardInterrupt::new_err(())),
    })
}

/// Removes the temporary files that killed processes left in a directory, and returns how many.
#[pyfunction]
#[pyo3(signature = (directory, /))]
#[expect(clippy::needless_pass_by_value, reason = "made of the argument for this call")]
pub(crate) fn remove_abandoned(py: Python<'_>, directory: PathBuf) -> PyResult<usize> {
    gate::released(py, || pocketkms_files::remove_abandoned(&directory)).map_err(|error| match error {
        Error::Io { path, error } => os_error(py, path, &error),
        Error::Message(error) => raise(py, &error),
        other => PyRuntimeError::new_err(other.to_string()),
    })
}

/// As Python's own `open` raises it: of the class that belongs to the number, with the file's name.
pub(super) fn os_error(py: Python<'_>, path: PathBuf, error: &io::Error) -> PyErr {
    let number = || -> PyResult<i32> {
        let name = match (error.raw_os_error(), error.kind()) {
            // On Windows the number is another one than Python's.
            (Some(number), _) if cfg!(unix) => return Ok(number),
            (_, io::ErrorKind::NotFound) => "ENOENT",
            (_, io::ErrorKind::PermissionDenied) => "EACCES",
            (_, io::ErrorKind::NotADirectory) => "ENOTDIR",
            (_, io::ErrorKind::IsADirectory) => "EISDIR",
            (_, io::ErrorKind::AlreadyExists) => "EEXIST",
            (_, io::ErrorKind::StorageFull) => "ENOSPC",
            (_, io::ErrorKind::InvalidInput) => "EINVAL",
            _ => "EIO",
        };
        py.import("errno")?.getattr(name)?.extract()
    };
    let exception = || -> PyResult<PyErr> {
        let number = number()?;
        let text = match error.raw_os_error() {
            Some(_) => py.import("os")?.call_method1("strerror", (number,))?.extract()?,
            None => error.to_string(),
        };
        Ok(PyOSError::new_err((number, text, path.into_os_string())))
    };
    exception().unwrap_or_else(|broken| broken)
}
