//! The settings of a client, and one-shot messages.

use super::{Decryptor, Encryptor, Keyring};
use crate::KmsError;
use pocketkms::{
    Secret,
    api::Blob,
    envelope::{CommitmentPolicy, DecryptOptions, Decrypted, EncryptOptions, Encrypted, MessageClientOptions},
};
use std::sync::Arc;

/// Encrypts and decrypts messages: what AWS calls the client of the AWS Encryption SDK.
#[derive(uniffi::Object)]
pub struct EncryptionClient(pub(crate) pocketkms::envelope::EncryptionClient);

macro_rules! constructor {
    ($options:ident $doc:literal $($argument_doc:literal $argument:ident: $type:ty,)*) => {
        #[uniffi::export]
        impl EncryptionClient {
            /// A client. The commitment policy requires commitment by default; a message may have 100 encrypted data keys, frames
            /// of 64 MiB and, unframed, 64 MiB in all, whether it is decrypted or encrypted.
            #[uniffi::constructor(default($($argument = None),*))]
            pub fn new($($argument: Option<$type>),*) -> Self {
                Self(pocketkms::envelope::EncryptionClient::default().options($options { $($argument),* }))
            }
        }
    };
}

pocketkms::client_arguments!(constructor);

#[uniffi::export]
impl EncryptionClient {
    /// Encrypts a message.
    #[uniffi::method(default(options = None))]
    pub fn encrypt(
        &self,
        keyring: &Keyring,
        plaintext: &Secret,
        options: Option<EncryptOptions>,
    ) -> Result<Encrypted, KmsError> {
        Ok(self.0.encrypt(&*keyring.manager, options.unwrap_or_default(), plaintext.expose())?)
    }

    /// Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.
    #[uniffi::method(default(options = None))]
    pub fn decrypt(
        &self,
        keyring: &Keyring,
        message: &Blob,
        options: Option<DecryptOptions>,
    ) -> Result<Decrypted, KmsError> {
        Ok(self.0.decrypt(&*keyring.manager, options.unwrap_or_default(), message)?)
    }

    /// Starts a message.
    #[uniffi::method(default(options = None))]
    pub fn encryptor(&self, keyring: &Keyring, options: Option<EncryptOptions>) -> Result<Encryptor, KmsError> {
        Ok(Encryptor::new(self.0.encryptor(&*keyring.manager, options.unwrap_or_default())?))
    }

    /// Starts to decrypt a message.
    #[uniffi::method(default(options = None))]
    pub fn decryptor(&self, keyring: &Keyring, options: Option<DecryptOptions>) -> Decryptor {
        Decryptor::new(self.0.decryptor(Arc::clone(&keyring.manager), options.unwrap_or_default()))
    }
}
