//! Python exceptions that happen inside of a keyring, on their way past the core.
//!
//! The core knows its own errors only. So what a keyring raises waits here, on the thread on which it happened, until
//! the call of the core is over.

use crate::{
    error::{as_core_error, raise},
    gate,
};
use pocketkms::{Error, ErrorKind};
use pyo3::{exceptions::PyException, prelude::*};
use std::{borrow::Borrow, cell::Cell};

/// From how many bytes on it pays to let other threads run. Giving the interpreter away and waiting to get it back costs
/// more than a shorter message takes.
pub(crate) const RELEASE: usize = 16 * 1024;

thread_local! {
    static PENDING: Cell<Option<Pending>> = const { Cell::new(None) };
}

/// By what an error of the core is known again.
type Told = (ErrorKind, String, Option<String>);

fn told(error: &Error) -> Told {
    (error.kind(), error.message().to_owned(), error.explanation().map(str::to_owned))
}

pub(crate) struct Pending {
    exception: PyErr,
    /// What the core was told instead.
    error: Told,
    /// What becomes of it where no keyring found the data key.
    role: Role,
}

/// What an exception is to the failure of a decryption.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Role {
    /// All that is to be said, as if nothing had been tried.
    Whole,
    /// One reason among those that the core lists: the last one becomes the `__cause__`.
    Cause,
}

/// Leaves an exception for [`run`] to raise, and gives what to tell the core.
pub(crate) fn leave(py: Python<'_>, exception: PyErr, role: Role) -> Error {
    let error = as_core_error(py, &exception);
    let before = PENDING.take().filter(|before| !before.exception.is_instance_of::<PyException>(py));
    PENDING.set(before.or(Some(Pending { exception, error: told(&error), role })));
    error
}

/// Calls the core, with the interpreter released if that pays, and raises what goes wrong: an exception of a keyring as
/// it is, and the core's own errors as those of the package.
pub(crate) fn run<T: Send>(
    py: Python<'_>,
    release: bool,
    work: impl FnOnce() -> pocketkms::Result<T> + Send,
) -> PyResult<T> {
    // A keyring's callback may itself encrypt or decrypt: what is left there is none of ours.
    let outer = PENDING.take();
    let result = if release { gate::released(py, work) } else { work() };
    let left = PENDING.replace(outer);
    settle(py, result, left)
}

/// What was left on this thread, of a part of the work that a call of the core does.
pub(crate) fn take_left() -> Option<Pending> {
    PENDING.take()
}

/// What a result of the core is in Python, if that was left meanwhile.
pub(crate) fn settle<T, E: Borrow<Error>>(py: Python<'_>, result: Result<T, E>, left: Option<Pending>) -> PyResult<T> {
    match (result.as_ref().map_err(Borrow::borrow).err(), left) {
        // An interruption (Ctrl-C, the end of the program) is nobody's answer, whatever else worked out.
        (_, Some(left)) if !left.exception.is_instance_of::<PyException>(py) => Err(left.exception),
        (Some(error), Some(left)) if told(error) == left.error => Err(left.exception),
        (Some(error), Some(left)) if error.kind() == ErrorKind::UnableToDecryptDataKey => {
            if left.role == Role::Whole {
                return Err(left.exception);
            }
            let raised = raise(py, error);
            raised.set_cause(py, Some(left.exception));
            Err(raised)
        }
        // Another keyring found the data key, and something else went wrong.
        _ => result.map_err(|error| raise(py, error.borrow())),
    }
}
