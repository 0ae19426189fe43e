//! Fast primitives for machines with an operating system: what [PocketKMS](https://docs.rs/pocketkms) uses by default.
//!
//! - [`aead`]: AES-GCM, by the library that is fastest on the processor at hand.
//! - [`curves`]: ECDSA and ECDH.
//! - [`rsa`]: RSA encryption.
//! - [`threads`]: independent work, shared between processors.
//!
//! Plain primitives only: no word of a KMS is known here. Whatever a measurement showed to be no faster than in pure
//! Rust is not here at all; PocketKMS takes it from the crates of RustCrypto.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub mod aead;
pub mod curves;
pub mod rsa;
pub mod threads;

use std::{error, fmt};

/// A key, a length or a tag is not right; what was computed of it is gone. Which one it is, is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl error::Error for Refused {}
