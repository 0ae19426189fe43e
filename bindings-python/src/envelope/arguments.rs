//! What the methods of this room take, as the core's options.
//!
//! The structures name the arguments and their types, so that wrong ones are refused in the words in which those of
//! an operation are.

use crate::convert::{options, request, type_error};
use pocketkms::{
    envelope::{
        DecryptOptions, EcdhCurveSpec, EncryptOptions, MessageClientOptions, PaddingScheme, RangeOptions,
        ReencryptOptions, RewrapBatchOptions, RewrapOptions,
    },
    shape::Shape,
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};

pocketkms::optional_arguments! {
    struct Entries as "Of a hierarchical keyring." {
        "" max_entries: u32,
    }

    struct EllipticCurve as "Of a raw ECDH keyring." {
        "" curve_spec: EcdhCurveSpec,
    }

    struct Padding as "Of a raw RSA keyring." {
        "" padding_scheme: PaddingScheme,
    }
}

/// The settings of a client.
pub(super) fn settings(given: &Bound<'_, PyDict>) -> PyResult<MessageClientOptions> {
    options(given, MessageClientOptions::TYPE, false)
}

/// How to encrypt: a stream, or at once.
pub(super) fn encrypt_options(given: &Bound<'_, PyDict>, streams: bool) -> PyResult<EncryptOptions> {
    options(given, EncryptOptions::TYPE, streams)
}

/// How to decrypt: a stream, or at once.
pub(super) fn decrypt_options(given: &Bound<'_, PyDict>, streams: bool) -> PyResult<DecryptOptions> {
    options(given, DecryptOptions::TYPE, streams)
}

/// How to rewrap.
pub(super) fn rewrap_options(given: &Bound<'_, PyDict>) -> PyResult<RewrapOptions> {
    let whole = RewrapOptions::TYPE;
    Ok(RewrapOptions { decrypt: options(given, whole, false)?, ..options(given, whole, false)? })
}

/// How to rewrap many.
pub(super) fn rewrap_batch_options(given: &Bound<'_, PyDict>) -> PyResult<RewrapOptions> {
    let options: RewrapBatchOptions = options(given, RewrapBatchOptions::TYPE, false)?;
    Ok(options.into())
}

/// How to re-encrypt.
pub(super) fn reencrypt_options(given: &Bound<'_, PyDict>) -> PyResult<ReencryptOptions> {
    let whole = ReencryptOptions::TYPE;
    Ok(ReencryptOptions { decrypt: options(given, whole, false)?, ..options(given, whole, false)? })
}

/// How to decrypt parts of a message of that length.
pub(super) fn range_options(given: &Bound<'_, PyDict>, message_length: u64) -> PyResult<RangeOptions> {
    let (whole, message_length) = (RangeOptions::TYPE, Some(message_length));
    let decrypt = options(given, whole, false)?;
    Ok(RangeOptions { decrypt, message_length, ..options(given, whole, false)? })
}

/// What is given by name to what is made: a cache, a KMS keyring.
pub(super) fn named<T: Shape + Default>(given: Option<&Bound<'_, PyDict>>) -> PyResult<T> {
    given.map_or_else(|| Ok(T::default()), |given| options(given, T::TYPE, false))
}

/// How many entries a cache may have, if it was said.
pub(super) fn entries(py: Python<'_>, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let given: Entries = request(&PyTuple::new(py, [value])?)?;
    Ok(given.max_entries.map(|entries| entries as usize))
}

/// A curve, by AWS's name.
pub(super) fn curve_spec(value: &Bound<'_, PyAny>) -> PyResult<EcdhCurveSpec> {
    let given: EllipticCurve = request(&PyTuple::new(value.py(), [value])?)?;
    given.curve_spec.ok_or_else(|| type_error("curve_spec", "str", value))
}

/// A padding scheme, by AWS's name.
pub(super) fn padding_scheme(value: &Bound<'_, PyAny>) -> PyResult<PaddingScheme> {
    let given: Padding = request(&PyTuple::new(value.py(), [value])?)?;
    given.padding_scheme.ok_or_else(|| type_error("padding_scheme", "str", value))
}
