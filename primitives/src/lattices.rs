//! Signatures and key encapsulation that a quantum computer does not break. A private key is its seed, from which the standards
//! make the rest.

use crate::{AuthenticationFailed, MlDsaMessage, MlDsaSet, MlKemSet, Random, Result};
use alloc::{boxed::Box, vec::Vec};

/// ML-DSA (FIPS 204), hedged, with an empty context.
pub trait MlDsa: Send + Sync {
    /// Prepares a private key: the seed of FIPS 204, algorithm 1.
    fn private_key(&self, set: MlDsaSet, seed: &[u8; 32]) -> Result<Box<dyn MlDsaPrivateKey>>;

    /// Checks a signature under a public key, encoded as in FIPS 204, algorithm 22.
    fn verify(
        &self,
        set: MlDsaSet,
        public_key: &[u8],
        message: MlDsaMessage<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed>;
}

/// A prepared private key of ML-DSA. It is wiped on drop.
pub trait MlDsaPrivateKey: Send + Sync {
    /// The public key that belongs to it, encoded as in FIPS 204, algorithm 22.
    fn public_key(&self) -> Vec<u8>;

    /// A signature, hedged with `random` where the implementation has no source of its own.
    fn sign(&self, message: MlDsaMessage<'_>, random: &dyn Random) -> Result<Vec<u8>>;
}

/// ML-KEM (FIPS 203).
pub trait MlKem: Send + Sync {
    /// Prepares a private key: the seed d || z of FIPS 203, algorithm 19.
    fn private_key(&self, set: MlKemSet, seed: &[u8; 64]) -> Result<Box<dyn MlKemPrivateKey>>;

    /// Writes a new shared secret to `secret`, and returns the ciphertext for the owner of a public key, encoded as in FIPS 203.
    fn encapsulate(
        &self,
        set: MlKemSet,
        public_key: &[u8],
        random: &dyn Random,
        secret: &mut [u8; 32],
    ) -> Result<Vec<u8>>;
}

/// A prepared private key of ML-KEM. It is wiped on drop.
pub trait MlKemPrivateKey: Send + Sync {
    /// The public key that belongs to it, encoded as in FIPS 203.
    fn public_key(&self) -> Vec<u8>;

    /// Writes the shared secret of a ciphertext to `secret`. Fails for a ciphertext of another length alone: of one that was
    /// not made for this key, or was altered, the secret is another one ("implicit rejection", FIPS 203, section 6.3).
    fn decapsulate(&self, ciphertext: &[u8], secret: &mut [u8; 32]) -> Result<()>;
}
