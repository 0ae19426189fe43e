//! Data keys that Python code wraps: with the KMS of AWS through its own SDK, with an HSM.

use super::{Keyring, secret};
use crate::{
    convert::{Bytes, type_error},
    envelope::{
        below::Below,
        results::{MESSAGES, encrypted_data_key, encryption_context},
    },
    error::raise,
    gate,
    pending::{Role, leave},
};
use pocketkms::{
    EncryptionContext, Result, Secret,
    envelope::{self, AlgorithmSuite, DataKeyWrapper, EncryptedDataKey, Purpose, WrappedDataKey},
};
use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyBytes, PyString, PyTuple},
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
        let below = Below::of([wrap, unwrap].into_iter().chain(fingerprint).map(Bound::unbind));
        let wrapper = Arc::new(Callbacks(below.clone()));
        let keyring = envelope::CallbackKeyring::new(provider_id, wrapper).map_err(|error| raise(py, &error))?;
        // What wraps elsewhere takes its time, and what is Python needs the interpreter, which another thread may hold.
        Ok(Keyring::base(keyring, true, below).add_subclass(Self))
    }
}

/// What wraps, what unwraps and, if it was given, what tells a fingerprint.
struct Callbacks(Below);

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
        self.call(WRAP, Role::Whole, |py, wrap| {
            let answer = wrap.call1((
                PyBytes::new(py, data_key.expose()),
                self::encryption_context(py, encryption_context)?,
                PyString::intern(py, algorithm_suite.as_str()),
            ))?;
            if !answer.is_instance(&py.import(MESSAGES)?.getattr("WrappedDataKey")?)? {
                return Err(unexpected("wrap", "WrappedDataKey", &answer));
            }
            let bytes = |member| Ok::<_, PyErr>(Bytes::of(member, &answer.getattr(member)?)?.to_vec());
            Ok(WrappedDataKey { provider_info: bytes("provider_info")?, ciphertext: bytes("ciphertext")? })
        })
    }

    fn unwrap_data_key(
        &self,
        key: &EncryptedDataKey,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret> {
        self.call(UNWRAP, Role::Cause, |py, unwrap| {
            let answer = unwrap.call1((
                encrypted_data_key(py, key)?,
                self::encryption_context(py, encryption_context)?,
                PyString::intern(py, algorithm_suite.as_str()),
            ))?;
            secret("data key", &answer).map_err(|_| unexpected("unwrap", "bytes", &answer))
        })
    }

    fn fingerprint(&self, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        let role = match purpose {
            Purpose::Encrypt { .. } => Role::Whole,
            Purpose::Decrypt { .. } => Role::Cause,
        };
        if gate::attach(|py| self.0.get(py, FINGERPRINT).is_err()) {
            return Ok(None);
        }
        self.call(FINGERPRINT, role, |py, fingerprint| {
            let keys = match purpose {
                Purpose::Encrypt { .. } => None,
                Purpose::Decrypt { encrypted_data_keys: keys, .. } => {
                    let keys = keys.iter().map(|key| encrypted_data_key(py, key)).collect::<PyResult<Vec<_>>>()?;
                    Some(PyTuple::new(py, keys)?)
                }
            };
            let context = encryption_context(py, purpose.encryption_context())?;
            let answer = fingerprint.call1((keys, context))?;
            if answer.is_none() {
                return Ok(None);
            }
            let bytes = Bytes::of("fingerprint", &answer);
            bytes.map(|bytes| Some(bytes.to_vec())).map_err(|_| unexpected("fingerprint", "bytes or None", &answer))
        })
    }
}

impl Callbacks {
    fn call<T>(
        &self,
        callback: usize,
        role: Role,
        work: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T> {
        gate::attach(|py| {
            let answer = self.0.get(py, callback).and_then(|callback| work(py, &callback));
            answer.map_err(|exception| leave(py, exception, role))
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
