//! Elliptic curves.

use crate::{AuthenticationFailed, Curve, Random, Result};
use alloc::vec::Vec;

/// ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A).
///
/// A private key is its scalar, big endian, as long as a field element. A public key is its point as in SEC 1,
/// section 2.3.3, compressed where it is given out, either way where it is taken in. Each method checks that a point
/// is on the curve and not the one at infinity, and that a scalar is within the order of the group.
pub trait EllipticCurves: Send + Sync {
    /// Writes a new private key to `private_key`, which is as long as a field element.
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Result<()>;

    /// The public key of a private key, compressed.
    fn public_key(&self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>>;

    /// A public key in its compressed form.
    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>>;

    /// A public key in its uncompressed form.
    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>>;

    /// Writes the shared secret of a key agreement to `secret`: the x-coordinate, as long as a field element.
    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()>;

    /// The ECDSA signature, DER, of a message of which `digest` is the hash.
    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], random: &dyn Random) -> Result<Vec<u8>>;

    /// Checks an ECDSA signature.
    fn verify(
        &self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed>;
}
