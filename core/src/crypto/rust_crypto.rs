//! The provider made of the RustCrypto project's crates.

use super::{
    Aead, AeadKey, Argon2Cost, Curve, Digest, EllipticCurves, Hash, Hasher, Kdf, Mac, MacKey, NONCE_LENGTH,
    PasswordHash, Random, Rsa, RsaPrivateKey, RsaPublicKey, TAG_LENGTH, Unauthentic,
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use aes_gcm::{
    Aes128Gcm, Aes256Gcm, AesGcm, KeyInit,
    aead::{
        AeadInOut,
        consts::{U12, U16},
    },
    aes::Aes192,
};
use alloc::{boxed::Box, vec::Vec};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use hkdf::Hkdf;
use hmac::Hmac;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroize;

type Aes192Gcm = AesGcm<Aes192, U12>;

/// The implementation of every trait of [`crypto`](super). It has no state.
pub(super) struct RustCrypto;

/// Runs the same body for the cipher that fits the key's length.
macro_rules! with_cipher {
    ($key:expr, $cipher:ident => $body:expr, else $other:expr) => {
        match $key.len() {
            16 => Aes128Gcm::new_from_slice($key).ok().map_or_else(|| $other, |$cipher| $body),
            24 => Aes192Gcm::new_from_slice($key).ok().map_or_else(|| $other, |$cipher| $body),
            32 => Aes256Gcm::new_from_slice($key).ok().map_or_else(|| $other, |$cipher| $body),
            _ => $other,
        }
    };
}

impl Aead for RustCrypto {
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        with_cipher!(
            key,
            cipher => Ok(Box::new(PreparedCipher(cipher)) as Box<dyn AeadKey>),
            else Err(internal("an AES key has 16, 24 or 32 bytes"))
        )
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        with_cipher!(
            key,
            cipher => cipher
                .encrypt_inout_detached(nonce.into(), aad, data.into())
                .map(Into::into)
                .map_err(|_| internal("AES-GCM takes at most 64 GiB")),
            else Err(internal("an AES key has 16, 24 or 32 bytes"))
        )
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        with_cipher!(
            key,
            cipher => cipher
                .decrypt_inout_detached(nonce.into(), aad, data.into(), tag.into())
                .map_err(|_| Unauthentic),
            else Err(Unauthentic)
        )
    }
}

/// A cipher with its key schedule computed. Its crate wipes it on drop.
struct PreparedCipher<C>(C);

impl<C> AeadKey for PreparedCipher<C>
where
    C: AeadInOut<NonceSize = U12, TagSize = U16> + Send + Sync,
{
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        self.0
            .encrypt_inout_detached(nonce.into(), aad, data.into())
            .map(Into::into)
            .map_err(|_| internal("AES-GCM takes at most 64 GiB"))
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        self.0.decrypt_inout_detached(nonce.into(), aad, data.into(), tag.into()).map_err(|_| Unauthentic)
    }
}

impl Digest for RustCrypto {
    fn sha256(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        hash.finalize().into()
    }

    fn start(&self, hash: Hash) -> Box<dyn Hasher> {
        match hash {
            Hash::Sha224 => Box::new(Hashing(Sha224::new())),
            Hash::Sha256 => Box::new(Hashing(Sha256::new())),
            Hash::Sha384 => Box::new(Hashing(Sha384::new())),
            Hash::Sha512 => Box::new(Hashing(Sha512::new())),
        }
    }
}

/// A hash under way.
struct Hashing<D>(D);

impl<D: sha2::Digest + Send + Sync> Hasher for Hashing<D> {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(self: Box<Self>) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

/// HMAC with the key's two hash states computed. Its crate wipes them on drop.
struct Prepared<M>(M);

impl<M: hmac::Mac + Clone + Send + Sync> MacKey for Prepared<M> {
    fn mac(&self, parts: &[&[u8]], out: &mut [u8]) {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        let full = mac.finalize().into_bytes();
        for (out, byte) in out.iter_mut().zip(full) {
            *out = byte;
        }
    }
}

impl Mac for RustCrypto {
    fn key(&self, hash: Hash, key: &[u8]) -> Box<dyn MacKey> {
        macro_rules! prepare {
            ($hash:ty) => {
                Box::new(Prepared(<Hmac<$hash> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes any key")))
            };
        }
        // RFC 2104: a key of any length is a key. The crate's constructor fails only in other MACs.
        match hash {
            Hash::Sha224 => prepare!(Sha224),
            Hash::Sha256 => prepare!(Sha256),
            Hash::Sha384 => prepare!(Sha384),
            Hash::Sha512 => prepare!(Sha512),
        }
    }
}

impl Kdf for RustCrypto {
    fn hkdf(&self, hash: Hash, secret: &[u8], salt: &[u8], info: &[u8], out: &mut [u8]) -> Result<()> {
        match hash {
            Hash::Sha224 => Hkdf::<Sha224>::new(Some(salt), secret).expand(info, out),
            Hash::Sha256 => Hkdf::<Sha256>::new(Some(salt), secret).expand(info, out),
            Hash::Sha384 => Hkdf::<Sha384>::new(Some(salt), secret).expand(info, out),
            Hash::Sha512 => Hkdf::<Sha512>::new(Some(salt), secret).expand(info, out),
        }
        .map_err(|_| internal("HKDF gives at most 255 times the hash's length"))
    }
}

impl PasswordHash for RustCrypto {
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost) -> Result<SecretArray<32>> {
        let Argon2Cost { memory_kib, passes, lanes } = cost.checked()?;
        let refused = |_| internal("Argon2id refuses these parameters");
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(refused)?;
        // Our own memory, so that it can be wiped: it is a function of the passphrase. Its size may come from a file's
        // header, so that there may be too little of it.
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| internal("there is too little memory for the passphrase's Argon2id cost"))?;
        memory.resize(params.block_count(), Block::default());
        let mut key = SecretArray::zeroed();
        let result = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            passphrase,
            salt,
            key.expose_mut(),
            &mut memory,
        );
        memory.iter_mut().for_each(Zeroize::zeroize);
        result.map_err(refused).map(|()| key)
    }
}

/// The operating system's entropy; in a browser, `crypto.getRandomValues`.
#[cfg(feature = "getrandom")]
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRandom;

#[cfg(feature = "getrandom")]
impl super::Random for OsRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), super::EntropyError> {
        getrandom::fill(bytes).map_err(|_| super::EntropyError)
    }
}

fn internal(message: &str) -> Error {
    Error::new(ErrorKind::KmsInternal, message)
}

impl EllipticCurves for RustCrypto {
    fn generate(&self, _: Curve, _: &dyn Random) -> Result<Secret> {
        Err(internal("not yet"))
    }
    fn public_key(&self, _: Curve, _: &Secret) -> Result<Vec<u8>> {
        Err(internal("not yet"))
    }
    fn compress(&self, _: Curve, _: &[u8]) -> Result<Vec<u8>> {
        Err(internal("not yet"))
    }
    fn agree(&self, _: Curve, _: &Secret, _: &[u8]) -> Result<Secret> {
        Err(internal("not yet"))
    }
    fn sign(&self, _: Curve, _: &Secret, _: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        Err(internal("not yet"))
    }
    fn verify(&self, _: Curve, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), Unauthentic> {
        Err(Unauthentic)
    }
}

impl Rsa for RustCrypto {
    fn public_key(&self, _: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        Err(internal("not yet"))
    }
    fn private_key(&self, _: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        Err(internal("not yet"))
    }
}
