//! ECDSA and ECDH over the curves of NIST.
//!
//! The crates' secret types wipe themselves, but scalars and points are copied as they are computed with: each method
//! covers the stack that it used.

use super::{RustCrypto, random::Source};
use crate::{
    crypto::{Curve, EllipticCurves, Random, Unauthentic, clear_after_long},
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{format, vec::Vec};
use ecdsa::{hazmat, signature::hazmat::PrehashVerifier};
use rsa::rand_core::TryRng;

/// Runs the same body with the crate of the curve.
macro_rules! with_curve {
    ($curve:expr, $nist:ident => $body:expr) => {
        match $curve {
            Curve::P256 => {
                use p256 as $nist;
                $body
            }
            Curve::P384 => {
                use p384 as $nist;
                $body
            }
            Curve::P521 => {
                use p521 as $nist;
                $body
            }
        }
    };
}

/// The scalar of a private key. A macro, since each curve's is another type.
macro_rules! scalar {
    ($nist:ident, $curve:expr, $private_key:expr) => {{
        // The crate takes shorter keys, too, and then in a time that tells their length.
        let bytes = $private_key.expose();
        let key = if bytes.len() == $curve.field_length() { $nist::SecretKey::from_slice(bytes).ok() } else { None };
        key.ok_or_else(|| no_private_key($curve))
    }};
}

/// A public key's point. The crate checks that it is on the curve and not the one at infinity.
macro_rules! point {
    ($nist:ident, $curve:expr, $public_key:expr) => {{
        // SEC 1, section 2.3.3: compressed or not. The crate knows other forms as well.
        let key = match $public_key {
            [2..=4, ..] => $nist::PublicKey::from_sec1_bytes($public_key).ok(),
            _ => None,
        };
        key.ok_or_else(|| no_public_key($curve))
    }};
}

impl EllipticCurves for RustCrypto {
    fn generate(&self, curve: Curve, random: &dyn Random) -> Result<Secret> {
        // FIPS 186-5, appendix A.2.2: bits are drawn until they are a scalar. The crates do the same, but draw all bits
        // of all bytes: for P-521, of whose last byte one bit counts, a hundred times over.
        let mut source = Source::new(random);
        let mut key = Secret::zeroed(curve.field_length());
        loop {
            source.try_fill_bytes(key.expose_mut())?;
            if let (Curve::P521, [first, ..]) = (curve, key.expose_mut()) {
                *first &= 1;
            }
            if clear_after_long(|| with_curve!(curve, nist => scalar!(nist, curve, key).is_ok())) {
                return Ok(key);
            }
        }
    }

    fn public_key(&self, curve: Curve, private_key: &Secret) -> Result<Vec<u8>> {
        clear_after_long(|| {
            with_curve!(curve, nist => {
                let point = scalar!(nist, curve, private_key)?.public_key();
                Ok(nist::CompressedPoint::from(point).to_vec())
            })
        })
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        with_curve!(curve, nist => Ok(nist::CompressedPoint::from(point!(nist, curve, public_key)?).to_vec()))
    }

    fn agree(&self, curve: Curve, private_key: &Secret, public_key: &[u8]) -> Result<Secret> {
        clear_after_long(|| {
            with_curve!(curve, nist => {
                let scalar = scalar!(nist, curve, private_key)?;
                let shared = scalar.diffie_hellman(&point!(nist, curve, public_key)?);
                Ok(Secret::copy_of(shared.raw_secret_bytes()))
            })
        })
    }

    fn sign(&self, curve: Curve, private_key: &Secret, digest: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        // RFC 6979, with randomness as the additional data of its section 3.6: neither a weak source nor a fault that
        // is provoked in a repeated computation gives the key away.
        let mut hedge = Secret::zeroed(curve.field_length());
        random.fill(hedge.expose_mut())?;
        macro_rules! sign {
            ($nist:ident, $curve:ident, $hash:ident) => {{
                let scalar = scalar!($nist, curve, private_key)?.to_nonzero_scalar();
                let sign = hazmat::sign_prehashed_rfc6979::<$nist::$curve, sha2::$hash>;
                let (signature, _) = sign(&scalar, digest, hedge.expose());
                Ok(signature.to_der().as_bytes().to_vec())
            }};
        }
        clear_after_long(|| match curve {
            Curve::P256 => sign!(p256, NistP256, Sha256),
            Curve::P384 => sign!(p384, NistP384, Sha384),
            Curve::P521 => sign!(p521, NistP521, Sha512),
        })
    }

    fn verify(&self, curve: Curve, public_key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), Unauthentic> {
        with_curve!(curve, nist => {
            let key = nist::ecdsa::VerifyingKey::from(point!(nist, curve, public_key).map_err(|_| Unauthentic)?);
            let signature = nist::ecdsa::Signature::from_der(signature).map_err(|_| Unauthentic)?;
            key.verify_prehash(digest, &signature).map_err(|_| Unauthentic)
        })
    }
}

pub(in crate::crypto) fn no_private_key(curve: Curve) -> Error {
    let length = curve.field_length();
    let message =
        format!("a private key of {curve:?} is a number from 1 to the group's order less 1, in {length} bytes");
    Error::new(ErrorKind::Validation, message)
}

pub(in crate::crypto) fn no_public_key(curve: Curve) -> Error {
    let length = curve.field_length();
    let message = format!(
        "a public key of {curve:?} is a point on the curve in the form of SEC 1, in {} or {} bytes",
        length + 1,
        2 * length + 1,
    );
    Error::new(ErrorKind::Validation, message)
}
