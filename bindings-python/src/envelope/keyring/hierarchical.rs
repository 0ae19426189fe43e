//! Data keys under branch keys of a vault.

use super::{Keyring, vault::VaultClient};
use crate::{
    convert::type_error,
    envelope::{
        arguments::entries,
        below::Below,
        pending::{Role, leave},
        results::encryption_context,
    },
    error::raise,
    vault::Vault,
};
use pocketkms::{
    EncryptionContext, Result,
    envelope::{self, BranchKeyIdSupplier},
};
use pyo3::{exceptions::PyTypeError, prelude::*, types::PyString};
use std::{sync::Arc, time::Duration};

/// Data keys encrypted under branch keys, which are encrypted under KMS keys.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct HierarchicalKeyring;

#[pymethods]
impl HierarchicalKeyring {
    #[new]
    #[pyo3(signature = (kms, branch_key_id, *, ttl, max_entries = None))]
    fn new(
        kms: &Bound<'_, PyAny>,
        branch_key_id: &Bound<'_, PyAny>,
        ttl: f64,
        max_entries: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let py = kms.py();
        let vault = kms.getattr("_vault").map_err(|_| type_error("kms", "Kms", kms))?;
        let vault = vault.cast::<Vault>().map_err(|_| type_error("kms", "Kms", kms))?;
        let source = Arc::new(VaultClient(vault.get().handle()));
        // As with the age of a cache: beyond all time is the end of it, and before it is refused with 0.
        let ttl = Duration::try_from_secs_f64(ttl.max(0.0)).unwrap_or(Duration::MAX);
        let entries = entries(py, max_entries)?.unwrap_or(envelope::HierarchicalKeyring::DEFAULT_MAX_ENTRIES);
        let (keyring, below) = if let Ok(id) = branch_key_id.cast::<PyString>() {
            (envelope::HierarchicalKeyring::new(source, id.to_str()?, ttl, entries), Below::default())
        } else if branch_key_id.is_callable() {
            let below = Below::of([branch_key_id.clone().unbind()]);
            let supplier = Arc::new(Supplier(below.clone()));
            (envelope::HierarchicalKeyring::with_supplier(source, supplier, ttl, entries), below)
        } else {
            return Err(type_error("branch_key_id", "str or callable", branch_key_id));
        };
        // What is Python needs the interpreter, which another thread may hold.
        let slow = !branch_key_id.is_instance_of::<PyString>();
        Ok(Keyring::base(keyring.map_err(|error| raise(py, &error))?, slow, below).add_subclass(Self))
    }
}

/// A function that chooses the branch key by the encryption context.
struct Supplier(Below);

impl BranchKeyIdSupplier for Supplier {
    fn branch_key_id(&self, context: &EncryptionContext) -> Result<String> {
        Python::attach(|py| {
            let call = || {
                let answer = self.0.get(py, 0)?.call1((encryption_context(py, context)?,))?;
                if let Ok(id) = answer.cast::<PyString>() {
                    return Ok(id.to_str()?.to_owned());
                }
                let found = answer.get_type().qualname()?;
                Err(PyTypeError::new_err(format!("'branch_key_id' must return str, not {found}")))
            };
            // Of a message that may not be this keyring's, it is one reason among others.
            call().map_err(|exception| leave(py, exception, Role::Cause))
        })
    }
}
