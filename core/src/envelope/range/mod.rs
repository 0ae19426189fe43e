//! Random access: decrypting a part of a framed message without reading what comes before it.
//!
//! All regular frames have the same length, so the place of each is known, and each is authenticated on its own together
//! with its number. A [`RangeReader`] does no I/O: it says which bytes of the message hold a range of the plaintext, and
//! decrypts and verifies what was fetched.
//!
//! The length of a message is what a store says it is. That the plaintext ends somewhere is believed only when the final
//! frame was verified there: a range that reaches beyond the end takes the final frame in.

#[cfg(feature = "std")]
mod seekable;

use super::{
    body::Frames,
    client::{DecryptOptions, EncryptionClient},
    failure::{invalid_message, truncated},
    frame::{FINAL_FRAME, FINAL_PREFIX, FRAME_OVERHEAD, FramePlan},
    header::{ContentType, MessageHeader},
    kept::Lent,
    materials::{DecryptionMaterials, MaterialsManager},
    opening::whole,
    signature::Signature,
};
use crate::{
    context::EncryptionContext,
    crypto::{Curve, TAG_LENGTH},
    error::{Error, ErrorKind, Result},
    secret::Secret,
    shape::structures,
};
use alloc::sync::Arc;
use core::ops::{Range, RangeInclusive};
#[cfg(feature = "std")]
pub use seekable::RandomAccessReader;

/// By how much the final frame is longer than its plaintext.
const FINAL_OVERHEAD: u64 = (FINAL_PREFIX + TAG_LENGTH) as u64;
/// The highest index of a frame, counted from 0: its number is one more.
const LAST_INDEX: u64 = FINAL_FRAME as u64 - 1;

structures! {
    /// How parts of a message are to be read; each part has a default.
    #[derive(Clone, Debug, Default)]
    pub struct RangeOptions {
        /// What is asked of the message, as when decrypting it whole.
        pub decrypt: flattened(DecryptOptions),
        /// The length of the whole message in bytes. Without it the plaintext's length is not known before the end was read.
        pub message_length: optional(u64) for streams,
        /// Reads signed messages, too. Their signature covers the whole message and is **not** verified here: anyone who may decrypt the
        /// message could have made the frames, and not only its sender.
        pub accept_unverified_signature: default(bool),
    }
}

/// Decrypts ranges of one message, of which the header was verified.
pub struct RangeReader {
    header: MessageHeader,
    encryption_context: EncryptionContext,
    frames: Frames,
    header_length: u64,
    message_length: Option<u64>,
    /// Where the final frame can be, as an index from 0, if the message's length is true.
    finals: Option<RangeInclusive<u64>>,
    plaintext_length: Option<u64>,
}

/// A part of a plaintext.
pub struct RangePart {
    /// The plaintext of the range, shorter than it where the plaintext ends before.
    pub plaintext: Secret,
    /// The length of the whole plaintext, if the final frame was among what was read: it is verified then.
    pub end: Option<u64>,
}

impl EncryptionClient {
    /// Prepares to read parts of a message. `header` are its first bytes, its whole header at least
    /// ([`inspect`](Self::inspect) says how many that are).
    pub fn range_reader(
        &self,
        manager: &dyn MaterialsManager,
        options: &RangeOptions,
        header: &[u8],
    ) -> Result<RangeReader> {
        let request = self.decryption_materials_request(&options.decrypt, header)?;
        let materials = manager.decryption_materials(&self.provider, &request)?;
        let reader = self.range_reader_with(&materials, options, header)?;
        // Its key goes when a vault is locked that it came from.
        manager.on_lock(&reader.frames.key.taker());
        Ok(reader)
    }

    /// As [`range_reader`](Self::range_reader), with materials that are there already: for who gets them by other means,
    /// or asynchronously. See [`decryption_materials_request`](Self::decryption_materials_request).
    pub fn range_reader_with(
        &self,
        materials: &Arc<DecryptionMaterials>,
        options: &RangeOptions,
        header: &[u8],
    ) -> Result<RangeReader> {
        let read = self.read_whole_header(&options.decrypt, header)?;
        if read.header.content_type == ContentType::Unframed {
            return Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "the message is unframed: it can be decrypted whole only",
            ));
        }
        let signature = read.header.algorithm_suite.signature();
        if signature.is_some() && !options.accept_unverified_signature {
            return Err(Error::new(
                ErrorKind::UnsupportedOperation,
                "the message is signed, and a part of it does not show whether the signature is right: decrypt it \
                 whole, or accept that its signature is not verified",
            ));
        }
        let (_, key) = read.unlock(&self.provider, header, materials)?;
        let header_length = read.length as u64;
        let frame_length = read.header.frame_length.into();
        let (mut finals, mut plaintext_length) = (None, None);
        if let Some(length) = options.message_length {
            let body = length.checked_sub(header_length).ok_or_else(|| truncated(length))?;
            let layout = match signature {
                None => unsigned(body, frame_length).map(|(index, length)| (index..=index, Some(length))),
                Some((curve, _)) => signed(body, frame_length, curve).map(|finals| (finals, None)),
            };
            let (found, plaintext) = layout.ok_or_else(|| {
                invalid_message(
                    "the message's length fits no number of frames: it is truncated, or bytes follow its end",
                )
            })?;
            (finals, plaintext_length) = (Some(found), plaintext);
        }
        let frames = Frames {
            key: Lent::new(key),
            message_id: read.header.message_id.clone(),
            frame_length: read.header.frame_length as usize,
            executor: self.provider.executor,
        };
        Ok(RangeReader {
            encryption_context: materials.encryption_context().clone(),
            header: read.header,
            frames,
            header_length,
            message_length: options.message_length,
            finals,
            plaintext_length,
        })
    }
}

/// The index of the final frame and the length of the plaintext; one at most fits.
fn unsigned(body: u64, frame_length: u64) -> Option<(u64, u64)> {
    let rest = body.checked_sub(FINAL_OVERHEAD)?;
    let whole = frame_length + FRAME_OVERHEAD as u64;
    let (index, last) = (rest / whole, rest % whole);
    (last <= frame_length && index <= LAST_INDEX).then(|| (index, index * frame_length + last))
}

/// The indices that the final frame can have: the length of a footer is known within bounds only.
fn signed(body: u64, frame_length: u64, curve: Curve) -> Option<RangeInclusive<u64>> {
    // An ECDSA signature in DER: two integers of at least 1 byte.
    let (shortest, longest) = (8, Signature::longest(curve) as u64);
    let whole = frame_length + FRAME_OVERHEAD as u64;
    let highest = body.checked_sub(FINAL_OVERHEAD + 2 + shortest)? / whole;
    let lowest = body.saturating_sub(FINAL_OVERHEAD + 2 + longest + frame_length).div_ceil(whole);
    (lowest <= highest && highest <= LAST_INDEX).then_some(lowest..=highest)
}

impl RangeReader {
    /// The message's header, verified.
    pub fn header(&self) -> &MessageHeader {
        &self.header
    }

    /// The encryption context, verified: the pairs that the message stores, and those that were given again.
    pub fn encryption_context(&self) -> &EncryptionContext {
        &self.encryption_context
    }

    /// The length of the plaintext, as it follows from the message's length: no more certain than that. Reading a range
    /// that reaches beyond it verifies it. Unknown without the message's length, and of a signed message.
    pub fn plaintext_length(&self) -> Option<u64> {
        self.plaintext_length
    }

    /// Which bytes of the message hold this range of the plaintext: from the message's first byte on, end exclusive.
    /// They may reach beyond the message where its length was not given; then fetch what is there.
    pub fn locate(&self, range: &Range<u64>) -> Result<Range<u64>> {
        let indices = self.indices(range)?;
        let whole = self.frames.whole_frame() as u64;
        let start = self.header_length + indices.start() * whole;
        if range.is_empty() {
            return Ok(start..start);
        }
        let last = self.header_length + indices.end() * whole;
        let regular = self.finals.as_ref().is_some_and(|finals| indices.end() < finals.start());
        let length = if regular { whole } else { u64::from(self.header.frame_length) + FINAL_OVERHEAD };
        let end = last.saturating_add(length);
        Ok(start..self.message_length.map_or(end, |message| end.min(message)))
    }

    /// The frames to be read, by their indices.
    fn indices(&self, range: &Range<u64>) -> Result<RangeInclusive<u64>> {
        let frame_length = u64::from(self.header.frame_length);
        let (mut first, mut last) = (range.start / frame_length, range.end.saturating_sub(1) / frame_length);
        if let Some(finals) = &self.finals {
            (first, last) = (first.min(*finals.start()), last.min(*finals.end()));
        }
        if range.start > range.end || first > LAST_INDEX {
            return Err(Error::new(ErrorKind::Validation, "the range is none, or begins beyond any message's end"));
        }
        Ok(first..=last.min(LAST_INDEX))
    }

    /// Decrypts the range from the bytes that [`locate`](Self::locate) named. Every frame among them is verified. More
    /// memory than `bytes` have is not taken, however long the range.
    pub fn open(&self, range: &Range<u64>, bytes: &[u8]) -> Result<RangePart> {
        let indices = self.indices(range)?;
        let wanted = range.end.saturating_sub(range.start);
        let mut plaintext = Secret::zeroed(size(wanted).min(bytes.len()));
        let mut state = State { written: 0, rest: bytes, index: *indices.start(), end: None };
        while !range.is_empty() && state.index <= *indices.end() && state.end.is_none() {
            self.step(range, &mut state, plaintext.expose_mut())?;
        }
        // Fewer bytes than asked for are believed only before a verified end; and a message that ends as its length says
        // has its final frame there.
        let beyond = self.finals.as_ref().is_some_and(|finals| state.index > *finals.end());
        if !range.is_empty() && state.end.is_none() && (beyond || (state.written as u64) < wanted) {
            return Err(invalid_message("the message does not end where its length says: it was truncated or altered"));
        }
        if state.written < plaintext.len() {
            plaintext = Secret::copy_of(plaintext.expose().get(..state.written).unwrap_or_default());
        }
        Ok(RangePart { plaintext, end: state.end })
    }

    /// Reads one frame, or several regular ones that lie in the range as a whole.
    fn step(&self, range: &Range<u64>, state: &mut State<'_>, output: &mut [u8]) -> Result<()> {
        let number = |index: u64| u32::try_from(index + 1).unwrap_or(u32::MAX);
        let plan = whole(FramePlan::read(&self.header, 0, number(state.index), state.rest), state.rest)?;
        let frame_length = u64::from(self.header.frame_length);
        let start = state.index * frame_length;
        let output = output.get_mut(state.written..).unwrap_or_default();
        if !plan.last && start >= range.start && start + frame_length <= range.end {
            let count = size((range.end - start) / frame_length).min(output.len() / self.frames.frame_length);
            let frames = state.rest.chunks_exact(self.frames.whole_frame()).zip(state.index..).take(count);
            let count = frames.take_while(|(frame, index)| frame.starts_with(&number(*index).to_be_bytes())).count();
            let length = count * self.frames.whole_frame();
            let (bytes, rest) = state.rest.split_at_checked(length).unwrap_or_default();
            if bytes.is_empty() {
                return Err(truncated(state.rest.len() as u64));
            }
            let output = output.get_mut(..count * self.frames.frame_length).unwrap_or_default();
            self.frames.open(number(state.index), bytes, output)?;
            state.written += output.len();
            state.index += count as u64;
            state.rest = rest;
            return Ok(());
        }
        let mut scratch = Secret::zeroed(plan.length.min(state.rest.len()));
        let taken = whole(self.frames.open_planned(&plan, state.rest, scratch.expose_mut()), state.rest)?;
        state.rest = state.rest.get(taken..).unwrap_or_default();
        let end = start + plan.length as u64;
        // The part of the frame that lies in the range.
        let part = range.start.clamp(start, end) - start..range.end.clamp(start, end) - start;
        let part = scratch.expose().get(size(part.start)..size(part.end)).unwrap_or_default();
        if let Some(output) = output.get_mut(..part.len()) {
            output.copy_from_slice(part);
            state.written += part.len();
        }
        state.index += 1;
        if plan.last {
            if !state.rest.is_empty() && !self.header.algorithm_suite.is_signed() {
                return Err(invalid_message("bytes follow the end of the message"));
            }
            state.end = Some(end);
        }
        Ok(())
    }
}

/// What is too long for memory is longer than any slice.
fn size(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

/// How far a range was read.
struct State<'a> {
    written: usize,
    rest: &'a [u8],
    index: u64,
    end: Option<u64>,
}
