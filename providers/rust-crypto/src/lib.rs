//! The primitives of [PocketKMS](https://docs.rs/pocketkms) in pure Rust, by the crates of the RustCrypto project: for every
//! target, with and without std.

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod aead;
mod curves;
mod hashes;
mod password;
mod random;
pub mod rsa;

/// The implementation of every trait of `pocketkms_primitives` but those of randomness and threads. It has no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;
