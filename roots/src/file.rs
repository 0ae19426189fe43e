//! A root key in a file.

use crate::decode;
use pocketkms::{Error, ErrorKind, Result, RootKey, Secret};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Far more than a root key takes in any form.
const LONGEST: usize = 4096;

pub(crate) fn read(path: &Path) -> Result<RootKey> {
    let file = open(path).map_err(|error| failed(path, &error))?;
    // Of what is open and not of a name, which may stand for another file a moment later.
    if !file.metadata().map_err(|error| failed(path, &error))?.is_file() {
        return Err(refused(path, "it is no regular file"));
    }
    #[cfg(unix)]
    rights::check(&file).map_err(|why| refused(path, &why))?;
    let key = contents(&file).map_err(|error| failed(path, &error))?;
    let Some(key) = key else { return Err(refused(path, "it is too long for a root key")) };
    decode(&key, &format_args!("the file {}", path.display()))
}

/// Without waiting for the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Nothing where the file is longer than any root key. No copy is left of what is read.
fn contents(mut file: &File) -> io::Result<Option<Secret>> {
    let mut buffer = Secret::zeroed(LONGEST);
    let mut length = 0;
    while let Some(rest) = buffer.expose_mut().get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => return Ok(buffer.expose().get(..length).map(Secret::copy_of)),
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

#[cfg(unix)]
mod rights {
    use rustix::{
        fs::{Mode, fstat},
        process::geteuid,
    };
    use std::{fs::File, io};

    /// Why it is refused.
    pub(super) fn check(file: &File) -> Result<(), String> {
        let of = |error: rustix::io::Errno| format!("its rights cannot be read: {}", io::Error::from(error));
        if is_mounted_secret(file).map_err(of)? {
            return Ok(());
        }
        let stat = fstat(file).map_err(of)?;
        if stat.st_uid != geteuid().as_raw() && stat.st_uid != 0 {
            return Err("it belongs to another user, who can exchange it".into());
        }
        let mode = Mode::from_raw_mode(stat.st_mode);
        if mode.intersects(Mode::RWXG | Mode::RWXO) {
            let bits = mode.as_raw_mode() & 0o777;
            return Err(format!("others can read or write it: its mode is {bits:04o}; make it 0600 (chmod 600)"));
        }
        Ok(())
    }

    /// Memory that is mounted read-only: so container runtimes and systemd hand secrets over, each to the one that it is for.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn is_mounted_secret(file: &File) -> rustix::io::Result<bool> {
        use rustix::fs::{StatVfsMountFlags, fstatfs, fstatvfs};
        const TMPFS: u32 = 0x0102_1994;
        const RAMFS: u32 = 0x8584_58f6;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of 32 bits in a wider type"
        )]
        let kind = fstatfs(file)?.f_type as u32;
        Ok(matches!(kind, TMPFS | RAMFS) && fstatvfs(file)?.f_flag.contains(StatVfsMountFlags::RDONLY))
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn is_mounted_secret(_: &File) -> rustix::io::Result<bool> {
        Ok(false) // no one mounts secrets there
    }
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::Validation, format!("the file {} is not read as a root key: {why}", path.display()))
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let (kind, words) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::NotFound, "there is no file"),
        _ => (ErrorKind::KeyUnavailable, "the root key cannot be read from the file"),
    };
    Error::new(kind, format!("{words} {}", path.display())).explain(error.to_string())
}
