//! Many files, moved to other keys.

use super::{EncryptionClient, FileError, Keyring};
use crate::KmsError;
use pocketkms::envelope::{MaterialsManager, RewrapBatchOptions, RewrapOptions};
use pocketkms_files::Outcome;
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What became of a file.
#[derive(uniffi::Enum)]
pub enum RewrapOutcome {
    /// It uses the destination's keys now.
    Rewrapped,
    /// It used them already.
    AlreadyDone,
    /// There is nothing to rewrap.
    Skipped {
        /// `not a message`, or what it is in place of a regular file: `a symbolic link`.
        reason: String,
    },
    /// It is as it was, for this reason; or as another writer left it, where that is the reason.
    Failed {
        /// Why.
        error: FileError,
    },
}

/// A file of a batch, and what became of it.
#[derive(uniffi::Record)]
pub struct RewrappedFile {
    /// The file.
    pub path: String,
    /// What became of it.
    pub outcome: RewrapOutcome,
    /// How many files are done, this one included.
    pub done: u64,
}

/// Receives the progress of a batch, file by file.
#[uniffi::export(with_foreign)]
pub trait RewrapProgress: Send + Sync {
    /// A file is done. `false` ends the batch, as does an error; what is done is done.
    fn update(&self, file: RewrappedFile) -> Result<bool, KmsError>;
}

/// A file that was not rewrapped.
#[derive(uniffi::Record)]
pub struct RewrapFailure {
    /// The file.
    pub path: String,
    /// Why.
    pub error: FileError,
}

/// What a batch did.
#[derive(uniffi::Record)]
pub struct RewrapReport {
    /// How many files use the destination's keys now, and did not before.
    pub rewrapped: u64,
    /// How many used them already.
    pub already_done: u64,
    /// In how many there was nothing to rewrap: other files than messages.
    pub skipped: u64,
    /// How many are as they were.
    pub failed: u64,
    /// Which those are, and why: the first 10,000.
    pub failures: Vec<RewrapFailure>,
    /// Whether the progress callback ended the batch before its end.
    pub cancelled: bool,
}

/// Moves many stored messages to the keys of a destination, or to the newest material of their key (with the same keyring
/// as source and destination).
///
/// A batch that was stopped or killed is simply started again: files that use the destination's keys already are skipped,
/// and at any moment each file is the old one or the new one, whole. A message that is saved meanwhile stays as it was saved,
/// and is reported as failed.
#[derive(uniffi::Object)]
pub struct RewrapBatch {
    client: pocketkms::envelope::EncryptionClient,
    source: Arc<dyn MaterialsManager>,
    destination: Arc<dyn pocketkms::envelope::Keyring>,
    verifier: Option<Arc<dyn MaterialsManager>>,
    options: RewrapOptions,
    every: bool,
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl RewrapBatch {
    /// From the keys that `source` finds to those of `destination`. `verifyWith` decrypts each new header or sidecar before
    /// it takes its place; `every` rewraps those, too, that seem to use the
    /// destination's keys. Each message's own sidecar is used.
    #[uniffi::constructor(default(options = None, verify_with = None, every = false))]
    pub fn new(
        client: &EncryptionClient,
        source: &Keyring,
        destination: &Keyring,
        options: Option<RewrapBatchOptions>,
        verify_with: Option<Arc<Keyring>>,
        every: bool,
    ) -> Result<Self, KmsError> {
        Ok(Self {
            client: client.0.clone(),
            source: Arc::clone(&source.manager),
            destination: destination.as_part()?,
            verifier: verify_with.map(|keyring| Arc::clone(&keyring.manager)),
            options: options.unwrap_or_default().into(),
            every,
        })
    }

    /// Rewraps these files, by their paths, each a regular one: symbolic links are not followed. What is no message has
    /// failed.
    #[uniffi::method(name = "filesByPath", default(progress = None))]
    pub fn files(
        &self,
        paths: Vec<String>,
        progress: Option<Arc<dyn RewrapProgress>>,
    ) -> Result<RewrapReport, FileError> {
        self.run(progress.as_ref(), |batch, progress| batch.files(paths.into_iter().map(PathBuf::from), progress))
    }

    /// Rewraps all files in a directory, by its path, and those below it. Symbolic links are not followed, and sidecars
    /// belong to their messages. What is no message, or no regular file, is skipped.
    #[uniffi::method(name = "directoryByPath", default(progress = None))]
    pub fn directory(&self, path: &str, progress: Option<Arc<dyn RewrapProgress>>) -> Result<RewrapReport, FileError> {
        self.run(progress.as_ref(), |batch, progress| batch.directory(Path::new(path), progress))
    }
}

type Progress<'a> = dyn FnMut(pocketkms_files::FileProgress<'_>) -> ControlFlow<()> + 'a;

impl RewrapBatch {
    fn run(
        &self,
        progress: Option<&Arc<dyn RewrapProgress>>,
        work: impl FnOnce(&pocketkms_files::RewrapBatch<'_>, &mut Progress<'_>) -> pocketkms_files::Report,
    ) -> Result<RewrapReport, FileError> {
        let mut batch = pocketkms_files::RewrapBatch::new(&self.client, &*self.source, &*self.destination)
            .options(self.options.clone());
        if let Some(verifier) = &self.verifier {
            batch = batch.verify_with(&**verifier);
        }
        if self.every {
            batch = batch.every();
        }
        let mut thrown = None;
        let report = work(&batch, &mut |file| match progress.map(|progress| progress.update(file.into())) {
            None | Some(Ok(true)) => ControlFlow::Continue(()),
            Some(Ok(false)) => ControlFlow::Break(()),
            Some(Err(error)) => {
                thrown = Some(error);
                ControlFlow::Break(())
            }
        });
        thrown.map_or_else(|| Ok(report.into()), |error| Err(FileError::from(error)))
    }
}

impl From<pocketkms_files::FileProgress<'_>> for RewrappedFile {
    fn from(file: pocketkms_files::FileProgress<'_>) -> Self {
        let outcome = match file.outcome {
            Outcome::Rewrapped => RewrapOutcome::Rewrapped,
            Outcome::Skipped(skipped) => RewrapOutcome::Skipped { reason: skipped.reason().into() },
            Outcome::Failed(error) => RewrapOutcome::Failed { error: error.into() },
            // The enumeration may grow, by ways in which nothing is left to do.
            _ => RewrapOutcome::AlreadyDone,
        };
        Self { path: file.path.display().to_string(), outcome, done: file.done }
    }
}

impl From<pocketkms_files::Report> for RewrapReport {
    fn from(report: pocketkms_files::Report) -> Self {
        let pocketkms_files::Report { rewrapped, already_done, skipped, failed, failures, cancelled } = report;
        let failures = failures
            .into_iter()
            .map(|failure| RewrapFailure { path: failure.path.display().to_string(), error: (&failure.error).into() });
        Self { rewrapped, already_done, skipped, failed, failures: failures.collect(), cancelled }
    }
}
