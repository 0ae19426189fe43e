//! The sidecar: other encrypted forms of a message's data key, kept beside the message, which stays as it is.
//! Specified byte by byte in docs/formats.md.
//!
//! A header of version 2 is always authenticated under the IV zero and a key that follows from data key and message
//! id. Two different headers of one message would repeat a GCM nonce and give the authentication key away, so a header
//! of version 2 must never be written again; nor can one that a signature covers. Their new encrypted data keys go
//! here.
//!
//! ```text
//! 0   1   object type, 'S'
//! 1   1   format version, 1
//! 2   2   algorithm suite
//! 4   m   message id: 16 bytes in message version 1, 32 in version 2
//! …   32  binding: the key commitment (message version 2), or SHA-256 of the whole header (version 1)
//! …   n   encrypted data keys, as in a header
//! …   32  HMAC-SHA-256 of all before
//! ```

use super::{
    client::Limits,
    failure::invalid_message,
    header::{EncryptedDataKey, MessageHeader, read_encrypted_data_keys, write_encrypted_data_keys},
    read::{Incomplete, Read, Reader},
    suite::AlgorithmSuite,
};
use crate::{
    crypto::{Hash, Provider},
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use alloc::{format, vec::Vec};
use subtle::ConstantTimeEq;

/// What the first byte says.
const OBJECT_TYPE: u8 = b'S';
/// What the second byte says.
const VERSION: u8 = 1;
/// What the key of the MAC is derived for, and nothing else.
const LABEL: &[u8] = b"PocketKMS Sidecar 1";
const TAG_LENGTH: usize = 32;

/// A sidecar whose shape is right.
pub(crate) struct Sidecar {
    pub(crate) algorithm_suite: AlgorithmSuite,
    pub(crate) message_id: Vec<u8>,
    binding: [u8; 32],
    pub(crate) encrypted_data_keys: Vec<EncryptedDataKey>,
    /// What the tag authenticates.
    authenticated: Vec<u8>,
    tag: [u8; TAG_LENGTH],
}

impl Sidecar {
    /// Reads a whole sidecar; nothing of it is authenticated yet.
    pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Self> {
        let mut reader = Reader::new(bytes);
        let sidecar = Self::fields(&mut reader, bytes, limits).map_err(|incomplete| match incomplete {
            Incomplete::Needs(_) => invalid_message(format!("the sidecar is truncated at byte {}", bytes.len())),
            Incomplete::Invalid(error) => error,
        })?;
        if reader.position() == bytes.len() {
            return Ok(sidecar);
        }
        Err(invalid_message("bytes follow the end of the sidecar"))
    }

    fn fields(reader: &mut Reader<'_>, bytes: &[u8], limits: &Limits) -> Read<Self> {
        if reader.u8()? != OBJECT_TYPE {
            return Err(invalid_message("the bytes are no sidecar: the first one is not 'S'").into());
        }
        let version = reader.u8()?;
        if version != VERSION {
            let message = format!("the sidecar has format version {version}; this PocketKMS reads version {VERSION}");
            return Err(Error::new(ErrorKind::UnsupportedVersion, message).into());
        }
        let suite = reader.u16()?;
        let algorithm_suite = AlgorithmSuite::from_id(suite)
            .ok_or_else(|| invalid_message(format!("the sidecar's algorithm suite {suite:#06x} is unknown")))?;
        let message_id = reader.take(algorithm_suite.message_id_length())?;
        let binding = reader.array()?;
        let encrypted_data_keys = read_encrypted_data_keys(reader, limits)?;
        let authenticated = bytes.get(..reader.position()).unwrap_or_default();
        let tag = reader.array()?;
        Ok(Self {
            algorithm_suite,
            message_id: message_id.into(),
            binding,
            encrypted_data_keys: encrypted_data_keys
                .into_iter()
                .map(EncryptedDataKey::try_from)
                .collect::<Result<_, _>>()?,
            authenticated: authenticated.into(),
            tag,
        })
    }

    /// Checks that the sidecar is this message's, before a key is asked for. `bytes` are the header's.
    pub(crate) fn check_message(&self, provider: &Provider, header: &MessageHeader, bytes: &[u8]) -> Result<()> {
        if self.belongs(provider, header, bytes) {
            return Ok(());
        }
        Err(invalid_message("the sidecar is of another message, or of another header of this one"))
    }

    /// Whether the sidecar is this message's. `bytes` are the header's.
    pub(crate) fn belongs(&self, provider: &Provider, header: &MessageHeader, bytes: &[u8]) -> bool {
        self.algorithm_suite == header.algorithm_suite
            && self.message_id == header.message_id
            && self.binding == *binding(provider, header, bytes)
    }

    /// Checks that the writer of the sidecar had the data key.
    pub(crate) fn verify(&self, provider: &Provider, data_key: &Secret) -> Result<()> {
        let tag = tag(provider, self.algorithm_suite, &self.message_id, data_key, &self.authenticated)?;
        if bool::from(tag.ct_eq(&self.tag)) {
            return Ok(());
        }
        Err(invalid_message("the sidecar was altered, or made with another data key"))
    }
}

/// Writes the sidecar of a message whose header was verified with this data key. `bytes` are the header's.
pub(crate) fn write(
    provider: &Provider,
    header: &MessageHeader,
    bytes: &[u8],
    data_key: &Secret,
    encrypted_data_keys: &[EncryptedDataKey],
) -> Result<Vec<u8>> {
    let suite = header.algorithm_suite;
    let mut sidecar = alloc::vec![OBJECT_TYPE, VERSION];
    sidecar.extend_from_slice(&suite.id().to_be_bytes());
    sidecar.extend_from_slice(&header.message_id);
    sidecar.extend_from_slice(&binding(provider, header, bytes));
    write_encrypted_data_keys(encrypted_data_keys, &mut sidecar)?;
    let tag = tag(provider, suite, &header.message_id, data_key, &sidecar)?;
    sidecar.extend_from_slice(&tag);
    Ok(sidecar)
}

/// What binds a sidecar to its message beside the id: the commitment, which fixes the data key; where there is none, the
/// whole header.
fn binding(provider: &Provider, header: &MessageHeader, bytes: &[u8]) -> Vec<u8> {
    let whole = || provider.digest.sha256(&[bytes]).into();
    header.commitment.clone().unwrap_or_else(whole)
}

fn tag(
    provider: &Provider,
    suite: AlgorithmSuite,
    message_id: &[u8],
    data_key: &Secret,
    authenticated: &[u8],
) -> Result<[u8; TAG_LENGTH]> {
    let info = [&suite.id().to_be_bytes(), LABEL].concat();
    let mut key = SecretArray::<32>::zeroed();
    provider.kdf.hkdf(Hash::Sha512, data_key.expose(), message_id, &info, key.expose_mut())?;
    let mut tag = [0; TAG_LENGTH];
    provider.mac.key(Hash::Sha256, key.expose()).mac(&[authenticated], &mut tag);
    Ok(tag)
}
