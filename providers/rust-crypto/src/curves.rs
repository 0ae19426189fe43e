//! ECDSA and ECDH over the curves of NIST and secp256k1.
//!
//! The crates' secret types wipe themselves, but scalars and points are copied as they are computed with: each method
//! covers the stack that it used.

use crate::{RustCrypto, random::Source};
use alloc::{vec, vec::Vec};
use ecdsa::{hazmat, signature::hazmat::PrehashVerifier};
use pocketkms_primitives::{
    AuthenticationFailed, Curve, EllipticCurves, Error, Random, Result, stack::clear_after_long,
};
use rsa::rand_core::TryRng;
use zeroize::Zeroizing;

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
            Curve::K256 => {
                use k256 as $nist;
                $body
            }
        }
    };
}

/// The scalar of a private key. A macro, since each curve's is another type.
macro_rules! scalar {
    ($nist:ident, $curve:expr, $private_key:expr) => {{
        // The crate takes shorter keys, too, and then in a time that shows their length.
        let bytes: &[u8] = $private_key;
        let key = if bytes.len() == $curve.field_length() { $nist::SecretKey::from_slice(bytes).ok() } else { None };
        key.ok_or_else(|| Error::CurvePrivateKey($curve))
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
        key.ok_or_else(|| Error::CurvePublicKey($curve))
    }};
}

impl EllipticCurves for RustCrypto {
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        if private_key.len() != curve.field_length() {
            return Err(Error::BufferLength);
        }
        // FIPS 186-5, appendix A.2.2: bits are drawn until they are a scalar. The crates do the same, but draw all bits
        // of all bytes: for P-521, of whose last byte one bit counts, a hundred times over.
        let mut source = Source::new(random);
        loop {
            source.try_fill_bytes(private_key)?;
            if let (Curve::P521, [first, ..]) = (curve, &mut *private_key) {
                *first &= 1;
            }
            if clear_after_long(|| with_curve!(curve, nist => scalar!(nist, curve, private_key).is_ok())) {
                return Ok(());
            }
        }
    }

    fn public_key(&self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>> {
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

    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        with_curve!(curve, nist => {
            Ok(nist::elliptic_curve::sec1::ToSec1Point::to_sec1_point(&point!(nist, curve, public_key)?, false)
                .as_bytes()
                .to_vec())
        })
    }

    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        if secret.len() != curve.field_length() {
            return Err(Error::BufferLength);
        }
        clear_after_long(|| {
            with_curve!(curve, nist => {
                let scalar = scalar!(nist, curve, private_key)?;
                let shared = scalar.diffie_hellman(&point!(nist, curve, public_key)?);
                secret.copy_from_slice(shared.raw_secret_bytes());
                Ok(())
            })
        })
    }

    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        // RFC 6979, with randomness as the additional data of its section 3.6: neither a weak source nor a fault that
        // is provoked in a repeated computation gives the key away.
        let mut hedge = Zeroizing::new(vec![0; curve.field_length()]);
        random.fill(&mut hedge)?;
        macro_rules! sign {
            ($nist:ident, $curve:ident, $hash:ident) => {{
                let scalar = scalar!($nist, curve, private_key)?.to_nonzero_scalar();
                let sign = hazmat::sign_prehashed_rfc6979::<$nist::$curve, sha2::$hash>;
                let (signature, _) = sign(&scalar, digest, &hedge);
                Ok(signature.to_der().as_bytes().to_vec())
            }};
        }
        clear_after_long(|| match curve {
            Curve::P256 => sign!(p256, NistP256, Sha256),
            Curve::P384 => sign!(p384, NistP384, Sha384),
            Curve::P521 => sign!(p521, NistP521, Sha512),
            Curve::K256 => sign!(k256, Secp256k1, Sha256),
        })
    }

    fn verify(
        &self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        with_curve!(curve, nist => {
            let key = nist::ecdsa::VerifyingKey::from(point!(nist, curve, public_key).map_err(|_| AuthenticationFailed)?);
            let signature = nist::ecdsa::Signature::from_der(signature).map_err(|_| AuthenticationFailed)?;
            // Of the two signatures that are valid by the standard, the crate of secp256k1 takes the one that Bitcoin takes.
            let signature = if curve == Curve::K256 { signature.normalize_s() } else { signature };
            key.verify_prehash(digest, &signature).map_err(|_| AuthenticationFailed)
        })
    }
}
