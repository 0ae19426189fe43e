//! A message re-encrypted piece by piece.

use super::{
    held_objects::HeldObjects,
    keyring::MaterialsManager,
    stream::{Growing, Stream},
};
use crate::{
    convert::{Bytes, response},
    memory,
    pending::{RELEASE, run},
};
use pocketkms::envelope::{self, EncryptionClient, ReencryptOptions};
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyBytes};
use std::sync::Arc;

/// A message being re-encrypted: the old one goes in, the new one comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Reencryptor {
    stream: Stream<Growing<envelope::Reencryptor<'static>>>,
    /// The two keyrings, kept as long as the stream may ask them.
    held: HeldObjects,
    slow: bool,
}

impl Reencryptor {
    pub(super) fn new(
        client: &EncryptionClient,
        source: &Bound<'_, MaterialsManager>,
        destination: &Bound<'_, MaterialsManager>,
        options: ReencryptOptions,
    ) -> Self {
        let (from, to) = (source.get(), destination.get());
        let reencryptor = client.reencryptor(Arc::clone(&from.manager), Arc::clone(&to.manager), options);
        Self {
            stream: Stream::new(Growing::new(reencryptor, true)),
            held: HeldObjects::of([source, destination].map(|keyring| keyring.clone().into_any().unbind())),
            slow: from.slow || to.slow,
        }
    }
}

#[pymethods]
impl Reencryptor {
    /// The new message's header, once the old one's has come.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stream.lock()?.transform.header().map(|header| response(py, header)).transpose()
    }

    /// Takes the next bytes of the old message, and gives what they make complete of the new one: maybe nothing.
    #[pyo3(signature = (message, /))]
    fn update<'py>(&self, py: Python<'py>, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let message = Bytes::of("message", message)?;
        let made = run(py, self.slow || message.len() > RELEASE, || stream.update(&message))?;
        memory::bytes(py, made)
    }

    /// Ends the new message. An old one that is not complete is an error here.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let end = run(py, true, || stream.finish())?;
        memory::bytes(py, &end)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.held.traverse(&visit)
    }

    fn __clear__(&self) {
        self.held.clear();
    }
}
