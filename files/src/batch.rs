//! Rewrapping many files.
//!
//! There is no journal. Each file shows by its header, or its sidecar, which keys and materials it uses, and one that uses
//! the destination's already is skipped: a batch that was killed is simply started again. Nothing is changed in place: a
//! new header goes into a copy of the message, a sidecar into a file of its own; each is brought to the disk before it
//! gets its name, so at any moment there is the old one or the new one, whole. What was saved meanwhile is left alone:
//! under the lock that all writers take, message and sidecar must be what they were when they were read.

use crate::{
    error::{Error, Result},
    output::{Output, Readers, is_temporary, remove_abandoned_of},
    place::{Attributes, Place},
    report::{FileProgress, Outcome, Report, Skipped},
    sidecar::{FoundSidecar, check_name_of_sidecar, found_beside, look_for_sidecar, remove_sidecar, sidecar_place},
    source::{Source, header},
    walk::{Step, Walk},
};
use pocketkms::envelope::{
    DecryptOptions, EncryptionClient, Keyring, MaterialsManager, RewrapOptions, Rewrapped, begins_like_message,
};
use std::{
    collections::HashSet,
    io::{self, Read, Seek, SeekFrom, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

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

    /// Rewraps these files, each a regular one: symbolic links are not followed. What is no message has failed.
    pub fn files(
        &self,
        paths: impl IntoIterator<Item = PathBuf>,
        progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>,
    ) -> Report {
        let (mut report, mut cleaned) = (Report::default(), HashSet::new());
        for path in paths {
            let done = Place::of(&path).and_then(|place| {
                if cleaned.insert(place.folder.path().to_owned()) {
                    let names = place.folder.sorted_names().unwrap_or_default();
                    remove_abandoned_of(&place.folder, &names);
                }
                self.file(Source::at(place)?)
            });
            if report.count(path, done, progress).is_break() {
                break;
            }
        }
        report
    }

    /// Rewraps all files in a directory and those below it. Symbolic links are not followed, also such as are put there
    /// meanwhile. Sidecars belong to their messages. What is no message, or no regular file, is skipped; a message that is
    /// damaged has failed.
    ///
    /// Programs that save by writing a new file and renaming it should write it outside of the directory, or with this crate: a
    /// file that is still being written is a message, too, as far as a batch can see.
    pub fn directory(&self, path: &Path, progress: &mut dyn FnMut(FileProgress<'_>) -> ControlFlow<()>) -> Report {
        let mut report = Report::default();
        for step in Walk::new(path) {
            let (path, done) = match step {
                Step::File(place) => (place.path(), self.found(place)),
                Step::Sidecar(place) => match (place.path(), self.found(place)) {
                    (_, Ok(Some(Outcome::Skipped(_)))) => continue,
                    // A message all the same, or something that has to be seen to.
                    other => other,
                },
                Step::Other(path, skipped) => (path, Ok(Some(Outcome::Skipped(skipped)))),
                Step::Failed(path, error) => (path, Err(error)),
            };
            let Some(done) = done.transpose() else { continue };
            if report.count(path, done, progress).is_break() {
                break;
            }
        }
        report
    }

    /// Rewraps a file of a directory, if it is a message, and if it is still there.
    fn found(&self, place: Place) -> Result<Option<Outcome>> {
        let mut source = match Source::at(place) {
            Err(Error::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            source => source?,
        };
        let mut front = Vec::new();
        let mut read = || {
            Read::by_ref(&mut source.file).take(8).read_to_end(&mut front)?;
            source.file.seek(SeekFrom::Start(0))
        };
        read().map_err(Error::at(&source.place.path()))?;
        if begins_like_message(&front) {
            self.file(source).map(Some)
        } else {
            Ok(Some(Outcome::Skipped(Skipped::NO_MESSAGE)))
        }
    }

    /// Rewraps one file.
    fn file(&self, mut message: Source) -> Result<Outcome> {
        if is_temporary(&message.place.name) {
            return Err(Error::refused(&message.place.path(), "the name is that of a temporary file"));
        }
        let header = header(self.client, &mut message)?;
        let beside = found_beside(&message.place)?;
        // One of a message that stood here before is as good as none.
        let sidecar = match &beside {
            Some(found) if self.client.sidecar_belongs(&header, &found.bytes)? => Some(found.bytes.clone()),
            _ => None,
        };
        if !self.every && !self.client.needs_rewrap(self.destination, &header, sidecar.as_deref())? {
            return Ok(Outcome::AlreadyDone);
        }
        let decrypt = DecryptOptions { sidecar, ..self.options.decrypt.clone() };
        let options = RewrapOptions { decrypt, ..self.options };
        match self.client.rewrap(self.source, self.destination, &options, &header)? {
            Rewrapped::Sidecar(bytes) => {
                self.verify(&header, Some(&bytes))?;
                write_sidecar(&message, beside.as_ref(), &bytes)?;
            }
            Rewrapped::Header { bytes, replaces } => {
                self.verify(&bytes, None)?;
                write_header(&mut message, beside.as_ref(), &bytes, replaces as u64)?;
            }
        }
        Ok(Outcome::Rewrapped)
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

/// Puts a sidecar beside its message, in place of the one that was found there.
fn write_sidecar(message: &Source, beside: Option<&FoundSidecar>, bytes: &[u8]) -> Result<()> {
    check_name_of_sidecar(&message.place)?;
    let place = sidecar_place(&message.place);
    let mut output = Output::create(&place, Readers::Owner)?;
    output.file().write_all(bytes).map_err(Error::at(&place.path()))?;
    let model = beside.map_or(&message.file, |found| &found.opened.file);
    output.attributes(Attributes::of(model).map_err(Error::at(&place.path()))?.permissions_only());
    output.commit(None, || check_unchanged(message, beside), || ())
}

/// Puts a copy of the message with another header in its place. A sidecar that was found beside it is of another message.
fn write_header(message: &mut Source, beside: Option<&FoundSidecar>, bytes: &[u8], replaces: u64) -> Result<()> {
    let path = message.place.path();
    let mut output = Output::create(&message.place, Readers::Owner)?;
    output.attributes(message.attributes()?);
    let mut copy = || {
        output.file().write_all(bytes)?;
        message.file.seek(SeekFrom::Start(replaces))?;
        io::copy(&mut message.file, output.file())
    };
    let copied = copy().map_err(Error::at(&path))?;
    if copied != message.length().saturating_sub(replaces) {
        return Err(Error::changed(&path));
    }
    let then = || {
        if beside.is_some() {
            remove_sidecar(&message.place);
        }
    };
    output.commit(Some(message.identity()), || check_unchanged(message, beside), then)
}

/// That message and sidecar are in their places as they were read.
fn check_unchanged(message: &Source, beside: Option<&FoundSidecar>) -> Result<()> {
    message.check_place()?;
    let is_same = match (look_for_sidecar(&message.place)?, beside) {
        (None, None) => true,
        (Some(now), Some(found)) => now.is_unchanged(&found.opened.identity),
        _ => false,
    };
    if is_same { Ok(()) } else { Err(Error::changed(&sidecar_place(&message.place).path())) }
}
