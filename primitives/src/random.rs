//! Randomness.

use crate::EntropyError;

/// A source of randomness fit for keys.
pub trait Random: Send + Sync {
    /// Fills `bytes`, or says that it could not.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError>;
}
