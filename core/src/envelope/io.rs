//! Streams over `std::io`: reading or writing a message as it is encrypted or decrypted.
//!
//! ```
//! use pocketkms::{RootKey, Vault, api::CreateKeyRequest, envelope::*};
//! use std::{io::{Read, Write}, sync::Arc};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let kms = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?.client();
//! let key = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
//! let keyring: Arc<dyn Keyring> = Arc::new(kms.keyring(&key, &[]));
//! let client = EncryptionClient::default();
//!
//! let mut writer = EncryptWriter::new(client.encryptor(&keyring, EncryptOptions::default())?, Vec::new());
//! writer.write_all(b"any number of bytes")?;
//! let message = writer.finish()?;
//!
//! let decryptor = client.decryptor(Arc::new(keyring), DecryptOptions::default());
//! let mut plaintext = Vec::new();
//! DecryptReader::new(decryptor, &message[..]).read_to_end(&mut plaintext)?;
//! assert_eq!(plaintext, b"any number of bytes");
//! # Ok(())
//! # }
//! ```

use super::{decrypt::Decryptor, encrypt::Encryptor, stream::Transform};
use crate::error::Error;
use alloc::{vec, vec::Vec};
use std::io::{self, ErrorKind, Read, Write};
use zeroize::Zeroizing;

/// How much is taken at once: enough for several processors, and little beside a program's memory.
const CHUNK: usize = 4 << 20;

/// Reads a plaintext as the message that it becomes.
pub type EncryptReader<R> = TransformReader<Encryptor, R>;
/// Reads a message as its plaintext. A message that ends too early, or was altered, is an error of the read that comes
/// to it; what was read before is verified, but may lack its end.
pub type DecryptReader<'a, R> = TransformReader<Decryptor<'a>, R>;
/// Writes a plaintext as the message that it becomes.
pub type EncryptWriter<W> = TransformWriter<Encryptor, W>;
/// Writes a message as its plaintext.
pub type DecryptWriter<'a, W> = TransformWriter<Decryptor<'a>, W>;

/// Reads what a stream makes of what another reader gives. Where that one failed, every further read fails, so that no part
/// becomes a whole message; but after `WouldBlock` and `TimedOut` it is asked again.
pub struct TransformReader<T, R> {
    transform: T,
    inner: R,
    input: Zeroizing<Vec<u8>>,
    output: Zeroizing<Vec<u8>>,
    /// The part of `output` that was not read yet.
    unread: core::ops::Range<usize>,
    ended: bool,
    /// Whether `inner` failed: what it says afterwards, that it has ended for one, is not to be believed.
    broken: bool,
}

impl<T: Transform, R: Read> TransformReader<T, R> {
    /// Reads from `inner`.
    pub fn new(transform: T, inner: R) -> Self {
        let empty = || Zeroizing::new(Vec::new());
        Self { transform, inner, input: empty(), output: empty(), unread: 0..0, ended: false, broken: false }
    }

    /// The stream, for its header and context.
    pub fn transform(&self) -> &T {
        &self.transform
    }

    /// Reads on until there is something to give, or the end.
    fn fill(&mut self) -> io::Result<()> {
        if self.input.is_empty() {
            *self.input = vec![0; CHUNK];
        }
        while self.unread.is_empty() && !self.ended {
            if self.broken {
                return Err(failed(super::stream::dead()));
            }
            let count = match self.inner.read(&mut self.input) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // Nothing has come yet.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Err(error),
                count => count.inspect_err(|_| self.broken = true)?,
            };
            if count == 0 {
                // Only what ended well has an end: after an error every further read fails, too.
                *self.output = self.transform.finish().map_err(failed)?;
                self.unread = 0..self.output.len();
                self.ended = true;
            } else {
                let input = self.input.get(..count).unwrap_or_default();
                make_room(&mut self.output, self.transform.update_length(count));
                self.unread = 0..self.transform.update(input, &mut self.output).map_err(failed)?;
            }
        }
        Ok(())
    }
}

impl<T: Transform, R: Read> Read for TransformReader<T, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        self.fill()?;
        let unread = self.output.get(self.unread.clone()).unwrap_or_default();
        let count = unread.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(unread) {
            *to = *from;
        }
        self.unread.start += count;
        Ok(count)
    }
}

/// Writes what a stream makes of what is written to it.
///
/// It must be [finished](TransformWriter::finish): dropped before, it leaves a part of a message, or of a plaintext.
pub struct TransformWriter<T, W> {
    transform: T,
    inner: W,
    output: Zeroizing<Vec<u8>>,
    /// Whether a write to `inner` failed: then a part of the output is missing there.
    broken: bool,
}

impl<T: Transform, W: Write> TransformWriter<T, W> {
    /// Writes to `inner`.
    pub fn new(transform: T, inner: W) -> Self {
        Self { transform, inner, output: Zeroizing::new(Vec::new()), broken: false }
    }

    /// The stream, for its header and context.
    pub fn transform(&self) -> &T {
        &self.transform
    }

    /// Writes the end, flushes, and gives the inner writer back. Of a message that ended too early it is an error.
    pub fn finish(mut self) -> io::Result<W> {
        self.check()?;
        let last = Zeroizing::new(self.transform.finish().map_err(failed)?);
        self.inner.write_all(&last)?;
        self.inner.flush()?;
        Ok(self.inner)
    }

    fn check(&self) -> io::Result<()> {
        if self.broken { Err(failed(super::stream::dead())) } else { Ok(()) }
    }
}

impl<T: Transform, W: Write> Write for TransformWriter<T, W> {
    /// Takes all of `buffer`, or at most 4 MiB of it.
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.check()?;
        let input = buffer.get(..CHUNK).unwrap_or(buffer);
        make_room(&mut self.output, self.transform.update_length(input.len()));
        let written = self.transform.update(input, &mut self.output).map_err(failed)?;
        self.broken = true;
        self.inner.write_all(self.output.get(..written).unwrap_or_default())?;
        self.broken = false;
        Ok(input.len())
    }

    /// Flushes what was written; the frame that has begun is held until it is whole.
    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        self.inner.flush()
    }
}

/// Grows the buffer in one piece, so that no copy of a plaintext is left behind.
fn make_room(output: &mut Zeroizing<Vec<u8>>, length: usize) {
    if output.len() < length {
        *output = Zeroizing::new(vec![0; length]);
    }
}

fn failed(error: Error) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
