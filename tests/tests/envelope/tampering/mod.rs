//! Whatever is done to a message, it is refused, and nothing comes out but frames that were verified.

mod bits;
mod frames;
mod large;
mod random;

use pocketkms::{
    ErrorKind,
    envelope::{AlgorithmSuite, DecryptOptions, Decrypted, Transform},
};
use pocketkms_tests::esdk::{
    fixed::{self, Fixed},
    layout::Layout,
};
use std::sync::Arc;

/// A message that is whole, and is going to be altered.
struct Victim {
    suite: AlgorithmSuite,
    keyring: Fixed,
    message: Vec<u8>,
    plaintext: Vec<u8>,
    layout: Layout,
}

impl Victim {
    fn new(suite: AlgorithmSuite, frame_length: u32, length: usize) -> Self {
        let plaintext = fixed::plaintext(length);
        let message = fixed::encrypt(suite, &[("purpose", "test")], frame_length, &plaintext);
        Self::of(suite, Fixed::new(suite), message, plaintext)
    }

    fn of(suite: AlgorithmSuite, keyring: Fixed, message: Vec<u8>, plaintext: Vec<u8>) -> Self {
        let layout = Layout::of(&message);
        let victim = Self { suite, keyring, message, plaintext, layout };
        // What is refused below would have been taken.
        let opened = victim.decrypt(&victim.message).expect("a message that is whole");
        assert_eq!(opened.plaintext.expose(), victim.plaintext);
        victim
    }

    fn decrypt(&self, message: &[u8]) -> pocketkms::Result<Decrypted> {
        fixed::client(self.suite).decrypt(&self.keyring, DecryptOptions::default(), message)
    }

    /// The bytes of a frame.
    fn frame(&self, index: usize) -> &[u8] {
        &self.message[self.layout.frames[index].clone()]
    }

    /// A message of this one's header and footer and of other frames.
    fn with_frames<'a>(&'a self, frames: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        let mut message = self.message[..self.layout.header_end()].to_vec();
        frames.into_iter().for_each(|frame| message.extend_from_slice(frame));
        message.extend_from_slice(&self.message[self.layout.footer.clone()]);
        message
    }

    /// Checks that these bytes are refused, in one call and as a stream.
    fn refuses(&self, altered: &[u8], what: &str) {
        self.refuses_one_shot(altered, what);
        self.refuses_in_pieces(altered, 7, what);
    }

    fn refuses_one_shot(&self, altered: &[u8], what: &str) {
        assert_ne!(altered, self.message, "nothing was altered: {what}");
        match self.decrypt(altered) {
            Ok(_) => panic!("{}: opened, although {what}", self.suite),
            Err(error) => is_named(&error, what),
        }
    }

    fn refuses_in_pieces(&self, altered: &[u8], length: usize, what: &str) {
        let keyring = Arc::new(self.keyring.clone());
        let mut stream = fixed::client(self.suite).decryptor(keyring, DecryptOptions::default());
        let mut released = Vec::new();
        let error = altered.chunks(length).find_map(|piece| match stream.update_vec(piece) {
            Ok(plaintext) => {
                released.extend(plaintext);
                None
            }
            Err(error) => Some(error),
        });
        let Some(error) = error.or_else(|| stream.finish().err()) else {
            panic!("{}: opened as a stream, although {what}", self.suite);
        };
        is_named(&error, what);
        let verified = self.verified(altered);
        assert!(released.len() <= verified, "{what}: {} bytes came out, {verified} were verified", released.len());
        assert!(self.plaintext.starts_with(&released), "{what}: another plaintext came out");
        assert_eq!(stream.finish().expect_err("a dead stream").kind(), ErrorKind::StreamState);
    }

    /// How much plaintext stands in frames that are as they were, header included, and before any that is not.
    fn verified(&self, altered: &[u8]) -> usize {
        let same = self.message.iter().zip(altered).take_while(|(one, other)| one == other).count();
        let frames = self.layout.frames.iter().filter(|frame| frame.end <= same).count();
        match self.layout.frame_length {
            0 => frames * self.plaintext.len(),
            length => (frames * length).min(self.plaintext.len()),
        }
    }
}

/// A fault of the message, in the one face that such faults have.
fn is_named(error: &pocketkms::Error, what: &str) {
    match error.kind() {
        ErrorKind::InvalidMessage | ErrorKind::UnableToDecryptDataKey => {
            assert_eq!(error.to_string(), error.name(), "{what}");
            assert!(error.explanation().is_some_and(|text| !text.is_empty()), "{what}: unexplained");
        }
        ErrorKind::LimitExceeded => {}
        _ => panic!("{what}: refused, but with {error}"),
    }
}
