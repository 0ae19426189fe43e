//! Files as messages: whole, or not there.

use super::{DecryptOptions, EncryptOptions, EncryptionClient, Keyring, MessageHeader};
use crate::ErrorDetails;
use pocketkms_files::{Error, Progress};
use std::{fmt, ops::ControlFlow, path::Path, sync::Arc};

/// Is told how far a file is.
#[uniffi::export(with_foreign)]
pub trait FileProgress: Send + Sync {
    /// So many bytes of the source are done. `false` ends the work: no file is left then.
    fn update(&self, done: u64, total: u64) -> bool;
}

/// Why a file was not written. Nothing is left of it.
#[derive(Debug, uniffi::Error)]
pub enum FileError {
    /// The message, its keys or its options.
    Message {
        /// What is known of it.
        details: Box<ErrorDetails>,
    },
    /// The operating system, at this file.
    Io {
        /// The file.
        path: String,
        /// What it said.
        reason: String,
    },
    /// The progress callback wanted no more.
    Cancelled,
}

impl From<Error> for FileError {
    fn from(error: Error) -> Self {
        match error {
            Error::Message(error) => Self::Message { details: Box::new((&error).into()) },
            Error::Io { path, error } => Self::Io { path: path.display().to_string(), reason: error.to_string() },
            // The enumeration may grow.
            _ => Self::Cancelled,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { details } => f.write_str(&details.text),
            Self::Io { path, reason } => write!(f, "{path}: {reason}"),
            Self::Cancelled => f.write_str("cancelled"),
        }
    }
}

impl std::error::Error for FileError {}

fn told(progress: Option<Arc<dyn FileProgress>>) -> impl FnMut(Progress) -> ControlFlow<()> {
    move |Progress { done, total, .. }| match &progress {
        Some(progress) if !progress.update(done, total) => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl EncryptionClient {
    /// Encrypts a file, by its path. The destination is written under a temporary name, and has its own only when it is
    /// whole; what stood there is replaced.
    #[uniffi::method(name = "encryptPath", default(options = None, progress = None))]
    pub fn encrypt_path(
        &self,
        keyring: &Keyring,
        source: &str,
        destination: &str,
        options: Option<EncryptOptions>,
        progress: Option<Arc<dyn FileProgress>>,
    ) -> Result<MessageHeader, FileError> {
        let options = options.unwrap_or_default().into();
        let (source, destination) = (Path::new(source), Path::new(destination));
        let header = pocketkms_files::encrypt_file(
            &self.0,
            &*keyring.manager,
            options,
            source,
            destination,
            &mut told(progress),
        )?;
        Ok(header.into())
    }

    /// Decrypts a file, by its path. The destination has its name only after the whole message was verified, its signature
    /// included. A sidecar beside the source is taken from there.
    #[uniffi::method(name = "decryptPath", default(options = None, progress = None))]
    pub fn decrypt_path(
        &self,
        keyring: &Keyring,
        source: &str,
        destination: &str,
        options: Option<DecryptOptions>,
        progress: Option<Arc<dyn FileProgress>>,
    ) -> Result<MessageHeader, FileError> {
        let options = options.unwrap_or_default().into();
        let (source, destination) = (Path::new(source), Path::new(destination));
        let decrypted = pocketkms_files::decrypt_file(
            &self.0,
            &*keyring.manager,
            options,
            source,
            destination,
            &mut told(progress),
        )?;
        Ok(decrypted.header.into())
    }
}
