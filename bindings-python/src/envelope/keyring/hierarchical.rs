//! Data keys under branch keys, of a vault or of an app's own store.

use super::{
    Keyring,
    branch_keys::{BRANCH_KEYS, PythonSource},
};
use crate::{
    clock,
    convert::{response, type_error},
    envelope::{arguments::entries, held_objects::HeldObjects},
    error::raise,
    gate,
    kms::Kms,
    pending::carry,
};
use pocketkms::{
    EncryptionContext, Result,
    envelope::{self, BranchKeyIdSupplier, BranchKeySource},
};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
    types::PyString,
};
use std::{sync::Arc, time::Duration};

/// Data keys encrypted under branch keys, which are encrypted under KMS keys.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct HierarchicalKeyring;

#[pymethods]
impl HierarchicalKeyring {
    #[new]
    #[pyo3(signature = (source, branch_key_id, *, ttl, max_entries = None, clock = None))]
    fn new(
        source: &Bound<'_, PyAny>,
        branch_key_id: &Bound<'_, PyAny>,
        ttl: f64,
        max_entries: Option<&Bound<'_, PyAny>>,
        clock: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        let py = source.py();
        let held = HeldObjects::of([source, branch_key_id].map(|object| object.clone().unbind()));
        let source = branch_keys(source, clock, held.clone())?;
        // As with the age of a cache: beyond all time is the end of it, and before it is refused with 0.
        let ttl = Duration::try_from_secs_f64(ttl.max(0.0)).unwrap_or(Duration::MAX);
        let entries = entries(py, max_entries)?.unwrap_or(envelope::HierarchicalKeyring::DEFAULT_MAX_ENTRIES);
        let keyring = if let Ok(id) = branch_key_id.cast::<PyString>() {
            envelope::HierarchicalKeyring::new(source, id.to_str()?, ttl, entries)
        } else if branch_key_id.is_callable() {
            envelope::HierarchicalKeyring::with_supplier(source, Arc::new(Supplier(held.clone())), ttl, entries)
        } else {
            return Err(type_error("branch_key_id", "str or callable", branch_key_id));
        };
        // A vault may have to wait for another call, and what is Python needs the interpreter, which another thread may hold.
        Ok(Keyring::base(keyring.map_err(|error| raise(py, &error))?, true, held).add_subclass(Self))
    }
}

/// What chooses the branch key is the second below, after what keeps them.
const SUPPLIER: usize = 1;

/// Where the branch keys are kept: a vault of this package, or Python code.
fn branch_keys(
    source: &Bound<'_, PyAny>,
    clock: Option<&Bound<'_, PyAny>>,
    held: HeldObjects,
) -> PyResult<Arc<dyn BranchKeySource>> {
    if let Ok(kms) = source.getattr("_kms")
        && let Ok(kms) = kms.cast::<Kms>()
    {
        return match clock {
            None => Ok(Arc::new(kms.get().0.clone())),
            Some(_) => Err(PyValueError::new_err("a vault has a clock of its own")),
        };
    }
    if !source.is_instance(&source.py().import(BRANCH_KEYS)?.getattr("BranchKeySource")?)? {
        return Err(type_error("source", "Kms or BranchKeySource", source));
    }
    let clock = clock::of(clock)?;
    Ok(Arc::new(PythonSource { held, clock }))
}

/// A function that chooses the branch key by the encryption context.
struct Supplier(HeldObjects);

impl BranchKeyIdSupplier for Supplier {
    fn branch_key_id(&self, context: &EncryptionContext) -> Result<String> {
        gate::attach(|py| {
            let call = || {
                let answer = self.0.get(py, SUPPLIER)?.call1((response(py, context)?,))?;
                if let Ok(id) = answer.cast::<PyString>() {
                    return Ok(id.to_str()?.to_owned());
                }
                let found = answer.get_type().qualname()?;
                Err(PyTypeError::new_err(format!("'branch_key_id' must return str, not {found}")))
            };
            call().map_err(|exception| carry(py, exception))
        })
    }
}
