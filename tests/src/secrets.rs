//! What the process that keeps secrets and the one that searches for them agree on.

use crate::random::replay;

/// A secret that goes into the library.
#[derive(Clone, Copy, Debug)]
pub enum Given {
    /// The root key.
    Root,
    /// The passphrase in its place.
    Passphrase,
    /// A plaintext.
    Plaintext(usize),
}

impl Given {
    /// The plaintexts: of a whole number of blocks, of a part of one more, and the longest there is.
    pub const PLAINTEXTS: [Self; 3] = [Self::Plaintext(64), Self::Plaintext(75), Self::Plaintext(4096)];

    /// How many bytes it has.
    pub fn length(self) -> usize {
        match self {
            Self::Root | Self::Passphrase => 32,
            Self::Plaintext(length) => length,
        }
    }

    /// Writes it where it is wanted, and nowhere else.
    pub fn write(self, bytes: &mut [u8]) {
        let number = match self {
            Self::Root => 1,
            Self::Passphrase => 2,
            Self::Plaintext(length) => 3 + length as u64,
        };
        replay(0x5ec2_e7ed_1234_5678, number, bytes);
    }
}
