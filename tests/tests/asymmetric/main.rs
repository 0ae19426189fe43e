//! Elliptic curves, RSA and SM2 through the provider: what must be refused, and that both directions fit together. Known
//! answers are in wycheproof.rs.

mod curves;
mod rsa;
mod sm2;

use pocketkms::{EntropyError, Random};

/// A source of the same byte for ever.
struct Stuck(u8);

impl Random for Stuck {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        bytes.fill(self.0);
        Ok(())
    }
}

/// A source that has failed.
struct Dry;

impl Random for Dry {
    fn fill(&self, _: &mut [u8]) -> Result<(), EntropyError> {
        Err(EntropyError)
    }
}
