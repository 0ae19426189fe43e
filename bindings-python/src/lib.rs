//! The native half of the Python package `pocketkms`: it converts values, releases the interpreter, delegates to the
//! core and raises its errors. What users see is the other half, in `python/pocketkms`, most of it generated from the
//! core's own definitions.

#![deny(unsafe_code)]

mod audit;
mod clock;
mod cluster;
mod convert;
mod envelope;
mod error;
mod gate;
mod interrupt;
mod kms;
mod memory;
mod pending;
mod root_key;
mod vault;
mod xks;

/// What `pocketkms._native` holds.
#[pyo3::pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::{
        clock::ManualClock,
        envelope::{
            CachingMaterialsManager, CallbackKeyring, Client, Decryptor, Encryptor, HierarchicalKeyring, Keyring,
            KmsKeyring, MaterialsManager, MultiKeyring, Ranges, RawAesKeyring, RawEcdhKeyring, RawRsaKeyring,
            Reencryptor, RewrapBatch, remove_abandoned,
        },
        kms::Kms,
        root_key::RootKey,
        vault::{Vault, flush_all},
        xks::{XksHttpsTransport, XksRequest},
    };
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::gate::register(module)
    }
}
