//! The requests and responses of AWS KMS, named as in its service model, one file per family of operations.
//!
//! In a request, a member that AWS requires is plain and every other is an `Option`, so that most are left out:
//!
//! ```
//! use pocketkms::api::GenerateDataKeyRequest;
//!
//! let request = GenerateDataKeyRequest {
//!     key_id: "alias/photos".into(),
//!     number_of_bytes: Some(32),
//!     ..Default::default()
//! };
//! ```
//!
//! In a response, a member that is always there is plain. A type with a secret in it cannot be printed, copied or
//! compared, as the secret itself cannot.
//!
//! [`operations!`](crate::operations) lists the operations, and [`model`] describes them with all their types: the
//! bindings' own types are generated from it.

mod action;
mod aliases;
mod audit;
mod billing;
mod branch_keys;
mod bytes;
mod custom_key_stores;
mod data_keys;
mod deletion;
mod encapsulation;
mod encryption;
mod error_category;
mod facts;
mod grants;
mod iam;
mod imports;
mod keys;
mod last_usage;
mod limits;
mod mac;
mod multi_region;
mod operations;
mod parcels;
mod policies;
mod random;
mod recipient;
mod rotation;
mod signing;
mod tags;

pub use action::{Action, ResourceKind};
pub use aliases::*;
pub use audit::*;
pub use billing::*;
pub use branch_keys::*;
pub use bytes::Blob;
pub use custom_key_stores::*;
pub use data_keys::*;
pub use deletion::*;
pub use encapsulation::*;
pub use encryption::*;
pub use error_category::ErrorCategory;
pub(crate) use facts::reference;
pub use facts::{KeyIdForm, OperationDocs, QuotaClass};
pub use grants::*;
pub use iam::*;
pub use imports::*;
pub use keys::*;
pub use last_usage::*;
pub use mac::*;
pub use multi_region::*;
pub use operations::{Operation, OperationModel, Request, model};
pub use parcels::*;
pub use policies::*;
pub use random::*;
pub use recipient::*;
pub use rotation::*;
pub use signing::*;
pub use tags::*;
