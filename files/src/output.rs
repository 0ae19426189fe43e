//! A file that is whole or is not there.
//!
//! While it is written it has a temporary name, which its owner alone may open, and a lock that ends with the process: by
//! that, what a killed process left is distinguished from what another one is writing.

use crate::{
    error::{Error, Result},
    lock::Writing,
    place::{Attributes, Folder, Identity, Opened, Place, lock_of_process},
};
use pocketkms::{ErrorKind, OsRandom, Random};
use std::{
    ffi::{OsStr, OsString},
    fs::{File, Permissions},
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

/// How temporary names begin and end. A dot first, so that no listing shows them.
const PREFIX: &str = ".pocketkms-";
const SUFFIX: &str = ".tmp";
const RANDOM: usize = 16;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Who may read a new file.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Readers {
    /// Its owner.
    Owner,
    /// Whom the process's mask allows: for what is encrypted.
    Anyone,
}

/// A file being written under a temporary name. Dropped before it is [committed](Self::commit), it is gone.
pub(crate) struct Output {
    temporary: Temporary,
    place: Place,
    writing: Writing,
    /// What it will have beside its content.
    attributes: Option<Attributes>,
}

struct Temporary {
    file: File,
    folder: Rc<Folder>,
    name: OsString,
    /// What a new file's permissions are, where they are not those of a temporary one.
    permissions: Option<Permissions>,
}

impl Output {
    /// In the directory of the destination, so that renaming moves no bytes.
    pub(crate) fn create(place: &Place, readers: Readers) -> Result<Self> {
        let writing = Writing::to(&place.folder)?;
        loop {
            let temporary = Temporary::create(&place.folder, readers).map_err(|error| match error {
                Error::Io { error, .. } => Error::at(&place.path())(error),
                other => other,
            })?;
            // Between its making and its lock it looks abandoned: then another name is tried.
            if lock_of_process(&temporary.file) != Some(false) && temporary.has_its_name()? {
                return Ok(Self { temporary, place: place.clone(), writing, attributes: None });
            }
        }
    }

    pub(crate) fn file(&mut self) -> &mut File {
        &mut self.temporary.file
    }

    /// Where it will be.
    pub(crate) fn path(&self) -> PathBuf {
        self.place.path()
    }

    /// What it will have beside its content, in place of what a new file has.
    pub(crate) fn attributes(&mut self, attributes: Attributes) {
        self.attributes = Some(attributes);
    }

    /// Whether these attributes are of a file whose owner is that of a new one.
    pub(crate) fn has_owner_of(&self, attributes: &Attributes) -> Result<bool> {
        attributes.has_owner_of(&self.temporary.file).map_err(Error::at(&self.place.path()))
    }

    /// Brings it to the disk and gives it its name, in place of what had it. From then on it survives a crash.
    ///
    /// Under the lock of the directory `check` looks whether it still may, and `then` does what belongs to it. Where it
    /// replaces one file and no other, that is `expected`.
    pub(crate) fn commit(
        self,
        expected: Option<&Identity>,
        check: impl FnOnce() -> Result<()>,
        then: impl FnOnce(),
    ) -> Result<()> {
        let Self { mut temporary, place, writing, attributes } = self;
        let path = place.path();
        let finished = match (&attributes, temporary.permissions.take()) {
            (Some(attributes), _) => attributes.give(&temporary.file),
            (None, Some(permissions)) => temporary.file.set_permissions(permissions),
            (None, None) => Ok(()),
        };
        finished.and_then(|()| temporary.file.sync_all()).map_err(Error::at(&path))?;
        let guard = writing.lock(&place.folder)?;
        check()?;
        place.look_for_file()?;
        match expected {
            Some(expected) => temporary.replace(&place, expected)?,
            None => temporary.rename(&place)?,
        }
        then();
        drop(guard);
        writing.sync(&place.folder)
    }
}

impl Temporary {
    fn create(folder: &Rc<Folder>, readers: Readers) -> Result<Self> {
        let name = random_name()?;
        let mode = if readers == Readers::Anyone { 0o666 } else { 0o600 };
        let file = folder.create_file(&name, mode).map_err(Error::at(folder.path()))?;
        let mut temporary = Self { file, folder: Rc::clone(folder), name, permissions: None };
        temporary.close_to_others(readers).map_err(Error::at(folder.path()))?;
        Ok(temporary)
    }

    /// What the process's mask, or an access list of the directory, makes of a new file is seen by making one. It is empty
    /// until no one else may open it.
    #[cfg(unix)]
    fn close_to_others(&mut self, readers: Readers) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        if readers == Readers::Anyone {
            self.permissions = Some(self.file.metadata()?.permissions());
            self.file.set_permissions(Permissions::from_mode(0o600))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "as on Unix")]
    fn close_to_others(&mut self, _: Readers) -> io::Result<()> {
        Ok(())
    }

    fn rename(&mut self, place: &Place) -> Result<()> {
        self.folder.rename(&self.name, &place.name).map_err(Error::at(&place.path()))?;
        // It has another name now.
        self.name = OsString::new();
        Ok(())
    }

    /// Takes the place of a file that must be there. Not everybody who saves a file takes the lock: what comes out is looked
    /// at, and goes back if it is another file.
    fn replace(&mut self, place: &Place, expected: &Identity) -> Result<()> {
        let exchange = || match self.folder.exchange(&self.name, &place.name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::changed(&place.path())),
            exchanged => exchanged.map_err(Error::at(&place.path())),
        };
        let outside = place.beside(self.name.clone());
        if !exchange()? {
            return self.rename(place);
        }
        let mut came_out = outside.look()?;
        if came_out.as_ref().is_some_and(|found| found.identity.has_same_content(expected)) {
            // The old file has the temporary name now, and goes with it.
            return Ok(());
        }
        let mut put_in = Identity::of(&self.file).map_err(Error::at(&place.path()))?.1;
        while let Some(found) = came_out {
            exchange()?;
            // The writer that saved again in between had the place: it goes back, too.
            came_out = outside.look()?.filter(|found| !found.identity.is_same_file(&put_in));
            put_in = found.identity;
        }
        Err(Error::changed(&place.path()))
    }

    fn has_its_name(&self) -> Result<bool> {
        has_name(&self.folder, &self.name, &self.file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.name.is_empty() {
            let _ = self.folder.remove(&self.name);
        }
    }
}

fn random_name() -> Result<OsString> {
    let mut random = [0; RANDOM];
    OsRandom.fill(&mut random).map_err(|_| pocketkms::Error::new(ErrorKind::Entropy, ""))?;
    let letters = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)));
    Ok(format!("{PREFIX}{}{SUFFIX}", letters.map(|letter| char::from(*letter)).collect::<String>()).into())
}

/// Whether an open file still has that name.
fn has_name(folder: &Folder, name: &OsStr, file: &File) -> Result<bool> {
    let look = || Ok((folder.look(name)?, Identity::of(file)?.1));
    let (found, own) = look().map_err(Error::at::<io::Error>(folder.path()))?;
    Ok(found.is_some_and(|found| found.identity.is_same_file(&own)))
}

/// Whether a file name is a temporary one.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let between = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX));
    between.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Removes the temporary files that killed processes left in a directory, and returns how many: a killed
/// [`decrypt_file`](crate::decrypt_file) leaves plaintext. Those that a living process writes stay; so do all on a file
/// system without locks. A [`RewrapBatch`](crate::RewrapBatch) does this by itself.
pub fn remove_abandoned(directory: &Path) -> Result<usize> {
    let folder = Folder::open(directory).map_err(Error::at(directory))?;
    let names = folder.sorted_names().map_err(Error::at(directory))?;
    Ok(remove_abandoned_of(&folder, &names))
}

/// As [`remove_abandoned`], of a directory whose names are known.
pub(crate) fn remove_abandoned_of(folder: &Folder, names: &[OsString]) -> usize {
    let is_abandoned = |name: &&OsString| {
        // Another process may be faster.
        folder.open_regular(name).is_ok_and(|Opened { file, .. }| {
            lock_of_process(&file) == Some(true)
                && has_name(folder, name, &file).unwrap_or(false)
                && folder.remove(name).is_ok()
        })
    };
    if !names.iter().any(|name| is_temporary(name)) {
        return 0;
    }
    // A file that was exchanged has a temporary name for a moment.
    let Ok(writing) = Writing::to(folder) else { return 0 };
    let Ok(_guard) = writing.lock(folder) else { return 0 };
    names.iter().filter(|name| is_temporary(name)).filter(is_abandoned).count()
}
