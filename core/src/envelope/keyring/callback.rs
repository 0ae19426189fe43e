//! Data keys wrapped elsewhere: by a real AWS KMS through its own SDK, by an HSM, by a service of the app.

use super::{Attempts, KMS_PROVIDER_ID, Keyring, Purpose, arn::KeyArn};
use crate::{
    context::EncryptionContext,
    crypto::Provider,
    envelope::{
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
        suite::AlgorithmSuite,
    },
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{string::String, sync::Arc, vec::Vec};

/// What an app implements to wrap data keys itself.
pub trait DataKeyWrapper: Send + Sync {
    /// Encrypts a data key, and says how it is found again. Unwrapping must be given the same encryption context,
    /// so bind it: as the encryption context of AWS KMS, or as associated data.
    ///
    /// An error ends the encryption of the message, and is passed on as it is.
    fn wrap_data_key(
        &self,
        data_key: &Secret,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<WrappedDataKey>;

    /// Decrypts a data key that bears the keyring's provider id. It may be somebody else's all the same: then the error
    /// says so.
    ///
    /// An error does not end the decryption of the message: it is noted in the list of why each encrypted data key failed,
    /// which is seen in this process only, and the next one is tried. One that was made [`cancelling`](Error::cancelling) does end it.
    fn unwrap_data_key(
        &self,
        key: &EncryptedDataKey,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<Secret>;

    /// What the data keys would be wrapped with now, if a cache may keep them: see [`Keyring::fingerprint`]. `None`, the
    /// default, keeps them out of any cache.
    fn fingerprint(&self, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        let _ = purpose;
        Ok(None)
    }
}

/// A data key, wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrappedDataKey {
    /// Which key wrapped it, so that it is found again: of a KMS key its ARN. At most 65,535 bytes.
    pub provider_info: Vec<u8>,
    /// The data key, encrypted. At most 65,535 bytes.
    pub ciphertext: Vec<u8>,
}

/// A keyring whose data keys the app wraps and unwraps.
///
/// The keyring makes the data key where no other keyring did. With the provider id `aws-kms`, a KMS key's ARN as the
/// provider information, and what that key's `Encrypt` answered as the ciphertext, AWS's own SDKs open the message with
/// their KMS keyrings (AWS Encryption SDK specification, "AWS KMS keyring").
pub struct CallbackKeyring {
    provider_id: String,
    wrapper: Arc<dyn DataKeyWrapper>,
}

impl CallbackKeyring {
    /// The provider id stands in the message, beside what [`DataKeyWrapper::wrap_data_key`] gives: it says whose data key
    /// is whose, and is not empty.
    pub fn new(provider_id: &str, wrapper: Arc<dyn DataKeyWrapper>) -> Result<Self> {
        if provider_id.is_empty() {
            return Err(Error::new(ErrorKind::Validation, "the provider id of a callback keyring is empty"));
        }
        Ok(Self { provider_id: provider_id.into(), wrapper })
    }
}

impl Keyring for CallbackKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        materials.data_key_or_random(provider)?;
        let (context, suite) = (materials.encryption_context(), materials.algorithm_suite());
        let Some(data_key) = materials.data_key() else { return Ok(()) };
        let WrappedDataKey { provider_info, ciphertext } = self.wrapper.wrap_data_key(data_key, context, suite)?;
        // AWS's SDKs would refuse the message.
        if self.provider_id == KMS_PROVIDER_ID {
            KeyArn::from_provider_info(&provider_info)?;
        }
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: self.provider_id.clone(),
            provider_info,
            ciphertext,
        });
        Ok(())
    }

    fn on_decrypt(&self, _: &Provider, materials: &mut DecryptionMaterials, attempts: &mut Attempts<'_>) -> Result<()> {
        attempts.try_each(materials, |key, materials| {
            (key.provider_id == self.provider_id).then(|| {
                let (context, suite) = (materials.encryption_context(), materials.algorithm_suite());
                self.wrapper.unwrap_data_key(key, context, suite)
            })
        });
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        self.wrapper.fingerprint(purpose)
    }
}
