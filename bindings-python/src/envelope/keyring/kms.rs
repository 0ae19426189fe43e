//! Data keys under keys of a KMS.

use super::{Keyring, python::PythonClient};
use crate::{
    convert::{GENERATED, structure, type_error},
    envelope::{arguments::named, held_objects::HeldObjects, results::MESSAGES},
    error::raise,
    kms::Kms,
};
use pocketkms::envelope;
use pyo3::{prelude::*, types::PyDict};
use std::sync::Arc;

/// Data keys generated, encrypted and decrypted by the keys of a vault.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct KmsKeyring;

#[pymethods]
impl KmsKeyring {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    #[pyo3(
        signature = (kms, generator, additional = Vec::new(), **options),
        text_signature = "(kms, generator, additional=(), **options)"
    )]
    fn new(
        kms: &Bound<'_, PyAny>,
        generator: &str,
        additional: Vec<String>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        let (client, held) = client(kms)?;
        Ok(Self::with(envelope::KmsKeyring::new(client, generator, &additional).options(named(options)?), held))
    }

    #[staticmethod]
    #[pyo3(signature = (kms, filter = None, **options))]
    fn discovery(
        kms: &Bound<'_, PyAny>,
        filter: Option<&Bound<'_, PyAny>>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<Self>> {
        let filter = filter.map(|filter| structure("filter", filter)).transpose()?;
        let (client, held) = client(kms)?;
        let keyring = envelope::KmsKeyring::discovery_with(client, filter, named(options)?)
            .map_err(|error| raise(kms.py(), &error))?;
        Py::new(kms.py(), Self::with(keyring, held))
    }
}

impl KmsKeyring {
    fn with(keyring: envelope::KmsKeyring, held: HeldObjects) -> PyClassInitializer<Self> {
        // What is asked in Python may be far away, and a vault may have to wait for another call.
        Keyring::base(keyring, true, held).add_subclass(Self)
    }
}

/// What performs the operations: a vault of this package, or Python code that passes them on.
fn client(kms: &Bound<'_, PyAny>) -> PyResult<(Arc<dyn envelope::KmsClient>, HeldObjects)> {
    if let Ok(native) = kms.getattr("_kms")
        && let Ok(native) = native.cast::<Kms>()
    {
        return Ok((Arc::new(native.get().0.clone()), HeldObjects::default()));
    }
    let is_client = |module: &str, class: &str| kms.is_instance(&kms.py().import(module)?.getattr(class)?);
    if !is_client(GENERATED, "KmsOperations")? && !is_client(MESSAGES, "KmsClient")? {
        return Err(type_error("kms", "Kms, KmsClient or another KmsOperations", kms));
    }
    let held = HeldObjects::of([kms.clone().unbind()]);
    Ok((Arc::new(PythonClient(held.clone())), held))
}
