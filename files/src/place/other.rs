//! Directories and files by their paths, where the system's library has no handles of directories. A link is refused as long
//! as no one swaps it between the look and the opening.

use super::{Found, Kind};
use same_file::Handle;
use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, FileTimes, OpenOptions, Permissions, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Mutex,
    time::SystemTime,
};

/// A directory.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // The same directory whatever becomes of the current one.
        Ok(Self { path: fs::canonicalize(path)? })
    }

    /// A directory in this one, which is not a link.
    pub(crate) fn below(&self, name: &OsStr) -> io::Result<Self> {
        let path = self.path.join(name);
        if fs::symlink_metadata(&path)?.is_dir() { Ok(Self { path }) } else { Err(io::ErrorKind::NotADirectory.into()) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    #[allow(clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) fn is_same(&self, other: &Self) -> io::Result<bool> {
        Ok(self.path == other.path)
    }

    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name())).collect()
    }

    /// What has a name here: itself, not what it leads to.
    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Option<Found>> {
        let path = self.path.join(name);
        let kind = match fs::symlink_metadata(&path) {
            Ok(metadata) => kind(&metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let identity = if kind == Kind::File { Identity::of(&File::open(&path)?)?.1 } else { Identity::default() };
        Ok(Some(Found { kind, identity }))
    }

    pub(crate) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(windows)]
        {
            use std::os::windows::fs::OpenOptionsExt;
            /// `FILE_FLAG_OPEN_REPARSE_POINT`: a link is opened itself.
            const OPEN_REPARSE_POINT: u32 = 0x0020_0000;
            options.custom_flags(OPEN_REPARSE_POINT);
        }
        options.open(self.path.join(name))
    }

    pub(crate) fn create_file(&self, name: &OsStr, _mode: u32) -> io::Result<File> {
        File::options().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "as on Unix")]
    pub(crate) fn exchange(&self, _: &OsStr, _: &OsStr) -> io::Result<bool> {
        Ok(false)
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    pub(crate) fn to_lock(&self) -> io::Result<FolderLock> {
        Ok(FolderLock { path: self.path.join(LOCK), held: Mutex::new(None) })
    }
}

/// The name of the lock. The file is there while the lock is held.
const LOCK: &str = ".pocketkms-lock";

/// The lock of a directory, between processes and threads: a file that one can have open at a time, and that the system
/// removes when it is closed, by the death of its process, too.
pub(crate) struct FolderLock {
    path: PathBuf,
    held: Mutex<Option<File>>,
}

impl FolderLock {
    /// Whether it was taken; `None` where there is none.
    #[cfg(windows)]
    pub(crate) fn try_lock(&self) -> Option<bool> {
        use std::os::windows::fs::OpenOptionsExt;
        /// `FILE_FLAG_DELETE_ON_CLOSE`.
        const DELETE_ON_CLOSE: u32 = 0x0400_0000;
        /// `ERROR_ACCESS_DENIED` (it is being removed), `ERROR_SHARING_VIOLATION`.
        const HELD: [i32; 2] = [5, 32];
        let mut options = OpenOptions::new();
        options.write(true).create(true).share_mode(0).custom_flags(DELETE_ON_CLOSE);
        match options.open(&self.path) {
            Ok(file) => {
                *self.held.lock().ok()? = Some(file);
                Some(true)
            }
            Err(error) if error.raw_os_error().is_some_and(|number| HELD.contains(&number)) => Some(false),
            Err(_) => None,
        }
    }

    #[cfg(not(windows))]
    pub(crate) fn try_lock(&self) -> Option<bool> {
        None
    }

    pub(crate) fn unlock(&self) {
        if let Ok(mut held) = self.held.lock() {
            *held = None;
        }
    }

    /// Windows has no such call, and needs none.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Takes the lock of a file that this process writes; `None` where the file system has none.
pub(crate) fn lock_of_process(file: &File) -> Option<bool> {
    match file.try_lock() {
        Ok(()) => Some(true),
        Err(TryLockError::WouldBlock) => Some(false),
        Err(TryLockError::Error(_)) => None,
    }
}

/// Which file it is, and in which state.
#[derive(Default)]
pub(crate) struct Identity {
    handle: Option<Handle>,
    length: u64,
    modified: Option<SystemTime>,
}

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<(Kind, Self)> {
        let metadata = file.metadata()?;
        let handle = Some(Handle::from_file(file.try_clone()?)?);
        let identity = Self { handle, length: metadata.len(), modified: metadata.modified().ok() };
        Ok((kind(&metadata), identity))
    }

    /// Whether it is the same file, in whatever state.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        self.handle.is_some() && self.handle == other.handle
    }

    /// Whether its content was left alone, as far as length and date of change show it.
    pub(crate) fn has_same_content(&self, other: &Self) -> bool {
        self.is_same_file(other) && (self.length, self.modified) == (other.length, other.modified)
    }

    pub(crate) fn is_unchanged(&self, other: &Self) -> bool {
        self.has_same_content(other)
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }
}

fn kind(metadata: &fs::Metadata) -> Kind {
    match metadata.file_type() {
        kind if kind.is_symlink() => Kind::Link,
        kind if kind.is_dir() => Kind::Directory,
        kind if kind.is_file() => Kind::File,
        _ => Kind::Special("a device"),
    }
}

/// What a file has beside its content.
pub(crate) struct Attributes {
    permissions: Option<Permissions>,
    times: Option<FileTimes>,
}

impl Attributes {
    /// When a file was read and written to.
    pub(crate) fn times_of(file: &File) -> io::Result<FileTimes> {
        let metadata = file.metadata()?;
        Ok(FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?))
    }

    /// All but the times, which are those of the content.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { permissions: Some(metadata.permissions()), times: None })
    }

    /// Of a file that cannot be opened.
    pub(crate) fn of_identity(_: &Identity) -> Self {
        Self { permissions: None, times: None }
    }

    /// With these times.
    pub(crate) fn with_times(mut self, times: FileTimes) -> Self {
        self.times = Some(times);
        self
    }

    /// Without what only the other file's content justifies.
    pub(crate) fn permissions_only(self) -> Self {
        self
    }

    /// Whether the file belongs to whom a new file of this process belongs.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps, reason = "as on Unix")]
    pub(crate) fn has_owner_of(&self, _: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Gives them to a file.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        self.times.map_or(Ok(()), |times| file.set_times(times))?;
        self.permissions.clone().map_or(Ok(()), |permissions| file.set_permissions(permissions))
    }
}
