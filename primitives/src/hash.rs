//! SHA-2, and what is made of it: HMAC and HKDF.

use crate::{Hash, Result};
use alloc::{boxed::Box, vec::Vec};

/// Hash functions.
pub trait Digest: Send + Sync {
    /// SHA-256 of the parts in a row.
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32];

    /// A hash of what comes piece by piece.
    fn start(&self, hash: Hash) -> Box<dyn Hasher>;
}

/// A hash under way.
pub trait Hasher: Send + Sync {
    /// Adds a piece.
    fn update(&mut self, bytes: &[u8]);

    /// The hash of all pieces in a row.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// HMAC (RFC 2104, FIPS 198-1).
pub trait Mac: Send + Sync {
    /// Prepares a key of any length, so that what depends on the key alone is computed once.
    fn key(&self, hash: Hash, key: &[u8]) -> Box<dyn MacKey>;
}

/// A prepared MAC key. It is wiped on drop.
pub trait MacKey: Send + Sync {
    /// Writes the MAC of the parts in a row to `out`, which has the hash's length or is shorter, for a truncated MAC.
    fn mac(&self, parts: &[&[u8]], out: &mut [u8]);
}

/// HKDF (RFC 5869).
pub trait Kdf: Send + Sync {
    /// Extracts from `secret` with `salt`, once, and expands with each `info` into the output beside it. Fails where one
    /// is longer than 255 times the hash's length.
    fn hkdf_each(&self, hash: Hash, secret: &[u8], salt: &[u8], outputs: &mut [Expansion<'_>]) -> Result<()>;

    /// The same for one output.
    fn hkdf(&self, hash: Hash, secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
        self.hkdf_each(hash, secret, salt, &mut [(info, out)])
    }
}

/// What HKDF expands with, and into.
pub type Expansion<'a> = (&'a [u8], &'a mut [u8]);
