//! What the tests share. Everything goes through the public API of the crate `pocketkms`.
//!
//! - [`alone`]: whether anyone is kept from writing.
//! - [`attestation`]: attestation documents of enclaves, and reading what is encrypted for them.
//! - [`vault`]: a vault with a clock that stands still, and the calls that every test makes.
//! - [`store`]: stores that can be looked into, tampered with, and made to fail.
//! - [`store_suite`]: what every store must do, for the tests of each.
//! - [`providers`]: every provider of primitives.
//! - [`elsewhere`]: primitives in another memory, and such that come later.
//! - [`random`]: sources of randomness that are known beforehand, or fail.
//! - [`mod@format`]: a second reader and writer of the formats, made from docs/formats.md.
//! - [`cluster`]: an AWS CloudHSM cluster, and custom key stores of it.
//! - [`esdk`]: the vectors of the AWS Encryption SDK's message format.
//! - [`fuzzing`]: what must hold of any bytes whatever.
//! - [`imports`]: wrapping key material, as an app does it.
//! - [`xks`]: an external key store proxy, and all that it can do wrong.
//! - [`memory`]: a search through the memory of another process, and [`secrets`], what is searched for.

pub mod alone;
pub mod attestation;
pub mod cluster;
pub mod driven;
pub mod elsewhere;
pub mod esdk;
pub mod format;
pub mod fuzzing;
pub mod imports;
pub mod later;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod providers;
pub mod random;
pub mod secrets;
pub mod store;
pub mod store_suite;
pub mod vault;
pub mod xks;

/// The examples of the guide to the audit trail.
#[cfg(doctest)]
#[doc = include_str!("../../docs/audit.md")]
#[doc = include_str!("../../docs/billing.md")]
pub struct AuditGuide;

/// The examples of the guide to multi-Region keys.
#[cfg(doctest)]
#[doc = include_str!("../../docs/multi-region.md")]
pub struct MultiRegionGuide;

/// The examples of the guide to custom key stores.
#[cfg(doctest)]
#[doc = include_str!("../../docs/custom-key-stores.md")]
pub struct CustomKeyStoresGuide;
