//! Keyrings, as classes of the package.

mod branch_keys;
mod cache;
mod callback;
mod hierarchical;
mod kms;
mod multi;
mod python;
mod raw;

pub(crate) use {
    cache::CachingMaterialsManager,
    callback::CallbackKeyring,
    hierarchical::HierarchicalKeyring,
    kms::KmsKeyring,
    multi::MultiKeyring,
    raw::{RawAesKeyring, RawEcdhKeyring, RawRsaKeyring},
};

use crate::{
    convert::{Bytes, length_of, secret_text, type_error},
    envelope::held_objects::HeldObjects,
    memory,
};
use pocketkms::{Secret, envelope};
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyString};
use std::sync::Arc;

/// Supplies the data keys of messages: a keyring, or a cache in front of one.
#[pyclass(frozen, subclass, module = "pocketkms")]
pub(crate) struct MaterialsManager {
    pub(super) manager: Arc<dyn envelope::MaterialsManager>,
    /// Whether it may take so long, or may need the interpreter for another thread to go on, that the interpreter is
    /// always released while it works.
    pub(super) slow: bool,
    held: HeldObjects,
}

/// For Python's garbage collector: the objects below often know the keyring, and no one else any of them.
#[pymethods]
impl MaterialsManager {
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.held.traverse(&visit)
    }

    fn __clear__(&self) {
        self.held.clear();
    }
}

/// Encrypts and decrypts data keys under one or more wrapping keys.
#[pyclass(frozen, subclass, extends = MaterialsManager, module = "pocketkms")]
pub(crate) struct Keyring {
    pub(super) keyring: Arc<dyn envelope::Keyring>,
    pub(super) slow: bool,
}

impl Keyring {
    /// What a class of keyrings begins with.
    fn base(keyring: impl envelope::Keyring + 'static, slow: bool, held: HeldObjects) -> PyClassInitializer<Self> {
        let keyring: Arc<dyn envelope::Keyring> = Arc::new(keyring);
        let manager = MaterialsManager { manager: Arc::new(Arc::clone(&keyring)), slow, held };
        PyClassInitializer::from(manager).add_subclass(Self { keyring, slow })
    }
}

/// The bytes of a key.
fn secret(name: &str, key: &Bound<'_, PyAny>) -> PyResult<Secret> {
    Bytes::of(name, key)?.into_secret()
}

/// A key in PEM, as text or bytes, or in DER.
fn encoded(name: &str, key: &Bound<'_, PyAny>) -> PyResult<Secret> {
    match key.cast::<PyString>() {
        Ok(text) => memory::copy(secret_text(name, text)?.as_bytes()).map(Secret::from),
        Err(_) if length_of(key).is_none() => Err(type_error(name, "str, bytes, bytearray or memoryview", key)),
        Err(_) => secret(name, key),
    }
}
