//! The settings of a client, and whole messages at once.

use super::{Decryptor, Encryptor, Keyring, MessageHeader};
use crate::KmsError;
use pocketkms::{
    EncryptionContext, Secret,
    api::Blob,
    envelope::{AlgorithmSuite, CommitmentPolicy, Limits},
};
use std::sync::Arc;

/// Encrypts and decrypts messages: what AWS calls the client of the AWS Encryption SDK.
#[derive(uniffi::Object)]
pub struct EncryptionClient(pub(crate) pocketkms::envelope::EncryptionClient);

/// How a message is to be encrypted; each part has a default.
#[derive(Clone, Default, uniffi::Record)]
pub struct EncryptOptions {
    /// Non-secret pairs that are stored in the message and authenticated with it.
    #[uniffi(default)]
    pub encryption_context: Option<EncryptionContext>,
    /// The names of pairs that are authenticated, but not stored: they must be given again to decrypt.
    #[uniffi(default)]
    pub required_encryption_context_keys: Vec<String>,
    /// The algorithm suite, as far as the commitment policy allows it.
    #[uniffi(default)]
    pub algorithm_suite: Option<AlgorithmSuite>,
    /// The length of a frame in bytes of plaintext, at least 1 and at most the client's; 64 KiB where none is given.
    #[uniffi(default)]
    pub frame_length: Option<u32>,
    /// How long the plaintext will be: another length is an error then, and a cache of data keys counts it.
    #[uniffi(default)]
    pub plaintext_length: Option<u64>,
}

impl From<EncryptOptions> for pocketkms::envelope::EncryptOptions {
    fn from(options: EncryptOptions) -> Self {
        let EncryptOptions {
            encryption_context,
            required_encryption_context_keys,
            algorithm_suite,
            frame_length,
            plaintext_length,
        } = options;
        Self {
            encryption_context: encryption_context.unwrap_or_default(),
            required_encryption_context_keys,
            algorithm_suite,
            frame_length,
            plaintext_length,
        }
    }
}

/// What is asked of a message to be decrypted; each part has a default.
#[derive(Clone, Default, uniffi::Record)]
pub struct DecryptOptions {
    /// Pairs given again. Those that the message stores must be equal; the others are authenticated with it.
    #[uniffi(default)]
    pub encryption_context: Option<EncryptionContext>,
    /// The names of pairs that must be among them.
    #[uniffi(default)]
    pub required_encryption_context_keys: Vec<String>,
    /// Refuses signed messages: for streams, which give plaintext out before they reach the signature.
    #[uniffi(default = false)]
    pub unsigned_only: bool,
    /// The message's sidecar, if it was rewrapped into one.
    #[uniffi(default)]
    pub sidecar: Option<Vec<u8>>,
}

impl From<DecryptOptions> for pocketkms::envelope::DecryptOptions {
    fn from(options: DecryptOptions) -> Self {
        let DecryptOptions { encryption_context, required_encryption_context_keys, unsigned_only, sidecar } = options;
        Self {
            encryption_context: encryption_context.unwrap_or_default(),
            required_encryption_context_keys,
            unsigned_only,
            sidecar,
        }
    }
}

/// A message.
#[derive(uniffi::Record)]
pub struct Encrypted {
    /// Its bytes.
    pub message: Vec<u8>,
    /// Its header.
    pub header: MessageHeader,
}

/// What a message held.
#[derive(uniffi::Record)]
pub struct Decrypted {
    /// The plaintext.
    pub plaintext: Secret,
    /// The encryption context: the pairs that the message stores, and those that were given again.
    pub encryption_context: EncryptionContext,
    /// The message's header.
    pub header: MessageHeader,
}

#[uniffi::export]
impl EncryptionClient {
    /// A client. The commitment policy requires commitment by default; a message may have 100 encrypted data keys, frames
    /// of 64 MiB and, unframed, 64 MiB in all, whether it is decrypted or encrypted.
    #[uniffi::constructor(default(
        commitment_policy = None,
        max_encrypted_data_keys = None,
        max_frame_length = None,
        max_unframed_length = None
    ))]
    pub fn new(
        commitment_policy: Option<CommitmentPolicy>,
        max_encrypted_data_keys: Option<u16>,
        max_frame_length: Option<u32>,
        max_unframed_length: Option<u64>,
    ) -> Self {
        let default = Limits::default();
        let client = pocketkms::envelope::EncryptionClient::default().limits(Limits {
            max_encrypted_data_keys: max_encrypted_data_keys.unwrap_or(default.max_encrypted_data_keys),
            max_frame_length: max_frame_length.unwrap_or(default.max_frame_length),
            max_unframed_length: max_unframed_length.unwrap_or(default.max_unframed_length),
        });
        Self(match commitment_policy {
            Some(policy) => client.commitment_policy(policy),
            None => client,
        })
    }

    /// Encrypts a message.
    #[uniffi::method(default(options = None))]
    pub fn encrypt(
        &self,
        keyring: &Keyring,
        plaintext: &Secret,
        options: Option<EncryptOptions>,
    ) -> Result<Encrypted, KmsError> {
        let options = options.unwrap_or_default().into();
        let encrypted = self.0.encrypt(&*keyring.manager, options, plaintext.expose())?;
        Ok(Encrypted { message: encrypted.message, header: encrypted.header.into() })
    }

    /// Decrypts a message. Nothing of the plaintext is seen before all of it is verified, the signature included.
    #[uniffi::method(default(options = None))]
    pub fn decrypt(
        &self,
        keyring: &Keyring,
        message: &Blob,
        options: Option<DecryptOptions>,
    ) -> Result<Decrypted, KmsError> {
        let options = options.unwrap_or_default().into();
        let decrypted = self.0.decrypt(&*keyring.manager, options, message)?;
        Ok(Decrypted {
            plaintext: decrypted.plaintext,
            encryption_context: decrypted.encryption_context,
            header: decrypted.header.into(),
        })
    }

    /// Starts a message.
    #[uniffi::method(default(options = None))]
    pub fn encryptor(&self, keyring: &Keyring, options: Option<EncryptOptions>) -> Result<Encryptor, KmsError> {
        Ok(Encryptor::new(self.0.encryptor(&*keyring.manager, options.unwrap_or_default().into())?))
    }

    /// Starts to decrypt a message.
    #[uniffi::method(default(options = None))]
    pub fn decryptor(&self, keyring: &Keyring, options: Option<DecryptOptions>) -> Decryptor {
        Decryptor::new(self.0.decryptor(Arc::clone(&keyring.manager), options.unwrap_or_default().into()))
    }
}
