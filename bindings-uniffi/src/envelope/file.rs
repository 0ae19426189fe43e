//! Files as messages: whole, or not there.

use super::{EncryptionClient, Keyring};
use crate::{ErrorDetails, KmsError};
use pocketkms::{
    ErrorCategory,
    envelope::{DecryptOptions, EncryptOptions, MessageHeader, ReencryptOptions},
};
use pocketkms_files::{Error, Progress};
use std::{fmt, ops::ControlFlow, path::Path, sync::Arc};

/// Receives the progress of a file.
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

#[uniffi::export]
impl FileError {
    /// What is known of the error, whichever it is: of the operating system's, `FileException` with what it said, and the
    /// file in the explanation only.
    pub fn details(&self) -> ErrorDetails {
        let (name, message, explanation) = match self {
            Self::Message { details } if !details.name.is_empty() => return (**details).clone().with_texts(None),
            Self::Message { details } => ("FileException", &*details.message, details.explanation.clone()),
            Self::Io { path, reason } => {
                ("FileException", &**reason, Some(path.clone()).filter(|path| !path.is_empty()))
            }
            Self::Cancelled => ("CancelledException", "the progress callback ended the work", None),
        };
        let (name, message) = (name.into(), message.into());
        let category = Some(ErrorCategory::Other);
        let details =
            ErrorDetails { name, message, explanation, http_status: 500, category, ..ErrorDetails::default() };
        details.with_texts(None)
    }
}

/// As a `KmsError`'s: name and message, which are safe to show, and nothing else.
impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.details().fmt(f)
    }
}

impl std::error::Error for FileError {}

/// Does the work and reports its progress. What the callback throws is the error then.
fn reporting<T>(
    progress: Option<&Arc<dyn FileProgress>>,
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
        let options = options.unwrap_or_default();
        let (manager, source, destination) = (&*keyring.manager, Path::new(source), Path::new(destination));
        let header = reporting(progress.as_ref(), |progress| {
            pocketkms_files::encrypt_file(&self.0, manager, options, source, destination, progress)
        })?;
        Ok(header)
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
        let options = options.unwrap_or_default();
        let (manager, source, destination) = (&*keyring.manager, Path::new(source), Path::new(destination));
        let decrypted = reporting(progress.as_ref(), |progress| {
            pocketkms_files::decrypt_file(&self.0, manager, options, source, destination, progress)
        })?;
        Ok(decrypted.header)
    }

    /// Re-encrypts a stored message, by its path, for the destination's keys. Pairs of the encryption context stay; a sidecar
    /// beside the source is taken from there, and the new message needs none. Otherwise as `encryptPath`.
    #[uniffi::method(name = "reencryptPath", default(options = None, progress = None))]
    #[allow(clippy::too_many_arguments, reason = "by name in Swift and Kotlin")]
    pub fn reencrypt_path(
        &self,
        source_keyring: &Keyring,
        destination_keyring: &Keyring,
        source: &str,
        destination: &str,
        options: Option<ReencryptOptions>,
        progress: Option<Arc<dyn FileProgress>>,
    ) -> Result<MessageHeader, FileError> {
        let options = options.unwrap_or_default();
        let (old, new) = (&*source_keyring.manager, &*destination_keyring.manager);
        let (source, destination) = (Path::new(source), Path::new(destination));
        let header = reporting(progress.as_ref(), |progress| {
            pocketkms_files::reencrypt_file(&self.0, old, new, options, source, destination, progress)
        })?;
        Ok(header)
    }
}

#[uniffi::export]
impl EncryptionClient {
    /// The sidecar beside a message, by the message's path, if the message has one: that of another message, which was in the
    /// file before, is not its own.
    #[uniffi::method(name = "sidecarByPath")]
    pub fn sidecar(&self, message: &str) -> Result<Option<Vec<u8>>, FileError> {
        pocketkms_files::read_sidecar(&self.0, Path::new(message)).map_err(|error| (&error).into())
    }
}

/// Removes what killed processes left under temporary names in a directory, by its path, and returns how many files that were:
/// a file that was being decrypted is plaintext there. What a living process writes stays. A batch does this by itself.
#[uniffi::export(name = "removeAbandonedByPath")]
pub fn remove_abandoned(directory: &str) -> Result<u64, FileError> {
    let removed = pocketkms_files::remove_abandoned(Path::new(directory)).map_err(|error| FileError::from(&error))?;
    Ok(removed.try_into().unwrap_or(u64::MAX))
}
