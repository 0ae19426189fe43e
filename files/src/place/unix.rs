//! Directories and files by their descriptors.

use super::{Found, Kind};
use rustix::{
    fs::{
        AtFlags, CWD, Dir, FileType, FlockOperation, Mode, OFlags, Stat, flock, fstat, openat, renameat, statat,
        unlinkat,
    },
    io::Errno,
};
use std::{
    ffi::{OsStr, OsString},
    fs::{File, FileTimes, Permissions},
    io,
    os::{
        fd::OwnedFd,
        unix::{
            ffi::OsStringExt,
            fs::{MetadataExt, PermissionsExt, fchown},
        },
    },
    path::{Path, PathBuf},
};

/// A directory. Its path is for errors only.
pub(crate) struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens a directory; links on the way to it are followed.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = openat(CWD, path, OFlags::RDONLY | flags, Mode::empty());
        // Files can be read in a directory that cannot be listed.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let handle = match handle {
            Err(Errno::ACCESS) => openat(CWD, path, OFlags::PATH | flags, Mode::empty()),
            other => other,
        };
        Ok(Self { handle: handle?, path: path.to_owned() })
    }

    /// Opens a directory in this one, which is not a link.
    pub(crate) fn below(&self, name: &OsStr) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self { handle: openat(&self.handle, name, flags, Mode::empty())?, path: self.path.join(name) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn is_same(&self, other: &Self) -> io::Result<bool> {
        Ok(Identity(fstat(&self.handle)?).is_same_file(&Identity(fstat(&other.handle)?)))
    }

    pub(crate) fn names(&self) -> io::Result<Vec<OsString>> {
        Dir::read_from(&self.handle)?
            .map(|entry| Ok(OsString::from_vec(entry?.file_name().to_bytes().to_vec())))
            .collect()
    }

    /// What has a name here: itself, not what it leads to.
    pub(crate) fn look(&self, name: &OsStr) -> io::Result<Option<Found>> {
        match statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Found { kind: kind(&stat), identity: Identity(stat) })),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a file for reading: no link, and nothing blocks. What it is has to be checked on the descriptor.
    pub(crate) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::CLOEXEC;
        Ok(openat(&self.handle, name, flags, Mode::empty())?.into())
    }

    /// Makes a file that was not there, with these permissions as far as the process's mask allows them.
    pub(crate) fn create_file(&self, name: &OsStr, mode: u32) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(openat(&self.handle, name, flags, Mode::from_bits_truncate(mode as _))?.into())
    }

    pub(crate) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(renameat(&self.handle, from, &self.handle, to)?)
    }

    /// Swaps two names at once; `false` where the system cannot.
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    pub(crate) fn exchange(&self, one: &OsStr, other: &OsStr) -> io::Result<bool> {
        use rustix::fs::{RenameFlags, renameat_with};
        match renameat_with(&self.handle, one, &self.handle, other, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP | Errno::PERM) => Ok(false),
            exchanged => Ok(exchanged.map(|()| true)?),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    #[allow(clippy::unnecessary_wraps, clippy::unused_self, reason = "as on Linux")]
    pub(crate) fn exchange(&self, _: &OsStr, _: &OsStr) -> io::Result<bool> {
        Ok(false)
    }

    pub(crate) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(unlinkat(&self.handle, name, AtFlags::empty())?)
    }

    /// Prepares to lock and to sync the directory, by a descriptor of its own: a lock belongs to one.
    pub(crate) fn to_lock(&self) -> io::Result<FolderLock> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(FolderLock(openat(&self.handle, ".", flags, Mode::empty())?))
    }
}

/// The lock of a directory, between processes and threads. It ends with the process, and leaves nothing behind.
pub(crate) struct FolderLock(OwnedFd);

impl FolderLock {
    /// Whether it was taken; `None` where the file system has no locks for directories.
    pub(crate) fn try_lock(&self) -> Option<bool> {
        try_flock(&self.0)
    }

    /// Also frees what a forked child has of it.
    pub(crate) fn unlock(&self) {
        let _ = flock(&self.0, FlockOperation::Unlock);
    }

    /// A new name is on the disk when its directory is. Not every file system can be asked for it.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match rustix::fs::fsync(&self.0) {
            Err(Errno::INVAL | Errno::NOTSUP | Errno::BADF | Errno::NOSYS) => Ok(()),
            other => Ok(other?),
        }
    }
}

/// Takes the lock of a file that this process writes; `None` where the file system has none.
pub(crate) fn lock_of_process(file: &File) -> Option<bool> {
    try_flock(file)
}

fn try_flock(file: impl std::os::fd::AsFd) -> Option<bool> {
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Some(true),
            Err(Errno::WOULDBLOCK) => return Some(false),
            Err(Errno::INTR) => {}
            Err(_) => return None,
        }
    }
}

/// Which file it is, and in which state.
pub(crate) struct Identity(Stat);

impl Identity {
    pub(crate) fn of(file: &File) -> io::Result<(Kind, Self)> {
        let stat = fstat(file)?;
        let kind = if is_of_kernel(file) { Kind::Special("a file of the kernel's") } else { kind(&stat) };
        Ok((kind, Self(stat)))
    }

    /// Whether it is the same file, in whatever state.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        (self.0.st_dev, self.0.st_ino) == (other.0.st_dev, other.0.st_ino)
    }

    /// Whether its content was left alone. A change within one tick of the file system's clock that keeps the length is
    /// not seen.
    pub(crate) fn has_same_content(&self, other: &Self) -> bool {
        let content = |Self(stat): &Self| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        self.is_same_file(other) && content(self) == content(other)
    }

    /// Whether nothing of it was changed, its permissions included.
    pub(crate) fn is_unchanged(&self, other: &Self) -> bool {
        let change = |Self(stat): &Self| (stat.st_ctime, stat.st_ctime_nsec);
        self.has_same_content(other) && change(self) == change(other)
    }

    pub(crate) fn length(&self) -> u64 {
        u64::try_from(self.0.st_size).unwrap_or(0)
    }
}

fn kind(stat: &Stat) -> Kind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Directory,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Special("a named pipe (FIFO)"),
        FileType::Socket => Kind::Special("a socket"),
        FileType::CharacterDevice => Kind::Special("a character device"),
        FileType::BlockDevice => Kind::Special("a block device"),
        FileType::Unknown => Kind::Special("of an unknown type"),
    }
}

/// Whether a file is made by the kernel while it is read: it has no length, and reading it may block.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_of_kernel(file: &File) -> bool {
    use rustix::fs::{FsWord, fstatfs};
    /// From linux/magic.h: proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2.
    const KERNEL: [FsWord; 7] = [0x9fa0, 0x6265_6572, 0x6462_6720, 0x7472_6163, 0x7363_6673, 0x0027_e0eb, 0x6367_7270];
    fstatfs(file).is_ok_and(|system| KERNEL.contains(&system.f_type))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_of_kernel(_: &File) -> bool {
    false
}

/// What a file has beside its content.
pub(crate) struct Attributes {
    mode: u32,
    owner: u32,
    group: u32,
    times: Option<FileTimes>,
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    extended: super::unix_extended::Extended,
}

/// The bits of a mode that say who may do what. Nothing written here is a program.
const PERMISSIONS: u32 = 0o777;
const GROUP: u32 = 0o070;

impl Attributes {
    /// When a file was read and written to.
    pub(crate) fn times_of(file: &File) -> io::Result<FileTimes> {
        let metadata = file.metadata()?;
        Ok(FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?))
    }

    /// All but the times, which are those of the content.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            mode: metadata.mode() & PERMISSIONS,
            owner: metadata.uid(),
            group: metadata.gid(),
            times: None,
            #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
            extended: super::unix_extended::Extended::of(file)?,
        })
    }

    /// Of a file that cannot be opened.
    pub(crate) fn of_identity(Identity(stat): &Identity) -> Self {
        Self {
            #[allow(clippy::unnecessary_cast, reason = "the type of a mode is the platform's")]
            mode: stat.st_mode as u32 & PERMISSIONS,
            owner: stat.st_uid,
            group: stat.st_gid,
            times: None,
            #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
            extended: super::unix_extended::Extended::default(),
        }
    }

    /// With these times.
    pub(crate) fn with_times(mut self, times: FileTimes) -> Self {
        self.times = Some(times);
        self
    }

    /// Without what only the other file's content justifies.
    pub(crate) fn permissions_only(self) -> Self {
        Self {
            #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
            extended: super::unix_extended::Extended::default(),
            ..self
        }
    }

    /// Whether the file belongs to whom a new file of this process belongs.
    pub(crate) fn has_owner_of(&self, file: &File) -> io::Result<bool> {
        Ok(self.owner == file.metadata()?.uid())
    }

    /// Gives them to a file. Owner and group as far as the process may; permissions of a group that the file does not get
    /// are those of everybody then.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        let own = file.metadata()?;
        let mut mode = self.mode;
        if own.gid() != self.group && fchown(file, None, Some(self.group)).is_err() {
            mode = mode & !GROUP | (mode & 0o007) << 3;
        }
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        self.extended.give(file)?;
        file.set_permissions(Permissions::from_mode(mode))?;
        self.times.map_or(Ok(()), |times| file.set_times(times))?;
        // Last: what follows would be another user's to do.
        if own.uid() != self.owner {
            let _ = fchown(file, Some(self.owner), None);
        }
        Ok(())
    }
}
