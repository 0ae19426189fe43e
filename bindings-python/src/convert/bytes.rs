//! Bytes, from whatever Python keeps them in.

use pyo3::{
    prelude::*,
    types::{PyByteArray, PyBytes, PyMemoryView, PySlice},
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
        Some(bytes_of_view(value))
    } else {
        None
    }
}

/// `CPython` 3.10's stable ABI has no buffers, but `bytearray` knows how to read one.
fn bytes_of_view(view: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let copy = PyByteArray::from(view)?;
    let bytes = copy.to_vec();
    // They may be a secret, and nobody else knows of this copy.
    let zeros = PyBytes::new_with(view.py(), bytes.len(), |_| Ok(()))?;
    copy.set_item(PySlice::full(view.py()), zeros)?;
    Ok(bytes)
}
