//! The body of a message: its frames encrypted and decrypted, many of them on several processors.

use super::{
    failure::invalid_message,
    frame::{FINAL_FRAME, FRAME_OVERHEAD, FramePlan, Piece, altered, associated_data, check_sequence, iv},
    header::{ContentType, MessageHeader},
    kept::Lent,
    read::{Incomplete, Read, Reader},
    stream::{check_room, dead},
};
use crate::{
    crypto::{AeadKey, AuthenticationFailed, Executor, NONCE_LENGTH, TAG_LENGTH, Work},
    error::Result,
};
use alloc::{boxed::Box, vec::Vec};

/// The work that is worth another processor: the fastest AES-GCM does it in some 100 µs, and to start a thread takes 20
/// to 50.
const WORTH_A_PROCESSOR: usize = 1024 * 1024;
/// In how many pieces a processor's share is done, so that who is there early takes more of them.
const PIECES: usize = 16;

/// What was taken of a body.
pub(crate) struct Taken {
    pub(crate) bytes: usize,
    pub(crate) plaintext: usize,
    pub(crate) last: bool,
}

/// Encrypts and decrypts the frames of one message.
pub(crate) struct Frames {
    pub(crate) key: Lent<Box<dyn AeadKey>>,
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
        let seal = |key: &dyn AeadKey, first, plaintext: &[u8], frames: &mut [u8]| {
            let mut aad = associated_data(&self.message_id, Piece::Regular, first, self.frame_length as u64);
            let pieces = plaintext.chunks(self.frame_length).zip(frames.chunks_mut(self.whole_frame()));
            for ((plaintext, frame), sequence) in pieces.zip(first..) {
                set_sequence(&mut aad, sequence);
                let iv = iv(sequence);
                let [number, nonce, ciphertext, tag] = split(frame)?;
                number.copy_from_slice(&sequence.to_be_bytes());
                nonce.copy_from_slice(&iv);
                tag.copy_from_slice(&key.seal_into(&iv, &aad, plaintext, ciphertext)?);
            }
            Ok(())
        };
        let lengths = (self.frame_length, self.whole_frame());
        self.key.with(|key| {
            self.share(first, (plaintext, frames), lengths, |first, plaintext, frames| {
                seal(&**key, first, plaintext, frames)
            })
        })
    }

    /// Decrypts regular frames, from `first` on. After an error nothing in `plaintext` may be used.
    pub(crate) fn open(&self, first: u32, frames: &[u8], plaintext: &mut [u8]) -> Result<()> {
        let open = |key: &dyn AeadKey, first, frames: &[u8], plaintext: &mut [u8]| {
            let mut aad = associated_data(&self.message_id, Piece::Regular, first, self.frame_length as u64);
            let pieces = frames.chunks(self.whole_frame()).zip(plaintext.chunks_mut(self.frame_length));
            for ((frame, plaintext), sequence) in pieces.zip(first..) {
                set_sequence(&mut aad, sequence);
                let (number, iv, ciphertext, tag) = parts(frame)?;
                check_sequence(number, sequence)?;
                key.open_into(&iv, &aad, ciphertext, &tag, plaintext).map_err(|_| altered(sequence))?;
            }
            Ok(())
        };
        let lengths = (self.whole_frame(), self.frame_length);
        self.key.with(|key| {
            self.share(first, (frames, plaintext), lengths, |first, frames, plaintext| {
                open(&**key, first, frames, plaintext)
            })
        })
    }

    /// Encrypts the final frame to the front of `output`, and gives that part of it.
    pub(crate) fn seal_final<'a>(&self, sequence: u32, plaintext: &[u8], output: &'a mut [u8]) -> Result<&'a mut [u8]> {
        let plan = FramePlan::write(&self.message_id, sequence, plaintext.len(), true);
        check_room(output, plan.whole_length())?;
        let (frame, _) = output.split_at_mut(plan.whole_length());
        let (prefix, rest) = frame.split_at_mut(plan.prefix.len());
        let (ciphertext, tag) = rest.split_at_mut(plan.length);
        prefix.copy_from_slice(&plan.prefix);
        let (nonce, aad) = (&plan.nonce, &plan.associated_data);
        let sealed = self.key.with(|key| Ok(key.seal_into(nonce, aad, plaintext, ciphertext)?))?;
        tag.copy_from_slice(&sealed);
        Ok(frame)
    }

    /// Decrypts the piece that `plan` describes and `bytes` begin with. Returns how long it is.
    pub(crate) fn open_planned(&self, plan: &FramePlan, bytes: &[u8], plaintext: &mut [u8]) -> Read<usize> {
        let mut reader = Reader::new(bytes);
        reader.take(plan.prefix.len())?;
        let (ciphertext, tag) = (reader.take(plan.length)?, reader.array()?);
        self.key.with(|key| {
            key.open_into(&plan.nonce, &plan.associated_data, ciphertext, &tag, plaintext)
                .map_err(|AuthenticationFailed| altered(plan.sequence))
        })?;
        Ok(reader.position())
    }

    /// Decrypts all regular frames that are there, or the final one, or an unframed body. `max_unframed_length` is the
    /// client's limit.
    pub(crate) fn open_pieces(
        &self,
        (header, max_unframed_length): (&MessageHeader, u64),
        sequence: &mut u32,
        bytes: &[u8],
        output: &mut [u8],
    ) -> Read<Taken> {
        let plan = FramePlan::read(header, max_unframed_length, *sequence, bytes)?;
        if plan.last {
            if plan.whole_length() > bytes.len() {
                return Err(Incomplete::Needs(plan.whole_length()));
            }
            let room = output.get_mut(..plan.length).ok_or_else(dead)?;
            let taken = self.open_planned(&plan, bytes, room)?;
            return Ok(Taken { bytes: taken, plaintext: plan.length, last: true });
        }
        let count = self.regular_frames(*sequence, bytes);
        if count == 0 {
            return Err(Incomplete::Needs(self.whole_frame()));
        }
        let (taken, plaintext) = (count * self.whole_frame(), count * self.frame_length);
        let room = output.get_mut(..plaintext).ok_or_else(dead)?;
        self.open(*sequence, bytes.get(..taken).unwrap_or_default(), room)?;
        *sequence = sequence.saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
        Ok(Taken { bytes: taken, plaintext, last: false })
    }

    /// How much plaintext [`open_pieces`](Self::open_pieces) makes of a body of which all is there.
    pub(crate) fn plaintext_length(&self, (header, max_unframed_length): (&MessageHeader, u64), body: &[u8]) -> usize {
        let last = |number, bytes: &[u8]| match FramePlan::read(header, max_unframed_length, number, bytes) {
            Ok(plan) if plan.last && plan.whole_length() <= bytes.len() => plan.length,
            _ => 0,
        };
        if header.content_type == ContentType::Unframed {
            return last(1, body);
        }
        let count = self.regular_frames(1, body);
        let rest = body.get(count * self.whole_frame()..).unwrap_or_default();
        count * self.frame_length + last(u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1), rest)
    }

    /// How many regular frames follow each other at the front of `bytes`; what interrupts them is looked at next.
    fn regular_frames(&self, sequence: u32, bytes: &[u8]) -> usize {
        let numbered = bytes.chunks_exact(self.whole_frame()).zip(sequence..FINAL_FRAME);
        numbered.take_while(|(frame, number)| frame.starts_with(&number.to_be_bytes())).count()
    }

    /// Divides frames among the processors. `from` and `to` hold the same number of whole pieces, of their lengths.
    fn share(
        &self,
        first: u32,
        (from, to): (&[u8], &mut [u8]),
        (from_length, to_length): (usize, usize),
        work: impl Fn(u32, &[u8], &mut [u8]) -> Result<()> + Sync,
    ) -> Result<()> {
        let frames = from.len() / from_length.max(1);
        let processors = self.executor.width().min(from.len() / WORTH_A_PROCESSOR);
        if processors < 2 || frames < 2 {
            return work(first, from, to);
        }
        let each = frames.div_ceil(processors * PIECES);
        let pieces = from.chunks(each * from_length).zip(to.chunks_mut(each * to_length));
        let mut results: Vec<Result<()>> = (0..frames.div_ceil(each)).map(|_| Ok(())).collect();
        let work = &work;
        let pieces: Vec<Work<'_>> = pieces
            .zip(&mut results)
            .zip((first..).step_by(each))
            .map(|(((from, to), result), first)| Box::new(move || *result = work(first, from, to)) as Work<'_>)
            .collect();
        self.executor.run(pieces);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::{crypto::Provider, envelope::frame::next_sequence, error::ErrorKind};
    use alloc::vec;

    fn frames() -> Frames {
        let provider = Provider::default();
        let key = Lent::new(provider.aead.key(&[7; 32]).unwrap());
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
