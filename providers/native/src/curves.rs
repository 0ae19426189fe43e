//! ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A) on the curves of NIST, by AWS-LC: in constant time, and several times as
//! fast as in pure Rust. ECDSA on secp256k1, too, whose public keys and agreements, which AWS-LC has not, are in pure Rust.
//!
//! A private key is its scalar, big endian, as long as a field element; a public key its point as in SEC 1, section 2.3.3,
//! compressed or not. Both are checked at each use. A signature is DER, with a nonce from AWS-LC's own generator, which
//! the operating system seeds and which notices a fork.

use crate::Native;
use aws_lc_rs::{
    agreement::{Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, agree},
    digest::{self, Digest, SHA256, SHA384, SHA512},
    encoding::{AsBigEndian, EcPublicKeyCompressedBin},
    signature::{
        self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1,
        ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        EcdsaVerificationAlgorithm,
    },
};
use pocketkms_primitives::{
    AuthenticationFailed, Curve, EllipticCurves, Error, Random, Result, stack::clear_after_long,
};
use pocketkms_rust_crypto::RustCrypto;
use zeroize::Zeroizing;

impl EllipticCurves for Native {
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        // A matter of randomness alone, and it has to be the one that was passed in.
        RustCrypto.generate(curve, random, private_key)
    }

    fn public_key(&self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>> {
        let Some(agreement) = agreement(curve) else { return RustCrypto.public_key(curve, private_key) };
        clear_after_long(|| {
            let public_key = parsed(agreement, private_key)?.compute_public_key().map_err(|_| Rejected)?;
            let point: EcPublicKeyCompressedBin<'_> = public_key.as_be_bytes().map_err(|_| Rejected)?;
            Ok(point.as_ref().to_vec())
        })
        .map_err(|Rejected| Error::CurvePrivateKey(curve))
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        RustCrypto.compress(curve, public_key)
    }

    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        RustCrypto.decompress(curve, public_key)
    }

    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        if secret.len() != curve.field_length() {
            return Err(Error::BufferLength);
        }
        let Some(agreement) = agreement(curve) else {
            return RustCrypto.agree(curve, private_key, public_key, secret);
        };
        clear_after_long(|| {
            let private_key = parsed(agreement, private_key)?;
            let public_key = UnparsedPublicKey::new(agreement, point(curve, public_key)?);
            agree(&private_key, public_key, Rejected, |shared| {
                if shared.len() != secret.len() {
                    return Err(Rejected);
                }
                secret.copy_from_slice(shared);
                Ok(())
            })
        })
        // The slower way finds out which of the two it was.
        .map_err(|Rejected| self.public_key(curve, private_key).err().unwrap_or(Error::CurvePublicKey(curve)))
    }

    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        clear_after_long(|| {
            let (algorithm, der) = (signing(curve), der(curve, private_key)?);
            let key = EcdsaKeyPair::from_private_key_der(algorithm, &der).map_err(|_| Rejected)?;
            let signature = key.sign_digest(&fitted(curve, digest)?).map_err(|_| Rejected)?;
            Ok(signature.as_ref().to_vec())
        })
        .map_err(|Rejected| Error::CurvePrivateKey(curve))
    }

    fn verify(
        &self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let verify = || {
            let public_key = signature::UnparsedPublicKey::new(verification(curve), point(curve, public_key)?);
            public_key.verify_digest(&fitted(curve, digest)?, signature).map_err(|_| Rejected)
        };
        verify().map_err(|Rejected| AuthenticationFailed)
    }
}

/// AWS-LC does not say more.
struct Rejected;

/// `None` for secp256k1.
fn agreement(curve: Curve) -> Option<&'static Algorithm> {
    match curve {
        Curve::P256 => Some(&ECDH_P256),
        Curve::P384 => Some(&ECDH_P384),
        Curve::P521 => Some(&ECDH_P521),
        Curve::K256 => None,
    }
}

fn signing(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        Curve::K256 => &ECDSA_P256K1_SHA256_ASN1_SIGNING,
    }
}

fn verification(curve: Curve) -> &'static EcdsaVerificationAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_ASN1,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1,
        Curve::P521 => &ECDSA_P521_SHA512_ASN1,
        Curve::K256 => &ECDSA_P256K1_SHA256_ASN1,
    }
}

/// The hash of those algorithms.
fn hash(curve: Curve) -> &'static digest::Algorithm {
    match curve {
        Curve::P256 | Curve::K256 => &SHA256,
        Curve::P384 => &SHA384,
        Curve::P521 => &SHA512,
    }
}

/// AWS-LC checks that the scalar is within the order of the group.
fn parsed(agreement: &'static Algorithm, private_key: &[u8]) -> Result<PrivateKey, Rejected> {
    PrivateKey::from_private_key(agreement, private_key).map_err(|_| Rejected)
}

/// The private key as in RFC 5915, section 3, without what is optional: the form in which AWS-LC takes one to sign
/// that comes without its public key.
fn der(curve: Curve, private_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Rejected> {
    let length = private_key.len();
    if length != curve.field_length() {
        return Err(Rejected);
    }
    let short = |length| u8::try_from(length).map_err(|_| Rejected);
    // SEQUENCE { INTEGER 1, OCTET STRING }
    let header = [0x30, short(length + 5)?, 0x02, 1, 1, 0x04, short(length)?];
    Ok(Zeroizing::new([&header, private_key].concat()))
}

/// A point in one of the two forms; AWS-LC knows others as well. It checks that it is on the curve and not the one at
/// infinity.
fn point(curve: Curve, public_key: &[u8]) -> Result<&[u8], Rejected> {
    let length = curve.field_length();
    match public_key {
        [2 | 3, x @ ..] if x.len() == length => Ok(public_key),
        [4, xy @ ..] if xy.len() == 2 * length => Ok(public_key),
        _ => Err(Rejected),
    }
}

/// A digest at the length that the curve's algorithm has, standing for the same number (FIPS 186-5, section 6.4.1):
/// of a longer one the leftmost bits count, and a shorter one is the same with zeros before it.
fn fitted(curve: Curve, digest: &[u8]) -> Result<Digest, Rejected> {
    let mut fitted = [0; 64];
    let fitted = fitted.get_mut(..hash(curve).output_len()).ok_or(Rejected)?;
    if digest.is_empty() || digest.len() > 64 {
        return Err(Rejected);
    }
    let digest = digest.get(..fitted.len()).unwrap_or(digest);
    let zeros = fitted.len() - digest.len();
    fitted.get_mut(zeros..).ok_or(Rejected)?.copy_from_slice(digest);
    Digest::import_less_safe(fitted, hash(curve)).map_err(|_| Rejected)
}
