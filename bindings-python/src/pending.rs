//! Calls of the core, and what Python code raises inside of them.
//!
//! An exception passes through the core as the payload of an error ([`Error::origin`]), so that the caller catches the very
//! same object. An interruption (Ctrl-C, the end of the program) ends a call whatever else worked out, also where another keyring
//! finds the data key and the core has no error left. So it waits here as well, on the thread on which it happened.

use crate::{
    clock::Reading,
    error::{as_core_error, raise},
    gate,
};
use pocketkms::Error;
use pyo3::{exceptions::PyException, prelude::*};
use std::cell::Cell;

/// From how many bytes on it pays to let other threads run. Giving the interpreter away and waiting to get it back costs
/// more than a shorter message takes.
pub(crate) const RELEASE: usize = 16 * 1024;

thread_local! {
    static INTERRUPTION: Cell<Option<PyErr>> = const { Cell::new(None) };
}

/// The error that carries an exception through the core.
pub(crate) fn carry(py: Python<'_>, exception: PyErr) -> Error {
    if !exception.is_instance_of::<PyException>(py) {
        let first = INTERRUPTION.take();
        INTERRUPTION.set(Some(first.unwrap_or_else(|| exception.clone_ref(py))));
    }
    as_core_error(py, exception)
}

/// Calls the core, with the interpreter released if that pays, and raises what goes wrong: an exception of the app's own code as
/// it is, and the core's own errors as those of the package.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    release: bool,
    work: impl FnOnce() -> pocketkms::Result<T> + Send,
) -> PyResult<T> {
    let _reading = Reading::take(py)?;
    // A keyring's callback may itself encrypt or decrypt, and what interrupted the outer call does not concern the inner one.
    let outer = INTERRUPTION.take();
    let result = if release { gate::released(py, work) } else { work() };
    match INTERRUPTION.replace(outer) {
        Some(interruption) => Err(interruption),
        None => result.map_err(|error| raise(py, &error)),
    }
}

/// What interrupted a part of the work that a call of the core does.
pub(crate) fn take_interruption() -> Option<PyErr> {
    INTERRUPTION.take()
}
