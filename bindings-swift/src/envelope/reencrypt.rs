//! Stored messages encrypted anew: for where the message itself must change, its data key included.

use super::{DecryptOptions, Encrypted, EncryptionClient, Keyring, MessageHeader, stream::lock};
use crate::KmsError;
use pocketkms::{
    api::Blob,
    envelope::{AlgorithmSuite, Transform},
};
use std::sync::{Arc, Mutex};

/// How a message is to be encrypted anew; each part has a default.
#[derive(Clone, Default, uniffi::Record)]
pub struct ReencryptOptions {
    /// What is asked of the old message, as when decrypting it.
    #[uniffi(default)]
    pub decrypt: Option<DecryptOptions>,
    /// The algorithm suite of the new message, as far as the commitment policy allows it.
    #[uniffi(default)]
    pub algorithm_suite: Option<AlgorithmSuite>,
    /// The length of its frames in bytes of plaintext, at least 1; 64 KiB where none is given.
    #[uniffi(default)]
    pub frame_length: Option<u32>,
}

impl From<ReencryptOptions> for pocketkms::envelope::ReencryptOptions {
    fn from(options: ReencryptOptions) -> Self {
        let ReencryptOptions { decrypt, algorithm_suite, frame_length } = options;
        Self { decrypt: decrypt.unwrap_or_default().into(), algorithm_suite, frame_length }
    }
}

/// A message being encrypted anew: the old one goes in, the new one comes out. What came out is of use only after
/// `finish` answered: before, the old message may lack its end, or have a wrong signature.
#[derive(uniffi::Object)]
pub struct Reencryptor(Mutex<pocketkms::envelope::Reencryptor<'static>>);

#[uniffi::export]
impl EncryptionClient {
    /// Encrypts a message anew, with a new data key. The encryption context stays, and pairs that the old message does not
    /// store are not stored in the new one either. (Rewrapping leaves the data key as it is, so who found it once can
    /// always decrypt.)
    #[uniffi::method(default(options = None))]
    pub fn reencrypt(
        &self,
        source: &Keyring,
        destination: &Keyring,
        message: &Blob,
        options: Option<ReencryptOptions>,
    ) -> Result<Encrypted, KmsError> {
        let options = options.unwrap_or_default().into();
        let encrypted = self.0.reencrypt(&*source.manager, &*destination.manager, options, message)?;
        Ok(Encrypted { message: encrypted.message, header: encrypted.header.into() })
    }

    /// Starts to encrypt a message anew.
    #[uniffi::method(default(options = None))]
    pub fn reencryptor(
        &self,
        source: &Keyring,
        destination: &Keyring,
        options: Option<ReencryptOptions>,
    ) -> Reencryptor {
        let (source, destination) = (Arc::clone(&source.manager), Arc::clone(&destination.manager));
        Reencryptor(Mutex::new(self.0.reencryptor(source, destination, options.unwrap_or_default().into())))
    }
}

#[uniffi::export]
impl Reencryptor {
    /// The new message's header, as soon as the old one's has come.
    pub fn header(&self) -> Option<MessageHeader> {
        lock(&self.0).header().cloned().map(Into::into)
    }

    /// Takes the next bytes of the old message, and gives what of the new one is complete. After an error the stream is
    /// dead.
    pub fn update(&self, message: &Blob) -> Result<Vec<u8>, KmsError> {
        Ok(lock(&self.0).update_vec(message)?)
    }

    /// Ends the message, and gives its last bytes. An old message that ended too early, or has a wrong signature, is an
    /// error here.
    pub fn finish(&self) -> Result<Vec<u8>, KmsError> {
        Ok(lock(&self.0).finish()?)
    }
}
