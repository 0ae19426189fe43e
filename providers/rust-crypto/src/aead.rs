//! AES-GCM.

use crate::RustCrypto;
use aes_gcm::{
    Aes128Gcm, Aes256Gcm, AesGcm, KeyInit,
    aead::{
        AeadInOut,
        consts::{U12, U16},
    },
    aes::Aes192,
};
use alloc::boxed::Box;
use pocketkms_primitives::{
    Aead, AeadKey, AuthenticationFailed, Error, NONCE_LENGTH, Result, TAG_LENGTH, stack::clear_after,
};

type Aes192Gcm = AesGcm<Aes192, U12>;

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
        // The key schedule was on the stack before it moved to the heap.
        clear_after(|| {
            with_cipher!(
                key,
                cipher => Ok(Box::new(PreparedCipher(cipher)) as Box<dyn AeadKey>),
                else Err(Error::AesKey)
            )
        })
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        with_cipher!(
            key,
            cipher => cipher
                .encrypt_inout_detached(nonce.into(), aad, data.into())
                .map(Into::into)
                .map_err(|_| Error::AeadLength),
            else Err(Error::AesKey)
        )
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        with_cipher!(
            key,
            cipher => cipher
                .decrypt_inout_detached(nonce.into(), aad, data.into(), tag.into())
                .map_err(|_| AuthenticationFailed),
            else Err(AuthenticationFailed)
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
        clear_after(|| self.0.encrypt_inout_detached(nonce.into(), aad, data.into()))
            .map(Into::into)
            .map_err(|_| Error::AeadLength)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        clear_after(|| self.0.decrypt_inout_detached(nonce.into(), aad, data.into(), tag.into()))
            .map_err(|_| AuthenticationFailed)
    }
}
