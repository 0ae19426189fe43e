//! AES-GCM of AWS-LC.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use pocketkms_primitives::{AeadKey, AuthenticationFailed, Error, NONCE_LENGTH, Result, TAG_LENGTH};

/// A prepared key. AWS-LC has it on its heap, and wipes all that it frees.
pub(super) struct Key(LessSafeKey);

impl Key {
    pub(super) fn new(key: &[u8]) -> Result<Self> {
        let algorithm = match key.len() {
            16 => &AES_128_GCM,
            24 => &AES_192_GCM,
            32 => &AES_256_GCM,
            _ => return Err(Error::AesKey),
        };
        UnboundKey::new(algorithm, key).map(|key| Self(LessSafeKey::new(key))).map_err(|_| Error::AesKey)
    }
}

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
        self.0.open_in_place_separate_tag(nonce, Aad::from(aad), tag, data).map(drop).map_err(|_| AuthenticationFailed)
    }

    /// Spares the copy: a fifth of the time.
    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let mut tag = [0; TAG_LENGTH];
        self.0
            .seal_out_of_place_scatter(nonce, Aad::from(aad), plaintext, ciphertext, &[], &mut tag)
            .map(|()| tag)
            .map_err(|_| Error::AeadLength)
    }

    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), AuthenticationFailed> {
        let nonce = Nonce::assume_unique_for_key(*nonce);
        self.0.open_separate_gather(nonce, Aad::from(aad), ciphertext, tag, plaintext).map_err(|_| AuthenticationFailed)
    }
}

/// Whether AWS-LC has code for the vectors of this processor: where its `crypto_gcm_avx512_enabled` says so.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_wide_vectors() -> bool {
    cfg!(not(any(windows, target_vendor = "apple")))
        && is_x86_feature_detected!("vaes")
        && is_x86_feature_detected!("vpclmulqdq")
        && is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512ifma")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
}
