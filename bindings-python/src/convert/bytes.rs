//! Bytes, from whatever Python keeps them in.

use super::failure::type_error;
use crate::memory;
use pocketkms::Secret;
use pyo3::{
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
    types::{PyByteArray, PyBytes, PyMemoryView, PySlice, PyString},
};
use std::ops::Deref;

/// What [`bytes_of`] takes, for errors.
pub(crate) const BYTES: &str = "bytes, bytearray or memoryview";

/// A copy of the bytes; `None` if the value has none.
pub(crate) fn bytes_of(value: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u8>>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        Some(memory::copy(bytes.as_bytes()))
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        Some(copy_of(bytes))
    } else if value.is_instance_of::<PyMemoryView>() {
        Some(bytes_of_view(value))
    } else {
        None
    }
}

/// Secret text in UTF-8. Python's own error of text that has none holds that text.
pub(crate) fn secret_text<'t>(name: &str, text: &'t Bound<'_, PyString>) -> PyResult<&'t str> {
    text.to_str().map_err(|_| PyValueError::new_err(format!("'{name}' is no Unicode text: it has lone surrogates")))
}

/// Bytes that are only read: where they are, or a copy where they could change meanwhile.
pub(crate) enum Bytes<'a> {
    /// Of a `bytes`, which never changes, also while the interpreter is released.
    Borrowed(&'a [u8]),
    /// Of anything else. Wiped, for it may be a plaintext.
    Copied(Secret),
}

impl<'a> Bytes<'a> {
    /// The bytes of an argument of that name.
    pub(crate) fn of(name: &str, value: &'a Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = value.cast::<PyBytes>() {
            return Ok(Self::Borrowed(bytes.as_bytes()));
        }
        let bytes = bytes_of(value).unwrap_or_else(|| Err(type_error(name, BYTES, value)))?;
        Ok(Self::Copied(bytes.into()))
    }
}

impl Bytes<'_> {
    /// As a secret of its own.
    pub(crate) fn into_secret(self) -> PyResult<Secret> {
        match self {
            Self::Borrowed(bytes) => memory::copy(bytes).map(Secret::from),
            Self::Copied(secret) => Ok(secret),
        }
    }
}

/// How many bytes the value has, if it has any.
pub(crate) fn length_of(value: &Bound<'_, PyAny>) -> Option<usize> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        Some(bytes.as_bytes().len())
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        Some(bytes.len())
    } else if value.is_instance_of::<PyMemoryView>() {
        value.getattr("nbytes").ok()?.extract().ok()
    } else {
        None
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Copied(bytes) => bytes.expose(),
        }
    }
}

/// A `bytes` of that length, and what came of writing it: where it lies, so that it is never copied. No one else sees it
/// before.
pub(crate) fn bytes_with<T>(
    py: Python<'_>,
    length: usize,
    write: impl FnOnce(&mut [u8]) -> PyResult<T>,
) -> PyResult<(Bound<'_, PyBytes>, T)> {
    let mut written = None;
    let bytes = PyBytes::new_with(py, length, |room| {
        written = Some(write(room)?);
        Ok(())
    })?;
    let written = written.ok_or_else(|| PyRuntimeError::new_err("the bytes were not written"))?;
    Ok((bytes, written))
}

/// `CPython` 3.10's stable ABI has no buffers, but `bytearray` knows how to read one.
fn bytes_of_view(view: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let copy = PyByteArray::from(view)?;
    let bytes = copy_of(&copy);
    // They may be a secret, and no one else knows of this copy. Piece by piece, for there may be no memory for more.
    let py = view.py();
    for start in (0..copy.len()).step_by(PIECE) {
        let end = copy.len().min(start + PIECE);
        let zeros = PyBytes::new_with(py, end - start, |_| Ok(()))?;
        copy.set_item(PySlice::new(py, start.try_into()?, end.try_into()?, 1), zeros)?;
    }
    bytes
}

/// How much of a copy is wiped at a time.
const PIECE: usize = 64 * 1024;

fn copy_of(array: &Bound<'_, PyByteArray>) -> PyResult<Vec<u8>> {
    memory::look_for(array.len())?;
    Ok(array.to_vec())
}
