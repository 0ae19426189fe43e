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

use crate::Refused;

/// The length of a nonce in bytes.
pub const NONCE_LENGTH: usize = 12;
/// The length of a tag in bytes.
pub const TAG_LENGTH: usize = 16;

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

/// A prepared key. It lies on the heap, whoever moves this, and is wiped on drop.
pub struct Key(Prepared);

enum Prepared {
    AwsLc(aws_lc::Key),
    #[cfg(target_arch = "x86_64")]
    Ring(ring::Key),
}

/// Runs the same body with the key of either library.
macro_rules! with_key {
    ($prepared:expr, $key:ident => $body:expr) => {
        match $prepared {
            Prepared::AwsLc($key) => $body,
            #[cfg(target_arch = "x86_64")]
            Prepared::Ring($key) => $body,
        }
    };
}

impl Key {
    /// Prepares a key of 16, 24 or 32 bytes with the fastest library. The stack may keep traces of it.
    pub fn new(key: &[u8]) -> Result<Self, Refused> {
        Self::with(Library::fastest(), key)
    }

    /// Prepares a key with one library; AES-192 is AWS-LC's whatever is asked for.
    pub fn with(library: Library, key: &[u8]) -> Result<Self, Refused> {
        Ok(Self(match library {
            #[cfg(target_arch = "x86_64")]
            Library::Ring if key.len() != 24 => Prepared::Ring(ring::Key::new(key)?),
            _ => Prepared::AwsLc(aws_lc::Key::new(key)?),
        }))
    }

    /// Encrypts `data` in place and returns its tag. Fails for more than 64 GiB.
    pub fn seal(&self, nonce: &[u8; NONCE_LENGTH], aad: &[u8], data: &mut [u8]) -> Result<[u8; TAG_LENGTH], Refused> {
        with_key!(&self.0, key => key.seal(nonce, aad, data))
    }

    /// Decrypts `data` in place, if the tag matches. Otherwise `data` is zero afterwards.
    pub fn open(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        data: &mut [u8],
        tag: &[u8; TAG_LENGTH],
    ) -> Result<(), Refused> {
        let opened = with_key!(&self.0, key => key.open(nonce, aad, data, tag));
        opened.inspect_err(|_| data.fill(0))
    }

    /// Encrypts from one buffer into another of the same length, and returns the tag.
    pub fn seal_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        plaintext: &[u8],
        ciphertext: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], Refused> {
        if plaintext.len() != ciphertext.len() {
            return Err(Refused);
        }
        with_key!(&self.0, key => key.seal_into(nonce, aad, plaintext, ciphertext))
    }

    /// Decrypts from one buffer into another of the same length, if the tag matches. Otherwise `plaintext` is zero
    /// afterwards.
    pub fn open_into(
        &self,
        nonce: &[u8; NONCE_LENGTH],
        aad: &[u8],
        ciphertext: &[u8],
        tag: &[u8; TAG_LENGTH],
        plaintext: &mut [u8],
    ) -> Result<(), Refused> {
        if plaintext.len() != ciphertext.len() {
            return Err(Refused);
        }
        let opened = with_key!(&self.0, key => key.open_into(nonce, aad, ciphertext, tag, plaintext));
        opened.inspect_err(|_| plaintext.fill(0))
    }
}
