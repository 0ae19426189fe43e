//! A message piece by piece.

use super::held_objects::HeldObjects;
use crate::{
    convert::{Bytes, response},
    error::raise,
    interrupt::{Interrupts, PIECE},
    memory,
    pending::{RELEASE, run},
};
use pocketkms::{
    Error, ErrorKind, Result, Secret,
    envelope::{self, Transform},
};
use pyo3::{PyTraverseError, PyVisit, exceptions::PyRuntimeError, prelude::*, types::PyBytes};
use std::{
    process,
    sync::{Mutex, MutexGuard, TryLockError},
};

/// A stream that one thread at a time works on.
///
/// A thread that finds it busy is refused and does not wait: pieces that arrive in no order make no message, and a wait that holds
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

/// What a stream is besides what the core keeps of it.
struct Life {
    /// The process that what encrypts belongs to. In a forked child it would go on with the same key and the same nonces as
    /// in the parent: two plaintexts under one nonce give both away. What only decrypts may go on in both.
    process: Option<u32>,
    interrupted: bool,
}

impl Life {
    fn new(encrypts: bool) -> Self {
        Self { process: encrypts.then(process::id), interrupted: false }
    }

    /// The error of a stream that cannot go on.
    fn check(&self) -> Result<()> {
        let message = if self.process.is_some_and(|process| process != process::id()) {
            "the stream belongs to the process that started it: start a new one after a fork"
        } else if self.interrupted {
            "the stream has ended or failed: start a new one"
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::StreamState, message))
    }

    /// Works on a long input piece by piece, so that Ctrl-C ends it; the rest of the stream with it.
    fn each_piece(input: &[u8], mut work: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        if input.len() <= PIECE {
            return work(input);
        }
        let mut interrupts = Interrupts::new();
        for piece in input.chunks(PIECE) {
            interrupts.check()?;
            work(piece)?;
        }
        Ok(())
    }
}

/// What makes of each piece an amount that is not known beforehand.
pub(super) struct Growing<T> {
    pub(super) transform: T,
    /// Where that is made: kept from piece to piece, and wiped in the end.
    room: Secret,
    life: Life,
    /// How many bytes came since something was made of them: at most so many does the core keep.
    waiting: usize,
}

impl<T: Transform> Growing<T> {
    /// `encrypts`, if it makes a new message.
    pub(super) fn new(transform: T, encrypts: bool) -> Self {
        Self { transform, room: Secret::default(), life: Life::new(encrypts), waiting: 0 }
    }

    pub(super) fn update(&mut self, input: &[u8]) -> Result<&[u8]> {
        self.life.check()?;
        let Self { transform, room, life, waiting } = self;
        let length = transform.update_length(input.len());
        if room.len() < length {
            *room = memory::zeroed(length)?;
        }
        let mut written = 0;
        // What fails half-way has made a part that no one gets.
        life.interrupted = true;
        Life::each_piece(input, |piece| {
            // What pieces may need is more than the whole would, but seldom.
            let length = written + transform.update_length(piece.len());
            if room.len() < length {
                let mut larger = memory::zeroed(length)?;
                if let Some((made, copy)) = room.expose().get(..written).zip(larger.expose_mut().get_mut(..written)) {
                    copy.copy_from_slice(made);
                }
                *room = larger;
            }
            // What the core keeps, growing to twice of it, and what a reencryptor decrypts on the way.
            *waiting = waiting.saturating_add(piece.len());
            memory::check(waiting.saturating_mul(4))?;
            let made = transform.update(piece, room.expose_mut().get_mut(written..).unwrap_or_default())?;
            if made > 0 {
                *waiting = 0;
            }
            written += made;
            Ok(())
        })?;
        life.interrupted = false;
        Ok(room.expose().get(..written).unwrap_or_default())
    }

    /// What becomes of all of an input, the end included.
    pub(super) fn whole(&mut self, input: &[u8]) -> Result<Vec<u8>> {
        let (mut made, mut interrupts) = (Vec::new(), Interrupts::new());
        for piece in input.chunks(PIECE) {
            interrupts.check()?;
            memory::append(&mut made, self.update(piece)?)?;
        }
        memory::append(&mut made, &self.finish()?)?;
        Ok(made)
    }

    pub(super) fn finish(&mut self) -> Result<Vec<u8>> {
        self.life.check()?;
        memory::check(self.waiting.saturating_mul(4))?;
        let end = self.transform.finish()?;
        self.room = Secret::default();
        Ok(end)
    }
}

/// A message being encrypted: plaintext goes in, the message comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Encryptor(Stream<Encrypting>);

/// What makes of each piece an amount that is known beforehand.
struct Encrypting {
    encryptor: envelope::Encryptor,
    life: Life,
}

impl Encrypting {
    fn update(&mut self, plaintext: &[u8], message: &mut [u8]) -> Result<()> {
        let Self { encryptor, life } = self;
        let mut written = 0;
        life.interrupted = true;
        Life::each_piece(plaintext, |piece| {
            written += encryptor.update(piece, message.get_mut(written..).unwrap_or_default())?;
            Ok(())
        })?;
        life.interrupted = false;
        Ok(())
    }

    fn finish(&mut self) -> Result<Vec<u8>> {
        self.life.check()?;
        memory::check(self.frame_length().saturating_mul(2))?;
        self.encryptor.finish()
    }

    fn frame_length(&self) -> usize {
        self.encryptor.header().frame_length.try_into().unwrap_or(usize::MAX)
    }
}

impl Encryptor {
    pub(super) fn new(encryptor: envelope::Encryptor) -> Self {
        Self(Stream::new(Encrypting { encryptor, life: Life::new(true) }))
    }
}

#[pymethods]
impl Encryptor {
    /// The message's header.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        response(py, self.0.lock()?.encryptor.header())
    }

    /// Takes the next bytes of the plaintext, and gives what they make complete of the message: maybe nothing.
    #[pyo3(signature = (plaintext, /))]
    fn update<'py>(&self, py: Python<'py>, plaintext: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.0.lock()?;
        let stream = &mut *stream;
        let plaintext = Bytes::of("plaintext", plaintext)?;
        stream.life.check().map_err(|error| raise(py, &error))?;
        // The frame that has begun is kept, and grows up to its length.
        memory::look_for(stream.frame_length().saturating_mul(2))?;
        // What it makes is known beforehand to the byte, and so is made where it stays.
        PyBytes::new_with(py, stream.encryptor.update_length(plaintext.len()), |message| {
            run(py, plaintext.len() > RELEASE, || stream.update(&plaintext, message))
        })
    }

    /// Ends the message, and gives the rest of it.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.0.lock()?;
        let stream = &mut *stream;
        let end = run(py, true, || stream.finish())?;
        memory::bytes(py, &end)
    }
}

/// A message being decrypted: the message goes in, plaintext comes out.
#[pyclass(frozen, module = "pocketkms")]
pub(crate) struct Decryptor {
    stream: Stream<Growing<envelope::Decryptor<'static>>>,
    /// The keyring, kept as long as the stream may ask it.
    held: HeldObjects,
    slow: bool,
}

impl Decryptor {
    pub(super) fn new(decryptor: envelope::Decryptor<'static>, keyring: Py<PyAny>, slow: bool) -> Self {
        let stream = Stream::new(Growing::new(decryptor, false));
        Self { stream, held: HeldObjects::of([keyring]), slow }
    }
}

#[pymethods]
impl Decryptor {
    /// The message's header, once it has come. It is authentic as soon as plaintext has come out, or the stream ended.
    #[getter]
    fn header<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.stream.lock()?.transform.header().map(|header| response(py, header)).transpose()
    }

    /// The encryption context, verified, once the header has come: the pairs that the message stores, and those that
    /// were given again.
    #[getter]
    fn encryption_context<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let stream = self.stream.lock()?;
        stream.transform.encryption_context().map(|context| response(py, context)).transpose()
    }

    /// Takes the next bytes of the message, and gives the plaintext of the frames that they make complete: maybe nothing.
    #[pyo3(signature = (message, /))]
    fn update<'py>(&self, py: Python<'py>, message: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let stream = &mut *stream;
        let message = Bytes::of("message", message)?;
        let plaintext = run(py, self.slow || message.len() > RELEASE, || stream.update(&message))?;
        memory::bytes(py, plaintext)
    }

    /// Ends the message. One that is not complete is an error here: what came out before is a part only.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let mut stream = self.stream.lock()?;
        let end = stream.finish().map_err(|error| raise(py, &error))?;
        memory::bytes(py, &end)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.held.traverse(&visit)
    }

    fn __clear__(&self) {
        self.held.clear();
    }
}
