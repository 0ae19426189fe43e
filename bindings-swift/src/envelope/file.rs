//! Files as messages: whole, or not there.

use super::{DecryptOptions, EncryptOptions, EncryptionClient, Keyring, MessageHeader};
use crate::{ErrorDetails, KmsError};
use pocketkms_files::{Error, Progress};
use std::{fmt, ops::ControlFlow, path::Path, sync::Arc};

/// Is told how far a file is.
#[uniffi::export(with_foreign)]
pub trait FileProgress: Send + Sync {
    /// So many bytes of the source are done. `false` ends the work, as does an error: no file is left then.
    fn update(&self, done: u64, total: u64) -> Result<bool, KmsError>;
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

impl From<&Error> for FileError {
    fn from(error: &Error) -> Self {
        match error {
            Error::Message(error) => Self::Message { details: Box::new(error.into()) },
            Error::Io { path, error } => Self::Io { path: path.display().to_string(), reason: error.to_string() },
            // The enumeration may grow.
            _ => Self::Cancelled,
        }
    }
}

impl From<KmsError> for FileError {
    fn from(error: KmsError) -> Self {
        Self::Message { details: Box::new(error.details()) }
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

/// Does the work, and tells of it. What the callback throws is the error then.
fn telling<T>(
    progress: Option<Arc<dyn FileProgress>>,
    work: impl FnOnce(&mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<T, Error>,
) -> Result<T, FileError> {
    let mut thrown = None;
    let result = work(&mut |Progress { done, total, .. }| match progress
        .as_ref()
        .map(|progress| progress.update(done, total))
    {
        None | Some(Ok(true)) => ControlFlow::Continue(()),
        Some(Ok(false)) => ControlFlow::Break(()),
        Some(Err(error)) => {
            thrown = Some(error);
            ControlFlow::Break(())
        }
    });
    result.map_err(|error| thrown.map_or_else(|| (&error).into(), Into::into))
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
        let (manager, source, destination) = (&*keyring.manager, Path::new(source), Path::new(destination));
        let header = telling(progress, |progress| {
            pocketkms_files::encrypt_file(&self.0, manager, options, source, destination, progress)
        })?;
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
        let (manager, source, destination) = (&*keyring.manager, Path::new(source), Path::new(destination));
        let decrypted = telling(progress, |progress| {
            pocketkms_files::decrypt_file(&self.0, manager, options, source, destination, progress)
        })?;
        Ok(decrypted.header.into())
    }
}
