//! The operating system's randomness.

use super::{EntropyError, Random};

/// The operating system's entropy; in a browser, `crypto.getRandomValues`.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(bytes).map_err(|_| EntropyError)
    }
}
