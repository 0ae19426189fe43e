//! A cache of data keys.

use super::{Keyring, MaterialsManager};
use crate::{
    clock,
    envelope::{arguments::named, held_objects::HeldObjects},
    error::raise,
};
use pocketkms::envelope::{self, CacheOptions};
use pyo3::{prelude::*, types::PyDict};
use std::sync::Arc;

/// A keyring whose data keys are used for several messages.
#[pyclass(frozen, extends = MaterialsManager, module = "pocketkms")]
pub(crate) struct CachingMaterialsManager(Arc<envelope::CachingMaterialsManager>);

#[pymethods]
impl CachingMaterialsManager {
    #[new]
    #[pyo3(signature = (keyring, *, clock = None, **limits))]
    fn new(
        keyring: &Bound<'_, Keyring>,
        clock: Option<&Bound<'_, PyAny>>,
        limits: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let py = keyring.py();
        let limits: CacheOptions = named(limits)?;
        let Keyring { keyring: shared, slow } = keyring.get();
        let cache = envelope::CachingMaterialsManager::new(Arc::clone(shared), clock::of(clock)?, limits.into())
            .map_err(|error| raise(py, &error))?;
        let cache = Arc::new(cache);
        let held = HeldObjects::of([keyring.clone().into_any().unbind()]);
        let manager = MaterialsManager { manager: Arc::clone(&cache) as _, slow: *slow, held };
        Ok(PyClassInitializer::from(manager).add_subclass(Self(cache)))
    }

    /// Forgets every entry.
    fn clear(&self) {
        self.0.clear();
    }
}
