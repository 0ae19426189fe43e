//! The header's tag: made and checked under the key that is derived of the data key.

use super::ReadHeader;
use crate::{
    context::EncryptionContext,
    crypto::{AeadKey, NONCE_LENGTH, Provider, TAG_LENGTH},
    envelope::{
        context::serialize, failure::invalid_message, keys::MessageKeys, materials::DecryptionMaterials,
        suite::AlgorithmSuite,
    },
    error::{Error, ErrorKind, Result},
};
use alloc::{boxed::Box, vec::Vec};
use subtle::ConstantTimeEq;

/// The tag of a header, and of the pairs that the message authenticates without storing them.
pub(crate) fn header_tag(
    key: &dyn AeadKey,
    iv: &[u8; NONCE_LENGTH],
    header: &[u8],
    unstored: &EncryptionContext,
) -> Result<[u8; TAG_LENGTH]> {
    Ok(key.seal(iv, &associated_data(header, unstored)?, &mut [])?)
}

fn associated_data(header: &[u8], unstored: &EncryptionContext) -> Result<Vec<u8>> {
    Ok([header, &serialize(unstored)?].concat())
}

impl ReadHeader {
    /// Checks the sidecar, the commitment and the tag, and gives the key of the message's cipher. `message` begins with the header.
    pub(crate) fn unlock(
        &self,
        provider: &Provider,
        message: &[u8],
        materials: &DecryptionMaterials,
    ) -> Result<(MessageKeys, Box<dyn AeadKey>)> {
        let keys = self.derive(provider, materials)?;
        let key = provider.aead.key(keys.key.expose())?;
        let header = message.get(..self.authenticated_length).unwrap_or_default();
        let aad = associated_data(header, materials.unstored_encryption_context())?;
        key.open(&self.iv, &aad, &mut [], &self.tag).map_err(|_| {
            invalid_message("the header was altered, or not all pairs of the encryption context were given again")
        })?;
        Ok((keys, key))
    }

    /// Derives the message's keys and checks that the message was made with this data key.
    fn derive(&self, provider: &Provider, materials: &DecryptionMaterials) -> Result<MessageKeys> {
        let suite: AlgorithmSuite = self.header.algorithm_suite;
        let data_key = materials
            .data_key()
            .filter(|data_key| data_key.len() == suite.data_key_length())
            .ok_or_else(|| Error::new(ErrorKind::Validation, "the materials have no data key for this suite"))?;
        if let Some(sidecar) = &self.sidecar {
            sidecar.verify(provider, data_key)?;
        }
        let keys = MessageKeys::derive(provider, suite, &self.header.message_id, data_key)?;
        match (&keys.commitment, &self.header.commitment) {
            (Some(derived), Some(stated)) if !bool::from(derived.as_slice().ct_eq(stated)) => {
                Err(invalid_message("the message was made with another data key: its key commitment does not match"))
            }
            _ => Ok(keys),
        }
    }
}
