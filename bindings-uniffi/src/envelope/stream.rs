//! Messages piece by piece. The wrappers of each language put these on its own streams.

use crate::KmsError;
use pocketkms::{
    EncryptionContext, Secret,
    api::Blob,
    envelope::{MessageHeader, Transform},
};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A message being encrypted: plaintext goes in, the message comes out.
#[derive(uniffi::Object)]
pub struct Encryptor(Mutex<pocketkms::envelope::Encryptor>);

/// A message being decrypted: the message goes in, plaintext comes out, as soon as the frame that holds it is verified.
#[derive(uniffi::Object)]
pub struct Decryptor(Mutex<pocketkms::envelope::Decryptor<'static>>);

/// A stream that panicked is dead by its own account; the lock need not say so again.
pub(super) fn lock<T>(stream: &Mutex<T>) -> MutexGuard<'_, T> {
    stream.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Encryptor {
    pub(super) fn new(encryptor: pocketkms::envelope::Encryptor) -> Self {
        Self(Mutex::new(encryptor))
    }
}

#[uniffi::export]
impl Encryptor {
    /// The message's header.
    pub fn header(&self) -> MessageHeader {
        lock(&self.0).header().clone()
    }

    /// Takes the next bytes, and gives what of the message is complete. After an error the stream is dead.
    pub fn update(&self, plaintext: &Secret) -> Result<Vec<u8>, KmsError> {
        Ok(lock(&self.0).update_vec(plaintext.expose())?)
    }

    /// Ends the message, and gives its last bytes.
    pub fn finish(&self) -> Result<Vec<u8>, KmsError> {
        Ok(lock(&self.0).finish()?)
    }
}

impl Decryptor {
    pub(super) fn new(decryptor: pocketkms::envelope::Decryptor<'static>) -> Self {
        Self(Mutex::new(decryptor))
    }
}

#[uniffi::export]
impl Decryptor {
    /// The message's header, once it is there. It is authentic as soon as plaintext has come out, or the stream ended.
    pub fn header(&self) -> Option<MessageHeader> {
        lock(&self.0).header().cloned()
    }

    /// The encryption context, verified, once the header is there.
    pub fn encryption_context(&self) -> Option<EncryptionContext> {
        lock(&self.0).encryption_context().cloned()
    }

    /// Takes the next bytes, and gives the plaintext of the frames that they make complete. After an error the stream is
    /// dead.
    pub fn update(&self, message: &Blob) -> Result<Secret, KmsError> {
        Ok(lock(&self.0).update_vec(message)?.into())
    }

    /// Ends the stream. A message that ended too early is an error here: what came out is a part only, and must not be
    /// taken for the whole.
    pub fn finish(&self) -> Result<Secret, KmsError> {
        Ok(lock(&self.0).finish()?.into())
    }
}
