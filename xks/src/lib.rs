//! External key stores of PocketKMS over HTTPS.
//!
//! The core signs the requests to an external key store proxy, and reads the responses; it opens no connection. [`HttpsTransport`] does.
//!
//! ```
//! use pocketkms::{RootKey, Vault};
//! use pocketkms_xks::HttpsTransport;
//!
//! # fn main() -> pocketkms::Result<()> {
//! # let root = RootKey::from_bytes(&[7; 32])?;
//! let vault = Vault::builder().xks_transport(HttpsTransport::new()).create_in_memory(&root)?;
//! # Ok(())
//! # }
//! ```
#![forbid(unsafe_code)]

mod failure;
mod transport;

pub use transport::HttpsTransport;
