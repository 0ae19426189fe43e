//! Memory for buffers as long as an app's input: a `MemoryError` where there is not enough, instead of an abort.

use crate::{gate, pending::carry};
use pocketkms::{Result, Secret};
use pyo3::{exceptions::PyMemoryError, prelude::*, types::PyBytes};
use std::hint::black_box;

/// What is not looked for: if there is not even so much, Python itself cannot go on.
const LITTLE: usize = 64 * 1024;

/// A copy.
pub(crate) fn copy(bytes: &[u8]) -> PyResult<Vec<u8>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(bytes.len()).map_err(|_| PyMemoryError::new_err(()))?;
    copy.extend_from_slice(bytes);
    Ok(copy)
}

/// A `bytes`. `PyBytes::new` panics where there is no memory.
pub(crate) fn bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, bytes.len(), |room| {
        room.copy_from_slice(bytes);
        Ok(())
    })
}

/// Zeros, for work inside of the core.
pub(crate) fn zeroed(length: usize) -> Result<Secret> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(length).map_err(|_| missing())?;
    zeros.resize(length, 0);
    Ok(zeros.into())
}

/// Appends to what grows inside of the core.
pub(crate) fn append(bytes: &mut Vec<u8>, more: &[u8]) -> Result<()> {
    bytes.try_reserve(more.len()).map_err(|_| missing())?;
    bytes.extend_from_slice(more);
    Ok(())
}

/// Looks whether there is so much, for what is allocated next by code that cannot go on without. Another thread may take the memory
/// meanwhile, but a call that asks for too much is refused here.
pub(crate) fn look_for(length: usize) -> PyResult<()> {
    if length < LITTLE {
        return Ok(());
    }
    let mut room = Vec::<u8>::new();
    room.try_reserve_exact(length).map_err(|_| PyMemoryError::new_err(()))?;
    // Else the compiler leaves out what is never used.
    black_box(&mut room);
    Ok(())
}

/// As [`look_for`], inside of a call of the core.
pub(crate) fn check(length: usize) -> Result<()> {
    look_for(length).map_err(|_| missing())
}

fn missing() -> pocketkms::Error {
    gate::attach(|py| carry(py, PyMemoryError::new_err(())))
}
