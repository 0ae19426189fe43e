//! The libraries of AES-256-GCM among which `pocketkms-native` chose, behind one face.

use aes_gcm::{Aes256Gcm, KeyInit, aead::AeadInOut};
use std::hint::black_box;

/// A prepared key: `seal` and `open` work in place, and the bench gives the nonce.
pub trait Cipher {
    /// Encrypts in place and returns the tag.
    fn seal(&self, nonce: [u8; 12], data: &mut [u8]) -> [u8; 16];

    /// Decrypts in place.
    fn open(&self, nonce: [u8; 12], data: &mut [u8], tag: &[u8; 16]) -> bool;
}

/// A library: its name, and how it prepares a key.
pub struct Candidate {
    /// The crate's name.
    pub name: &'static str,
    /// Prepares a key.
    pub key: fn(&[u8; 32]) -> Box<dyn Cipher>,
}

/// All candidates that this processor supports.
pub fn candidates() -> Vec<Candidate> {
    let mut candidates = vec![
        Candidate { name: "aws-lc-rs", key: aws_lc },
        Candidate { name: "ring", key: ring },
        Candidate { name: "aes-gcm", key: |key| Box::new(Aes256Gcm::new(key.into())) },
    ];
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    if graviola::util::is_cpu_supported() {
        candidates.push(Candidate { name: "graviola", key: |key| Box::new(graviola::aead::AesGcm::new(key)) });
    }
    candidates
}

impl Cipher for Aes256Gcm {
    fn seal(&self, nonce: [u8; 12], data: &mut [u8]) -> [u8; 16] {
        self.encrypt_inout_detached(&nonce.into(), &[], data.into()).expect("short enough").into()
    }

    fn open(&self, nonce: [u8; 12], data: &mut [u8], tag: &[u8; 16]) -> bool {
        self.decrypt_inout_detached(&nonce.into(), &[], data.into(), tag.into()).is_ok()
    }
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
impl Cipher for graviola::aead::AesGcm {
    fn seal(&self, nonce: [u8; 12], data: &mut [u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        self.encrypt(&nonce, &[], data, &mut tag);
        tag
    }

    fn open(&self, nonce: [u8; 12], data: &mut [u8], tag: &[u8; 16]) -> bool {
        self.decrypt(&nonce, &[], data, tag).is_ok()
    }
}

/// The prepared key of `aws-lc-rs`; public, because its calls out of place are measured, too.
pub struct AwsLc(aws_lc_rs::aead::LessSafeKey);

fn aws_lc(key: &[u8; 32]) -> Box<dyn Cipher> {
    Box::new(AwsLc::new(key))
}

impl AwsLc {
    /// Prepares a key.
    pub fn new(key: &[u8; 32]) -> Self {
        use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
        Self(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, black_box(key)).expect("32 bytes")))
    }

    /// Encrypts from one buffer into another.
    pub fn seal_into(&self, nonce: [u8; 12], plaintext: &[u8], ciphertext: &mut [u8]) -> [u8; 16] {
        use aws_lc_rs::aead::{Aad, Nonce};
        let mut tag = [0; 16];
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_out_of_place_scatter(nonce, Aad::empty(), plaintext, ciphertext, &[], &mut tag)
            .expect("short enough");
        tag
    }

    /// Decrypts from one buffer into another.
    pub fn open_into(&self, nonce: [u8; 12], ciphertext: &[u8], tag: &[u8; 16], plaintext: &mut [u8]) -> bool {
        use aws_lc_rs::aead::{Aad, Nonce};
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.open_separate_gather(nonce, Aad::empty(), ciphertext, tag, plaintext).is_ok()
    }
}

/// The same API twice: `aws-lc-rs` took over that of `ring`.
macro_rules! like_ring {
    ($library:ident, $key:ty, |$this:ident| $inner:expr) => {
        impl Cipher for $key {
            fn seal(&self, nonce: [u8; 12], data: &mut [u8]) -> [u8; 16] {
                let ($this, nonce) = (self, $library::aead::Nonce::assume_unique_for_key(nonce));
                let tag = $inner.seal_in_place_separate_tag(nonce, $library::aead::Aad::empty(), data);
                tag.expect("short enough").as_ref().try_into().expect("16 bytes")
            }

            fn open(&self, nonce: [u8; 12], data: &mut [u8], tag: &[u8; 16]) -> bool {
                let ($this, nonce) = (self, $library::aead::Nonce::assume_unique_for_key(nonce));
                like_ring!(@open $library, $inner, nonce, data, tag)
            }
        }
    };
    (@open aws_lc_rs, $inner:expr, $nonce:ident, $data:ident, $tag:ident) => {
        $inner.open_in_place_separate_tag($nonce, aws_lc_rs::aead::Aad::empty(), $tag, $data).is_ok()
    };
    (@open ring, $inner:expr, $nonce:ident, $data:ident, $tag:ident) => {
        $inner.open_in_place_separate_tag($nonce, ring::aead::Aad::empty(), (*$tag).into(), $data, 0..).is_ok()
    };
}

like_ring!(aws_lc_rs, AwsLc, |this| this.0);
like_ring!(ring, ring::aead::LessSafeKey, |this| this);

fn ring(key: &[u8; 32]) -> Box<dyn Cipher> {
    use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
    Box::new(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, black_box(key)).expect("32 bytes")))
}
