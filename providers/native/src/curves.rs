//! ECDSA (FIPS 186-5) and ECDH (NIST SP 800-56A) on the curves of NIST, by AWS-LC: in constant time, and several times as
//! fast as in pure Rust.
//!
//! A private key is its scalar, big endian, as long as a field element; a public key its point as in SEC 1, section 2.3.3,
//! compressed or not. Both are checked at each use. A signature is DER, with a nonce from AWS-LC's own generator, which
//! the operating system seeds and which notices a fork.

use crate::Refused;
use aws_lc_rs::{
    agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey},
    digest::{self, Digest, SHA256, SHA384, SHA512},
    encoding::{AsBigEndian, EcPublicKeyCompressedBin},
    signature::{
        self, ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1,
        ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm,
    },
};
use zeroize::Zeroizing;

/// The curves of NIST SP 800-186.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// P-256, also known as secp256r1 and prime256v1.
    P256,
    /// P-384, also known as secp384r1.
    P384,
    /// P-521, also known as secp521r1.
    P521,
}

impl Curve {
    /// The length of a field element, and so of a private key and of a shared secret, in bytes.
    pub const fn field_length(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
        }
    }

    fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            Self::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            Self::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &ECDSA_P256_SHA256_ASN1,
            Self::P384 => &ECDSA_P384_SHA384_ASN1,
            Self::P521 => &ECDSA_P521_SHA512_ASN1,
        }
    }

    /// The hash of those algorithms.
    fn hash(self) -> &'static digest::Algorithm {
        match self {
            Self::P256 => &SHA256,
            Self::P384 => &SHA384,
            Self::P521 => &SHA512,
        }
    }
}

/// The public key of a private key, compressed.
pub fn public_key(curve: Curve, private_key: &[u8]) -> Result<Vec<u8>, Refused> {
    let public_key = parsed(curve, private_key)?.compute_public_key().map_err(|_| Refused)?;
    let point: EcPublicKeyCompressedBin<'_> = public_key.as_be_bytes().map_err(|_| Refused)?;
    Ok(point.as_ref().to_vec())
}

/// Writes the shared secret of a key agreement to `secret`: the x-coordinate, as long as a field element.
pub fn agree(curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<(), Refused> {
    let private_key = parsed(curve, private_key)?;
    let public_key = UnparsedPublicKey::new(curve.agreement(), point(curve, public_key)?);
    agreement::agree(&private_key, public_key, Refused, |shared| {
        if shared.len() != secret.len() {
            return Err(Refused);
        }
        secret.copy_from_slice(shared);
        Ok(())
    })
}

/// The ECDSA signature of a message of which `digest` is the hash, of 1 to 64 bytes.
pub fn sign(curve: Curve, private_key: &[u8], digest: &[u8]) -> Result<Vec<u8>, Refused> {
    let digest = fitted(curve, digest)?;
    let key = EcdsaKeyPair::from_private_key_der(curve.signing(), &der(curve, private_key)?).map_err(|_| Refused)?;
    Ok(key.sign_digest(&digest).map_err(|_| Refused)?.as_ref().to_vec())
}

/// Checks an ECDSA signature.
pub fn verify(curve: Curve, public_key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), Refused> {
    signature::UnparsedPublicKey::new(curve.verification(), point(curve, public_key)?)
        .verify_digest(&fitted(curve, digest)?, signature)
        .map_err(|_| Refused)
}

/// AWS-LC checks that the scalar is within the order of the group.
fn parsed(curve: Curve, private_key: &[u8]) -> Result<PrivateKey, Refused> {
    PrivateKey::from_private_key(curve.agreement(), private_key).map_err(|_| Refused)
}

/// The private key as in RFC 5915, section 3, without what is optional: the form in which AWS-LC takes one to sign
/// that comes without its public key.
fn der(curve: Curve, private_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let length = private_key.len();
    if length != curve.field_length() {
        return Err(Refused);
    }
    let short = |length| u8::try_from(length).map_err(|_| Refused);
    // SEQUENCE { INTEGER 1, OCTET STRING }
    let header = [0x30, short(length + 5)?, 0x02, 1, 1, 0x04, short(length)?];
    Ok(Zeroizing::new([&header, private_key].concat()))
}

/// A point in one of the two forms; AWS-LC knows others as well. It checks that it is on the curve and not the one at
/// infinity.
fn point(curve: Curve, public_key: &[u8]) -> Result<&[u8], Refused> {
    let length = curve.field_length();
    match public_key {
        [2 | 3, x @ ..] if x.len() == length => Ok(public_key),
        [4, xy @ ..] if xy.len() == 2 * length => Ok(public_key),
        _ => Err(Refused),
    }
}

/// A digest at the length that the curve's algorithm has, standing for the same number (FIPS 186-5, section 6.4.1):
/// of a longer one the leftmost bits count, and a shorter one is the same with zeros before it.
fn fitted(curve: Curve, digest: &[u8]) -> Result<Digest, Refused> {
    let mut fitted = [0; 64];
    let fitted = fitted.get_mut(..curve.hash().output_len()).ok_or(Refused)?;
    if digest.is_empty() || digest.len() > 64 {
        return Err(Refused);
    }
    let digest = digest.get(..fitted.len()).unwrap_or(digest);
    let zeros = fitted.len() - digest.len();
    fitted.get_mut(zeros..).ok_or(Refused)?.copy_from_slice(digest);
    Digest::import_less_safe(fitted, curve.hash()).map_err(|_| Refused)
}
