//! Messages and what became of them, as the package's dataclasses. All else the core describes: `convert::response` makes it.

use crate::{
    convert::{Class, class, response},
    memory,
};
use pocketkms::{
    EncryptionContext,
    envelope::{MessageHeader, Rewrapped},
};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyInt},
};

/// The module of the dataclasses that are written by hand.
pub(super) const MESSAGES: &str = "pocketkms._messages";

struct Classes {
    decrypted_file: Class,
    rewrapped_header: Class,
    rewrapped_sidecar: Class,
}

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || {
        let module = py.import(MESSAGES)?;
        Ok(Classes {
            decrypted_file: Class::new(&module, "DecryptedFile", ["encryption_context", "header"])?,
            rewrapped_header: Class::new(&module, "RewrappedHeader", ["header", "replaces"])?,
            rewrapped_sidecar: Class::new(&module, "RewrappedSidecar", ["sidecar"])?,
        })
    })
}

/// An instance, of the values of all its members.
pub(super) fn instance<'py, const LENGTH: usize>(
    py: Python<'py>,
    class: &Class,
    members: [&Bound<'py, PyAny>; LENGTH],
) -> PyResult<Bound<'py, PyAny>> {
    let instance = class.instance(py)?;
    for (index, value) in members.into_iter().enumerate() {
        class.set(&instance, index, value)?;
    }
    Ok(instance)
}

/// A message, which is in Python's memory already, and its header.
pub(super) fn encrypted<'py>(
    py: Python<'py>,
    message: &Bound<'py, PyBytes>,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    instance(py, class(py, "Encrypted")?, [message, &response(py, header)?])
}

/// What a message held, which is in Python's memory already.
pub(super) fn decrypted<'py>(
    py: Python<'py>,
    plaintext: &Bound<'py, PyBytes>,
    encryption_context: &EncryptionContext,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    let (context, header) = (response(py, encryption_context)?, response(py, header)?);
    instance(py, class(py, "Decrypted")?, [plaintext, &context, &header])
}

/// What the message in a file said.
pub(super) fn decrypted_file<'py>(
    py: Python<'py>,
    encryption_context: &EncryptionContext,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    instance(py, &classes(py)?.decrypted_file, [&response(py, encryption_context)?, &response(py, header)?])
}

/// What rewrapping made.
pub(super) fn rewrapped<'py>(py: Python<'py>, rewrapped: &Rewrapped) -> PyResult<Bound<'py, PyAny>> {
    let classes = classes(py)?;
    match rewrapped {
        Rewrapped::Header { bytes, replaces } => {
            instance(py, &classes.rewrapped_header, [memory::bytes(py, bytes)?.as_any(), &PyInt::new(py, *replaces)])
        }
        Rewrapped::Sidecar(bytes) => instance(py, &classes.rewrapped_sidecar, [memory::bytes(py, bytes)?.as_any()]),
    }
}
