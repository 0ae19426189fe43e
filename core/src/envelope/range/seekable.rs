//! Random access over `std::io`.

use super::{EncryptionClient, MaterialsManager, RangeOptions, RangeReader, Secret, truncated};
use crate::{envelope::inspect::Inspection, error::Error};
use alloc::vec::Vec;
use core::ops::Range;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// How much plaintext is decrypted at once at least.
const WINDOW: u64 = 1 << 20;

/// Reads a message's plaintext from any place on, as a file.
///
/// It keeps about 1 MiB of plaintext, or one frame. That the plaintext ends is said, by a read of no bytes or a seek
/// from the end, only after the final frame was verified.
pub struct RandomAccessReader<R> {
    ranges: RangeReader,
    inner: R,
    position: u64,
    end: Option<u64>,
    window: Secret,
    window_start: u64,
}

impl<R: Read + Seek> RandomAccessReader<R> {
    /// Over a message that begins where `inner` begins. The message's length is what `inner` says, in place of the
    /// options'.
    pub fn new(
        client: &EncryptionClient,
        manager: &dyn MaterialsManager,
        options: RangeOptions,
        mut inner: R,
    ) -> io::Result<Self> {
        let length = inner.seek(SeekFrom::End(0))?;
        inner.seek(SeekFrom::Start(0))?;
        let mut header = Vec::new();
        let mut needed = 1024.min(length);
        loop {
            let missing = needed.saturating_sub(header.len() as u64);
            if missing == 0 || inner.by_ref().take(missing).read_to_end(&mut header)? == 0 {
                return Err(failed(truncated(header.len() as u64)));
            }
            match client.inspect(&header).map_err(failed)? {
                Inspection::Complete(_) => break,
                Inspection::Incomplete { needed: more } => needed = more as u64,
            }
        }
        let options = RangeOptions { message_length: Some(length), ..options };
        let ranges = client.range_reader(manager, &options, &header).map_err(failed)?;
        Ok(Self { ranges, inner, position: 0, end: None, window: Secret::zeroed(0), window_start: 0 })
    }

    /// What is known of the message.
    pub fn ranges(&self) -> &RangeReader {
        &self.ranges
    }

    fn fetch(&mut self, range: &Range<u64>) -> io::Result<Secret> {
        let extent = self.ranges.locate(range).map_err(failed)?;
        self.inner.seek(SeekFrom::Start(extent.start))?;
        let mut bytes = Vec::new();
        self.inner.by_ref().take(extent.end - extent.start).read_to_end(&mut bytes)?;
        let part = self.ranges.open(range, &bytes).map_err(failed)?;
        self.end = part.end.or(self.end);
        Ok(part.plaintext)
    }

    /// The verified length of the plaintext.
    fn plaintext_end(&mut self) -> io::Result<u64> {
        if self.end.is_none() {
            let beyond = self.ranges.plaintext_length().unwrap_or(i64::MAX as u64);
            self.fetch(&(beyond..beyond + 1))?;
        }
        self.end.ok_or_else(|| failed(truncated(self.position)))
    }
}

impl<R: Read + Seek> Read for RandomAccessReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.end.is_some_and(|end| self.position >= end) {
            return Ok(0);
        }
        let offset = self.position.checked_sub(self.window_start).filter(|it| *it < self.window.len() as u64);
        let offset = if let Some(offset) = offset {
            offset
        } else {
            let frame = u64::from(self.ranges.header().frame_length);
            let start = self.position / frame * frame;
            self.window = Secret::zeroed(0);
            self.window = self.fetch(&(start..start.saturating_add(WINDOW.max(frame))))?;
            self.window_start = start;
            self.position - start
        };
        let unread = usize::try_from(offset).ok().and_then(|offset| self.window.expose().get(offset..));
        let unread = unread.unwrap_or_default();
        let count = unread.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(unread) {
            *to = *from;
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Read + Seek> Seek for RandomAccessReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
            SeekFrom::End(offset) => self.plaintext_end()?.checked_add_signed(offset),
        };
        self.position =
            position.ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "a position before the beginning"))?;
        Ok(self.position)
    }
}

fn failed(error: Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
