//! A vault of [`pocketkms`] in a file: it is there when the process is gone.
//!
//! ```
//! use pocketkms::{RootKey, Vault, api::*};
//! use pocketkms_sqlite::{Backup, VaultFile};
//!
//! # fn main() -> pocketkms::Result<()> {
//! # let folder = tempfile::tempdir().expect("a temporary directory");
//! # let path = folder.path().join("keys.vault");
//! let root = RootKey::from_bytes(&[7; 32])?;
//! let vault = Vault::builder().open_or_create_file(&path, &root)?;
//! let key = vault.client().create_key(CreateKeyRequest::default())?.key_metadata;
//!
//! // Another process, or this one after a restart.
//! let again = Vault::builder().open_file(&path, &root)?;
//! assert_eq!(again.client().list_keys(ListKeysRequest::default())?.keys[0].key_id, key.key_id);
//!
//! // A copy of one moment, while the vault is in use. It is checked before it gets its name.
//! # let copy = folder.path().join("copy.vault");
//! assert!(again.backup(&copy)?.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! What a call answered is on the disk: the file outlasts the death of the process and of the machine. Several threads and
//! processes may have one vault open; each sees at its next call what the others did. A forked process opens the vault by
//! itself. docs/reliability.md in the repository says what was tested how.

#![deny(unsafe_code)]

// In the order of the layers.
mod failure;
mod place;
mod process;
mod schema;

mod connection;
mod flushing;
mod fork;
mod pool;

mod store;

mod backup;
mod vault_file;

pub use backup::Backup;
pub use flushing::{flush_all, remember, store_events_in_time};
pub use store::SqliteStore;
pub use vault_file::VaultFile;

/// Runs the examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
