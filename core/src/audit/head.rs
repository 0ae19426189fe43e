//! The state of a vault, small enough to be kept elsewhere: it shows whether a vault is older or newer.

use super::{Digest, Link};
use crate::error::{Error, ErrorKind, Result};
use alloc::string::String;
use core::fmt;

const PREFIX: &str = "pkms1-";

/// Which vault it is, how many changes it has seen, and the digest of its trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) vault: [u8; 16],
    pub(crate) generation: u64,
    /// The newest entry of the trail, and the digest up to it; zeros where there is none.
    pub(crate) trail: Option<Link>,
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let generation = hex::encode(self.generation.to_be_bytes());
        let (entry, digest) = self.trail.map_or((0, [0; 32]), |Link { entry, digest }| (entry, digest.0));
        let (vault, entry) = (hex::encode(self.vault), hex::encode(entry.to_be_bytes()));
        write!(formatter, "{PREFIX}{vault}{generation}{entry}{}", hex::encode(digest))
    }
}

impl Head {
    pub(crate) fn read(text: &str) -> Result<Self> {
        let parse = || {
            let digits = text.strip_prefix(PREFIX)?;
            let mut bytes = [0; 64];
            hex::decode_to_slice(digits, &mut bytes).ok()?;
            let (vault, rest) = bytes.split_first_chunk()?;
            let (generation, rest) = rest.split_first_chunk()?;
            let (entry, digest) = rest.split_first_chunk()?;
            let (generation, entry) = (u64::from_be_bytes(*generation), u64::from_be_bytes(*entry));
            let link = Link { entry, digest: Digest(digest.try_into().ok()?) };
            Some(Self { vault: *vault, generation, trail: Some(link).filter(|link| link.entry > 0) })
        };
        let words = "the expected head is none that Vault::head gave";
        parse().ok_or_else(|| Error::new(ErrorKind::Validation, String::from(words)))
    }
}
