//! The root key that opens a vault.

use crate::{
    convert::{BYTES, bytes_of, type_error},
    error::raise,
};
use pocketkms::{Argon2Cost, Secret};
use pyo3::{prelude::*, types::PyString};

/// What opens a vault. Keep it outside of the vault: who has both has every key.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct RootKey(pub(crate) pocketkms::RootKey);

#[pymethods]
impl RootKey {
    /// 32 random bytes, kept by you: in a keychain, a secret manager, an HSM.
    #[staticmethod]
    #[pyo3(signature = (key, /))]
    fn from_bytes(key: &Bound<'_, PyAny>) -> PyResult<Self> {
        let bytes = bytes_of(key).unwrap_or_else(|| Err(type_error("key", BYTES, key)))?;
        pocketkms::RootKey::from_bytes(Secret::from(bytes).expose()).map(Self).map_err(|error| raise(key.py(), &error))
    }

    /// A passphrase, hashed with Argon2id. Text counts as its UTF-8 bytes: normalise Unicode before, where users type
    /// it on different systems.
    #[staticmethod]
    #[pyo3(signature = (passphrase, /, *, cost = None, max_cost = None))]
    fn from_passphrase(
        passphrase: &Bound<'_, PyAny>,
        cost: Option<&Bound<'_, PyAny>>,
        max_cost: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let cost = cost.map(|cost| argon2_cost("cost", cost)).transpose()?.unwrap_or_default();
        let max_cost = max_cost.map(|cost| argon2_cost("max_cost", cost)).transpose()?;
        let bytes = match passphrase.cast::<PyString>() {
            Ok(text) => text.to_str()?.as_bytes().to_vec(),
            Err(_) => bytes_of(passphrase)
                .unwrap_or_else(|| Err(type_error("passphrase", "str, bytes, bytearray or memoryview", passphrase)))?,
        };
        let key = pocketkms::RootKey::from_passphrase_with_cost(bytes, cost);
        let key = match max_cost {
            Some(max) => key.and_then(|key| key.with_max_cost(max)),
            None => key,
        };
        key.map(Self).map_err(|error| raise(passphrase.py(), &error))
    }
}

fn argon2_cost(name: &str, cost: &Bound<'_, PyAny>) -> PyResult<Argon2Cost> {
    if !cost.is_instance(&cost.py().import("pocketkms._kms")?.getattr("Argon2Cost")?)? {
        return Err(type_error(name, "Argon2Cost", cost));
    }
    Ok(Argon2Cost {
        memory_kib: cost.getattr("memory_kib")?.extract()?,
        passes: cost.getattr("passes")?.extract()?,
        lanes: cost.getattr("lanes")?.extract()?,
    })
}
