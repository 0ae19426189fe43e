//! RSA encryption.
//!
//! The crate is under RUSTSEC-2023-0071: its arithmetic with private numbers is not fully constant-time. So each private
//! operation is blinded with fresh randomness, and what a caller can observe of a failure is the same for all; see
//! SECURITY.md.

use super::{RustCrypto, random::Source};
use crate::{
    crypto::{
        EntropyError, OaepHash, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey, Unauthentic, clear_after_long,
    },
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{boxed::Box, format, vec::Vec};
use core::{fmt::Display, ops::RangeInclusive};
use rsa::{
    Oaep, Pkcs1v15Encrypt,
    pkcs1::{self, RsaPrivateKeyRef, RsaPublicKeyRef},
    pkcs8::{Document, EncodePublicKey, PrivateKeyInfoRef, SubjectPublicKeyInfoRef},
    traits::{PaddingScheme, PublicKeyParts},
};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// The lengths of keys in bits. Shorter ones have been factored or may be soon (NIST SP 800-131A), and longer ones let
/// who chooses the key choose how long its user computes.
const BITS: RangeInclusive<usize> = 2048..=8192;

impl Rsa for RustCrypto {
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        let key = rsa::PublicKey::try_from(parse_public_key(spki)?).map_err(|_| no_public_key())?;
        Ok(Box::new(PublicKey(key)))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        clear_after_long(|| {
            let key = rsa::PrivateKey::try_from(parse_private_key(pkcs8)?).map_err(|_| no_private_key())?;
            Ok(Box::new(PrivateKey(key)) as Box<dyn RsaPrivateKey>)
        })
    }
}

struct PublicKey(rsa::PublicKey);

impl RsaPublicKey for PublicKey {
    fn encrypt(&self, hash: OaepHash, data: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        let source = &mut Source::new(random);
        let Self(key) = self;
        clear_after_long(|| match hash {
            OaepHash::Sha1 => Oaep::<Sha1>::new().encrypt(source, key, data),
            OaepHash::Sha256 => Oaep::<Sha256>::new().encrypt(source, key, data),
            OaepHash::Sha384 => Oaep::<Sha384>::new().encrypt(source, key, data),
            OaepHash::Sha512 => Oaep::<Sha512>::new().encrypt(source, key, data),
        })
        .map_err(|error| {
            if error == rsa::Error::Rng {
                return EntropyError.into();
            }
            message_too_long(key.n().bit_width(), hash, data.len())
        })
    }
}

/// Its crate wipes it on drop, though not every number that it computed with on the heap before.
struct PrivateKey(rsa::PrivateKey);

impl RsaPrivateKey for PrivateKey {
    fn decrypt(&self, padding: RsaPadding, ciphertext: &[u8], random: &dyn Random) -> Result<Secret, Unauthentic> {
        let source = Some(&mut Source::new(random));
        let Self(key) = self;
        clear_after_long(|| match padding {
            RsaPadding::Oaep(OaepHash::Sha1) => Oaep::<Sha1>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha256) => Oaep::<Sha256>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha384) => Oaep::<Sha384>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha512) => Oaep::<Sha512>::new().decrypt(source, key, ciphertext),
            RsaPadding::Pkcs1 => Pkcs1v15Encrypt.decrypt(source, key, ciphertext),
        })
        .map(Secret::from)
        .map_err(|_| Unauthentic)
    }

    fn public_key(&self) -> Result<Vec<u8>> {
        let document = self.0.as_public_key().to_public_key_der();
        document.map(Document::into_vec).map_err(|_| no_private_key())
    }
}

/// A key in the right encoding, of a right length, before anyone looks at its numbers.
pub(in crate::crypto) fn parse_public_key(spki: &[u8]) -> Result<SubjectPublicKeyInfoRef<'_>> {
    let info = SubjectPublicKeyInfoRef::try_from(spki).map_err(|_| no_public_key())?;
    let bytes = info.subject_public_key.as_bytes().filter(|_| info.algorithm.oid == pkcs1::ALGORITHM_OID);
    let parts = RsaPublicKeyRef::try_from(bytes.ok_or_else(no_public_key)?).map_err(|_| no_public_key())?;
    check_length(parts.modulus.as_bytes())?;
    Ok(info)
}

/// A key in the right encoding, of a right length, before its numbers are checked, which takes the longer the longer
/// they are.
pub(in crate::crypto) fn parse_private_key(pkcs8: &[u8]) -> Result<PrivateKeyInfoRef<'_>> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).map_err(|_| no_private_key())?;
    if info.algorithm.oid != pkcs1::ALGORITHM_OID {
        return Err(no_private_key());
    }
    let parts = RsaPrivateKeyRef::try_from(info.private_key).map_err(|_| no_private_key())?;
    check_length(parts.modulus.as_bytes())?;
    Ok(info)
}

/// Refuses a key by the length of its modulus, which has no leading zero bytes.
fn check_length(modulus: &[u8]) -> Result<()> {
    let unused = modulus.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = modulus.len() * 8 - unused;
    if BITS.contains(&bits) {
        return Ok(());
    }
    let message = format!("an RSA key has {} to {} bits, but this one has {bits}", BITS.start(), BITS.end());
    Err(Error::new(ErrorKind::Validation, message))
}

pub(in crate::crypto) fn no_public_key() -> Error {
    Error::new(
        ErrorKind::Validation,
        "an RSA public key is a DER SubjectPublicKeyInfo with the algorithm rsaEncryption",
    )
}

pub(in crate::crypto) fn no_private_key() -> Error {
    let message = "an RSA private key is a DER PKCS #8 PrivateKeyInfo with the algorithm rsaEncryption and two primes";
    Error::new(ErrorKind::Validation, message)
}

pub(in crate::crypto) fn message_too_long(bits: impl Display, hash: OaepHash, length: usize) -> Error {
    let message = format!("{length} bytes are too many for an RSA key of {bits} bits with OAEP and {hash:?}");
    Error::new(ErrorKind::Validation, message)
}
