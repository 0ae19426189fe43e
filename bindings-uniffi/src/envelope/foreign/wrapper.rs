//! Data keys that the app wraps itself.

use super::passed;
use crate::KmsError;
use pocketkms::{
    EncryptionContext, Error, Secret,
    envelope::{AlgorithmSuite, EncryptedDataKey, Purpose},
};
use std::sync::Arc;

/// What an app implements to wrap data keys itself: by a real AWS KMS through its own SDK, by an HSM, by the Secure
/// Enclave. It is called on the thread that encrypts or decrypts, and may wait there.
#[uniffi::export(with_foreign)]
pub trait DataKeyWrapper: Send + Sync {
    /// Encrypts a data key, and says how it is found again. Bind it to the encryption context.
    fn wrap_data_key(
        &self,
        data_key: Secret,
        encryption_context: EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<WrappedDataKey, KmsError>;

    /// Decrypts a data key that bears the keyring's provider id. What it throws is noted for that data key, and the next
    /// one is tried.
    fn unwrap_data_key(
        &self,
        key: EncryptedDataKey,
        encryption_context: EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret, KmsError>;

    /// Bytes that are others as soon as data keys would be wrapped otherwise, for a cache of data keys: it asks for them at each
    /// message, without encrypted data keys to encrypt, or with those of the message to decrypt. To throw says that the key may
    /// not be used for that context: then nothing of the cache is used either. An app that does not implement it, or returns
    /// nothing, keeps its data keys out of any cache.
    fn fingerprint(
        &self,
        encrypted_data_keys: Option<Vec<EncryptedDataKey>>,
        encryption_context: EncryptionContext,
    ) -> Result<Option<Vec<u8>>, KmsError>;
}

/// A data key, wrapped.
#[derive(uniffi::Record)]
pub struct WrappedDataKey {
    /// Which key wrapped it, so that it is found again: of a KMS key its ARN. At most 65,535 bytes.
    pub provider_info: Vec<u8>,
    /// The data key, encrypted. At most 65,535 bytes.
    pub ciphertext: Vec<u8>,
}

/// The core's view of it.
pub(in super::super) struct ForeignWrapper(pub(in super::super) Arc<dyn DataKeyWrapper>);

impl pocketkms::envelope::DataKeyWrapper for ForeignWrapper {
    fn wrap_data_key(
        &self,
        data_key: &Secret,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<pocketkms::envelope::WrappedDataKey, Error> {
        let data_key = Secret::copy_of(data_key.expose());
        let WrappedDataKey { provider_info, ciphertext } =
            passed(self.0.wrap_data_key(data_key, encryption_context.clone(), algorithm_suite))?;
        Ok(pocketkms::envelope::WrappedDataKey { provider_info, ciphertext })
    }

    fn unwrap_data_key(
        &self,
        key: &EncryptedDataKey,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret, Error> {
        passed(self.0.unwrap_data_key(key.clone(), encryption_context.clone(), algorithm_suite))
    }

    fn fingerprint(&self, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>, Error> {
        let keys = match purpose {
            Purpose::Encrypt { .. } => None,
            Purpose::Decrypt { encrypted_data_keys, .. } => Some(encrypted_data_keys.to_vec()),
        };
        passed(self.0.fingerprint(keys, purpose.encryption_context().clone()))
    }
}
