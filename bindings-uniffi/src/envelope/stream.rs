//! Messages piece by piece. The wrappers of each language put these on its own streams.

use crate::KmsError;
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Secret,
    api::Blob,
    envelope::{MessageHeader, Transform},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A message being encrypted: plaintext goes in, the message comes out.
#[derive(uniffi::Object)]
pub struct Encryptor {
    header: MessageHeader,
    stream: Stream<pocketkms::envelope::Encryptor>,
}

/// A message being decrypted: the message goes in, plaintext comes out, as soon as the frame that holds it is verified.
#[derive(uniffi::Object)]
pub struct Decryptor(Stream<pocketkms::envelope::Decryptor<'static>>);

/// A stream of the core, until it is given up: then its keys are wiped and what it held.
pub(super) struct Stream<T>(Mutex<Option<T>>);

impl<T> Stream<T> {
    pub(super) fn new(stream: T) -> Self {
        Self(Mutex::new(Some(stream)))
    }

    /// Uses it, one thread at a time. One that panicked is dead by its own account; the lock need not say so again.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> Result<R, Error>) -> Result<R, KmsError> {
        let mut stream = self.lock();
        let Some(stream) = stream.as_mut() else {
            return Err(Error::new(ErrorKind::StreamState, "the stream was given up: start a new one").into());
        };
        Ok(work(stream)?)
    }

    /// Looks at it, while it is there.
    pub(super) fn look<R>(&self, look: impl FnOnce(&T) -> Option<R>) -> Option<R> {
        self.lock().as_ref().and_then(look)
    }

    pub(super) fn abort(&self) {
        self.lock().take();
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Encryptor {
    pub(super) fn new(encryptor: pocketkms::envelope::Encryptor) -> Self {
        Self { header: encryptor.header().clone(), stream: Stream::new(encryptor) }
    }
}

#[uniffi::export]
impl Encryptor {
    /// The message's header.
    pub fn header(&self) -> MessageHeader {
        self.header.clone()
    }

    /// Takes the next bytes, and gives what of the message is complete. After an error the stream is dead.
    pub fn update(&self, plaintext: &Secret) -> Result<Vec<u8>, KmsError> {
        self.stream.with(|stream| stream.update_vec(plaintext.expose()))
    }

    /// Ends the message, and gives its last bytes.
    pub fn finish(&self) -> Result<Vec<u8>, KmsError> {
        self.stream.with(Transform::finish)
    }

    /// Gives the message up: what came of it never opens. The keys are wiped, and what was held of the plaintext. Whatever is called
    /// afterwards fails with `StreamStateException`; after `finish` there is nothing to give up any more.
    pub fn abort(&self) {
        self.stream.abort();
    }
}

impl Decryptor {
    pub(super) fn new(decryptor: pocketkms::envelope::Decryptor<'static>) -> Self {
        Self(Stream::new(decryptor))
    }
}

#[uniffi::export]
impl Decryptor {
    /// The message's header, once it is there. It is authentic as soon as plaintext has come out, or the stream ended.
    pub fn header(&self) -> Option<MessageHeader> {
        self.0.look(|stream| stream.header().cloned())
    }

    /// The encryption context, verified, once the header is there.
    pub fn encryption_context(&self) -> Option<EncryptionContext> {
        self.0.look(|stream| stream.encryption_context().cloned())
    }

    /// Takes the next bytes, and gives the plaintext of the frames that they make complete. After an error the stream is
    /// dead.
    pub fn update(&self, message: &Blob) -> Result<Secret, KmsError> {
        Ok(self.0.with(|stream| stream.update_vec(message))?.into())
    }

    /// Ends the stream. A message that ended too early is an error here: what came out is a part only, and must not be
    /// taken for the whole.
    pub fn finish(&self) -> Result<Secret, KmsError> {
        Ok(self.0.with(Transform::finish)?.into())
    }

    /// Gives the message up, of which what came out is a part only. The keys are wiped. Whatever is called afterwards fails with
    /// `StreamStateException`.
    pub fn abort(&self) {
        self.0.abort();
    }
}
