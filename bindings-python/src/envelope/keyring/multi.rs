//! Several keyrings in one.

use super::Keyring;
use crate::{envelope::held_objects::HeldObjects, error::raise};
use pocketkms::envelope;
use pyo3::prelude::*;
use std::sync::Arc;

/// Several keyrings in one.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct MultiKeyring;

#[pymethods]
impl MultiKeyring {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    #[pyo3(signature = (generator, children = Vec::new()), text_signature = "(generator, children=())")]
    fn new(
        py: Python<'_>,
        generator: Option<&Bound<'_, Keyring>>,
        children: Vec<Bound<'_, Keyring>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let slow = generator.into_iter().chain(&children).any(|keyring| keyring.get().slow);
        let share = |keyring: &Bound<'_, Keyring>| Arc::clone(&keyring.get().keyring);
        let keyring = envelope::MultiKeyring::new(generator.map(share), children.iter().map(share).collect())
            .map_err(|error| raise(py, &error))?;
        let parts = generator.into_iter().chain(&children);
        let held = HeldObjects::of(parts.map(|keyring| keyring.clone().into_any().unbind()));
        Ok(Keyring::base(keyring, slow, held).add_subclass(Self))
    }
}
