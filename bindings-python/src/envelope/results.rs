//! The core's headers and messages as the package's dataclasses.

use crate::convert::Class;
use pocketkms::{
    EncryptionContext,
    envelope::{ContentType, EncryptedDataKey, MessageHeader, MessageInfo, Rewrapped, SidecarInfo, WrappingKey},
};
use pyo3::{
    prelude::*,
    sync::PyOnceLock,
    types::{PyBytes, PyDict, PyInt, PyString, PyTuple},
};

/// The module of the dataclasses.
pub(super) const MESSAGES: &str = "pocketkms._messages";

struct Classes {
    encrypted_data_key: Class,
    header: Class,
    encrypted: Class,
    decrypted: Class,
    decrypted_file: Class,
    wrapping_key: Class,
    message_info: Class,
    sidecar_info: Class,
    rewrapped_header: Class,
    rewrapped_sidecar: Class,
}

fn classes(py: Python<'_>) -> PyResult<&Classes> {
    static CLASSES: PyOnceLock<Classes> = PyOnceLock::new();
    CLASSES.get_or_try_init(py, || {
        let module = py.import(MESSAGES)?;
        Ok(Classes {
            encrypted_data_key: Class::new(
                &module,
                "EncryptedDataKey",
                ["provider_id", "provider_info", "ciphertext"],
            )?,
            header: Class::new(
                &module,
                "MessageHeader",
                [
                    "version",
                    "algorithm_suite",
                    "message_id",
                    "encryption_context",
                    "encrypted_data_keys",
                    "content_type",
                    "frame_length",
                    "commitment",
                ],
            )?,
            encrypted: Class::new(&module, "Encrypted", ["message", "header"])?,
            decrypted: Class::new(&module, "Decrypted", ["plaintext", "encryption_context", "header"])?,
            decrypted_file: Class::new(&module, "DecryptedFile", ["encryption_context", "header"])?,
            wrapping_key: Class::new(
                &module,
                "WrappingKey",
                ["provider_id", "key_name", "key_arn", "key_id", "key_material"],
            )?,
            sidecar_info: Class::new(
                &module,
                "SidecarInfo",
                ["algorithm_suite", "message_id", "encrypted_data_keys", "wrapping_keys"],
            )?,
            rewrapped_header: Class::new(&module, "RewrappedHeader", ["header", "replaces"])?,
            rewrapped_sidecar: Class::new(&module, "RewrappedSidecar", ["sidecar"])?,
            message_info: Class::new(&module, "MessageInfo", ["header", "header_length", "wrapping_keys"])?,
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

/// A message and its header.
pub(super) fn encrypted<'py>(
    py: Python<'py>,
    message: &Bound<'py, PyBytes>,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    instance(py, &classes(py)?.encrypted, [message, &self::header(py, header)?])
}

/// What a message held.
pub(super) fn decrypted<'py>(
    py: Python<'py>,
    plaintext: &Bound<'py, PyBytes>,
    encryption_context: &EncryptionContext,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    let context = self::encryption_context(py, encryption_context)?;
    instance(py, &classes(py)?.decrypted, [plaintext, &context, &self::header(py, header)?])
}

/// What the message in a file said.
pub(super) fn decrypted_file<'py>(
    py: Python<'py>,
    encryption_context: &EncryptionContext,
    header: &MessageHeader,
) -> PyResult<Bound<'py, PyAny>> {
    let context = self::encryption_context(py, encryption_context)?;
    instance(py, &classes(py)?.decrypted_file, [&context, &self::header(py, header)?])
}

/// A header.
pub(super) fn header<'py>(py: Python<'py>, header: &MessageHeader) -> PyResult<Bound<'py, PyAny>> {
    let keys = each(py, &header.encrypted_data_keys, encrypted_data_key)?;
    let (version, frame_length) = (PyInt::new(py, header.version()), PyInt::new(py, header.frame_length));
    let content_type = match header.content_type {
        ContentType::Framed => "FRAMED",
        ContentType::Unframed => "UNFRAMED",
    };
    let commitment = match &header.commitment {
        Some(commitment) => PyBytes::new(py, commitment).into_any(),
        None => py.None().into_bound(py),
    };
    instance(
        py,
        &classes(py)?.header,
        [
            &version,
            &PyString::intern(py, header.algorithm_suite.as_str()),
            &PyBytes::new(py, &header.message_id),
            &encryption_context(py, &header.encryption_context)?,
            &keys,
            &PyString::intern(py, content_type),
            &frame_length,
            &commitment,
        ],
    )
}

/// What a message says of itself.
pub(super) fn message_info<'py>(py: Python<'py>, info: &MessageInfo) -> PyResult<Bound<'py, PyAny>> {
    let keys = each(py, &info.wrapping_keys, wrapping_key)?;
    let length = PyInt::new(py, info.header_length);
    instance(py, &classes(py)?.message_info, [&header(py, &info.header)?, &length, &keys])
}

/// What a sidecar says of itself.
pub(super) fn sidecar_info<'py>(py: Python<'py>, info: &SidecarInfo) -> PyResult<Bound<'py, PyAny>> {
    let keys = each(py, &info.encrypted_data_keys, encrypted_data_key)?;
    let suite = PyString::intern(py, info.algorithm_suite.as_str());
    let wrapping_keys = each(py, &info.wrapping_keys, wrapping_key)?;
    instance(py, &classes(py)?.sidecar_info, [&suite, &PyBytes::new(py, &info.message_id), &keys, &wrapping_keys])
}

/// What rewrapping made.
pub(super) fn rewrapped<'py>(py: Python<'py>, rewrapped: &Rewrapped) -> PyResult<Bound<'py, PyAny>> {
    let classes = classes(py)?;
    match rewrapped {
        Rewrapped::Header { bytes, replaces } => {
            instance(py, &classes.rewrapped_header, [&PyBytes::new(py, bytes), &PyInt::new(py, *replaces)])
        }
        Rewrapped::Sidecar(bytes) => instance(py, &classes.rewrapped_sidecar, [&PyBytes::new(py, bytes)]),
    }
}

/// A tuple of what is made of each.
fn each<'py, T>(
    py: Python<'py>,
    values: &[T],
    make: impl Fn(Python<'py>, &T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, values.iter().map(|value| make(py, value)).collect::<PyResult<Vec<_>>>()?)
}

fn wrapping_key<'py>(py: Python<'py>, key: &WrappingKey) -> PyResult<Bound<'py, PyAny>> {
    let text = |text: &str| PyString::new(py, text).into_any();
    let optional = |value: &Option<String>| value.as_deref().map_or_else(|| py.None().into_bound(py), text);
    let WrappingKey { provider_id, key_name, key_arn, key_id, key_material } = key;
    let members = [text(provider_id), text(key_name), optional(key_arn), optional(key_id), optional(key_material)];
    instance(py, &classes(py)?.wrapping_key, members.each_ref())
}

/// A data key in encrypted form.
pub(super) fn encrypted_data_key<'py>(py: Python<'py>, key: &EncryptedDataKey) -> PyResult<Bound<'py, PyAny>> {
    instance(
        py,
        &classes(py)?.encrypted_data_key,
        [
            &PyString::new(py, &key.provider_id),
            &PyBytes::new(py, &key.provider_info),
            &PyBytes::new(py, &key.ciphertext),
        ],
    )
}

/// An encryption context, as a dict.
pub(super) fn encryption_context<'py>(py: Python<'py>, context: &EncryptionContext) -> PyResult<Bound<'py, PyAny>> {
    let dict = PyDict::new(py);
    context.iter().try_for_each(|(name, value)| dict.set_item(name, value))?;
    Ok(dict.into_any())
}
