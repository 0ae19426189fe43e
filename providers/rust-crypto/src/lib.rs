//! The primitives of [PocketKMS](https://docs.rs/pocketkms) in pure Rust, by the crates of the RustCrypto project: for every
//! target, with and without std. The feature `asymmetric`, on by default, is for elliptic curves, Ed25519, SM2, lattices and RSA.

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod aead;
mod cbc;
#[cfg(feature = "asymmetric")]
mod curves;
#[cfg(feature = "asymmetric")]
mod edwards;
mod hashes;
mod key_wrap;
#[cfg(feature = "asymmetric")]
mod ml_dsa;
#[cfg(feature = "asymmetric")]
mod ml_kem;
mod password;
#[cfg(feature = "asymmetric")]
mod random;
#[cfg(feature = "asymmetric")]
pub mod rsa;
#[cfg(feature = "asymmetric")]
mod sm2;

/// The implementation of every trait of `pocketkms_primitives` but those of randomness and threads, and without the feature
/// `asymmetric` those of elliptic curves, Ed25519, SM2, lattices and RSA. It has no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;
