//! AWS KMS as a library: the same concepts, the same API, the same errors, in this process.
//!
//! ```
//! use pocketkms::{Kms, RootKey, api::*};
//!
//! # fn main() -> pocketkms::Result<()> {
//! // A vault in memory. The root key opens it: 32 random bytes, or a passphrase.
//! let root = RootKey::from_bytes(&[7; 32])?;
//! let kms = Kms::builder().create(&root)?;
//!
//! // A customer master key, and a name for it.
//! let key = kms.create_key(CreateKeyRequest::default())?.key_metadata;
//! kms.create_alias(CreateAliasRequest { alias_name: "alias/orders".into(), target_key_id: key.key_id })?;
//!
//! // Up to 4,096 bytes are encrypted directly; the context must be given again to decrypt.
//! let context = Some([("order", "4711")].into());
//! let encrypted = kms.encrypt(EncryptRequest {
//!     key_id: "alias/orders".into(),
//!     plaintext: b"card 4242".to_vec().into(),
//!     encryption_context: context.clone(),
//!     ..Default::default()
//! })?;
//!
//! // The whole vault as one sealed file. It opens on every platform.
//! let snapshot = kms.snapshot()?;
//! let elsewhere = Kms::builder().open_snapshot(&snapshot, &root)?;
//! let decrypted = elsewhere.decrypt(DecryptRequest {
//!     ciphertext_blob: Some(encrypted.ciphertext_blob),
//!     encryption_context: context,
//!     ..Default::default()
//! })?;
//! assert_eq!(decrypted.plaintext.expose(), b"card 4242");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Kms`] is the door: a method per operation. [`api`] has the requests and responses, named as in AWS's service
//!   model.
//! - [`Error`] carries AWS's exception name and message, which are its text, and an explanation for the developer of this process
//!   as a member ([`Error::report`] is all of it).
//! - Time is passed in: with a [`ManualClock`] a test turns a year and sees a key rotate.
//! - A [`Store`] keeps the sealed records; [`MemoryStore`] with [`Kms::snapshot`] is the simplest.
//! - [`Provider`] has the cryptographic primitives, each of which can be replaced.
//!
//! The crate is `no_std` (with `alloc`) without its default features, contains no `unsafe`, and does no I/O.

#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// In the order of the layers: a module uses those above it, and never one below (scripts/check-layers).
mod error;
mod secret;
mod sync;

mod clock;
pub mod shape;

mod context;
mod crypto;

mod key;

pub mod api;

mod blob;
pub mod envelope;

mod access;

mod store;

mod ops;

mod kms;

mod wire;

#[cfg(feature = "uniffi")]
mod foreign;

/// Calling KMS.
pub use {
    access::Caller,
    context::EncryptionContext,
    kms::{Kms, KmsBuilder},
    shape::MAX_CONTEXT_BYTES,
    store::RootKey,
    wire::WireResponse,
};

/// Errors and secrets.
pub use {
    error::{Error, ErrorKind, Origin, Result, Untrusted},
    secret::{Secret, SecretArray},
};

/// Time.
#[cfg(feature = "std")]
pub use clock::SystemClock;
pub use clock::{Clock, ClockTrust, ManualClock, TIMESTAMP, Timestamp};

/// Bringing your own store.
pub use store::{Change, CommitError, DamagedRecord, Effect, MemoryStore, Record, Sealed, Store, StoreError};

/// Bringing your own cryptography.
#[cfg(feature = "getrandom")]
pub use crypto::OsRandom;
pub use crypto::{
    Aead, AeadKey, Argon2Cost, Curve, Digest, EllipticCurves, EntropyError, Executor, Expansion, Hash, Hasher, Kdf,
    Mac, MacKey, NONCE_LENGTH, OaepHash, PasswordHash, Provider, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    TAG_LENGTH, Unauthentic, Work,
};

/// The properties and names of keys.
pub mod keys {
    pub use crate::key::{
        AccountId, Arn, BranchKeyVersion, CustomerMasterKeySpec, DataKeySpec, EncapsulationAlgorithmSpec,
        EncryptionAlgorithmSpec, ExpirationModelType, ImportState, KeyAgreementAlgorithmSpec, KeyId, KeyManagerType,
        KeyMaterialState, KeySpec, KeyState, KeyUsageType, MacAlgorithmSpec, MaterialId, MultiRegionKeyType,
        OriginType, Region, RotationType, SigningAlgorithmSpec,
    };
}

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();

/// Runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
