//! Where a file is written to, checked before anything is written, and again before it gets its name.

use crate::{
    error::{Error, Result},
    output::{Output, Readers, is_temporary},
    place::{Attributes, Place},
    sidecar::{check_name_of_message, look_for_sidecar, remove_sidecar, sidecar_place},
    source::Source,
};
use std::path::Path;

/// The place of a new file, or of one that is replaced.
pub(crate) struct Destination {
    place: Place,
    holds: Holds,
}

#[derive(Clone, Copy, PartialEq)]
enum Holds {
    /// A message, which may have a sidecar beside it.
    Message,
    Plaintext,
}

/// After what a new file is modelled.
pub(crate) enum Model<'a> {
    /// Nothing.
    New,
    /// The file that it is made of.
    Like(&'a Source),
}

impl Destination {
    /// For a message that is made of this source.
    pub(crate) fn for_message(path: &Path, source: &Source) -> Result<Self> {
        let destination = Self::new(path, source, Holds::Message)?;
        check_name_of_message(&destination.place)?;
        // The sidecar of what is replaced is removed.
        if look_for_sidecar(&destination.place)?.is_some_and(|sidecar| source.is(&sidecar)) {
            return Err(Error::refused(path, "the source is the sidecar of the destination"));
        }
        Ok(destination)
    }

    /// For the plaintext of the message in this source.
    pub(crate) fn for_plaintext(path: &Path, source: &Source) -> Result<Self> {
        let destination = Self::new(path, source, Holds::Plaintext)?;
        let sidecar = sidecar_place(&source.place);
        let is_same = destination.place.folder.is_same(&sidecar.folder).map_err(Error::at(path))?;
        if is_same && destination.place.name == sidecar.name {
            return Err(Error::refused(path, "the name is that of the source's sidecar"));
        }
        Ok(destination)
    }

    fn new(path: &Path, source: &Source, holds: Holds) -> Result<Self> {
        let place = Place::of(path)?;
        if is_temporary(&place.name) {
            return Err(Error::refused(path, "the name is that of a temporary file"));
        }
        if place.look_for_file()?.is_some_and(|found| source.is(&found)) {
            return Err(Error::refused(path, "source and destination are the same file"));
        }
        Ok(Self { place, holds })
    }

    pub(crate) fn create(&self) -> Result<Output> {
        // A plaintext is for its owner; a message is an ordinary file.
        Output::create(&self.place, if self.holds == Holds::Message { Readers::Anyone } else { Readers::Owner })
    }

    /// Brings a whole file to its place.
    pub(crate) fn commit(&self, mut output: Output, model: Model<'_>) -> Result<()> {
        if let Some(attributes) = self.attributes(&output, model)? {
            output.attributes(attributes);
        }
        output.commit(
            None,
            || Ok(()),
            || {
                if self.holds == Holds::Message {
                    remove_sidecar(&self.place);
                }
            },
        )
    }

    /// Those of the file that is replaced, else those of the model.
    fn attributes(&self, output: &Output, model: Model<'_>) -> Result<Option<Attributes>> {
        let replaced = match self.place.look_for_file()? {
            // One that cannot be read can be replaced.
            Some(found) => Some(match self.place.open() {
                Ok(opened) => Attributes::of(&opened.file).map_err(Error::at(&self.place.path()))?,
                Err(_) => Attributes::of_identity(&found),
            }),
            None => None,
        };
        Ok(match (replaced, model) {
            // Another user's file does not make a plaintext theirs.
            (Some(replaced), _) if self.holds == Holds::Plaintext => {
                if output.has_owner_of(&replaced)? {
                    Some(replaced)
                } else {
                    None
                }
            }
            (Some(replaced), Model::Like(source)) => Some(replaced.with_times(source.times())),
            (None, Model::Like(source)) => Some(source.attributes()?),
            (replaced, Model::New) => replaced,
        })
    }
}
