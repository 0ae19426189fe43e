//! AES-GCM.

use super::Native;
use crate::{
    crypto::{Aead, AeadKey, NONCE_LENGTH, TAG_LENGTH, Unauthentic, clear_after},
    error::{Error, ErrorKind, Result},
};
use alloc::boxed::Box;
use pocketkms_native::{Refused, aead::Key};

impl Aead for Native {
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        // The key schedule is made on the stack, and moved: nothing but the pointer to it may leave.
        clear_after(|| Key::new(key).map(|key| Box::new(key) as Box<dyn AeadKey>)).map_err(|Refused| wrong_length())
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        AeadKey::seal(&Key::new(key).map_err(|Refused| wrong_length())?, nonce, aad, data)
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        AeadKey::open(&Key::new(key).map_err(|Refused| Unauthentic)?, nonce, aad, data, tag)
    }
}

impl AeadKey for Key {
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        self.seal(nonce, aad, data).map_err(|Refused| too_long())
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Unauthentic> {
        self.open(nonce, aad, data, tag).map_err(|Refused| Unauthentic)
    }

    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        self.seal_into(nonce, aad, plaintext, ciphertext).map_err(|Refused| too_long())
    }

    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), Unauthentic> {
        self.open_into(nonce, aad, ciphertext, tag, plaintext).map_err(|Refused| Unauthentic)
    }
}

fn wrong_length() -> Error {
    Error::new(ErrorKind::KmsInternal, "an AES key has 16, 24 or 32 bytes")
}

fn too_long() -> Error {
    Error::new(ErrorKind::KmsInternal, "AES-GCM takes at most 64 GiB")
}
