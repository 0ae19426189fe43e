//! Data keys under keys of a KMS.

use super::{Keyring, python::PythonClient};
use crate::{
    convert::{GENERATED, type_error},
    envelope::{below::Below, results::MESSAGES},
    vault::Vault,
};
use pocketkms::envelope;
use pyo3::prelude::*;
use std::sync::Arc;

/// Data keys generated, encrypted and decrypted by the keys of a vault.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct KmsKeyring;

#[pymethods]
impl KmsKeyring {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    #[pyo3(
        signature = (kms, generator, additional = Vec::new(), *, multi_region_aware = false, grant_tokens = None),
        text_signature = "(kms, generator, additional=(), *, multi_region_aware=False, grant_tokens=None)"
    )]
    fn new(
        kms: &Bound<'_, PyAny>,
        generator: &str,
        additional: Vec<String>,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        let (client, below) = client(kms)?;
        let keyring = envelope::KmsKeyring::new(client, generator, &additional);
        Ok(Self::with(keyring, below, multi_region_aware, grant_tokens))
    }

    #[staticmethod]
    #[pyo3(signature = (kms, filter = None, *, multi_region_aware = false, grant_tokens = None))]
    fn discovery(
        kms: &Bound<'_, PyAny>,
        filter: Option<&Bound<'_, PyAny>>,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> PyResult<Py<Self>> {
        let filter = filter.map(discovery_filter).transpose()?;
        let (client, below) = client(kms)?;
        let keyring = envelope::KmsKeyring::discovery(client, filter);
        Py::new(kms.py(), Self::with(keyring, below, multi_region_aware, grant_tokens))
    }
}

impl KmsKeyring {
    fn with(
        mut keyring: envelope::KmsKeyring,
        below: Below,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> PyClassInitializer<Self> {
        if multi_region_aware {
            keyring = keyring.multi_region_aware();
        }
        if let Some(tokens) = grant_tokens {
            keyring = keyring.grant_tokens(tokens);
        }
        // What is asked in Python may be far away, and a vault may have to wait for another call.
        Keyring::base(keyring, true, below).add_subclass(Self)
    }
}

/// Whoever performs the operations: a vault of this package, or Python code that passes them on.
fn client(kms: &Bound<'_, PyAny>) -> PyResult<(Arc<dyn envelope::KmsClient>, Below)> {
    if let Ok(vault) = kms.getattr("_vault")
        && let Ok(vault) = vault.cast::<Vault>()
    {
        return Ok((Arc::new(vault.get().kms()), Below::default()));
    }
    if !kms.is_instance(&kms.py().import(GENERATED)?.getattr("KmsOperations")?)? {
        return Err(type_error("kms", "Kms or another KmsOperations", kms));
    }
    let below = Below::of([kms.clone().unbind()]);
    Ok((Arc::new(PythonClient(below.clone())), below))
}

fn discovery_filter(filter: &Bound<'_, PyAny>) -> PyResult<envelope::DiscoveryFilter> {
    if !filter.is_instance(&filter.py().import(MESSAGES)?.getattr("DiscoveryFilter")?)? {
        return Err(type_error("filter", "DiscoveryFilter", filter));
    }
    Ok(envelope::DiscoveryFilter {
        partition: filter.getattr("partition")?.extract()?,
        account_ids: filter.getattr("account_ids")?.extract()?,
    })
}
