//! Extended attributes: what users, desktops and access lists keep beside a file.

use rustix::{
    fs::{XattrFlags, fgetxattr, fgetxattr_query, flistxattr, flistxattr_query, fsetxattr},
    io::Errno,
};
use std::{
    ffi::{CStr, CString},
    fs::File,
    io,
};

/// Digests, signatures and rights of the very content: they do not hold for another one.
const OF_CONTENT: [&[u8]; 3] = [b"security.capability", b"security.evm", b"security.ima"];

/// Names and values.
#[derive(Default)]
pub(crate) struct Extended(Vec<(CString, Vec<u8>)>);

impl Extended {
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let names = match read(|| flistxattr_query(file), |buffer| flistxattr(file, buffer)) {
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Self::default()),
            names => names?,
        };
        let mut found = Vec::new();
        for name in names.split_inclusive(|byte| *byte == 0).filter_map(|name| CStr::from_bytes_with_nul(name).ok()) {
            if OF_CONTENT.contains(&name.to_bytes()) {
                continue;
            }
            match read(|| fgetxattr_query(file, name), |buffer| fgetxattr(file, name, buffer)) {
                Ok(value) => found.push((name.to_owned(), value)),
                Err(error) if is_refusal(error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self(found))
    }

    /// As far as file system and rights allow it.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        for (name, value) in &self.0 {
            match fsetxattr(file, name, value, XattrFlags::empty()) {
                Err(error) if !is_refusal(error) => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Another file system, another user, or removed since it was listed.
fn is_refusal(error: Errno) -> bool {
    #[cfg(target_vendor = "apple")]
    let gone = Errno::NOATTR;
    #[cfg(not(target_vendor = "apple"))]
    let gone = Errno::NODATA;
    error == gone || [Errno::PERM, Errno::ACCESS, Errno::NOTSUP, Errno::NOSYS, Errno::INVAL].contains(&error)
}

/// Asks for the length, then for the bytes; both again where it grew in between.
fn read(
    length: impl Fn() -> Result<usize, Errno>,
    bytes: impl Fn(&mut [u8]) -> Result<usize, Errno>,
) -> Result<Vec<u8>, Errno> {
    loop {
        let mut buffer = vec![0; length()?];
        match bytes(&mut buffer) {
            Err(Errno::RANGE) => {}
            read => {
                buffer.truncate(read?);
                return Ok(buffer);
            }
        }
    }
}
