//! AES-GCM of *ring*.

use pocketkms_primitives::{AeadKey, AuthenticationFailed, Error, NONCE_LENGTH, Result, TAG_LENGTH};
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use std::{hint::black_box, sync::LazyLock};

/// A prepared key.
pub(super) struct Key(Box<LessSafeKey>);

impl Key {
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let algorithm = match key.len() {
            16 => &AES_128_GCM,
            32 => &AES_256_GCM,
            _ => return Err(Error::AesKey),
        };
        UnboundKey::new(algorithm, key).map(|key| Self(Box::new(LessSafeKey::new(key)))).map_err(|_| Error::AesKey)
    }
}

/// *ring* works in place only, so that the rest is as the trait has it.
impl AeadKey for Key {
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let tag = self.0.seal_in_place_separate_tag(nonce, Aad::from(aad), data).map_err(|_| Error::AeadLength)?;
        tag.as_ref().try_into().map_err(|_| Error::AeadLength)
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place_separate_tag(nonce, Aad::from(aad), (*tag).into(), data, 0..);
        opened.map(drop).map_err(|_| AuthenticationFailed)
    }
}

/// *ring* wipes no keys. So a public key takes the secret one's place, to the last byte: that of AES-256 is as long as
/// any, since all have one type.
impl Drop for Key {
    fn drop(&mut self) {
        static NO_SECRET: LazyLock<Option<Key>> = LazyLock::new(|| Key::new(&[0; 32]).ok());
        if let Some(Self(public)) = &*NO_SECRET {
            self.0.clone_from(public);
        }
        // The bytes must be written, since for all that the compiler knows someone looks at them.
        black_box(&mut self.0);
    }
}
