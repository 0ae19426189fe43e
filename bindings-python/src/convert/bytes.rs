//! Bytes, from whatever Python keeps them in.

use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyMemoryView},
};

/// What [`bytes_of`] takes, for errors.
pub(crate) const BYTES: &str = "bytes, bytearray or memoryview";

/// A copy of the bytes; `None` if the value has none.
pub(crate) fn bytes_of(value: &Bound<'_, PyAny>) -> Option<PyResult<Vec<u8>>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        Some(Ok(bytes.as_bytes().to_vec()))
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        Some(Ok(bytes.to_vec()))
    } else if value.is_instance_of::<PyMemoryView>() {
        // CPython 3.10's stable ABI has no buffers; `bytearray` knows how to read one.
        Some(PyByteArray::from(value).map(|bytes| bytes.to_vec()))
    } else {
        None
    }
}
