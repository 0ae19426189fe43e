//! AWS CloudHSM clusters that Python objects are.

use crate::{
    convert::{Bytes, length_of, type_error},
    gate, memory,
    pending::carry,
};
use pocketkms::{CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, Secret};
use pyo3::{
    exceptions::{PyTypeError, PyValueError},
    prelude::*,
};

/// What each of them has.
const METHODS: [&str; 8] =
    ["describe", "connect", "disconnect", "create_key", "delete_key", "encrypt", "decrypt", "random"];
/// Where the exception stands that says what is wrong.
const CLUSTERS: &str = "pocketkms._clusters";

/// An object of the host.
pub(crate) struct Cluster(Py<PyAny>);

impl Cluster {
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let has = |method: &str| object.getattr(method).is_ok_and(|method| method.is_callable());
        if METHODS.into_iter().all(has) {
            return Ok(Self(object.clone().unbind()));
        }
        Err(type_error("cloud_hsm_clusters", "a mapping to objects with the methods of CloudHsmCluster", object))
    }

    fn call<T>(
        &self,
        method: &str,
        work: impl FnOnce(Python<'_>, &Bound<'_, PyAny>) -> PyResult<T>,
    ) -> Result<T, ClusterError> {
        gate::attach(|py| {
            let called = || work(py, &self.0.bind(py).getattr(method)?);
            called().map_err(|exception| failure(py, exception))
        })
    }
}

/// What the core makes of an exception: one of the package says what is wrong, any other one comes back to the caller as it is.
fn failure(py: Python<'_>, exception: PyErr) -> ClusterError {
    let kind = || -> PyResult<Option<ClusterErrorKind>> {
        let class = py.import(CLUSTERS)?.getattr("ClusterError")?;
        if !exception.value(py).is_instance(&class)? {
            return Ok(None);
        }
        let name: String = exception.value(py).getattr("kind")?.extract()?;
        Ok(ClusterErrorKind::ALL.iter().copied().find(|kind| kind.as_str() == name))
    };
    if let Ok(Some(kind)) = kind() {
        return ClusterError::new(kind, exception.value(py).to_string());
    }
    let error = carry(py, exception);
    let failed = ClusterError::new(ClusterErrorKind::Internal, error.report());
    match error.origin() {
        Some(origin) => failed.with_origin(origin.clone()),
        None => failed,
    }
}

/// A password is text: what is none was never one.
fn text(password: &Secret) -> PyResult<&str> {
    str::from_utf8(password.expose()).map_err(|_| PyValueError::new_err("the password is no text"))
}

/// The bytes of an answer; of anything else its type is told, and never the value, which may be a secret.
fn bytes_of(method: &str, answer: &Bound<'_, PyAny>) -> PyResult<Secret> {
    if length_of(answer).is_none() {
        let found = answer.get_type().qualname()?;
        return Err(PyTypeError::new_err(format!("'{method}' must return bytes, not {found}")));
    }
    Bytes::of(method, answer)?.into_secret()
}

impl CloudHsmCluster for Cluster {
    fn describe(&self) -> Result<ClusterDescription, ClusterError> {
        let trust_anchor_certificate = self.call("describe", |_, describe| describe.call0()?.extract())?;
        Ok(ClusterDescription { trust_anchor_certificate })
    }

    fn connect(&self, password: &Secret) -> Result<(), ClusterError> {
        self.call("connect", |_, connect| connect.call1((text(password)?,)).map(drop))
    }

    fn disconnect(&self) {
        // What it raises concerns no one: the store is disconnected.
        let _ = self.call("disconnect", |_, disconnect| disconnect.call0().map(drop));
    }

    fn create_key(&self, password: &Secret, label: &str) -> Result<String, ClusterError> {
        self.call("create_key", |_, create_key| create_key.call1((text(password)?, label))?.extract())
    }

    fn delete_key(&self, password: &Secret, key: &str) -> Result<(), ClusterError> {
        self.call("delete_key", |_, delete_key| delete_key.call1((text(password)?, key)).map(drop))
    }

    fn encrypt(
        &self,
        password: &Secret,
        key: &str,
        plaintext: &Secret,
        aad: &[u8],
    ) -> Result<ClusterCiphertext, ClusterError> {
        let sealed = self.call("encrypt", |py, encrypt| {
            let plaintext = memory::bytes(py, plaintext.expose())?;
            let answer = encrypt.call1((text(password)?, key, plaintext, memory::bytes(py, aad)?))?;
            bytes_of("encrypt", &answer)
        })?;
        let parts = sealed.expose().split_first_chunk().and_then(|(iv, rest)| Some((iv, rest.split_last_chunk()?)));
        let short = || ClusterError::new(ClusterErrorKind::Internal, "'encrypt' returned less than an IV and a tag");
        let (iv, (ciphertext, tag)) = parts.ok_or_else(short)?;
        Ok(ClusterCiphertext { iv: *iv, ciphertext: ciphertext.to_vec(), tag: *tag })
    }

    fn decrypt(
        &self,
        password: &Secret,
        key: &str,
        ciphertext: &ClusterCiphertext,
        aad: &[u8],
    ) -> Result<Secret, ClusterError> {
        let sealed = [&ciphertext.iv[..], &ciphertext.ciphertext, &ciphertext.tag].concat();
        self.call("decrypt", |py, decrypt| {
            let sealed = memory::bytes(py, &sealed)?;
            let answer = decrypt.call1((text(password)?, key, sealed, memory::bytes(py, aad)?))?;
            bytes_of("decrypt", &answer)
        })
    }

    fn random(&self, password: &Secret, length: usize) -> Result<Secret, ClusterError> {
        self.call("random", |_, random| bytes_of("random", &random.call1((text(password)?, length))?))
    }
}
