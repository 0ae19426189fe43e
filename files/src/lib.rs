//! Files as envelope messages: [`encrypt_file`], [`decrypt_file`], [`reencrypt_file`], and [`RewrapBatch`] for many of
//! them.
//!
//! An output file is whole or is not there. It is written under a temporary name in the directory where it belongs,
//! brought to the disk, and renamed; on any error the temporary file is removed. Memory is bounded, whatever the size of
//! the file: about 10 MiB with the default frames.
//!
//! ```
//! use pocketkms::{RootKey, Vault, api::CreateKeyRequest, envelope::*};
//! use pocketkms_files::{decrypt_file, encrypt_file};
//! use std::ops::ControlFlow;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let [report, message, copy] = ["report.pdf", "report.pdf.encrypted", "copy.pdf"].map(|name| folder.path().join(name));
//! # std::fs::write(&report, "a report")?;
//! let kms = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32])?)?.client();
//! let key = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
//! let (client, keyring) = (EncryptionClient::default(), kms.keyring(&key, &[]));
//!
//! encrypt_file(&client, &keyring, EncryptOptions::default(), &report, &message, &mut |progress| {
//!     println!("{} of {} bytes", progress.done, progress.total);
//!     ControlFlow::Continue(())
//! })?;
//! decrypt_file(&client, &keyring, DecryptOptions::default(), &message, &copy, &mut |_| ControlFlow::Continue(()))?;
//! assert_eq!(std::fs::read(&copy)?, std::fs::read(&report)?);
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod batch;
mod crypt;
mod destination;
mod error;
mod lock;
mod output;
mod place;
mod report;
mod sidecar;
mod snapshot;
mod source;
mod walk;

pub use batch::RewrapBatch;
pub use crypt::{DecryptedFile, Progress, decrypt_file, encrypt_file, reencrypt_file};
pub use error::{Error, Result};
pub use output::remove_abandoned;
pub use report::{Failure, FileProgress, Outcome, Report, Skipped};
pub use sidecar::{read_sidecar, sidecar_path};
pub use snapshot::save_snapshot;
