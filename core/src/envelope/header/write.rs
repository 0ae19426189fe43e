//! Writing a header.

use super::{MESSAGE_TYPE, MessageHeader, data_keys::write_encrypted_data_keys};
use crate::{
    envelope::context::{length, serialize},
    error::Result,
};
use alloc::vec::Vec;

impl MessageHeader {
    /// The bytes that the header's tag authenticates: all but the tag, and the IV of version 1.
    pub(crate) fn write(&self) -> Result<Vec<u8>> {
        let version = self.version;
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
        bytes.extend_from_slice(self.commitment.as_deref().unwrap_or_default());
        Ok(bytes)
    }
}
