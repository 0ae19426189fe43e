//! The client: whole messages, and where streams begin.

use super::{
    arguments::{decrypt_options, encrypt_options, range_options, reencrypt_options, rewrap_options, settings},
    files,
    keyring::{Keyring, MaterialsManager},
    range::Ranges,
    reencrypt::Reencryptor,
    results,
    stream::{Decryptor, Encryptor, Growing},
};
use crate::{
    convert::{Bytes, bytes_with, response, type_error},
    error::raise,
    interrupt::Interrupts,
    memory,
    pending::{RELEASE, run},
};
use pocketkms::envelope::{AlgorithmSuite, EncryptionClient, Inspection};
use pyo3::{
    exceptions::PyRuntimeError,
    prelude::*,
    types::{PyDict, PyInt},
};
use std::{path::PathBuf, sync::Arc};

/// What stands below `EncryptionClient`.
#[pyclass(frozen, module = "pocketkms._native")]
pub(crate) struct Client(pub(super) EncryptionClient);

#[pymethods]
impl Client {
    #[new]
    fn new(options: &Bound<'_, PyDict>) -> PyResult<Self> {
        Ok(Self(EncryptionClient::default().options(settings(options)?)))
    }

    fn encrypt<'py>(
        &self,
        py: Python<'py>,
        keyring: &Bound<'py, PyAny>,
        plaintext: &Bound<'py, PyAny>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (MaterialsManager { manager, slow, .. }, options) =
            (manager("keyring", keyring)?, encrypt_options(options, false)?);
        let plaintext = Bytes::of("plaintext", plaintext)?;
        // A signature takes as long as a long message.
        let signs = options.algorithm_suite.is_some_and(AlgorithmSuite::is_signed);
        let encryption = run(py, *slow || signs, || self.0.one_shot_encryption(&**manager, options, &plaintext))?;
        let (message, (length, header)) = bytes_with(py, encryption.capacity(), |room| {
            run(py, signs || plaintext.len() > RELEASE, || encryption.write_while(room, &mut Interrupts::go_on()))
        })?;
        // Only a signature may be shorter than was allowed for.
        let message = match message.as_bytes().get(..length) {
            Some(front) if front.len() < message.as_bytes().len() => memory::bytes(py, front)?,
            _ => message,
        };
        results::encrypted(py, &message, &header)
    }

    fn decrypt<'py>(
        &self,
        py: Python<'py>,
        keyring: &Bound<'py, PyAny>,
        message: &Bound<'py, PyAny>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (MaterialsManager { manager, slow, .. }, options) =
            (manager("keyring", keyring)?, decrypt_options(options, false)?);
        let message = Bytes::of("message", message)?;
        let decryption = run(py, *slow, || self.0.one_shot_decryption(&**manager, options, &message))?;
        let (plaintext, (encryption_context, header)) = bytes_with(py, decryption.length(), |room| {
            run(py, message.len() > RELEASE, || decryption.write_while(room, &mut Interrupts::go_on()))
        })?;
        results::decrypted(py, &plaintext, &encryption_context, &header)
    }

    /// What a message says of itself, from its first bytes; or how many of them are needed to get further.
    fn inspect<'py>(&self, py: Python<'py>, front: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        match self.0.inspect(&Bytes::of("message", front)?).map_err(|error| raise(py, &error))? {
            Inspection::Complete(info) => response(py, &info),
            Inspection::Incomplete { needed } => Ok(PyInt::new(py, needed).into_any()),
        }
    }

    /// As [`Self::inspect`], of a whole sidecar.
    fn inspect_sidecar<'py>(&self, py: Python<'py>, sidecar: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let info = self.0.inspect_sidecar(&Bytes::of("sidecar", sidecar)?).map_err(|error| raise(py, &error))?;
        response(py, &info)
    }

    /// Moves a message to other keys, by its header.
    fn rewrap<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, PyAny>,
        destination: &Bound<'py, PyAny>,
        header: &Bound<'py, PyAny>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let MaterialsManager { manager, .. } = manager("source", source)?;
        let (destination, options) = (keyring("destination", destination)?, rewrap_options(options)?);
        let header = Bytes::of("message", header)?;
        let rewrapped = run(py, true, || self.0.rewrap(&**manager, &*destination.keyring, &options, &header))?;
        results::rewrapped(py, &rewrapped)
    }

    /// Whether rewrapping would change which keys and materials a message uses.
    fn needs_rewrap(
        &self,
        py: Python<'_>,
        destination: &Bound<'_, PyAny>,
        header: &Bound<'_, PyAny>,
        sidecar: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let Keyring { keyring, slow } = keyring("destination", destination)?;
        let header = Bytes::of("message", header)?;
        let sidecar = sidecar.map(|sidecar| Bytes::of("sidecar", sidecar)).transpose()?;
        run(py, *slow, || self.0.needs_rewrap(&**keyring, &header, sidecar.as_deref()))
    }

    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    fn encrypt_file<'py>(
        &self,
        keyring: &Bound<'py, PyAny>,
        source: PathBuf,
        destination: PathBuf,
        options: &Bound<'py, PyDict>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = keyring.py();
        let (MaterialsManager { manager, .. }, options) =
            (manager("keyring", keyring)?, encrypt_options(options, false)?);
        let header = files::work(py, progress, |progress| {
            pocketkms_files::encrypt_file(&self.0, &**manager, options, &source, &destination, progress)
        })?;
        response(py, &header)
    }

    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    fn decrypt_file<'py>(
        &self,
        keyring: &Bound<'py, PyAny>,
        source: PathBuf,
        destination: PathBuf,
        options: &Bound<'py, PyDict>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = keyring.py();
        let (MaterialsManager { manager, .. }, options) =
            (manager("keyring", keyring)?, decrypt_options(options, false)?);
        let file = files::work(py, progress, |progress| {
            pocketkms_files::decrypt_file(&self.0, &**manager, options, &source, &destination, progress)
        })?;
        results::decrypted_file(py, &file.encryption_context, &file.header)
    }

    #[expect(clippy::needless_pass_by_value, reason = "made of the arguments for this call")]
    fn reencrypt_file<'py>(
        &self,
        old: &Bound<'py, PyAny>,
        new: &Bound<'py, PyAny>,
        source: PathBuf,
        destination: PathBuf,
        options: &Bound<'py, PyDict>,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = old.py();
        let (old, new) = (&*manager("old", old)?.manager, &*manager("new", new)?.manager);
        let options = reencrypt_options(options)?;
        let header = files::work(py, progress, |progress| {
            pocketkms_files::reencrypt_file(&self.0, old, new, options, &source, &destination, progress)
        })?;
        response(py, &header)
    }

    fn encryptor(
        &self,
        py: Python<'_>,
        keyring: &Bound<'_, PyAny>,
        options: &Bound<'_, PyDict>,
    ) -> PyResult<Encryptor> {
        let (MaterialsManager { manager, slow, .. }, options) =
            (manager("keyring", keyring)?, encrypt_options(options, true)?);
        run(py, *slow, || self.0.encryptor(&**manager, options)).map(Encryptor::new)
    }

    fn decryptor(&self, keyring: &Bound<'_, PyAny>, options: &Bound<'_, PyDict>) -> PyResult<Decryptor> {
        let options = decrypt_options(options, true)?;
        let MaterialsManager { manager, slow, .. } = manager("keyring", keyring)?;
        Ok(Decryptor::new(self.0.decryptor(Arc::clone(manager), options), keyring.clone().unbind(), *slow))
    }

    fn reencrypt<'py>(
        &self,
        py: Python<'py>,
        source: &Bound<'py, PyAny>,
        destination: &Bound<'py, PyAny>,
        message: &Bound<'py, PyAny>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (source, destination) =
            (&*manager("source", source)?.manager, &*manager("destination", destination)?.manager);
        let (options, message) = (reencrypt_options(options)?, Bytes::of("message", message)?);
        let mut reencryptor = Growing::new(self.0.reencryptor_borrowing(source, destination, options), true);
        let made = run(py, true, || reencryptor.whole(&message))?;
        let header =
            reencryptor.transform.header().ok_or_else(|| PyRuntimeError::new_err("the message has no header"))?;
        results::encrypted(py, &memory::bytes(py, &made)?, header)
    }

    fn reencryptor<'py>(
        &self,
        source: &Bound<'py, PyAny>,
        destination: &Bound<'py, PyAny>,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Reencryptor> {
        let options = reencrypt_options(options)?;
        Ok(Reencryptor::new(&self.0, bound("source", source)?, bound("destination", destination)?, options))
    }

    /// Prepares to read parts of a message, of which these are the first bytes.
    fn ranges<'py>(
        &self,
        py: Python<'py>,
        keyring: &Bound<'py, PyAny>,
        front: &Bound<'py, PyAny>,
        message_length: u64,
        options: &Bound<'py, PyDict>,
    ) -> PyResult<Ranges> {
        let (MaterialsManager { manager, slow, .. }, options) =
            (manager("keyring", keyring)?, range_options(options, message_length)?);
        let front = Bytes::of("message", front)?;
        run(py, *slow, || self.0.range_reader(&**manager, &options, &front)).map(Ranges::new)
    }
}

/// What was given as a keyring.
fn manager<'a>(name: &str, keyring: &'a Bound<'_, PyAny>) -> PyResult<&'a MaterialsManager> {
    bound(name, keyring).map(Bound::get)
}

/// As [`manager`], for a caller that keeps the Python object, too.
pub(super) fn bound<'a, 'py>(name: &str, keyring: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, MaterialsManager>> {
    keyring.cast().map_err(|_| type_error(name, "Keyring or CachingMaterialsManager", keyring))
}

/// As [`manager`], where it must be a keyring indeed.
fn keyring<'a>(name: &str, keyring: &'a Bound<'_, PyAny>) -> PyResult<&'a Keyring> {
    match keyring.cast::<Keyring>() {
        Ok(keyring) => Ok(keyring.get()),
        Err(_) => Err(type_error(name, "Keyring", keyring)),
    }
}
