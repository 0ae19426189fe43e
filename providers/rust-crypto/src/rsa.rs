//! RSA encryption and signatures.
//!
//! The crate is under RUSTSEC-2023-0071: its arithmetic with private numbers is not fully constant-time. So each private
//! operation is blinded with fresh randomness, and what a caller can observe of a failure is the same for all; see
//! SECURITY.md.

use crate::{RustCrypto, random::Source};
use alloc::{boxed::Box, vec::Vec};
use core::ops::RangeInclusive;
use pocketkms_primitives::{
    AuthenticationFailed, Error, Hash, OaepHash, Random, Result, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    RsaScheme, stack::clear_after_long,
};
use rsa::{
    Oaep, Pkcs1v15Encrypt, Pkcs1v15Sign, Pss,
    pkcs1::{self, RsaPrivateKeyRef, RsaPublicKeyRef},
    pkcs8::{Document, EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef, SubjectPublicKeyInfoRef},
    traits::{PaddingScheme, PrivateKeyParts, PublicKeyParts, SignatureScheme},
};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

/// The lengths of keys in bits. Shorter ones have been factored or may be soon (NIST SP 800-131A), and longer ones let
/// who chooses the key choose how long its user computes.
const BITS: RangeInclusive<usize> = 2048..=8192;
/// How often the generation of a key may ask for randomness: once per word of a candidate, of which nearly always two are enough.
const DRAWS: u32 = 4096;

/// Runs the same body with the padding of a signature.
macro_rules! with_scheme {
    ($scheme:expr, $hash:expr, $padding:ident => $body:expr, $other:expr) => {
        match ($scheme, $hash) {
            (RsaScheme::Pss, Hash::Sha256) => with_scheme!(@ $padding = Pss::<Sha256>::new() => $body),
            (RsaScheme::Pss, Hash::Sha384) => with_scheme!(@ $padding = Pss::<Sha384>::new() => $body),
            (RsaScheme::Pss, Hash::Sha512) => with_scheme!(@ $padding = Pss::<Sha512>::new() => $body),
            (RsaScheme::Pkcs1, Hash::Sha256) => with_scheme!(@ $padding = Pkcs1v15Sign::new::<Sha256>() => $body),
            (RsaScheme::Pkcs1, Hash::Sha384) => with_scheme!(@ $padding = Pkcs1v15Sign::new::<Sha384>() => $body),
            (RsaScheme::Pkcs1, Hash::Sha512) => with_scheme!(@ $padding = Pkcs1v15Sign::new::<Sha512>() => $body),
            (_, Hash::Sha224) => $other,
        }
    };
    (@ $padding:ident = $new:expr => $body:expr) => {{
        let $padding = $new;
        $body
    }};
}

impl Rsa for RustCrypto {
    fn generate(&self, bits: usize, random: &dyn Random) -> Result<Vec<u8>> {
        if !matches!(bits, 2048 | 3072 | 4096) {
            return Err(Error::RsaBits(bits));
        }
        let source = &mut Source::with_draws(random, DRAWS);
        clear_after_long(|| {
            let key = rsa::PrivateKey::new(source, bits).map_err(|_| Error::Entropy)?;
            // A source that repeats itself gives the same prime twice, whose product anyone can factor.
            if !matches!(key.primes(), [p, q] if p != q) {
                return Err(Error::Entropy);
            }
            let document = key.to_pkcs8_der().map_err(|_| Error::RsaPrivateKey)?;
            Ok(document.as_bytes().to_vec())
        })
    }

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

    fn verify(
        &self,
        scheme: RsaScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let verified = with_scheme!(scheme, hash, padding => padding.verify(&self.0, digest, signature).is_ok(), false);
        if verified && digest.len() == hash.length() { Ok(()) } else { Err(AuthenticationFailed) }
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

    fn sign(&self, scheme: RsaScheme, hash: Hash, digest: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        if digest.len() != hash.length() {
            return Err(Error::DigestLength);
        }
        let source = Some(&mut Source::new(random));
        clear_after_long(|| {
            with_scheme!(scheme, hash, padding => padding.sign(source, &self.0, digest).map_err(|error| match error {
                rsa::Error::Rng => Error::Entropy,
                _ => Error::RsaPrivateKey,
            }), Err(Error::DigestLength))
        })
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
