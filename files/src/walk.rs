//! The files in a directory and those below it.
//!
//! Each directory is opened in the one above, by its name there and never through a link. What is swapped for a link
//! while a batch works is refused; nothing outside of the tree is reached.

use crate::{
    error::{Error, Result},
    output::{is_temporary, remove_abandoned_of},
    place::{Folder, Kind, Place},
    report::Skipped,
    sidecar::message_of_sidecar,
};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    rc::Rc,
};

/// So many directories above each other are open at once at most.
const MAX_DEPTH: usize = 128;

/// What a walk comes by.
pub(crate) enum Step {
    /// A regular file.
    File(Place),
    /// A regular file with the name of the sidecar of another file that is there.
    Sidecar(Place),
    /// Something else.
    Other(PathBuf, Skipped),
    /// A directory that could not be opened, or not be read.
    Failed(PathBuf, Error),
}

/// Directories that are still to be read, the next one last: by the one that they are in.
pub(crate) struct Walk {
    waiting: Vec<(Rc<Folder>, OsString, usize)>,
    found: std::vec::IntoIter<Step>,
}

impl Walk {
    /// From a directory that the caller names; a link to one is followed.
    pub(crate) fn new(path: &Path) -> Self {
        let mut walk = Self { waiting: Vec::new(), found: Vec::new().into_iter() };
        let found = match Folder::open(path).map_err(Error::at(path)) {
            Ok(folder) => walk.list(&Rc::new(folder), 1),
            Err(error) => Err(error),
        };
        walk.found = found.unwrap_or_else(|error| vec![Step::Failed(path.to_owned(), error)]).into_iter();
        walk
    }

    fn enter(&mut self, above: &Folder, name: &OsString, depth: usize) -> Result<Vec<Step>> {
        let path = above.path().join(name);
        if depth > MAX_DEPTH {
            return Err(Error::refused(&path, "too many directories above each other"));
        }
        let folder = above.below(name).map_err(Error::at(&path))?;
        self.list(&Rc::new(folder), depth)
    }

    /// The files of a directory; what a killed batch left is removed, directories are put to the waiting.
    fn list(&mut self, folder: &Rc<Folder>, depth: usize) -> Result<Vec<Step>> {
        // The names first: what a directory lists while files in it are replaced is left to the operating system.
        let names = folder.sorted_names().map_err(Error::at(folder.path()))?;
        remove_abandoned_of(folder, &names);
        let mut found = Vec::new();
        for name in names.iter().filter(|name| !is_temporary(name)) {
            let place = Place { folder: Rc::clone(folder), name: name.clone() };
            match place.look()?.map(|found| found.kind) {
                None => {}
                Some(Kind::Directory) => self.waiting.push((Rc::clone(folder), name.clone(), depth + 1)),
                Some(Kind::File) if is_beside_its_message(name, &names) => found.push(Step::Sidecar(place)),
                Some(Kind::File) => found.push(Step::File(place)),
                Some(kind) => found.push(Step::Other(place.path(), Skipped(kind.words()))),
            }
        }
        Ok(found)
    }
}

fn is_beside_its_message(name: &OsString, names: &[OsString]) -> bool {
    message_of_sidecar(name)
        .is_some_and(|message| names.binary_search_by(|other| other.as_encoded_bytes().cmp(message)).is_ok())
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            if let Some(step) = self.found.next() {
                return Some(step);
            }
            let (above, name, depth) = self.waiting.pop()?;
            match self.enter(&above, &name, depth) {
                Ok(found) => self.found = found.into_iter(),
                Err(error) => return Some(Step::Failed(above.path().join(name), error)),
            }
        }
    }
}
