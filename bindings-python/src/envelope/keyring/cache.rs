//! A cache of data keys.

use super::{Keyring, MaterialsManager};
use crate::{
    clock::ManualClock,
    envelope::{arguments::cache_limits, below::Below},
    error::raise,
};
use pocketkms::{Clock, SystemClock, envelope};
use pyo3::{prelude::*, types::PyTuple};
use std::sync::Arc;

/// A keyring whose data keys are used for several messages.
#[pyclass(frozen, extends = MaterialsManager, module = "pocketkms")]
pub(crate) struct CachingMaterialsManager(Arc<envelope::CachingMaterialsManager>);

#[pymethods]
impl CachingMaterialsManager {
    #[new]
    #[pyo3(signature = (
        keyring, *, max_entries = None, max_age = None, max_messages = None, max_bytes = None, clock = None
    ))]
    fn new(
        keyring: &Bound<'_, Keyring>,
        max_entries: Option<&Bound<'_, PyAny>>,
        max_age: Option<f64>,
        max_messages: Option<&Bound<'_, PyAny>>,
        max_bytes: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, ManualClock>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let py = keyring.py();
        let limits = cache_limits(&PyTuple::new(py, [max_entries, max_messages, max_bytes])?, max_age)?;
        let clock: Arc<dyn Clock> = match clock {
            Some(clock) => Arc::new(clock.get().0.clone()),
            None => Arc::new(SystemClock),
        };
        let Keyring { keyring: shared, slow } = keyring.get();
        let cache = envelope::CachingMaterialsManager::new(Arc::clone(shared), clock, limits)
            .map_err(|error| raise(py, &error))?;
        let cache = Arc::new(cache);
        let below = Below::of([keyring.clone().into_any().unbind()]);
        let manager = MaterialsManager { manager: Arc::clone(&cache) as _, slow: *slow, below };
        Ok(PyClassInitializer::from(manager).add_subclass(Self(cache)))
    }

    /// Forgets every entry.
    fn clear(&self) {
        self.0.clear();
    }
}
