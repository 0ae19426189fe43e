//! Rewrapping many files.
//!
//! There is no journal. Each file tells by its header, or its sidecar, which keys and materials it uses, and one that uses
//! the destination's already is skipped: a batch that was killed is simply started again. Nothing is changed in place: a
//! new header goes into a copy of the message, a sidecar into a file of its own; each is brought to the disk before it
//! gets its name, so at any moment there is the old one or the new one, whole.

use crate::{
    error::{Error, Result},
    output::{Kind, Output, directory, is_temporary, remove_abandoned},
    sidecar::{is_sidecar, read_sidecar, sidecar_path},
};
use pocketkms::{
    ErrorKind,
    envelope::{DecryptOptions, EncryptionClient, Inspection, Keyring, MaterialsManager, RewrapOptions, Rewrapped},
};
use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// What became of a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// It uses the destination's keys now.
    Rewrapped,
    /// It used them already.
    AlreadyDone,
    /// It is as it was, for this reason.
    Failed(Error),
}

/// A file of a batch, and what became of it.
#[derive(Debug)]
pub struct FileProgress<'a> {
    /// The file.
    pub path: &'a Path,
    /// What became of it.
    pub outcome: &'a Outcome,
    /// How many files are done, this one included.
    pub done: u64,
}

/// A file that was not rewrapped.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub error: Error,
}

/// What a batch did.
#[derive(Debug, Default)]
pub struct Report {
    /// How many files use the destination's keys now, and did not before.
    pub rewrapped: u64,
    /// How many used them already.
    pub already_done: u64,
    /// How many are as they were.
    pub failed: u64,
    /// Which those are, and why: the first 10,000.
    pub failures: Vec<Failure>,
    /// Whether the progress callback ended the batch before its end.
    pub cancelled: bool,
}

/// How many failures a report keeps.
const MAX_FAILURES: usize = 10_000;

/// Moves many stored messages to the keys of a destination, or to the newest material of their key (with the same
/// keyring as source and destination).
///
/// A message that has other names by hard links keeps its old header there.
pub struct RewrapBatch<'a> {
    client: &'a EncryptionClient,
    source: &'a dyn MaterialsManager,
    destination: &'a dyn Keyring,
    options: RewrapOptions,
    verifier: Option<&'a dyn MaterialsManager>,
    every: bool,
}

impl<'a> RewrapBatch<'a> {
    /// From the keys that `source` finds to those of `destination`.
    pub fn new(client: &'a EncryptionClient, source: &'a dyn MaterialsManager, destination: &'a dyn Keyring) -> Self {
        Self { client, source, destination, options: RewrapOptions::default(), verifier: None, every: false }
    }

    /// Encryption context to give again, and whether to write sidecars only. The options' sidecar is not used: each
    /// message's own is.
    #[must_use]
    pub fn options(mut self, options: RewrapOptions) -> Self {
        self.options = options;
        self
    }

    /// Decrypts each new header or sidecar with these keys before it takes its place: proof that the destination
    /// encrypted what can be decrypted again, at the price of one more request to the keyring per file.
    #[must_use]
    pub fn verify_with(mut self, verifier: &'a dyn MaterialsManager) -> Self {
        self.verifier = Some(verifier);
        self
    }

    /// Rewraps every message, also those that seem to use the destination's keys: for a key of the same name.
    #[must_use]
    pub fn every(mut self) -> Self {
        self.every = true;
        self
    }

    /// Rewraps these files. A symbolic link is followed.
    pub fn files(
        &self,
        paths: impl IntoIterator<Item = PathBuf>,
        progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>,
    ) -> Report {
        let (mut report, mut cleaned) = (Report::default(), HashSet::new());
        for path in paths {
            let done = fs::canonicalize(&path).map_err(Error::at(&path)).and_then(|path| {
                let directory = directory(&path);
                if cleaned.insert(directory.to_owned()) {
                    remove_abandoned(directory)?;
                }
                self.file(&path)
            });
            if report.count(path, done, progress).is_break() {
                break;
            }
        }
        report
    }

    /// Rewraps all files in a directory and those below it. Symbolic links are not followed, and sidecars belong to their
    /// messages. What is no message is reported as failed.
    pub fn directory(&self, path: &Path, progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>) -> Report {
        let mut report = Report::default();
        let mut waiting = vec![path.to_owned()];
        while let Some(directory) = waiting.pop() {
            // The names first: what a directory lists while files in it are replaced is left to the operating system.
            let files = match list(&directory, &mut waiting) {
                Ok(files) => files,
                Err(error) => {
                    if report.count(directory, Err(error), progress).is_break() {
                        return report;
                    }
                    continue;
                }
            };
            for file in files {
                let done = self.file(&file);
                if report.count(file, done, progress).is_break() {
                    return report;
                }
            }
        }
        report
    }

    /// Rewraps one file.
    fn file(&self, path: &Path) -> Result<Outcome> {
        let mut message = File::open(path).map_err(Error::at(path))?;
        let header = self.header(&mut message).map_err(|error| match error {
            Error::Io { error, .. } => Error::at(path)(error),
            other => other,
        })?;
        let sidecar = read_sidecar(path)?;
        if !self.every && !self.client.needs_rewrap(self.destination, &header, sidecar.as_deref())? {
            return Ok(Outcome::AlreadyDone);
        }
        let decrypt = DecryptOptions { sidecar, ..self.options.decrypt.clone() };
        let options = RewrapOptions { decrypt, ..self.options };
        let metadata = message.metadata().map_err(Error::at(path))?;
        let (destination, mut output, written) =
            match self.client.rewrap(self.source, self.destination, &options, &header)? {
                Rewrapped::Sidecar(bytes) => {
                    self.verify(&header, Some(&bytes))?;
                    let destination = sidecar_path(path);
                    (destination.clone(), Output::create(&destination, Kind::Rewrapped)?, (bytes, None))
                }
                Rewrapped::Header { bytes, replaces } => {
                    self.verify(&bytes, None)?;
                    (path.to_owned(), Output::create(path, Kind::Rewrapped)?, (bytes, Some(replaces as u64)))
                }
            };
        output.permissions_of(&metadata)?;
        let (bytes, replaces) = written;
        output.file().write_all(&bytes).map_err(Error::at(&destination))?;
        if let Some(replaces) = replaces {
            message.seek(SeekFrom::Start(replaces)).map_err(Error::at(path))?;
            let copied = io::copy(&mut message, output.file()).map_err(Error::at(path))?;
            if copied != metadata.len() - replaces {
                let error = io::Error::new(io::ErrorKind::InvalidData, "the file changed while it was rewrapped");
                return Err(Error::at(path)(error));
            }
        }
        output.commit()?;
        Ok(Outcome::Rewrapped)
    }

    /// The whole header of a message.
    fn header(&self, message: &mut File) -> Result<Vec<u8>> {
        let mut header = Vec::new();
        let mut needed = 1024;
        loop {
            let missing = (needed as u64).saturating_sub(header.len() as u64);
            let read =
                Read::by_ref(message).take(missing).read_to_end(&mut header).map_err(Error::at(Path::new("")))?;
            match self.client.inspect(&header)? {
                Inspection::Complete(info) => {
                    header.truncate(info.header_length);
                    return Ok(header);
                }
                Inspection::Incomplete { needed: more } if read > 0 => needed = more,
                Inspection::Incomplete { .. } => {
                    let truncated = "the file ends before the message's header does";
                    return Err(pocketkms::Error::new(ErrorKind::InvalidMessage, "").explain(truncated).into());
                }
            }
        }
    }

    /// Opens the new header, or the old one with its new sidecar.
    fn verify(&self, header: &[u8], sidecar: Option<&[u8]>) -> Result<()> {
        let Some(verifier) = self.verifier else { return Ok(()) };
        let options = DecryptOptions { sidecar: sidecar.map(Into::into), ..self.options.decrypt.clone() };
        let request = self.client.decryption_materials_request(&options, header)?;
        let materials = verifier.decryption_materials(self.client.provider(), &request)?;
        self.client.rewrapping(materials, &RewrapOptions { decrypt: options, ..Default::default() }, header)?;
        Ok(())
    }
}

/// The files of a directory but sidecars; what a killed batch left is removed, directories are put to the waiting.
fn list(directory: &Path, waiting: &mut Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    remove_abandoned(directory)?;
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(Error::at(directory))? {
        let entry = entry.map_err(Error::at(directory))?;
        let (kind, name) = (entry.file_type().map_err(Error::at(directory))?, entry.file_name());
        if kind.is_dir() {
            waiting.push(entry.path());
        } else if kind.is_file() && !is_sidecar(&name) && !is_temporary(&name) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

impl Report {
    /// Counts a file, and tells of it.
    fn count(
        &mut self,
        path: PathBuf,
        done: Result<Outcome>,
        progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let outcome = done.unwrap_or_else(Outcome::Failed);
        match &outcome {
            Outcome::Rewrapped => self.rewrapped += 1,
            Outcome::AlreadyDone => self.already_done += 1,
            Outcome::Failed(_) => self.failed += 1,
        }
        let done = self.rewrapped + self.already_done + self.failed;
        let flow = progress(FileProgress { path: &path, outcome: &outcome, done });
        if let Outcome::Failed(error) = outcome
            && self.failures.len() < MAX_FAILURES
        {
            self.failures.push(Failure { path, error });
        }
        self.cancelled = flow.is_break();
        flow
    }
}
