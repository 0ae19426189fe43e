//! Any source of randomness as the crates of RustCrypto want it.

use pocketkms_primitives::{EntropyError, Random};
use rsa::rand_core::{TryCryptoRng, TryRng};

/// How often one operation may ask, unless it says so. The crates draw until a number is in range, which each draw is with a probability
/// of at least one half: a source that never gives one is broken, and must not hold its caller up for ever.
const DRAWS: u32 = 128;

/// A [`Random`] in the role of the crates' generator, for one operation.
pub(super) struct Source<'a> {
    random: &'a dyn Random,
    /// How many are left.
    draws: u32,
}

impl<'a> Source<'a> {
    pub(super) fn new(random: &'a dyn Random) -> Self {
        Self::with_draws(random, DRAWS)
    }

    /// For an operation that may ask so often.
    pub(super) fn with_draws(random: &'a dyn Random, draws: u32) -> Self {
        Self { random, draws }
    }
}

impl TryRng for Source<'_> {
    type Error = EntropyError;

    fn try_next_u32(&mut self) -> Result<u32, EntropyError> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, EntropyError> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_ne_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        self.draws = self.draws.checked_sub(1).ok_or(EntropyError)?;
        self.random.fill(bytes)
    }
}

impl TryCryptoRng for Source<'_> {}
