//! The layout of a message's body: frames, each encrypted and authenticated on its own.
//!
//! ```text
//! regular frame   sequence number (4)   IV (12)   ciphertext (frame length)   tag (16)
//! final frame     ff ff ff ff   sequence number (4)   IV (12)   length (4)   ciphertext   tag (16)
//! unframed body   IV (12)   length (8)   ciphertext   tag (16)
//! ```
//!
//! Each is authenticated together with the message's id, what it is, its sequence number and its length, so that none
//! can be moved, dropped or taken for the last.

use super::{
    failure::{invalid_message, limit_exceeded},
    header::{ContentType, MessageHeader},
    read::{Read, Reader},
};
use crate::{
    crypto::{NONCE_LENGTH, TAG_LENGTH},
    error::{Error, ErrorKind, Result},
};
use alloc::{format, vec::Vec};

/// What marks the final frame, and so no regular frame has as its sequence number.
pub(crate) const FINAL_FRAME: u32 = u32::MAX;
/// What a regular frame has before its ciphertext.
pub(crate) const FRAME_PREFIX: usize = 4 + NONCE_LENGTH;
/// By how much a regular frame is longer than its plaintext.
pub(crate) const FRAME_OVERHEAD: usize = FRAME_PREFIX + TAG_LENGTH;
/// What a final frame has before its ciphertext.
pub(crate) const FINAL_PREFIX: usize = 4 + FRAME_PREFIX + 4;
/// By how much an unframed body is longer than its plaintext.
pub(crate) const UNFRAMED_OVERHEAD: usize = NONCE_LENGTH + 8 + TAG_LENGTH;

/// What a piece of a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Regular,
    Final,
    Unframed,
}

impl Piece {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Regular => b"AWSKMSEncryptionClient Frame",
            Self::Final => b"AWSKMSEncryptionClient Final Frame",
            Self::Unframed => b"AWSKMSEncryptionClient Single Block",
        }
    }
}

/// The associated data of a piece: message id, label, sequence number, length.
pub(crate) fn associated_data(message_id: &[u8], piece: Piece, sequence: u32, length: u64) -> Vec<u8> {
    [message_id, piece.label(), &sequence.to_be_bytes(), &length.to_be_bytes()].concat()
}

/// The IV that a writer gives the piece: its sequence number. The header of version 1 uses zero or, rewritten, a
/// random one.
pub(crate) fn iv(sequence: u32) -> [u8; NONCE_LENGTH] {
    u128::from(sequence).to_be_bytes().last_chunk().copied().unwrap_or_default()
}

/// The number of the frame that follows so many regular ones.
pub(crate) fn next_sequence(sequence: u32, count: usize) -> Result<u32> {
    // The final frame needs a number, too: the last one there is may be its own, after its marker.
    u32::try_from(count).ok().and_then(|count| sequence.checked_add(count)).ok_or_else(|| {
        Error::new(ErrorKind::LimitExceeded, "a message has at most 4,294,967,295 frames: take longer frames")
    })
}

/// The length of a framed body for so much plaintext.
pub(crate) const fn framed_length(plaintext: usize, frame_length: usize) -> usize {
    let regular = plaintext.saturating_sub(1) / frame_length;
    let overhead = regular.saturating_mul(FRAME_OVERHEAD).saturating_add(FINAL_PREFIX + TAG_LENGTH);
    plaintext.saturating_add(overhead)
}

/// How much plaintext is at most in a framed body of that length; it is the length of the plaintext if nothing else is in
/// there.
pub(crate) const fn framed_plaintext(body: usize, frame_length: usize) -> usize {
    let left = body.saturating_sub(FINAL_PREFIX + TAG_LENGTH);
    left - left / frame_length.saturating_add(FRAME_OVERHEAD) * FRAME_OVERHEAD
}

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
        let nonce = iv(sequence);
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
        let associated_data = associated_data(message_id, piece, sequence, length as u64);
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
                    check_sequence(reader.u32()?, sequence)?;
                    let (nonce, length) = (reader.array()?, reader.u32()?);
                    if length > header.frame_length {
                        return Err(invalid_message("the final frame is longer than the frame length").into());
                    }
                    (Piece::Final, nonce, length.into())
                } else {
                    check_sequence(number, sequence)?;
                    (Piece::Regular, reader.array()?, header.frame_length.into())
                }
            }
        };
        let too_long = || invalid_message("the message is too long for this platform");
        Ok(Self {
            sequence,
            prefix: bytes.get(..reader.position()).unwrap_or_default().into(),
            nonce,
            associated_data: associated_data(&header.message_id, piece, sequence, length),
            length: usize::try_from(length).map_err(|_| too_long())?,
            last: piece != Piece::Regular,
        })
    }

    /// The length of the piece in the message.
    pub fn whole_length(&self) -> usize {
        self.prefix.len().saturating_add(self.length).saturating_add(TAG_LENGTH)
    }
}

/// Frames come in order, from 1 on.
pub(crate) fn check_sequence(read: u32, expected: u32) -> Result<()> {
    if read == expected {
        return Ok(());
    }
    Err(invalid_message(format!("frame {expected} should come next, but frame {read} comes")))
}

/// The cipher found the tag of a piece wrong.
pub(crate) fn altered(sequence: u32) -> Error {
    invalid_message(format!("frame {sequence} was altered, or is of another message"))
}
