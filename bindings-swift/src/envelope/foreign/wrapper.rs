//! Data keys that the app wraps itself.

use super::passed;
use crate::{KmsError, envelope::EncryptedDataKey};
use pocketkms::{EncryptionContext, Error, Secret, envelope::AlgorithmSuite};
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
        key: &pocketkms::envelope::EncryptedDataKey,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret, Error> {
        passed(self.0.unwrap_data_key(key.clone().into(), encryption_context.clone(), algorithm_suite))
    }
}
