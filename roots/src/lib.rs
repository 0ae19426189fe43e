//! Root keys of PocketKMS from where a machine keeps them.
//!
//! A root key opens a vault (see [`pocketkms::RootKey`]). The core reads no variable and no file, and talks to no token: this crate does.
//!
//! ```no_run
//! use pocketkms::{RootKey, Vault};
//! use pocketkms_roots::HostRootKey;
//!
//! # fn main() -> pocketkms::Result<()> {
//! let root = RootKey::from_file("/run/secrets/pocketkms")?;
//! let vault = Vault::builder().create_in_memory(&root)?;
//! # Ok(())
//! # }
//! ```
//!
//! With the feature `pkcs11`, `TokenKey` is a key in an HSM or on a smart card, which never leaves it, and `TokenCluster` is such a token behind a
//! custom key store.
#![forbid(unsafe_code)]

mod env;
mod file;
#[cfg(feature = "pkcs11")]
mod pkcs11;

#[cfg(feature = "pkcs11")]
pub use pkcs11::{TokenCluster, TokenError, TokenKey};

use pocketkms::{Error, Result, RootKey, Secret};
use std::{ffi::OsStr, fmt::Display, path::Path};

/// Root keys of a machine: what [`RootKey`] can do when this crate is there.
pub trait HostRootKey: Sized {
    /// The root key in an environment variable: 64 hexadecimal digits or base64, as [`RootKey::from_encoded`] reads them.
    ///
    /// Anyone who may inspect the process sees its environment, and so do the processes that it starts: a file is better where there
    /// is a choice. It is read once, at this call.
    ///
    /// # Errors
    /// [`NotFound`](pocketkms::ErrorKind::NotFound) if there is no such variable or nothing in it;
    /// [`Validation`](pocketkms::ErrorKind::Validation) if it does not hold a root key.
    fn from_env(name: impl AsRef<OsStr>) -> Result<Self>;

    /// The root key in a file: 64 hexadecimal digits, base64, or 32 raw bytes, as [`RootKey::from_encoded`] reads them.
    ///
    /// A file that others can read or write is refused, as ssh refuses such a key: it has the mode 0600 or less, and belongs to the
    /// user of the process or to root. A secret that Docker, Kubernetes or systemd mounts has other modes, and counts nevertheless:
    /// it lies in memory (tmpfs, ramfs) that is mounted read-only. Symbolic links are followed, as Kubernetes needs them; the file that
    /// they lead to is the one that is looked at and read. On Windows the rights of the file are not looked at.
    ///
    /// # Errors
    /// [`NotFound`](pocketkms::ErrorKind::NotFound) if there is no such file;
    /// [`Validation`](pocketkms::ErrorKind::Validation) if others can read it, or it does not hold a root key;
    /// [`KeyUnavailable`](pocketkms::ErrorKind::KeyUnavailable) if it cannot be read.
    fn from_file(path: impl AsRef<Path>) -> Result<Self>;
}

impl HostRootKey for RootKey {
    fn from_env(name: impl AsRef<OsStr>) -> Result<Self> {
        env::read(name.as_ref())
    }

    fn from_file(path: impl AsRef<Path>) -> Result<Self> {
        file::read(path.as_ref())
    }
}

/// The root key in a text or in 32 bytes. What is wrong with them is said together with where they come from.
fn decode(key: &Secret, place: &dyn Display) -> Result<RootKey> {
    RootKey::from_encoded(key.expose()).map_err(|error| {
        let found = error.explanation().unwrap_or_default();
        Error::new(error.kind(), error.message()).explain(format!("{place}: {found}"))
    })
}
