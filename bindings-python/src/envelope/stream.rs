//! A message piece by piece.

use super::{
    below::Below,
    pending::{RELEASE, run},
    results,
};
use crate::{convert::Bytes, error::raise};
use pocketkms::{
    Secret,
    envelope::{self, Transform},
};
use pyo3::{PyTraverseError, PyVisit, exceptions::PyRuntimeError, prelude::*, types::PyBytes};
use std::sync::{Mutex, MutexGuard, TryLockError};

/// A stream that one thread at a time works on.
///
/// Who finds it busy is refused and does not wait: pieces that arrive in no order make no message, and a wait that holds
/// the interpreter could wait for ever.
pub(super) struct Stream<T>(Mutex<T>);

impl<T> Stream<T> {
    pub(super) const fn new(stream: T) -> Self {
        Self(Mutex::new(stream))
    }

    pub(super) fn lock(&self) -> PyResult<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(stream) => Ok(stream),
            Err(TryLockError::WouldBlock) => Err(PyRuntimeError::new_err("another thread is using this stream")),
            // A panic inside of the core is a bug; what it left behind is not to be trusted.
            Err(TryLockError::Poisoned(_)) => Err(PyRuntimeError::new_err("this stream is broken")),
        }
    }
}

/// What makes of each piece an amount that is not known beforehand.
pub(super) struct Growing<T> {
    pub(super) transform: T,
    /// Where that is made: kept from piece to piece, and wiped in the end.
    room: Secret,
}

impl<T: Transform> Growing<T> {
    pub(super) fn new(transform: T) -> Self {
        Self { transform, room: Secret::default() }
    }

    pub(super) fn update(&mut self, piece: &[u8]) -> pocketkms::Result<&[u8]> {
        let length = self.transform.update_length(piece.len());
        if self.room.len() < length {
            self.room = Secret::zeroed(length);
        }
        let written = self.transform.update(piece, self.room.expose_mut())?;
        Ok(self.room.expose().get(..written).unwrap_or_default())
    }

    pub(super) fn finish(&mut self) -> pocketkms::Result<Vec<u8>> {
        let end = self.transform.finish()?;
        self.room = Secret::default();
        Ok(end)
    }
}

/// A message being encrypted: plaintext goes in, the message comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Encryptor(Stream<envelope::Encryptor>);

impl Encryptor {
    pub(super) fn new(encryptor: envelope::Encryptor) -> Self {
        Self(Stream::new(encryptor))
    }
}

#[pymethods]
impl Encryptor {
    /// The message's header.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        results::header(py, self.0.lock()?.header())
    }

    /// Takes the next bytes of the plaintext, and gives what they make complete of the message: maybe nothing.
    #[pyo3(signature = (plaintext, /))]
    fn update<'py>(&self, py: Python<'py>, plaintext: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut encryptor = self.0.lock()?;
        let encryptor = &mut *encryptor;
        let plaintext = Bytes::of("plaintext", plaintext)?;
        // What it makes is known beforehand to the byte, and so is made where it stays.
        PyBytes::new_with(py, encryptor.update_length(plaintext.len()), |message| {
            run(py, plaintext.len() > RELEASE, || encryptor.update(&plaintext, message)).map(drop)
        })
    }

    /// Ends the message, and gives the rest of it.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut encryptor = self.0.lock()?;
        let encryptor = &mut *encryptor;
        run(py, true, || encryptor.finish()).map(|end| PyBytes::new(py, &end))
    }
}

/// A message being decrypted: the message goes in, plaintext comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Decryptor {
    stream: Stream<Growing<envelope::Decryptor<'static>>>,
    /// The keyring, kept as long as the stream may ask it.
    below: Below,
    slow: bool,
}

impl Decryptor {
    pub(super) fn new(decryptor: envelope::Decryptor<'static>, keyring: Py<PyAny>, slow: bool) -> Self {
        let stream = Stream::new(Growing::new(decryptor));
        Self { stream, below: Below::of([keyring]), slow }
    }
}

#[pymethods]
impl Decryptor {
    /// The message's header, once it has come. It is authentic as soon as plaintext has come out, or the stream ended.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stream.lock()?.transform.header().map(|header| results::header(py, header)).transpose()
    }

    /// The encryption context, verified, once the header has come: the pairs that the message stores, and those that
    /// were given again.
    #[getter]
    fn encryption_context<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let stream = self.stream.lock()?;
        stream.transform.encryption_context().map(|context| results::encryption_context(py, context)).transpose()
    }

    /// Takes the next bytes of the message, and gives the plaintext of the frames that they make complete: maybe nothing.
    #[pyo3(signature = (message, /))]
    fn update<'py>(&self, py: Python<'py>, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let message = Bytes::of("message", message)?;
        run(py, self.slow || message.len() > RELEASE, || stream.update(&message))
            .map(|plaintext| PyBytes::new(py, plaintext))
    }

    /// Ends the message. One that is not complete is an error here: what came out before is a part only.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let end = stream.finish().map_err(|error| raise(py, &error))?;
        Ok(PyBytes::new(py, &end))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.below.traverse(&visit)
    }

    fn __clear__(&self) {
        self.below.clear();
    }
}
