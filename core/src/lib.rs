//! AWS KMS as a library: the same concepts, the same API, the same errors, in this process.
//!
//! ```
//! use pocketkms::{RootKey, Vault, api::*};
//!
//! # fn main() -> pocketkms::Result<()> {
//! // A vault in memory. The root key opens it: 32 random bytes, or a passphrase.
//! let root = RootKey::from_bytes(&[7; 32])?;
//! let vault = Vault::builder().create_in_memory(&root)?;
//! let kms = vault.client();
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
//! let snapshot = vault.snapshot()?;
//! let elsewhere = Vault::builder().open_snapshot(&snapshot, &root)?;
//! let decrypted = elsewhere.client().decrypt(DecryptRequest {
//!     ciphertext_blob: Some(encrypted.ciphertext_blob),
//!     encryption_context: context,
//!     ..Default::default()
//! })?;
//! assert_eq!(decrypted.plaintext.expose(), b"card 4242");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Vault`] is for the app that keeps the keys: it makes, opens and saves them, and gives a client to each caller.
//! - [`Kms`] is such a client: a method per operation. [`api`] has the requests and responses, named as in AWS's service
//!   model.
//! - [`Error`] carries AWS's exception name and message, which are its text, and an explanation for the developer of this process
//!   as a member ([`Error::report`] is all of it).
//! - Time is passed in: with a [`ManualClock`] a test turns a year and sees a key rotate.
//! - A [`Store`] keeps the sealed records; [`MemoryStore`] with [`Vault::snapshot`] is the simplest.
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

mod attestation;

mod key;

pub mod api;

mod key_store;

mod blob;
pub mod envelope;

mod access;

mod audit;

mod store;

mod billing;
mod quota;

mod ops;

mod kms;

mod wire;

#[cfg(feature = "uniffi")]
mod foreign;

// Calling KMS.
pub use {
    access::{Caller, Principal, PrincipalKind},
    context::EncryptionContext,
    kms::{Kms, Vault, VaultBuilder, WeakVault},
    shape::MAX_CONTEXT_BYTES,
    store::{ClockTrust, KeyWrapper, RecoveryKey, RootKey, RootKeyInfo, RootKeyKind},
    wire::{WireResponse, from_json, to_json},
};

// The audit trail.
pub use audit::{Audit, AuditProblem, AuditProblemKind, AuditReport};

// Errors and secrets.
pub use {
    api::ErrorCategory,
    error::{Attempt, Error, ErrorKind, Origin, Result, Untrusted},
    secret::{Secret, SecretArray, SecretText},
};

// Time.
#[cfg(feature = "std")]
pub use clock::SystemClock;
#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
pub use clock::SystemMonotonic;
pub use clock::{Clock, ManualClock, Monotonic, Timestamp};

// The audit trail.
pub use {
    audit::AuditSink,
    kms::{AuditEvents, AuditFormat},
};

// Bringing your own store.
pub use store::{
    Change, CommitError, DamagedRecord, Effect, MemoryStore, Record, Sealed, Store, StoreError, StoreErrorKind,
};

/// A vault over a store that has to be waited for, such as a database of the browser: the host drives each operation in steps.
pub mod steps {
    pub use crate::{
        kms::Opening,
        store::{Fetched, ReadRequest, Step, Steps},
    };
}

// Bringing your own cryptography.
#[cfg(feature = "getrandom")]
pub use crypto::OsRandom;
pub use crypto::{
    Aead, AeadKey, Argon2Cost, Asymmetric, AuthenticationFailed, Cbc, Curve, Digest, Ed25519, Ed25519Mode,
    Ed25519PrivateKey, EllipticCurves, EntropyError, Executor, Expansion, Hash, Hasher, Kdf, KeyWrap, Mac, MacKey,
    MlDsa, MlDsaMessage, MlDsaPrivateKey, MlDsaSet, MlKem, MlKemPrivateKey, MlKemSet, NONCE_LENGTH, OaepHash, Once,
    PasswordHash, PrimitiveArgon2Cost, PrimitiveError, Provider, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    RsaScheme, Runs, Sequential, Sm2, Sm2Message, TAG_LENGTH, Work,
};

// What is behind a custom key store.
pub use key_store::{
    CloudHsmCluster, ClusterCiphertext, ClusterDescription, ClusterError, ClusterErrorKind, XksRequest, XksResponse,
    XksTransport, XksTransportError, XksTransportErrorKind,
};

/// Trying out policies: what they decide, and why.
pub mod policies {
    pub use crate::access::{PreparedSimulation, Simulated, SimulatedGrant, SimulatedKey, Simulation};
}

/// The properties and names of keys.
pub mod keys {
    pub use crate::key::{
        AccountId, Arn, BranchKeyVersion, CustomerMasterKeySpec, DataKeyPairSpec, DataKeySpec,
        EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, ExpirationModelType, ImportState,
        KeyAgreementAlgorithmSpec, KeyId, KeyManagerType, KeyMaterialState, KeySpec, KeyState, KeyUsageType,
        MacAlgorithmSpec, MaterialId, MultiRegionKeyType, OriginType, Region, RotationType, SigningAlgorithmSpec,
    };
}

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!();
