//! RSA encryption.
//!
//! The crate is under RUSTSEC-2023-0071: its arithmetic with private numbers is not fully constant-time. So each private
//! operation is blinded with fresh randomness, and what a caller can observe of a failure is the same for all; see
//! SECURITY.md.

use crate::{RustCrypto, random::Source};
use alloc::{boxed::Box, vec::Vec};
use core::ops::RangeInclusive;
use pocketkms_primitives::{
    AuthenticationFailed, Error, OaepHash, Random, Result, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    stack::clear_after_long,
};
use rsa::{
    Oaep, Pkcs1v15Encrypt,
    pkcs1::{self, RsaPrivateKeyRef, RsaPublicKeyRef},
    pkcs8::{Document, EncodePublicKey, PrivateKeyInfoRef, SubjectPublicKeyInfoRef},
    traits::{PaddingScheme, PublicKeyParts},
};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// The lengths of keys in bits. Shorter ones have been factored or may be soon (NIST SP 800-131A), and longer ones let
/// who chooses the key choose how long its user computes.
const BITS: RangeInclusive<usize> = 2048..=8192;

impl Rsa for RustCrypto {
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        let key = rsa::PublicKey::try_from(parse_public_key(spki)?).map_err(|_| Error::RsaPublicKey)?;
        Ok(Box::new(PublicKey(key)))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        clear_after_long(|| {
            let key = rsa::PrivateKey::try_from(parse_private_key(pkcs8)?).map_err(|_| Error::RsaPrivateKey)?;
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
        .map_err(|error| match error {
            rsa::Error::Rng => Error::Entropy,
            _ => Error::RsaLength { bits: bits(key), hash, length: data.len() },
        })
    }
}

/// Its crate wipes it on drop, though not every number that it computed with on the heap before.
struct PrivateKey(rsa::PrivateKey);

impl RsaPrivateKey for PrivateKey {
    fn modulus_length(&self) -> usize {
        bits(self.0.as_public_key()).div_ceil(8)
    }

    fn decrypt(
        &self,
        padding: RsaPadding,
        ciphertext: &[u8],
        random: &dyn Random,
        plaintext: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        let source = Some(&mut Source::new(random));
        let Self(key) = self;
        let decrypted = clear_after_long(|| match padding {
            RsaPadding::Oaep(OaepHash::Sha1) => Oaep::<Sha1>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha256) => Oaep::<Sha256>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha384) => Oaep::<Sha384>::new().decrypt(source, key, ciphertext),
            RsaPadding::Oaep(OaepHash::Sha512) => Oaep::<Sha512>::new().decrypt(source, key, ciphertext),
            RsaPadding::Pkcs1 => Pkcs1v15Encrypt.decrypt(source, key, ciphertext),
        })
        .map(Zeroizing::new)
        .map_err(|_| AuthenticationFailed)?;
        plaintext.get_mut(..decrypted.len()).ok_or(AuthenticationFailed)?.copy_from_slice(&decrypted);
        Ok(decrypted.len())
    }

    fn public_key(&self) -> Result<Vec<u8>> {
        let document = self.0.as_public_key().to_public_key_der();
        document.map(Document::into_vec).map_err(|_| Error::RsaPrivateKey)
    }
}

fn bits(key: &rsa::PublicKey) -> usize {
    key.n().bit_width().try_into().unwrap_or(usize::MAX)
}

/// A key in the right encoding, of a right length, before anyone looks at its numbers.
pub fn parse_public_key(spki: &[u8]) -> Result<SubjectPublicKeyInfoRef<'_>> {
    let info = SubjectPublicKeyInfoRef::try_from(spki).map_err(|_| Error::RsaPublicKey)?;
    let bytes = info.subject_public_key.as_bytes().filter(|_| info.algorithm.oid == pkcs1::ALGORITHM_OID);
    let parts = RsaPublicKeyRef::try_from(bytes.ok_or(Error::RsaPublicKey)?).map_err(|_| Error::RsaPublicKey)?;
    check_length(parts.modulus.as_bytes())?;
    Ok(info)
}

/// A key in the right encoding, of a right length, before its numbers are checked, which takes the longer the longer
/// they are.
pub fn parse_private_key(pkcs8: &[u8]) -> Result<PrivateKeyInfoRef<'_>> {
    let info = PrivateKeyInfoRef::try_from(pkcs8).map_err(|_| Error::RsaPrivateKey)?;
    if info.algorithm.oid != pkcs1::ALGORITHM_OID {
        return Err(Error::RsaPrivateKey);
    }
    let parts = RsaPrivateKeyRef::try_from(info.private_key).map_err(|_| Error::RsaPrivateKey)?;
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
    Err(Error::RsaBits(bits))
}
