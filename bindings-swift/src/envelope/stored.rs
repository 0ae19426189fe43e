//! Messages that are stored already: what they say of themselves, other keys for them, parts of them.

use super::{DecryptOptions, EncryptedDataKey, EncryptionClient, Keyring, MessageHeader};
use crate::KmsError;
use pocketkms::{
    EncryptionContext, Secret,
    api::Blob,
    envelope::{Inspection, RangeOptions, RewrapOptions},
};
use std::{ops::Range, sync::OnceLock};

/// What a data key is encrypted under, as far as its encrypted form tells.
#[derive(uniffi::Record)]
pub struct WrappingKey {
    /// Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring.
    pub provider_id: String,
    /// The key's name: a key ARN, a branch key id, the key name of a raw keyring.
    pub key_name: String,
    /// The ARN of a KMS key.
    pub key_arn: Option<String>,
    /// The id of a PocketKMS key, as it stands in the ciphertext.
    pub key_id: Option<String>,
    /// Which of the key's materials: of a PocketKMS key the first 32 of the 64 hexadecimal digits of its key material id,
    /// of a branch key the version.
    pub key_material: Option<String>,
}

/// What a message says of itself. Nothing of it is authenticated: that takes the data key.
#[derive(uniffi::Record)]
pub struct MessageInfo {
    /// The header.
    pub header: MessageHeader,
    /// The length of the header in bytes: where the body begins.
    pub header_length: u64,
    /// What each of the header's encrypted data keys is encrypted under, in their order.
    pub wrapping_keys: Vec<WrappingKey>,
}

/// What the first bytes of a message tell.
#[derive(uniffi::Enum)]
pub enum MessageInspection {
    /// The header is whole.
    Complete {
        /// What it says.
        info: MessageInfo,
    },
    /// The header goes on after the bytes given.
    Incomplete {
        /// So many bytes from the front of the message are needed at least to get further.
        needed: u64,
    },
}

/// The result of rewrapping.
#[derive(uniffi::Enum)]
pub enum Rewrapped {
    /// A new header, to be written in place of the old one. The body follows as it is.
    Header {
        /// The new header.
        bytes: Vec<u8>,
        /// The length of the old header.
        replaces: u64,
    },
    /// A sidecar, to be kept beside the message and given whenever it is decrypted. The message stays as it is.
    Sidecar {
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// Where something stands: `start` is in it, `end` is not.
#[derive(Clone, Copy, uniffi::Record)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

impl From<ByteRange> for Range<u64> {
    fn from(ByteRange { start, end }: ByteRange) -> Self {
        start..end
    }
}

/// Decrypts parts of a framed message, without what comes before them.
#[derive(uniffi::Object)]
pub struct RangeReader(pocketkms::envelope::RangeReader, OnceLock<u64>);

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl EncryptionClient {
    /// Tells which key and material a message uses, without decrypting it, from its first bytes: 1 KiB is nearly always
    /// enough.
    pub fn inspect(&self, front: &Blob) -> Result<MessageInspection, KmsError> {
        Ok(match self.0.inspect(front)? {
            Inspection::Incomplete { needed } => MessageInspection::Incomplete { needed: length(needed) },
            Inspection::Complete(info) => MessageInspection::Complete {
                info: MessageInfo {
                    header_length: length(info.header_length),
                    header: info.header.into(),
                    wrapping_keys: info.wrapping_keys.into_iter().map(Into::into).collect(),
                },
            },
        })
    }

    /// Moves a stored message to other keys, or to the newest material of its key, without its body. `header` are the
    /// first bytes of the message, its whole header at least. Version 1 unsigned gives a new header; version 2 and signed
    /// ones, whose header must stay, give a sidecar. Who kept the old header or sidecar and may use the old key can still
    /// decrypt.
    #[uniffi::method(default(options = None, sidecar_only = false))]
    pub fn rewrap(
        &self,
        source: &Keyring,
        destination: &Keyring,
        header: &Blob,
        options: Option<DecryptOptions>,
        sidecar_only: bool,
    ) -> Result<Rewrapped, KmsError> {
        let options = RewrapOptions { decrypt: options.unwrap_or_default().into(), sidecar_only };
        let rewrapped = self.0.rewrap(&*source.manager, &*destination.as_part()?, &options, header)?;
        Ok(match rewrapped {
            pocketkms::envelope::Rewrapped::Header { bytes, replaces } => {
                Rewrapped::Header { bytes, replaces: length(replaces) }
            }
            pocketkms::envelope::Rewrapped::Sidecar(bytes) => Rewrapped::Sidecar { bytes },
        })
    }

    /// Whether rewrapping with this destination would change which keys and materials a message uses.
    #[uniffi::method(default(sidecar = None))]
    pub fn needs_rewrap(
        &self,
        destination: &Keyring,
        front: &Blob,
        sidecar: Option<Vec<u8>>,
    ) -> Result<bool, KmsError> {
        Ok(self.0.needs_rewrap(&*destination.as_part()?, front, sidecar.as_deref())?)
    }

    /// Starts to decrypt parts of a framed message, of whose first bytes `header` has the whole header. With the length of
    /// the whole message the plaintext's length is known, too. A signed message is refused unless `acceptUnverifiedSignature`:
    /// its signature covers all of it, and cannot be checked this way.
    #[uniffi::method(default(options = None, message_length = None, accept_unverified_signature = false))]
    pub fn range_reader(
        &self,
        keyring: &Keyring,
        header: &Blob,
        options: Option<DecryptOptions>,
        message_length: Option<u64>,
        accept_unverified_signature: bool,
    ) -> Result<RangeReader, KmsError> {
        let options =
            RangeOptions { decrypt: options.unwrap_or_default().into(), message_length, accept_unverified_signature };
        Ok(RangeReader(self.0.range_reader(&*keyring.manager, &options, header)?, OnceLock::new()))
    }
}

#[uniffi::export]
impl RangeReader {
    /// The message's header, verified.
    pub fn header(&self) -> MessageHeader {
        self.0.header().clone().into()
    }

    /// The encryption context, verified.
    pub fn encryption_context(&self) -> EncryptionContext {
        self.0.encryption_context().clone()
    }

    /// The length of the plaintext, if the message's was given: as certain as that. Of a signed message it is not known.
    pub fn plaintext_length(&self) -> Option<u64> {
        self.0.plaintext_length()
    }

    /// The length of the plaintext, once the final frame was opened and with it verified.
    pub fn verified_length(&self) -> Option<u64> {
        self.1.get().copied()
    }

    /// Which bytes of the message hold these bytes of the plaintext.
    pub fn locate(&self, range: ByteRange) -> Result<ByteRange, KmsError> {
        let Range { start, end } = self.0.locate(&range.into())?;
        Ok(ByteRange { start, end })
    }

    /// Decrypts these bytes of the plaintext, of what `locate` named. Fewer come where the plaintext ends before.
    pub fn open(&self, range: ByteRange, bytes: &Blob) -> Result<Secret, KmsError> {
        let part = self.0.open(&range.into(), bytes)?;
        if let Some(end) = part.end {
            let _ = self.1.set(end); // it is the same each time
        }
        Ok(part.plaintext)
    }
}

impl From<pocketkms::envelope::WrappingKey> for WrappingKey {
    fn from(key: pocketkms::envelope::WrappingKey) -> Self {
        let pocketkms::envelope::WrappingKey { provider_id, key_name, key_arn, key_id, key_material } = key;
        Self { provider_id, key_name, key_arn, key_id, key_material }
    }
}

/// What the data key of a header is encrypted under.
#[uniffi::export]
pub fn wrapping_key(key: EncryptedDataKey) -> WrappingKey {
    pocketkms::envelope::EncryptedDataKey::from(key).wrapping_key().into()
}
