//! The root key that opens a vault.

use crate::{
    convert::{BYTES, Bytes, bytes_of, length_of, secret_text, structure, type_error},
    envelope::held_objects::HeldObjects,
    error::raise,
    gate, memory,
    pending::carry,
};
use pocketkms::{KeyWrapper, Secret, SystemMonotonic};
use pocketkms_roots::HostRootKey;
use pyo3::{
    PyTraverseError, PyVisit,
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::{PyBytes, PyString},
};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// What opens a vault. Keep it outside of the vault: anyone who has both has every key.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct RootKey(pub(crate) pocketkms::RootKey, HeldObjects);

impl From<pocketkms::RootKey> for RootKey {
    fn from(key: pocketkms::RootKey) -> Self {
        Self(key, HeldObjects::default())
    }
}

#[pymethods]
impl RootKey {
    /// 32 random bytes, kept by you: in a keychain, a secret manager, an HSM.
    #[staticmethod]
    #[pyo3(signature = (key, /))]
    fn from_bytes(key: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = bytes_of(key).unwrap_or_else(|| Err(type_error("key", BYTES, key)))?;
        pocketkms::RootKey::from_bytes(Secret::from(bytes).expose())
            .map(Self::from)
            .map_err(|error| raise(key.py(), &error))
    }

    /// 32 new random bytes. Keep `to_bytes` of it.
    #[staticmethod]
    fn generate(py: Python<'_>) -> PyResult<Self> {
        pocketkms::RootKey::generate(&crate::interrupt::provider()).map(Self::from).map_err(|error| raise(py, &error))
    }

    /// A recovery key as it was written down.
    #[staticmethod]
    #[pyo3(signature = (text, /))]
    fn from_recovery_key(text: &Bound<'_, PyString>) -> PyResult<Self> {
        pocketkms::RootKey::from_recovery_key(secret_text("text", text)?)
            .map(Self::from)
            .map_err(|error| raise(text.py(), &error))
    }

    /// The root key in an environment variable.
    #[staticmethod]
    #[pyo3(signature = (name, /))]
    fn from_env(name: &Bound<'_, PyString>) -> PyResult<Self> {
        pocketkms::RootKey::from_env(name.to_str()?).map(Self::from).map_err(|error| raise(name.py(), &error))
    }

    /// The root key in a file.
    #[staticmethod]
    #[pyo3(signature = (path, /))]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let key = gate::released(py, || pocketkms::RootKey::from_file(path));
        key.map(Self::from).map_err(|error| raise(py, &error))
    }

    /// A key elsewhere, which functions of yours ask.
    #[staticmethod]
    #[pyo3(signature = (name, /, *, wrap, unwrap))]
    fn from_callback(name: &str, wrap: &Bound<'_, PyAny>, unwrap: &Bound<'_, PyAny>) -> PyResult<Self> {
        for (name, callback) in [("wrap", wrap), ("unwrap", unwrap)] {
            if !callback.is_callable() {
                return Err(type_error(name, "callable", callback));
            }
        }
        let held = HeldObjects::of([wrap, unwrap].map(|callback| callback.clone().unbind()));
        let key = pocketkms::RootKey::from_callback(name, Callbacks(held.clone()));
        key.map(|key| Self(key, held)).map_err(|error| raise(wrap.py(), &error))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.1.traverse(&visit)
    }

    fn __clear__(&self) {
        self.1.clear();
    }

    /// The 32 bytes of a root key that is made of bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.0.to_bytes().map_err(|error| raise(py, &error))?;
        Ok(PyBytes::new(py, bytes.expose()))
    }

    /// A passphrase, hashed with Argon2id. Text counts as its UTF-8 bytes: normalise Unicode before, where users type
    /// it on different systems.
    #[staticmethod]
    #[pyo3(signature = (passphrase, /, *, cost = None, max_cost = None, seconds = None))]
    fn from_passphrase(
        passphrase: &Bound<'_, PyAny>,
        cost: Option<&Bound<'_, PyAny>>,
        max_cost: Option<&Bound<'_, PyAny>>,
        seconds: Option<f64>,
    ) -> PyResult<Self> {
        let cost = cost.map(|cost| structure("cost", cost)).transpose()?;
        let max_cost = max_cost.map(|cost| structure("max_cost", cost)).transpose()?;
        let bytes = match passphrase.cast::<PyString>() {
            Ok(text) => memory::copy(secret_text("passphrase", text)?.as_bytes())?,
            Err(_) => bytes_of(passphrase)
                .unwrap_or_else(|| Err(type_error("passphrase", "str, bytes, bytearray or memoryview", passphrase)))?,
        };
        let target = seconds.map(Duration::try_from_secs_f64).transpose();
        let target = target.map_err(|_| PyValueError::new_err("'seconds' must be a positive number"))?;
        let mut key = match cost {
            Some(cost) => pocketkms::RootKey::from_passphrase_with_cost(bytes, cost),
            None => pocketkms::RootKey::from_passphrase(bytes),
        };
        if let Some(max) = max_cost {
            key = key.and_then(|key| key.with_max_cost(max));
        }
        if let Some(target) = target {
            key = key.and_then(|key| key.calibrated_to(target, Arc::new(SystemMonotonic::default())));
        }
        key.map(Self::from).map_err(|error| raise(passphrase.py(), &error))
    }
}

/// What wraps and what unwraps.
struct Callbacks(HeldObjects);

impl KeyWrapper for Callbacks {
    fn wrap(&self, key: &Secret) -> pocketkms::Result<Vec<u8>> {
        self.call(0, "wrap", |py| memory::bytes(py, key.expose()), |answer| memory::copy(&Bytes::of("wrap()", answer)?))
    }

    fn unwrap(&self, wrapped: &[u8]) -> pocketkms::Result<Secret> {
        self.call(1, "unwrap", |py| memory::bytes(py, wrapped), |answer| Bytes::of("unwrap()", answer)?.into_secret())
    }
}

impl Callbacks {
    fn call<T>(
        &self,
        place: usize,
        name: &str,
        argument: impl FnOnce(Python<'_>) -> PyResult<Bound<'_, PyBytes>>,
        read: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
    ) -> pocketkms::Result<T> {
        gate::attach(|py| {
            let called = || -> PyResult<T> {
                let answer = self.0.get(py, place)?.call1((argument(py)?,))?;
                if length_of(&answer).is_none() {
                    // Its type and never the value, which may be a key.
                    let found = answer.get_type().qualname()?;
                    return Err(PyTypeError::new_err(format!("'{name}' must return bytes, not {found}")));
                }
                read(&answer)
            };
            called().map_err(|exception| carry(py, exception))
        })
    }
}
