//! Writing a header.

use super::{EncryptedDataKey, MESSAGE_TYPE, MessageHeader};
use crate::{
    envelope::context::{length, serialize},
    error::Result,
};
use alloc::vec::Vec;

impl MessageHeader {
    /// The bytes that the header's tag authenticates: all but the tag, and the IV of version 1.
    pub(crate) fn write(&self) -> Result<Vec<u8>> {
        let version = self.version();
        let context = serialize(&self.encryption_context)?;
        let mut bytes = Vec::with_capacity(256 + context.len());
        bytes.push(version);
        if version == 1 {
            bytes.push(MESSAGE_TYPE);
        }
        bytes.extend_from_slice(&self.algorithm_suite.id().to_be_bytes());
        bytes.extend_from_slice(&self.message_id);
        bytes.extend_from_slice(&length(context.len())?);
        bytes.extend_from_slice(&context);
        write_encrypted_data_keys(&self.encrypted_data_keys, &mut bytes)?;
        bytes.push(self.content_type.id());
        if version == 1 {
            // Four reserved bytes, and the length of the IV.
            bytes.extend_from_slice(&[0; 4]);
            bytes.push(12);
        }
        bytes.extend_from_slice(&self.frame_length.to_be_bytes());
        bytes.extend_from_slice(self.commitment.as_ref().map_or(&[], |commitment| &commitment[..]));
        Ok(bytes)
    }
}

/// Their number, then each of them: three fields with their lengths in two bytes.
pub(crate) fn write_encrypted_data_keys(keys: &[EncryptedDataKey], bytes: &mut Vec<u8>) -> Result<()> {
    bytes.extend_from_slice(&length(keys.len())?);
    for key in keys {
        for field in [key.provider_id.as_bytes(), &key.provider_info, &key.ciphertext] {
            bytes.extend_from_slice(&length(field.len())?);
            bytes.extend_from_slice(field);
        }
    }
    Ok(())
}
