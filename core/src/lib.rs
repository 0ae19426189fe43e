//! AWS KMS as a library.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod api;
mod clock;
mod context;
mod crypto;
mod error;
#[cfg(feature = "uniffi")]
mod foreign;
mod key;
mod secret;
pub mod shape;
mod sync;

pub use secret::Secret;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();
