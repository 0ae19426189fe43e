//! The encrypted data keys, which a header and a sidecar hold in the same form.

use super::EncryptedDataKey;
use crate::{
    envelope::{
        Limits,
        context::length,
        failure::{invalid_message, limit_exceeded},
        read::{FIELD_PREFIX, Read, Reader},
    },
    error::{Error, ErrorKind, Result},
};
use alloc::vec::Vec;

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

/// The three fields of an encrypted data key: provider id, provider information, ciphertext.
type Fields<'a> = [&'a [u8]; 3];

/// Reads the number of encrypted data keys, and each of them.
///
/// The number of missing bytes includes the least that the fields after it take. Otherwise a message with very many keys that
/// comes byte by byte would be read again for each of them.
pub(crate) fn read_encrypted_data_keys<'a>(reader: &mut Reader<'a>, limits: &Limits) -> Read<Vec<Fields<'a>>> {
    let count = reader.u16()?;
    if count == 0 {
        return Err(invalid_message("the message has no encrypted data key").into());
    }
    if count > limits.max_encrypted_data_keys {
        let limit = limits.max_encrypted_data_keys.into();
        return Err(limit_exceeded("number of encrypted data keys", count.into(), limit).into());
    }
    (0..count)
        .map(|index| {
            let later = usize::from(count - index - 1) * 3 * FIELD_PREFIX;
            let mut field = |later| reader.field().map_err(|missing| missing.and(later));
            Ok([field(later + 2 * FIELD_PREFIX)?, field(later + FIELD_PREFIX)?, field(later)?])
        })
        .collect()
}

impl TryFrom<Fields<'_>> for EncryptedDataKey {
    type Error = Error;
    fn try_from([provider_id, provider_info, ciphertext]: Fields<'_>) -> Result<Self> {
        Ok(Self {
            provider_id: utf8(provider_id)?.into(),
            provider_info: provider_info.into(),
            ciphertext: ciphertext.into(),
        })
    }
}

/// A text of the header.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str> {
    str::from_utf8(bytes)
        .map_err(|_| Error::new(ErrorKind::InvalidMessage, "").explain("a text in the header is not UTF-8"))
}
