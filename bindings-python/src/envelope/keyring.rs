//! Keyrings, as classes of the package.

use super::{kms::VaultClient, results::MESSAGES};
use crate::{
    convert::{Bytes, type_error},
    error::raise,
    vault::Vault,
};
use pocketkms::{Provider, Secret, envelope};
use pyo3::prelude::*;
use std::sync::Arc;

/// Supplies the data keys of messages: a keyring, or a cache in front of one.
#[pyclass(frozen, subclass, module = "pocketkms")]
pub(crate) struct MaterialsManager {
    pub(super) manager: Arc<dyn envelope::MaterialsManager>,
    /// Whether it may take so long, or may need the interpreter for another thread to go on, that the interpreter is
    /// always released while it works.
    pub(super) slow: bool,
}

/// Encrypts and decrypts data keys under one or more wrapping keys.
#[pyclass(frozen, subclass, extends = MaterialsManager, module = "pocketkms")]
pub(crate) struct Keyring {
    keyring: Arc<dyn envelope::Keyring>,
    slow: bool,
}

impl Keyring {
    /// What a class of keyrings begins with.
    fn base(keyring: impl envelope::Keyring + 'static, slow: bool) -> PyClassInitializer<Self> {
        let keyring: Arc<dyn envelope::Keyring> = Arc::new(keyring);
        let manager = MaterialsManager { manager: Arc::new(Arc::clone(&keyring)), slow };
        PyClassInitializer::from(manager).add_subclass(Self { keyring, slow })
    }
}

/// Data keys encrypted under an AES key that you hold.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct RawAesKeyring;

#[pymethods]
impl RawAesKeyring {
    #[new]
    #[pyo3(signature = (*, namespace, name, wrapping_key))]
    fn new(
        py: Python<'_>,
        namespace: &str,
        name: &str,
        wrapping_key: &Bound<'_, PyAny>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let key = match Bytes::of("wrapping_key", wrapping_key)? {
            Bytes::Borrowed(bytes) => Secret::copy_of(bytes),
            Bytes::Copied(secret) => secret,
        };
        let keyring = envelope::RawAesKeyring::new(&Provider::default(), namespace, name, &key)
            .map_err(|error| raise(py, &error))?;
        Ok(Keyring::base(keyring, false).add_subclass(Self))
    }
}

/// Data keys generated, encrypted and decrypted by the keys of a vault.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct KmsKeyring;

#[pymethods]
impl KmsKeyring {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    #[pyo3(signature = (kms, generator, additional = Vec::new(), *, multi_region_aware = false, grant_tokens = None))]
    fn new(
        kms: &Bound<'_, PyAny>,
        generator: &str,
        additional: Vec<String>,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        let keyring = envelope::KmsKeyring::new(client(kms)?, generator, &additional);
        Ok(Self::with(keyring, multi_region_aware, grant_tokens))
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
        let keyring = envelope::KmsKeyring::discovery(client(kms)?, filter);
        Py::new(kms.py(), Self::with(keyring, multi_region_aware, grant_tokens))
    }
}

impl KmsKeyring {
    fn with(
        mut keyring: envelope::KmsKeyring,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> PyClassInitializer<Self> {
        if multi_region_aware {
            keyring = keyring.multi_region_aware();
        }
        if let Some(tokens) = grant_tokens {
            keyring = keyring.grant_tokens(tokens);
        }
        Keyring::base(keyring, false).add_subclass(Self)
    }
}

/// The vault that a `Kms` of the package stands for.
fn client(kms: &Bound<'_, PyAny>) -> PyResult<Arc<dyn envelope::KmsClient>> {
    let refused = || type_error("kms", "Kms", kms);
    let vault = kms.getattr("_vault").map_err(|_| refused())?;
    let vault = vault.cast::<Vault>().map_err(|_| refused())?;
    Ok(Arc::new(VaultClient(vault.get().handle())))
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

/// Several keyrings in one.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct MultiKeyring;

#[pymethods]
impl MultiKeyring {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    #[pyo3(signature = (generator, children = Vec::new()))]
    fn new(
        py: Python<'_>,
        generator: Option<&Bound<'_, Keyring>>,
        children: Vec<Bound<'_, Keyring>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let slow = generator.into_iter().chain(&children).any(|keyring| keyring.get().slow);
        let share = |keyring: &Bound<'_, Keyring>| Arc::clone(&keyring.get().keyring);
        let keyring = envelope::MultiKeyring::new(generator.map(share), children.iter().map(share).collect())
            .map_err(|error| raise(py, &error))?;
        Ok(Keyring::base(keyring, slow).add_subclass(Self))
    }
}
