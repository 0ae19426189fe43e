//! Where the sidecar of a message in a file is.

use crate::error::{Error, Result};
use std::{
    ffi::OsStr,
    fs::{self, File},
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

/// Whether a file name is a sidecar's.
pub(crate) fn is_sidecar(name: &OsStr) -> bool {
    name.as_encoded_bytes().ends_with(SUFFIX.as_bytes())
}

/// The sidecar beside a message; `None` where there is none.
pub(crate) fn read_sidecar(message: &Path) -> Result<Option<Vec<u8>>> {
    let path = sidecar_path(message);
    let mut bytes = Vec::new();
    match File::open(&path) {
        Ok(file) => file.take(MAX_LENGTH).read_to_end(&mut bytes).map_err(Error::at(&path))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::at(&path)(error)),
    };
    Ok(Some(bytes))
}

/// Removes the sidecar of a message that was replaced. Were it left behind by a crash, the new message would be refused
/// with it, not read wrongly.
pub(crate) fn remove_sidecar(message: &Path) -> Result<()> {
    let path = sidecar_path(message);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::at(&path)(error)),
        _ => Ok(()),
    }
}
