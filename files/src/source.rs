//! A file that is read.

use crate::{
    error::{Error, Result},
    place::{Attributes, Identity, Opened, Place},
};
use pocketkms::{
    ErrorKind,
    envelope::{EncryptionClient, Inspection},
};
use std::{
    fs::{File, FileTimes},
    io::{Read, Seek, SeekFrom},
    path::Path,
};

/// A regular file, open for reading.
pub(crate) struct Source {
    pub(crate) place: Place,
    pub(crate) file: File,
    identity: Identity,
    /// Before reading changes the time of the last access.
    times: FileTimes,
}

impl Source {
    /// By a path of the caller's, which may be a symbolic link to a regular file.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::at(Place::of_source(path)?)
    }

    /// In its place, and nowhere else.
    pub(crate) fn at(place: Place) -> Result<Self> {
        let Opened { file, identity } = place.open()?;
        let times = Attributes::times_of(&file).map_err(Error::at(&place.path()))?;
        Ok(Self { place, file, identity, times })
    }

    /// Its length when it was opened.
    pub(crate) fn length(&self) -> u64 {
        self.identity.length()
    }

    /// What it was when it was opened.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it has beside its content.
    pub(crate) fn attributes(&self) -> Result<Attributes> {
        let attributes = Attributes::of(&self.file).map_err(Error::at(&self.place.path()))?;
        Ok(attributes.with_times(self.times))
    }

    /// When it was read and written to, before it was opened.
    pub(crate) fn times(&self) -> FileTimes {
        self.times
    }

    /// Whether it is the file of this identity.
    pub(crate) fn is(&self, other: &Identity) -> bool {
        self.identity.is_same_file(other)
    }

    /// Whether its name is still its own.
    pub(crate) fn is_still_there(&self) -> Result<bool> {
        Ok(self.place.look()?.is_some_and(|found| self.is(&found.identity)))
    }

    /// That no one wrote to it since it was opened.
    pub(crate) fn check_content(&self) -> Result<()> {
        let (_, now) = Identity::of(&self.file).map_err(Error::at(&self.place.path()))?;
        if now.has_same_content(&self.identity) { Ok(()) } else { Err(Error::changed(&self.place.path())) }
    }

    /// That its place has this very file, as it was when it was opened.
    pub(crate) fn check_place(&self) -> Result<()> {
        let found = self.place.look()?;
        let is_unchanged = found.is_some_and(|found| found.identity.is_unchanged(&self.identity));
        if is_unchanged { Ok(()) } else { Err(Error::changed(&self.place.path())) }
    }
}

/// The whole header of the message in a file, which is read from its beginning afterwards.
pub(crate) fn header(client: &EncryptionClient, source: &mut Source) -> Result<Vec<u8>> {
    let path = source.place.path();
    let (mut header, mut needed) = (Vec::new(), 1024);
    loop {
        let missing = (needed as u64).saturating_sub(header.len() as u64);
        let read = Read::by_ref(&mut source.file).take(missing).read_to_end(&mut header).map_err(Error::at(&path))?;
        match client.inspect(&header)? {
            Inspection::Complete(info) => {
                header.truncate(info.header_length);
                source.file.seek(SeekFrom::Start(0)).map_err(Error::at(&path))?;
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
