//! Cryptographic primitives as traits over plain slices: what [PocketKMS](https://docs.rs/pocketkms) stands on.
//!
//! Each trait is one primitive, and can be implemented and replaced without the others. The caller wipes the secrets that
//! it gets in its own buffers; the implementation wipes what it computed with, on the heap when it drops it and on the
//! stack with [`stack`].

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;

mod aead;
mod algorithms;
mod asymmetric;
mod cbc;
mod curves;
mod edwards;
mod error;
mod executor;
mod hash;
mod key_wrap;
mod lattices;
mod password;
mod random;
mod rsa;
mod runs;
mod sm2;
pub mod stack;

pub use aead::{Aead, AeadKey, NONCE_LENGTH, TAG_LENGTH};
pub use algorithms::{
    Argon2Cost, Curve, Ed25519Mode, Hash, MlDsaMessage, MlDsaSet, MlKemSet, OaepHash, RsaPadding, RsaScheme, Sm2Message,
};
pub use asymmetric::Asymmetric;
pub use cbc::Cbc;
pub use curves::EllipticCurves;
pub use edwards::{Ed25519, Ed25519PrivateKey};
pub use error::{AuthenticationFailed, EntropyError, Error, Result};
pub use executor::{Executor, Sequential, Work};
pub use hash::{Digest, Expansion, Hasher, Kdf, Mac, MacKey};
pub use key_wrap::KeyWrap;
pub use lattices::{MlDsa, MlDsaPrivateKey, MlKem, MlKemPrivateKey};
pub use password::PasswordHash;
pub use random::Random;
pub use rsa::{Rsa, RsaPrivateKey, RsaPublicKey};
pub use runs::{Once, Runs};
pub use sm2::Sm2;
