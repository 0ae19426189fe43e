//! Stored messages: inspection, rewrapping, byte ranges.

use super::{EncryptionClient, Keyring};
use crate::KmsError;
use pocketkms::{
    EncryptionContext, Secret,
    api::Blob,
    envelope::{
        EncryptedDataKey, Inspection, MessageHeader, MessageInfo, RangeOptions, RewrapOptions, SidecarInfo, WrappingKey,
    },
};
use std::{ops::Range, sync::OnceLock};

/// What the first bytes of a message say.
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
    /// Returns which key and material a message uses, without decrypting it, from its first bytes: 1 KiB is nearly always
    /// enough.
    pub fn inspect(&self, message: &Blob) -> Result<MessageInspection, KmsError> {
        Ok(match self.0.inspect(message)? {
            Inspection::Incomplete { needed } => MessageInspection::Incomplete { needed: length(needed) },
            Inspection::Complete(info) => MessageInspection::Complete { info },
        })
    }

    /// Returns which keys and materials a message uses that was rewrapped into this sidecar, without decrypting it.
    pub fn inspect_sidecar(&self, sidecar: &Blob) -> Result<SidecarInfo, KmsError> {
        Ok(self.0.inspect_sidecar(sidecar)?)
    }

    /// Moves a stored message to other keys, or to the newest material of its key, without its body. Of `message` its
    /// first bytes will do, the whole header at least. Version 1 unsigned gives a new header; version 2 and signed
    /// ones, whose header must stay, give a sidecar. Anyone who kept the old header or sidecar and may use the old key can
    /// still decrypt.
    #[uniffi::method(default(options = None))]
    pub fn rewrap(
        &self,
        source: &Keyring,
        destination: &Keyring,
        message: &Blob,
        options: Option<RewrapOptions>,
    ) -> Result<Rewrapped, KmsError> {
        let options = options.unwrap_or_default();
        let rewrapped = self.0.rewrap(&*source.manager, &*destination.as_part()?, &options, message)?;
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
        message: &Blob,
        sidecar: Option<Vec<u8>>,
    ) -> Result<bool, KmsError> {
        Ok(self.0.needs_rewrap(&*destination.as_part()?, message, sidecar.as_deref())?)
    }

    /// Starts to decrypt parts of a framed message, of which `message` has the whole header at least. With the length of
    /// the whole message the plaintext's length is known, too. A signed message is refused unless `acceptUnverifiedSignature`:
    /// its signature covers all of it, and cannot be checked this way.
    #[uniffi::method(default(options = None))]
    pub fn range_reader(
        &self,
        keyring: &Keyring,
        message: &Blob,
        options: Option<RangeOptions>,
    ) -> Result<RangeReader, KmsError> {
        let options = options.unwrap_or_default();
        Ok(RangeReader(self.0.range_reader(&*keyring.manager, &options, message)?, OnceLock::new()))
    }
}

#[uniffi::export]
impl RangeReader {
    /// The message's header, verified.
    pub fn header(&self) -> MessageHeader {
        self.0.header().clone()
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

/// What the data key of a header is encrypted under.
#[uniffi::export]
pub fn wrapping_key(key: &EncryptedDataKey) -> WrappingKey {
    key.wrapping_key()
}
