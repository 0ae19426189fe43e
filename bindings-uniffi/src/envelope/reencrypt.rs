//! Stored messages, re-encrypted: for where the message itself must change, its data key included.

use super::{EncryptionClient, Keyring, stream::Stream};
use crate::KmsError;
use pocketkms::{
    api::Blob,
    envelope::{Encrypted, MessageHeader, ReencryptOptions, Transform},
};
use std::sync::Arc;

/// A message being re-encrypted: the old one goes in, the new one comes out. What came out is of use only after
/// `finish` has returned: before, the old message may lack its end, or have a wrong signature.
#[derive(uniffi::Object)]
pub struct Reencryptor(Stream<pocketkms::envelope::Reencryptor<'static>>);

#[uniffi::export]
impl EncryptionClient {
    /// Re-encrypts a message, with a new data key. The encryption context stays, and pairs that the old message does not
    /// store are not stored in the new one either. (Rewrapping leaves the data key as it is, so anyone who found it once
    /// can always decrypt.)
    #[uniffi::method(default(options = None))]
    pub fn reencrypt(
        &self,
        source: &Keyring,
        destination: &Keyring,
        message: &Blob,
        options: Option<ReencryptOptions>,
    ) -> Result<Encrypted, KmsError> {
        Ok(self.0.reencrypt(&*source.manager, &*destination.manager, options.unwrap_or_default(), message)?)
    }

    /// Starts to re-encrypt a message.
    #[uniffi::method(default(options = None))]
    pub fn reencryptor(
        &self,
        source: &Keyring,
        destination: &Keyring,
        options: Option<ReencryptOptions>,
    ) -> Reencryptor {
        let (source, destination) = (Arc::clone(&source.manager), Arc::clone(&destination.manager));
        Reencryptor(Stream::new(self.0.reencryptor(source, destination, options.unwrap_or_default())))
    }
}

#[uniffi::export]
impl Reencryptor {
    /// The new message's header, as soon as the old one's has come.
    pub fn header(&self) -> Option<MessageHeader> {
        self.0.look(|stream| stream.header().cloned())
    }

    /// Takes the next bytes of the old message, and gives what of the new one is complete. After an error the stream is
    /// dead.
    pub fn update(&self, message: &Blob) -> Result<Vec<u8>, KmsError> {
        self.0.with(|stream| stream.update_vec(message))
    }

    /// Ends the message, and gives its last bytes. An old message that ended too early, or has a wrong signature, is an
    /// error here.
    pub fn finish(&self) -> Result<Vec<u8>, KmsError> {
        self.0.with(Transform::finish)
    }

    /// Gives both messages up: what came of the new one never opens. The keys are wiped. Whatever is called afterwards fails with
    /// `StreamStateException`.
    pub fn abort(&self) {
        self.0.abort();
    }
}
