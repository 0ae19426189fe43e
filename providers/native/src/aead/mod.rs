//! AES-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag.
//!
//! Two libraries share the work, chosen by measurement: `benches/benches/libraries.rs`, AES-256-GCM over 64 KiB with a
//! prepared key, seal / open in GB/s on one core:
//!
//! | Processor                         | aws-lc-rs   | ring      | graviola   | aes-gcm   |
//! |-----------------------------------|-------------|-----------|------------|-----------|
//! | with VAES and AVX-512             | 10.6 / 10.6 | 8.9 / 9.6 | 8.6 / 10.3 | 2.6 / 2.6 |
//! | the same one with AVX-512 hidden  |   4.6 / 4.6 | 8.9 / 9.6 | -          | -         |
//!
//! So it is AWS-LC where it uses AVX-512, and *ring* on every other x86-64 processor: those with VAES and without AVX-512
//! (AMD's Zen 3, Intel's desktops since 2021) gain a factor of two. Other architectures have AWS-LC alone, which has newer
//! code for them than *ring*. AES-192, which *ring* lacks, is AWS-LC's everywhere. graviola would come close with either
//! instruction set, but has no AES-192, no larger curve than P-384 and no RSA decryption, and panics on processors that lack
//! what it needs.

mod aws_lc;
#[cfg(target_arch = "x86_64")]
mod ring;

use crate::Native;
use pocketkms_primitives::{
    Aead, AeadKey, AuthenticationFailed, Error, NONCE_LENGTH, Result, TAG_LENGTH, stack::clear_after,
};

/// Who computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// AWS-LC, through `aws-lc-rs`.
    AwsLc,
    /// *ring*, which computes for x86-64 alone here.
    #[cfg(target_arch = "x86_64")]
    Ring,
}

impl Library {
    /// All that this program has.
    pub const ALL: &[Self] = &[
        Self::AwsLc,
        #[cfg(target_arch = "x86_64")]
        Self::Ring,
    ];

    /// The fastest on this processor.
    pub fn fastest() -> Self {
        #[cfg(target_arch = "x86_64")]
        if !aws_lc::has_wide_vectors() {
            return Self::Ring;
        }
        Self::AwsLc
    }
}

impl Aead for Native {
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        Library::fastest().key(key)
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        Library::fastest().seal(key, nonce, aad, data)
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        Library::fastest().open(key, nonce, aad, data, tag)
    }
}

/// One library for itself; AES-192 is AWS-LC's in either.
impl Aead for Library {
    fn key(&self, key: &[u8]) -> Result<Box<dyn AeadKey>> {
        // The key schedule is made on the stack, and moved: nothing but the pointer to it may leave.
        clear_after(|| Ok(Box::new(Key::new(*self, key)?) as Box<dyn AeadKey>))
    }

    fn seal(&self, key: &[u8], nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        Key::new(*self, key)?.seal(nonce, aad, data)
    }

    fn open(
        &self,
        key: &[u8],
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        Key::new(*self, key).map_err(|_| AuthenticationFailed)?.open(nonce, aad, data, tag)
    }
}

/// A prepared key. It lies on the heap, wherever this is moved, and is wiped on drop.
enum Key {
    AwsLc(aws_lc::Key),
    #[cfg(target_arch = "x86_64")]
    Ring(ring::Key),
}

impl Key {
    /// The stack may keep traces of it.
    fn new(library: Library, key: &[u8]) -> Result<Self> {
        Ok(match library {
            #[cfg(target_arch = "x86_64")]
            Library::Ring if key.len() != 24 => Self::Ring(ring::Key::new(key)?),
            _ => Self::AwsLc(aws_lc::Key::new(key)?),
        })
    }
}

/// Runs the same body with the key of either library.
macro_rules! with_key {
    ($prepared:expr, $key:ident => $body:expr) => {
        match $prepared {
            Key::AwsLc($key) => $body,
            #[cfg(target_arch = "x86_64")]
            Key::Ring($key) => $body,
        }
    };
}

impl AeadKey for Key {
    fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH]> {
        with_key!(self, key => key.seal(nonce, aad, data))
    }

    fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), AuthenticationFailed> {
        let opened = with_key!(self, key => key.open(nonce, aad, data, tag));
        opened.inspect_err(|_| data.fill(0))
    }

    fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH]> {
        if plaintext.len() != ciphertext.len() {
            return Err(Error::BufferLength);
        }
        with_key!(self, key => key.seal_into(nonce, aad, plaintext, ciphertext))
    }

    fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), AuthenticationFailed> {
        if plaintext.len() != ciphertext.len() {
            return Err(AuthenticationFailed);
        }
        let opened = with_key!(self, key => key.open_into(nonce, aad, ciphertext, tag, plaintext));
        opened.inspect_err(|_| plaintext.fill(0))
    }
}
