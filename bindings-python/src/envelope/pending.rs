//! Python exceptions that happen inside of a keyring, on their way past the core.
//!
//! The core knows its own errors only. So what a keyring raises waits here, on the thread on which it happened, until
//! the call of the core is over.

use crate::error::raise;
use pyo3::{exceptions::PyException, prelude::*};
use std::cell::Cell;

thread_local! {
    static PENDING: Cell<Option<Pending>> = const { Cell::new(None) };
}

struct Pending {
    exception: PyErr,
    /// Whether a failure is this exception, or only has it as its cause.
    stands_alone: bool,
}

/// Leaves an exception for [`run`] to raise in place of the core's error.
pub(crate) fn leave(exception: PyErr) {
    PENDING.set(Some(Pending { exception, stands_alone: true }));
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
    let result = if release { py.detach(work) } else { work() };
    let left = PENDING.replace(outer);
    match (result, left) {
        // An interruption (Ctrl-C, the end of the program) is nobody's answer, whatever else worked out.
        (_, Some(left)) if !left.exception.is_instance_of::<PyException>(py) => Err(left.exception),
        (Ok(done), _) => Ok(done),
        (Err(error), None) => Err(raise(py, &error)),
        (Err(_), Some(left)) if left.stands_alone => Err(left.exception),
        (Err(error), Some(left)) => {
            let raised = raise(py, &error);
            raised.set_cause(py, Some(left.exception));
            Err(raised)
        }
    }
}
