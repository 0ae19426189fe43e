//! The signature over a whole message, which stands in its footer: length (2 bytes), then ECDSA, DER.

use super::{context::length, failure::invalid_message, read::FIELD_PREFIX, suite::AlgorithmSuite};
use crate::{
    crypto::{Curve, Hasher, Provider},
    error::Result,
    secret::Secret,
};
use alloc::{boxed::Box, vec::Vec};

/// The hash of the message so far.
pub(crate) struct Signature {
    curve: Curve,
    hasher: Box<dyn Hasher>,
}

impl Signature {
    /// `None` for a suite that signs nothing.
    pub(crate) fn start(provider: &Provider, suite: AlgorithmSuite) -> Option<Self> {
        suite.signature().map(|(curve, hash)| Self { curve, hasher: provider.digest.start(hash) })
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// The longest signature in bytes: in DER two integers of at most the curve's length and 1.
    pub(crate) const fn longest(curve: Curve) -> usize {
        let integer = 2 + curve.field_length() + 1;
        // The sequence around them states its length in one byte, up to 127 bytes.
        (if 2 * integer < 128 { 2 } else { 3 }) + 2 * integer
    }

    /// The most bytes that the footer has.
    pub(crate) fn longest_footer(&self) -> usize {
        FIELD_PREFIX + Self::longest(self.curve)
    }

    /// The footer.
    pub(crate) fn sign(self, provider: &Provider, signing_key: &Secret) -> Result<Vec<u8>> {
        let digest = self.hasher.finish();
        let signature = provider.curves.sign(self.curve, signing_key.expose(), &digest, &*provider.random)?;
        Ok([&length(signature.len())?[..], &signature].concat())
    }

    /// Checks the signature of a footer.
    pub(crate) fn verify(self, provider: &Provider, verification_key: &[u8], signature: &[u8]) -> Result<()> {
        let digest = self.hasher.finish();
        provider
            .curves
            .verify(self.curve, verification_key, &digest, signature)
            .map_err(|_| invalid_message("the signature does not match: the message was altered"))
    }
}
