//! Python code as the place where branch keys are kept.

use super::secret;
use crate::{convert::type_error, envelope::held_objects::HeldObjects, error::raise, gate, pending::carry};
use pocketkms::{
    Clock, Error, ErrorKind, Result, SecretArray, Timestamp,
    envelope::{BranchKeyMaterials, BranchKeySource},
    keys::BranchKeyVersion,
};
use pyo3::{call::PyCallArgs, exceptions::PyTypeError, prelude::*, types::PyString};
use std::sync::Arc;

/// The module of what is kept there.
pub(super) const BRANCH_KEYS: &str = "pocketkms._branch_keys";

/// The object is the first below.
pub(super) struct PythonSource {
    pub(super) held: HeldObjects,
    pub(super) clock: Arc<dyn Clock>,
}

impl PythonSource {
    /// Calls a method, and reads what it answers.
    fn call<'py, T>(
        &self,
        py: Python<'py>,
        method: &str,
        arguments: impl PyCallArgs<'py>,
        read: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        let answer = || read(&self.held.get(py, 0)?.call_method1(method, arguments)?);
        answer().map_err(|exception| carry(py, exception))
    }
}

impl BranchKeySource for PythonSource {
    fn active_branch_key(&self, branch_key_id: &str) -> Result<BranchKeyMaterials> {
        gate::attach(|py| {
            let method = "active_branch_key";
            self.call(py, method, (branch_key_id,), |answer| materials(method, answer))
        })
    }

    fn branch_key_version(&self, branch_key_id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        gate::attach(|py| {
            let (method, arguments) = ("branch_key_version", (branch_key_id, version.to_string()));
            let found = self.call(py, method, arguments, |answer| materials(method, answer))?;
            if found.version != *version {
                let message = format!("the source answered version '{}' in place of '{version}'", found.version);
                return Err(Error::new(ErrorKind::KeyUnavailable, message));
            }
            Ok(found)
        })
    }

    fn branch_key_state(&self, branch_key_id: &str, version: Option<&BranchKeyVersion>) -> Result<String> {
        gate::attach(|py| {
            let (method, arguments) = ("branch_key_state", (branch_key_id, version.map(ToString::to_string)));
            self.call(py, method, arguments, |answer| match answer.cast::<PyString>() {
                Ok(state) => Ok(state.to_str()?.to_owned()),
                Err(_) => Err(unexpected(method, "str", answer)),
            })
        })
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn materials(method: &str, answer: &Bound<'_, PyAny>) -> PyResult<BranchKeyMaterials> {
    if !answer.is_instance(&answer.py().import(BRANCH_KEYS)?.getattr("BranchKeyMaterials")?)? {
        return Err(unexpected(method, "BranchKeyMaterials", answer));
    }
    let (version, key) = (answer.getattr("branch_key_version")?, answer.getattr("branch_key")?);
    let text = version.cast::<PyString>().map_err(|_| type_error("branch_key_version", "str", &version))?;
    let version = text.to_str()?.parse().map_err(|error| raise(answer.py(), &error))?;
    let key = secret("branch_key", &key)?;
    let branch_key = SecretArray::copy_of(key.expose()).ok_or_else(|| {
        let message = format!("a branch key has 32 bytes, not {}", key.len());
        raise(answer.py(), &Error::new(ErrorKind::Validation, message))
    })?;
    Ok(BranchKeyMaterials { version, branch_key })
}

/// A `TypeError` about what a method answered: its type and never the value, which may be a key.
fn unexpected(method: &str, wanted: &str, answer: &Bound<'_, PyAny>) -> PyErr {
    match answer.get_type().qualname() {
        Ok(name) => PyTypeError::new_err(format!("'{method}' must return {wanted}, not {name}")),
        Err(error) => error,
    }
}
