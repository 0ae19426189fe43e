//! Data keys under keys that the caller holds.

use super::{Keyring, encoded, secret};
use crate::{
    envelope::{
        arguments::{curve_spec, padding_scheme},
        held_objects::HeldObjects,
    },
    error::raise,
    gate,
};
use pocketkms::{
    Provider, Secret,
    envelope::{self, RawEcdhSchema},
};
use pyo3::prelude::*;

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
        let key = secret("wrapping_key", wrapping_key)?;
        let keyring = envelope::RawAesKeyring::new(&Provider::default(), namespace, name, &key)
            .map_err(|error| raise(py, &error))?;
        Ok(Keyring::base(keyring, false, HeldObjects::default()).add_subclass(Self))
    }
}

/// Data keys encrypted under an RSA key that you hold, or somebody else.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct RawRsaKeyring;

#[pymethods]
impl RawRsaKeyring {
    #[new]
    #[pyo3(signature = (*, namespace, name, padding_scheme, public_key = None, private_key = None))]
    fn new(
        py: Python<'_>,
        namespace: &str,
        name: &str,
        padding_scheme: &Bound<'_, PyAny>,
        public_key: Option<&Bound<'_, PyAny>>,
        private_key: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let scheme = self::padding_scheme(padding_scheme)?;
        let public_key = public_key.map(|key| encoded("public_key", key)).transpose()?;
        let private_key = private_key.map(|key| encoded("private_key", key)).transpose()?;
        let keyring = gate::released(py, || {
            let public_key = public_key.as_ref().map(Secret::expose);
            envelope::RawRsaKeyring::new(
                &Provider::default(),
                namespace,
                name,
                scheme,
                public_key,
                private_key.as_ref(),
            )
        });
        Ok(Keyring::base(keyring.map_err(|error| raise(py, &error))?, true, HeldObjects::default()).add_subclass(Self))
    }

    #[staticmethod]
    #[pyo3(signature = (*, namespace, name, private_key))]
    fn pkcs1_despite_padding_oracles(
        py: Python<'_>,
        namespace: &str,
        name: &str,
        private_key: &Bound<'_, PyAny>,
    ) -> PyResult<Py<Self>> {
        let key = encoded("private_key", private_key)?;
        let keyring = gate::released(py, || {
            envelope::RawRsaKeyring::pkcs1_despite_padding_oracles(&Provider::default(), namespace, name, &key)
        });
        Py::new(
            py,
            Keyring::base(keyring.map_err(|error| raise(py, &error))?, true, HeldObjects::default()).add_subclass(Self),
        )
    }
}

/// Data keys encrypted under a key that two parties agree on over an elliptic curve.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct RawEcdhKeyring;

#[pymethods]
impl RawEcdhKeyring {
    #[staticmethod]
    #[pyo3(signature = (*, sender_private_key, recipient_public_key, curve_spec))]
    fn raw_private_key_to_static_public_key(
        sender_private_key: &Bound<'_, PyAny>,
        recipient_public_key: &Bound<'_, PyAny>,
        curve_spec: &Bound<'_, PyAny>,
    ) -> PyResult<Py<Self>> {
        let sender_private_key = &encoded("sender_private_key", sender_private_key)?;
        let recipient_public_key = encoded("recipient_public_key", recipient_public_key)?;
        let recipient_public_key = recipient_public_key.expose();
        Self::of(RawEcdhSchema::RawPrivateKeyToStaticPublicKey { sender_private_key, recipient_public_key }, curve_spec)
    }

    #[staticmethod]
    #[pyo3(signature = (*, recipient_public_key, curve_spec))]
    fn ephemeral_private_key_to_static_public_key(
        recipient_public_key: &Bound<'_, PyAny>,
        curve_spec: &Bound<'_, PyAny>,
    ) -> PyResult<Py<Self>> {
        let recipient_public_key = encoded("recipient_public_key", recipient_public_key)?;
        let recipient_public_key = recipient_public_key.expose();
        Self::of(RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key }, curve_spec)
    }

    #[staticmethod]
    #[pyo3(signature = (*, recipient_private_key, curve_spec))]
    fn public_key_discovery(
        recipient_private_key: &Bound<'_, PyAny>,
        curve_spec: &Bound<'_, PyAny>,
    ) -> PyResult<Py<Self>> {
        let recipient_private_key = &encoded("recipient_private_key", recipient_private_key)?;
        Self::of(RawEcdhSchema::PublicKeyDiscovery { recipient_private_key }, curve_spec)
    }
}

impl RawEcdhKeyring {
    fn of(schema: RawEcdhSchema<'_>, curve_spec: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let (py, curve) = (curve_spec.py(), self::curve_spec(curve_spec)?);
        let keyring = envelope::RawEcdhKeyring::new(&Provider::default(), schema, curve);
        // Agreeing takes as long as a long message.
        Py::new(
            py,
            Keyring::base(keyring.map_err(|error| raise(py, &error))?, true, HeldObjects::default()).add_subclass(Self),
        )
    }
}
