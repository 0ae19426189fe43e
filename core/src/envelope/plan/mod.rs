//! Messages whose bodies a cipher outside of this library encrypts: WebCrypto, or an engine in hardware.
//!
//! Such a cipher may answer later, and may work on several frames at once. What needs no such speed stays here: header,
//! key derivation, commitment, the order and layout of the frames, the signature. An [`EncryptionPlanner`] or a
//! [`DecryptionPlanner`] gives the cipher its key once, and for each piece of the body a [`FramePlan`]: what one call of
//! AES-GCM needs. The caller moves bytes, and decides nothing about them.
//!
//! ```
//! use pocketkms::{Provider, Secret, envelope::*};
//!
//! # fn main() -> pocketkms::Result<()> {
//! let (provider, client) = (Provider::default(), EncryptionClient::default());
//! let keyring = RawAesKeyring::new(&provider, "app", "key", &Secret::from(vec![7; 32]))?;
//! let request = EncryptionMaterialsRequest {
//!     algorithm_suite: AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
//!     encryption_context: [("order", "4711")].into(),
//!     required_encryption_context_keys: vec![],
//!     plaintext_length: None,
//! };
//! let materials = keyring.encryption_materials(&provider, request)?;
//!
//! // The cipher outside; here, one of this library.
//! let mut planner = client.encryption_planner(materials, None, None)?;
//! let cipher = provider.aead.key(planner.take_key().expose())?;
//! let mut message = planner.take_header_bytes();
//! let plaintext = b"card 4242";
//! while let Some(plan) = planner.next(plaintext.len(), true)? {
//!     let mut data = plaintext[..plan.length].to_vec();
//!     let tag = cipher.seal(&plan.nonce, &plan.associated_data, &mut data)?;
//!     message.extend([plan.prefix, data, tag.to_vec()].concat());
//! }
//! message.extend(planner.finish()?);
//! assert_eq!(client.decrypt(&keyring, DecryptOptions::default(), &message)?.plaintext.expose(), plaintext);
//! # Ok(())
//! # }
//! ```

mod decrypt;
mod encrypt;

pub use decrypt::{DecryptionPlanner, DecryptionStep};
pub use encrypt::EncryptionPlanner;

use super::{
    body::{self, FINAL_FRAME, FINAL_PREFIX, Piece},
    failure::{invalid_message, limit_exceeded},
    header::{ContentType, MessageHeader},
    read::{Read, Reader},
};
use crate::crypto::{NONCE_LENGTH, TAG_LENGTH};
use alloc::vec::Vec;

/// What one call of AES-GCM needs for a piece of a body: a frame, or the whole of an unframed one. In the message the
/// piece is its prefix, the ciphertext, and the tag of 16 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FramePlan {
    /// The number of the frame, from 1 on.
    pub sequence: u32,
    /// What stands before the ciphertext.
    pub prefix: Vec<u8>,
    /// The nonce.
    pub nonce: [u8; NONCE_LENGTH],
    /// The associated data.
    pub associated_data: Vec<u8>,
    /// The length of the plaintext, and so of the ciphertext without its tag.
    pub length: usize,
    /// Whether the body ends with it.
    pub last: bool,
}

impl FramePlan {
    /// For a frame to be written.
    pub(crate) fn write(message_id: &[u8], sequence: u32, length: usize, last: bool) -> Self {
        let nonce = body::iv(sequence);
        let mut prefix = Vec::with_capacity(FINAL_PREFIX);
        if last {
            prefix.extend_from_slice(&FINAL_FRAME.to_be_bytes());
        }
        prefix.extend_from_slice(&sequence.to_be_bytes());
        prefix.extend_from_slice(&nonce);
        if last {
            // A frame is at most as long as the header's frame length, which has four bytes, too.
            prefix.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        }
        let piece = if last { Piece::Final } else { Piece::Regular };
        let associated_data = body::associated_data(message_id, piece, sequence, length as u64);
        Self { sequence, prefix, nonce, associated_data, length, last }
    }

    /// For the piece that the bytes begin with, of which no more than its prefix needs to be there. It must be the one
    /// of that number; a claim that breaks a limit is refused as soon as it is read.
    pub(crate) fn read(header: &MessageHeader, max_unframed_length: u64, sequence: u32, bytes: &[u8]) -> Read<Self> {
        let mut reader = Reader::new(bytes);
        let (piece, nonce, length) = match header.content_type {
            ContentType::Unframed => {
                let (nonce, length) = (reader.array()?, reader.u64()?);
                if length > max_unframed_length {
                    return Err(limit_exceeded("unframed length", length, max_unframed_length).into());
                }
                (Piece::Unframed, nonce, length)
            }
            ContentType::Framed => {
                let number = reader.u32()?;
                if number == FINAL_FRAME {
                    body::check_sequence(reader.u32()?, sequence)?;
                    let (nonce, length) = (reader.array()?, reader.u32()?);
                    if length > header.frame_length {
                        return Err(invalid_message("the final frame is longer than the frame length").into());
                    }
                    (Piece::Final, nonce, length.into())
                } else {
                    body::check_sequence(number, sequence)?;
                    (Piece::Regular, reader.array()?, header.frame_length.into())
                }
            }
        };
        let too_long = || invalid_message("the message is too long for this platform");
        Ok(Self {
            sequence,
            prefix: bytes.get(..reader.position()).unwrap_or_default().into(),
            nonce,
            associated_data: body::associated_data(&header.message_id, piece, sequence, length),
            length: usize::try_from(length).map_err(|_| too_long())?,
            last: piece != Piece::Regular,
        })
    }

    /// The length of the piece in the message.
    pub fn whole_length(&self) -> usize {
        self.prefix.len().saturating_add(self.length).saturating_add(TAG_LENGTH)
    }
}
