//! A message encrypted anew, at once and piece by piece.

use super::{
    below::Below,
    keyring::MaterialsManager,
    pending::{RELEASE, run},
    results,
    stream::Stream,
};
use crate::convert::Bytes;
use pocketkms::{
    Error, ErrorKind,
    envelope::{self, EncryptionClient, MessageHeader, ReencryptOptions, Transform},
};
use pyo3::{PyTraverseError, PyVisit, prelude::*, types::PyBytes};
use std::sync::Arc;

/// How much is worked on at once: enough for several processors.
const CHUNK: usize = 4 << 20;

/// A message being encrypted anew: the old one goes in, the new one comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Reencryptor {
    stream: Stream<Reencrypting>,
    /// The two keyrings, kept as long as the stream may ask them.
    below: Below,
    slow: bool,
}

struct Reencrypting {
    reencryptor: envelope::Reencryptor<'static>,
    /// Where the new message is made, before it is known how much of it: kept from piece to piece.
    room: Vec<u8>,
}

impl Reencrypting {
    fn update(&mut self, message: &[u8]) -> pocketkms::Result<&[u8]> {
        let length = self.reencryptor.update_length(message.len());
        if self.room.len() < length {
            self.room.resize(length, 0);
        }
        let written = self.reencryptor.update(message, &mut self.room)?;
        Ok(self.room.get(..written).unwrap_or_default())
    }
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
            stream: Stream::new(Reencrypting { reencryptor, room: Vec::new() }),
            below: Below::of([source, destination].map(|keyring| keyring.clone().into_any().unbind())),
            slow: from.slow || to.slow,
        }
    }
}

#[pymethods]
impl Reencryptor {
    /// The new message's header, once the old one's has come.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stream.lock()?.reencryptor.header().map(|header| results::header(py, header)).transpose()
    }

    /// Takes the next bytes of the old message, and gives what they make complete of the new one: maybe nothing.
    #[pyo3(signature = (message, /))]
    fn update<'py>(&self, py: Python<'py>, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let message = Bytes::of("message", message)?;
        run(py, self.slow || message.len() > RELEASE, || stream.update(&message))
            .map(|message| PyBytes::new(py, message))
    }

    /// Ends the new message. An old one that is not complete is an error here.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let end = run(py, true, || stream.reencryptor.finish())?;
        stream.room = Vec::new();
        Ok(PyBytes::new(py, &end))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.below.traverse(&visit)
    }

    fn __clear__(&self) {
        self.below.clear();
    }
}

/// A whole message anew: all of the old one is verified before anything of the new one is seen.
pub(super) fn whole(
    client: &EncryptionClient,
    source: &MaterialsManager,
    destination: &MaterialsManager,
    options: ReencryptOptions,
    message: &[u8],
) -> pocketkms::Result<(Vec<u8>, MessageHeader)> {
    let mut reencryptor = client.reencryptor_borrowing(&*source.manager, &*destination.manager, options);
    let mut made = Vec::with_capacity(message.len());
    for piece in message.chunks(CHUNK) {
        let start = made.len();
        made.resize(start + reencryptor.update_length(piece.len()), 0);
        let written = reencryptor.update(piece, made.get_mut(start..).unwrap_or_default())?;
        made.truncate(start + written);
    }
    made.append(&mut reencryptor.finish()?);
    match reencryptor.header() {
        Some(header) => Ok((made, header.clone())),
        None => Err(Error::new(ErrorKind::InvalidMessage, "")),
    }
}
