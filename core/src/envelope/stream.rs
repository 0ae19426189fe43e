//! What encryptor and decryptor have in common: bytes go in piece by piece, bytes come out.

use crate::error::{Error, ErrorKind, Result};
use alloc::{vec, vec::Vec};

/// After how much of a message the caller of a whole message is asked whether to go on: some milliseconds of work on one processor.
pub(super) const STRETCH: usize = 16 << 20;

/// A stream being encrypted or decrypted. After an error it is dead: every further call fails.
pub trait Transform: Send {
    /// How many bytes [`update`](Transform::update) writes at most for so many bytes of input.
    fn update_length(&self, input: usize) -> usize;

    /// Takes the next bytes, and writes what they make complete to the front of `output`, which has room for
    /// [`update_length`](Transform::update_length). Answers how many bytes it wrote. After an error nothing in `output`
    /// is of use.
    fn update(&mut self, input: &[u8], output: &mut [u8]) -> Result<usize>;

    /// Ends the stream, and gives the last bytes. A message that ends too early is an error here: what came before is a
    /// part only, and the caller must not take it for the whole.
    fn finish(&mut self) -> Result<Vec<u8>>;

    /// As `update`, into new memory.
    fn update_vec(&mut self, input: &[u8]) -> Result<Vec<u8>> {
        let mut output = vec![0; self.update_length(input.len())];
        let written = self.update(input, &mut output)?;
        output.truncate(written);
        Ok(output)
    }
}

pub(crate) fn check_room(output: &[u8], needed: usize) -> Result<()> {
    if output.len() >= needed {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Validation, "the output has less room than update_length says"))
}

/// The stream takes no more.
pub(crate) fn dead() -> Error {
    Error::new(ErrorKind::StreamState, "the stream has ended or failed: start a new one")
}
