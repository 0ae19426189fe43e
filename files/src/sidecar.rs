//! Where the sidecar of a message in a file is.

use crate::{
    error::{Error, Result},
    place::{Identity, Opened, Place},
    source::{Source, header},
};
use pocketkms::envelope::EncryptionClient;
use std::{
    ffi::OsStr,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// What the name of a sidecar ends with.
const SUFFIX: &str = ".pocketkms-sidecar";
/// No sidecar is longer: 65,535 encrypted data keys are beyond any limit, and a hundred of the longest fit.
const MAX_LENGTH: u64 = 32 << 20;

/// The file beside a message that holds its sidecar, if it has one: the message's name and `.pocketkms-sidecar`.
pub fn sidecar_path(message: &Path) -> PathBuf {
    let mut name = message.as_os_str().to_owned();
    name.push(SUFFIX);
    name.into()
}

/// The sidecar that belongs to the message in a file; `None` where there is none, or one of a message that stood there
/// before. Of a symbolic link, the one beside the file that it leads to.
pub fn read_sidecar(client: &EncryptionClient, message: &Path) -> Result<Option<Vec<u8>>> {
    Ok(message_and_sidecar(client, message)?.1)
}

/// Opens a message, and reads the sidecar that belongs to it.
pub(crate) fn message_and_sidecar(client: &EncryptionClient, path: &Path) -> Result<(Source, Option<Vec<u8>>)> {
    /// How often a message may be replaced while its sidecar is read.
    const TRIES: usize = 16;
    let mut last = None;
    for _ in 0..TRIES {
        let mut source = Source::open(path)?;
        let sidecar = sidecar_of(client, &mut source)?;
        let is_still_there = source.is_still_there()?;
        last = Some((source, sidecar));
        if is_still_there {
            break;
        }
    }
    last.ok_or_else(|| Error::changed(path))
}

fn sidecar_of(client: &EncryptionClient, source: &mut Source) -> Result<Option<Vec<u8>>> {
    let Some(found) = found_beside(&source.place)? else { return Ok(None) };
    let header = header(client, source)?;
    Ok(client.sidecar_belongs(&header, &found.bytes)?.then_some(found.bytes))
}

/// A sidecar beside a message: it may be another message's.
pub(crate) struct FoundSidecar {
    pub(crate) bytes: Vec<u8>,
    pub(crate) opened: Opened,
}

/// What is in the place of a message's sidecar.
pub(crate) fn found_beside(message: &Place) -> Result<Option<FoundSidecar>> {
    let place = sidecar_place(message);
    if look_for_sidecar(message)?.is_none() {
        return Ok(None);
    }
    let opened = match place.open() {
        Err(Error::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    (&opened.file).take(MAX_LENGTH).read_to_end(&mut bytes).map_err(Error::at(&place.path()))?;
    Ok(Some(FoundSidecar { bytes, opened }))
}

/// Which file is in the place of a message's sidecar. Where the name would be too long, there is none.
pub(crate) fn look_for_sidecar(message: &Place) -> Result<Option<Identity>> {
    match sidecar_place(message).look_for_file() {
        Err(Error::Io { error, .. }) if is_too_long(&error) => Ok(None),
        found => found,
    }
}

/// The place of a message's sidecar.
pub(crate) fn sidecar_place(message: &Place) -> Place {
    message.beside(sidecar_path(Path::new(&message.name)).into())
}

/// Refuses names beside which no sidecar can stand, and those that are a sidecar's: under such a name a message could not be
/// rewrapped, or would be taken for what it is not.
pub(crate) fn check_name_of_message(message: &Place) -> Result<()> {
    if message_of_sidecar(&message.name).is_some() {
        return Err(Error::refused(&message.path(), "the name is that of a sidecar"));
    }
    check_name_of_sidecar(message)
}

/// Refuses a message whose name is too long for a sidecar.
pub(crate) fn check_name_of_sidecar(message: &Place) -> Result<()> {
    match sidecar_place(message).look_for_file() {
        Err(Error::Io { error, .. }) if is_too_long(&error) => {
            Err(Error::refused(&message.path(), "the name is too long for a sidecar beside the file"))
        }
        found => found.map(drop),
    }
}

fn is_too_long(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidFilename
}

/// The name of the message to which a sidecar of this name belongs.
pub(crate) fn message_of_sidecar(name: &OsStr) -> Option<&[u8]> {
    name.as_encoded_bytes().strip_suffix(SUFFIX.as_bytes()).filter(|message| !message.is_empty())
}

/// Removes the sidecar of a message that was replaced. Where that fails, nothing is lost: it is another message's now, and
/// stale.
pub(crate) fn remove_sidecar(message: &Place) {
    let place = sidecar_place(message);
    if matches!(place.look_for_file(), Ok(Some(_))) {
        let _ = place.folder.remove(&place.name);
    }
}
