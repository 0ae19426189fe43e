//! Fast primitives for machines with an operating system: what [PocketKMS](https://docs.rs/pocketkms) uses by default.
//!
//! [`Native`] implements the traits of `pocketkms_primitives` for AES-GCM, by the library that is fastest on the processor at
//! hand, for elliptic curves, for Ed25519, for ML-DSA, for RSA, and for work that is shared between threads. Whatever a measurement showed to be no
//! faster than in pure Rust is not here at all: it comes from `pocketkms_rust_crypto`.
//!
//! Keys are made with the source of randomness that is passed in, but for those of RSA. For their primes, the nonces,
//! salts and hedges of signatures, the seeds of OAEP and the blinding of RSA, AWS-LC has a generator of its own, which the operating
//! system seeds and which notices a fork.

#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod aead;
mod curves;
mod edwards;
mod ml_dsa;
mod rsa;
mod threads;

pub use aead::Library;

/// The implementation of the traits. It has no state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Native;
