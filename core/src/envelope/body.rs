//! The body of a message: frames, each encrypted and authenticated on its own.
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
    failure::invalid_message,
    plan::FramePlan,
    read::{Read, Reader},
};
use crate::{
    crypto::{AeadKey, Executor, NONCE_LENGTH, TAG_LENGTH, Unauthentic, Work},
    error::{Error, ErrorKind, Result},
};
use alloc::{boxed::Box, format, vec::Vec};

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
/// The work that is worth a processor of its own.
const SHARE: usize = 256 * 1024;

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

/// Encrypts and decrypts the frames of one message.
pub(crate) struct Frames {
    pub(crate) key: Box<dyn AeadKey>,
    pub(crate) message_id: Vec<u8>,
    /// The length of a regular frame's plaintext.
    pub(crate) frame_length: usize,
    pub(crate) executor: &'static dyn Executor,
}

impl Frames {
    /// The length of a regular frame.
    pub(crate) const fn whole_frame(&self) -> usize {
        self.frame_length.saturating_add(FRAME_OVERHEAD)
    }

    /// Encrypts regular frames, from `first` on: `plaintext` and `frames` are so many whole ones.
    pub(crate) fn seal(&self, first: u32, plaintext: &[u8], frames: &mut [u8]) -> Result<()> {
        self.share(first, plaintext, self.frame_length, frames, self.whole_frame(), |first, plaintext, frames| {
            let mut aad = associated_data(&self.message_id, Piece::Regular, first, self.frame_length as u64);
            let pieces = plaintext.chunks(self.frame_length).zip(frames.chunks_mut(self.whole_frame()));
            for ((plaintext, frame), sequence) in pieces.zip(first..) {
                set_sequence(&mut aad, sequence);
                let iv = iv(sequence);
                let [number, nonce, ciphertext, tag] = split(frame)?;
                number.copy_from_slice(&sequence.to_be_bytes());
                nonce.copy_from_slice(&iv);
                tag.copy_from_slice(&self.key.seal_into(&iv, &aad, plaintext, ciphertext)?);
            }
            Ok(())
        })
    }

    /// Decrypts regular frames, from `first` on. After an error nothing in `plaintext` may be used.
    pub(crate) fn open(&self, first: u32, frames: &[u8], plaintext: &mut [u8]) -> Result<()> {
        self.share(first, frames, self.whole_frame(), plaintext, self.frame_length, |first, frames, plaintext| {
            let mut aad = associated_data(&self.message_id, Piece::Regular, first, self.frame_length as u64);
            let pieces = frames.chunks(self.whole_frame()).zip(plaintext.chunks_mut(self.frame_length));
            for ((frame, plaintext), sequence) in pieces.zip(first..) {
                set_sequence(&mut aad, sequence);
                let (number, iv, ciphertext, tag) = parts(frame)?;
                check_sequence(number, sequence)?;
                self.key.open_into(&iv, &aad, ciphertext, &tag, plaintext).map_err(|_| altered(sequence))?;
            }
            Ok(())
        })
    }

    /// Encrypts the final frame.
    pub(crate) fn seal_final(&self, sequence: u32, plaintext: &[u8]) -> Result<Vec<u8>> {
        let plan = FramePlan::write(&self.message_id, sequence, plaintext.len(), true);
        let mut frame = Vec::with_capacity(plan.whole_length());
        frame.extend_from_slice(&plan.prefix);
        frame.extend_from_slice(plaintext);
        let ciphertext = frame.get_mut(plan.prefix.len()..).unwrap_or_default();
        let tag = self.key.seal(&plan.nonce, &plan.associated_data, ciphertext)?;
        frame.extend_from_slice(&tag);
        Ok(frame)
    }

    /// Decrypts the piece that `plan` tells of and `bytes` begin with. Answers how long it is.
    pub(crate) fn open_planned(&self, plan: &FramePlan, bytes: &[u8], plaintext: &mut [u8]) -> Read<usize> {
        let mut reader = Reader::new(bytes);
        reader.take(plan.prefix.len())?;
        let (ciphertext, tag) = (reader.take(plan.length)?, reader.array()?);
        self.key
            .open_into(&plan.nonce, &plan.associated_data, ciphertext, &tag, plaintext)
            .map_err(|Unauthentic| altered(plan.sequence))?;
        Ok(reader.position())
    }

    /// Divides frames among the processors. `from` and `to` hold the same number of whole pieces, of their lengths.
    fn share(
        &self,
        first: u32,
        from: &[u8],
        from_length: usize,
        to: &mut [u8],
        to_length: usize,
        work: impl Fn(u32, &[u8], &mut [u8]) -> Result<()> + Sync,
    ) -> Result<()> {
        let frames = from.len() / from_length.max(1);
        let shares = self.executor.width().min(from.len() / SHARE).min(frames);
        if shares < 2 {
            return work(first, from, to);
        }
        let each = frames.div_ceil(shares);
        let pieces = from.chunks(each * from_length).zip(to.chunks_mut(each * to_length));
        let mut results: Vec<Result<()>> = (0..shares).map(|_| Ok(())).collect();
        let work = &work;
        let shares: Vec<Work<'_>> = pieces
            .zip(&mut results)
            .zip((first..).step_by(each))
            .map(|(((from, to), result), first)| Box::new(move || *result = work(first, from, to)) as Work<'_>)
            .collect();
        self.executor.run(shares);
        results.into_iter().collect()
    }
}

/// The parts of a frame to be written: sequence number, IV, ciphertext, tag.
fn split(frame: &mut [u8]) -> Result<[&mut [u8]; 4]> {
    fn parts(frame: &mut [u8]) -> Option<[&mut [u8]; 4]> {
        let (number, rest) = frame.split_at_mut_checked(4)?;
        let (iv, rest) = rest.split_at_mut_checked(NONCE_LENGTH)?;
        let length = rest.len().checked_sub(TAG_LENGTH)?;
        let (ciphertext, tag) = rest.split_at_mut_checked(length)?;
        Some([number, iv, ciphertext, tag])
    }
    parts(frame).ok_or_else(|| invalid_message("a frame is shorter than it must be"))
}

/// Sequence number, IV, ciphertext, tag.
type Parts<'a> = (u32, [u8; NONCE_LENGTH], &'a [u8], [u8; TAG_LENGTH]);

/// The parts of a frame that was read.
fn parts(frame: &[u8]) -> Result<Parts<'_>> {
    let parts = || {
        let (number, rest) = frame.split_first_chunk()?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some((u32::from_be_bytes(*number), *iv, ciphertext, *tag))
    };
    parts().ok_or_else(|| invalid_message("a frame is shorter than it must be"))
}

/// Puts another sequence number into associated data.
fn set_sequence(aad: &mut [u8], sequence: u32) {
    let at = aad.len().saturating_sub(12);
    if let Some(place) = aad.get_mut(at..at + 4) {
        place.copy_from_slice(&sequence.to_be_bytes());
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::crypto::Provider;
    use alloc::vec;

    fn frames() -> Frames {
        let provider = Provider::default();
        let key = provider.aead.key(&[7; 32]).unwrap();
        Frames { key, message_id: vec![1; 32], frame_length: 3, executor: provider.executor }
    }

    #[test]
    fn the_last_numbers_are_used_and_none_beyond() {
        assert_eq!(next_sequence(u32::MAX - 2, 2).unwrap(), u32::MAX);
        for (sequence, count) in [(u32::MAX - 2, 3), (u32::MAX, 1), (1, u32::MAX as usize), (1, usize::MAX)] {
            assert_eq!(next_sequence(sequence, count).unwrap_err().kind(), ErrorKind::LimitExceeded);
        }
        let (frames, plaintext) = (frames(), b"abcdef");
        let mut sealed = vec![0; 2 * frames.whole_frame()];
        frames.seal(u32::MAX - 2, plaintext, &mut sealed).unwrap();
        let mut opened = [0; 6];
        frames.open(u32::MAX - 2, &sealed, &mut opened).unwrap();
        assert_eq!(&opened, plaintext);
        assert!(frames.open(u32::MAX - 3, &sealed, &mut opened).is_err());
        assert_eq!(iv(u32::MAX), [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
    }
}
