//! The provider made of the RustCrypto project's crates.

mod aead;
pub(super) mod curves;
mod hashes;
mod password;
mod random;
pub(super) mod rsa;

#[cfg(feature = "getrandom")]
pub use random::OsRandom;

use crate::error::{Error, ErrorKind};

/// The implementation of every trait of [`crypto`](super). It has no state.
pub(super) struct RustCrypto;

fn internal(message: &str) -> Error {
    Error::new(ErrorKind::KmsInternal, message)
}
