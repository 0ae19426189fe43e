//! Data keys that Python code wraps: with the KMS of AWS through its own SDK, with an HSM.

use super::{Keyring, secret};
use crate::{
    convert::{Bytes, bytes_of, length_of, response, type_error},
    envelope::{held_objects::HeldObjects, results::MESSAGES},
    error::raise,
    gate, memory,
    pending::carry,
};
use pocketkms::{
    EncryptionContext, Result, Secret,
    envelope::{self, AlgorithmSuite, DataKeyWrapper, EncryptedDataKey, Purpose, WrappedDataKey},
};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyString, PyTuple},
};
use std::sync::Arc;

/// Data keys that your own code wraps and unwraps.
#[pyclass(frozen, extends = Keyring, module = "pocketkms")]
pub(crate) struct CallbackKeyring;

#[pymethods]
impl CallbackKeyring {
    #[new]
    #[pyo3(signature = (provider_id, *, wrap, unwrap, fingerprint = None))]
    fn new(
        py: Python<'_>,
        provider_id: &str,
        wrap: Bound<'_, PyAny>,
        unwrap: Bound<'_, PyAny>,
        fingerprint: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PyClassInitializer<Self>> {
        for (name, callback) in
            [("wrap", Some(&wrap)), ("unwrap", Some(&unwrap)), ("fingerprint", fingerprint.as_ref())]
        {
            if let Some(callback) = callback
                && !callback.is_callable()
            {
                return Err(type_error(name, "callable", callback));
            }
        }
        let held = HeldObjects::of([wrap, unwrap].into_iter().chain(fingerprint).map(Bound::unbind));
        let wrapper = Arc::new(Callbacks(held.clone()));
        let keyring = envelope::CallbackKeyring::new(provider_id, wrapper).map_err(|error| raise(py, &error))?;
        // What wraps elsewhere takes its time, and what is Python needs the interpreter, which another thread may hold.
        Ok(Keyring::base(keyring, true, held).add_subclass(Self))
    }
}

/// What wraps, what unwraps and, if it was given, what returns a fingerprint.
struct Callbacks(HeldObjects);

const WRAP: usize = 0;
const UNWRAP: usize = 1;
const FINGERPRINT: usize = 2;

impl DataKeyWrapper for Callbacks {
    fn wrap_data_key(
        &self,
        data_key: &Secret,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<WrappedDataKey> {
        self.call(WRAP, |py, wrap| {
            let answer = wrap.call1((
                memory::bytes(py, data_key.expose())?,
                response(py, encryption_context)?,
                PyString::intern(py, algorithm_suite.as_str()),
            ))?;
            if !answer.is_instance(&py.import(MESSAGES)?.getattr("WrappedDataKey")?)? {
                return Err(unexpected("wrap", "WrappedDataKey", &answer));
            }
            let bytes = |member| memory::copy(&Bytes::of(member, &answer.getattr(member)?)?);
            Ok(WrappedDataKey { provider_info: bytes("provider_info")?, ciphertext: bytes("ciphertext")? })
        })
    }

    fn unwrap_data_key(
        &self,
        key: &EncryptedDataKey,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret> {
        self.call(UNWRAP, |py, unwrap| {
            let answer = unwrap.call1((
                response(py, key)?,
                response(py, encryption_context)?,
                PyString::intern(py, algorithm_suite.as_str()),
            ))?;
            if length_of(&answer).is_none() {
                return Err(unexpected("unwrap", "bytes", &answer));
            }
            secret("data key", &answer)
        })
    }

    fn fingerprint(&self, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        if gate::attach(|py| self.0.get(py, FINGERPRINT).is_err()) {
            return Ok(None);
        }
        self.call(FINGERPRINT, |py, fingerprint| {
            let keys = match purpose {
                Purpose::Encrypt { .. } => None,
                Purpose::Decrypt { encrypted_data_keys: keys, .. } => {
                    let keys = keys.iter().map(|key| response(py, key)).collect::<PyResult<Vec<_>>>()?;
                    Some(PyTuple::new(py, keys)?)
                }
            };
            let context = response(py, purpose.encryption_context())?;
            let answer = fingerprint.call1((keys, context))?;
            if answer.is_none() {
                return Ok(None);
            }
            match bytes_of(&answer) {
                Some(bytes) => bytes.map(Some),
                None => Err(unexpected("fingerprint", "bytes or None", &answer)),
            }
        })
    }
}

impl Callbacks {
    fn call<T>(&self, callback: usize, work: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>) -> Result<T> {
        gate::attach(|py| {
            let answer = self.0.get(py, callback).and_then(|callback| work(py, &callback));
            answer.map_err(|exception| carry(py, exception))
        })
    }
}

/// A `TypeError` about what a callback answered: its type and never the value, which may be a data key.
fn unexpected(callback: &str, wanted: &str, answer: &Bound<'_, PyAny>) -> PyErr {
    match answer.get_type().qualname() {
        Ok(name) => PyTypeError::new_err(format!("'{callback}' must return {wanted}, not {name}")),
        Err(error) => error,
    }
}
