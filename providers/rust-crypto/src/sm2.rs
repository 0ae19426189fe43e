//! SM2 (GB/T 32918): signatures, encryption and key agreement.
//!
//! Scalars and points are copied as they are computed with: each method covers the stack that it used.

use crate::{RustCrypto, random::Source};
use alloc::vec::Vec;
use pocketkms_primitives::{AuthenticationFailed, Error, Random, Result, Sm2, Sm2Message, stack::clear_after_long};
use rsa::rand_core::TryRng;
use sm2::{
    ProjectivePoint, PublicKey, Scalar, SecretKey,
    dsa::{
        Signature, SigningKey, VerifyingKey,
        signature::{
            RandomizedSigner, Verifier,
            hazmat::{PrehashVerifier, RandomizedPrehashSigner},
        },
    },
    elliptic_curve::{sec1::ToSec1Point, subtle::ConstantTimeEq},
    pkcs8::der::Decode,
    pke::{Cipher, EncryptingKey},
};
use sm3::{Digest, Sm3};
use zeroize::Zeroize;

/// "the default ID value is 1234567812345678" (GM/T 0009, section 10).
const DISTINGUISHING_ID: &str = "1234567812345678";

impl Sm2 for RustCrypto {
    fn generate(&self, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        if private_key.len() != 32 {
            return Err(Error::BufferLength);
        }
        let mut source = Source::new(random);
        loop {
            source.try_fill_bytes(private_key)?;
            if clear_after_long(|| scalar(private_key).is_ok()) {
                return Ok(());
            }
        }
    }

    fn public_key(&self, private_key: &[u8]) -> Result<Vec<u8>> {
        clear_after_long(|| Ok(scalar(private_key)?.public_key().to_sec1_point(false).as_bytes().to_vec()))
    }

    fn agree(&self, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        if secret.len() != 32 {
            return Err(Error::BufferLength);
        }
        clear_after_long(|| {
            let shared = scalar(private_key)?.diffie_hellman(&point(public_key)?);
            secret.copy_from_slice(shared.raw_secret_bytes());
            Ok(())
        })
    }

    fn sign(&self, private_key: &[u8], message: Sm2Message<'_>, random: &dyn Random) -> Result<Vec<u8>> {
        clear_after_long(|| {
            let key = SigningKey::new(DISTINGUISHING_ID, &scalar(private_key)?).map_err(|_| Error::Sm2PrivateKey)?;
            // As with ECDSA: the nonce of RFC 6979, with randomness as its additional data.
            let mut source = Source::new(random);
            let signature: Result<Signature, _> = match message {
                Sm2Message::Raw(message) => key.try_sign_with_rng(&mut source, message),
                Sm2Message::Digest(digest) => key.sign_prehash_with_rng(&mut source, digest),
            };
            // What else can fail does so for one nonce of 2^250.
            Ok(signature.map_err(|_| Error::Entropy)?.to_der().to_vec())
        })
    }

    fn verify(&self, public_key: &[u8], message: Sm2Message<'_>, signature: &[u8]) -> Result<(), AuthenticationFailed> {
        // The digest is as secret as the message.
        let verify = || {
            let key = VerifyingKey::new(DISTINGUISHING_ID, point(public_key).ok()?).ok()?;
            let signature = Signature::from_der(signature).ok()?;
            match message {
                Sm2Message::Raw(message) => key.verify(message, &signature).ok(),
                Sm2Message::Digest(digest) => key.verify_prehash(digest, &signature).ok(),
            }
        };
        clear_after_long(verify).ok_or(AuthenticationFailed)
    }

    fn encrypt(&self, public_key: &[u8], message: &[u8], random: &dyn Random) -> Result<Vec<u8>> {
        if message.is_empty() {
            return Err(Error::Sm2Message);
        }
        clear_after_long(|| {
            let key = EncryptingKey::new(point(public_key)?);
            key.encrypt_der(&mut Source::new(random), message).map_err(|_| Error::Entropy)
        })
    }

    /// Not by the crate, which compares the hash in a time that shows where the first difference is.
    fn decrypt(
        &self,
        private_key: &[u8],
        ciphertext: &[u8],
        message: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        let decrypt = || {
            let scalar = scalar(private_key).ok()?.to_nonzero_scalar();
            // It checks that the point is on the curve; none with coordinates is the one at infinity.
            let cipher = Cipher::<sm2::Sm2, Sm3>::from_der(ciphertext).ok()?;
            let shared = (ProjectivePoint::from(*cipher.c1()) * *scalar).to_affine().to_sec1_point(false);
            let (x, y) = (shared.x()?, shared.y()?);
            let message = message.get_mut(..cipher.c2().len())?;
            message.copy_from_slice(cipher.c2());
            for (block, number) in message.chunks_mut(32).zip(1_u32..) {
                let mask = Sm3::new().chain_update(x).chain_update(y).chain_update(number.to_be_bytes()).finalize();
                block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
            }
            let hash = Sm3::new().chain_update(x).chain_update(&*message).chain_update(y).finalize();
            // A mask of zeros alone is one that no one may encrypt with, and so is that of an empty message.
            let is_masked = !ConstantTimeEq::ct_eq(&*message, cipher.c2());
            let is_right: bool = (is_masked & hash.as_slice().ct_eq(cipher.c3().as_slice())).into();
            if !is_right {
                message.zeroize();
            }
            is_right.then_some(message.len())
        };
        clear_after_long(decrypt).ok_or(AuthenticationFailed)
    }
}

/// The scalar of a private key.
fn scalar(private_key: &[u8]) -> Result<SecretKey> {
    // The crate takes shorter keys, too, and then in a time that shows their length.
    let key = if private_key.len() == 32 { SecretKey::from_slice(private_key).ok() } else { None };
    let key = key.ok_or(Error::Sm2PrivateKey)?;
    // To sign is to divide by the private key and 1.
    let is_last: bool = (*key.to_nonzero_scalar() + Scalar::ONE).is_zero().into();
    if is_last { Err(Error::Sm2PrivateKey) } else { Ok(key) }
}

/// A public key's point. The crate checks that it is on the curve and not the one at infinity.
fn point(public_key: &[u8]) -> Result<PublicKey> {
    // SEC 1, section 2.3.3: compressed or not. The crate knows other forms as well.
    let key = match public_key {
        [2..=4, ..] => PublicKey::from_sec1_bytes(public_key).ok(),
        _ => None,
    };
    key.ok_or(Error::Sm2PublicKey)
}
