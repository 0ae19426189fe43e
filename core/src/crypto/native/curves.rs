//! ECDSA and ECDH over the curves of NIST.

use super::Native;
use crate::{
    crypto::{
        Curve, EllipticCurves, Random, Unauthentic, clear_after_long,
        rust_crypto::{
            RustCrypto,
            curves::{no_private_key, no_public_key},
        },
    },
    error::Result,
    secret::Secret,
};
use alloc::vec::Vec;
use pocketkms_native::{Refused, curves};

impl From<Curve> for curves::Curve {
    fn from(curve: Curve) -> Self {
        match curve {
            Curve::P256 => Self::P256,
            Curve::P384 => Self::P384,
            Curve::P521 => Self::P521,
        }
    }
}

impl EllipticCurves for Native {
    fn generate(&self, curve: Curve, random: &dyn Random) -> Result<Secret> {
        // A matter of randomness alone, and it has to be the one that was passed in.
        RustCrypto.generate(curve, random)
    }

    fn public_key(&self, curve: Curve, private_key: &Secret) -> Result<Vec<u8>> {
        clear_after_long(|| curves::public_key(curve.into(), private_key.expose()))
            .map_err(|Refused| no_private_key(curve))
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        RustCrypto.compress(curve, public_key)
    }

    fn agree(&self, curve: Curve, private_key: &Secret, public_key: &[u8]) -> Result<Secret> {
        let mut secret = Secret::zeroed(curve.field_length());
        clear_after_long(|| curves::agree(curve.into(), private_key.expose(), public_key, secret.expose_mut()))
            .map(|()| secret)
            // Which of the two it was, the slower way tells.
            .map_err(|Refused| self.public_key(curve, private_key).err().unwrap_or_else(|| no_public_key(curve)))
    }

    fn sign(&self, curve: Curve, private_key: &Secret, digest: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        clear_after_long(|| curves::sign(curve.into(), private_key.expose(), digest))
            .map_err(|Refused| no_private_key(curve))
    }

    fn verify(&self, curve: Curve, public_key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), Unauthentic> {
        curves::verify(curve.into(), public_key, digest, signature).map_err(|Refused| Unauthentic)
    }
}
