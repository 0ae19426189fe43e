//! The Python objects on which a keyring, a stream or a root key stands.

use pyo3::{PyTraverseError, PyVisit, exceptions::PyReferenceError, prelude::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Python objects, shared by the Python object of a keyring and by what calls them from inside of the core.
///
/// Only the former shows them to the garbage collector. So anything that keeps a part of the core's keyring must keep the
/// Python object, too: when that is collected, the objects are gone.
#[derive(Clone, Default)]
pub(crate) struct HeldObjects(Arc<Mutex<Vec<Py<PyAny>>>>);

impl HeldObjects {
    /// These objects.
    pub(crate) fn of(objects: impl IntoIterator<Item = Py<PyAny>>) -> Self {
        Self(Arc::new(Mutex::new(objects.into_iter().collect())))
    }

    /// The object of that place.
    pub(crate) fn get<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Bound<'py, PyAny>> {
        let found = self.lock().get(index).map(|object| object.bind(py).clone());
        found.ok_or_else(|| PyReferenceError::new_err("the keyring or root key is gone"))
    }

    pub(crate) fn traverse(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.lock().iter().try_for_each(|object| visit.call(object))
    }

    pub(crate) fn clear(&self) {
        // Let go after the lock is: what goes may run any code.
        let gone = std::mem::take(&mut *self.lock());
        drop(gone);
    }

    /// Held for a moment only, and never while Python code runs: no one waits for it.
    fn lock(&self) -> MutexGuard<'_, Vec<Py<PyAny>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
