//! What the methods of this room take, as the core's options.
//!
//! The structures name the arguments and their types, so that wrong ones are refused in the words in which those of
//! an operation are.

use crate::convert::{arguments, options, type_error};
use pocketkms::{
    envelope::{
        DecryptOptions, EcdhCurveSpec, EncryptOptions, MessageClientOptions, PaddingScheme, RangeOptions,
        ReencryptOptions, RewrapBatchOptions, RewrapOptions,
    },
    shape::{Member, Shape, Structure},
};
use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};
use serde::{Deserialize, de::DeserializeOwned};

/// A structure of optional arguments.
macro_rules! optional_arguments {
    ($($(#[$doc:meta])* struct $name:ident { $($argument:ident: $rust:ty = $shape:expr,)* })*) => { $(
        $(#[$doc])*
        #[derive(Deserialize)]
        #[allow(clippy::struct_field_names, reason = "they are the names of the arguments")]
        struct $name {
            $(#[serde(default)] $argument: Option<$rust>,)*
        }

        impl $name {
            const SHAPE: Structure = Structure {
                name: stringify!($name),
                doc: "",
                members: &[$(Member::optional(stringify!($argument), $shape),)*],
            };
        }
    )* };
}

optional_arguments! {
    /// Of a hierarchical keyring.
    struct Entries {
        max_entries: u32 = u32::TYPE,
    }

    /// Of a raw ECDH keyring.
    struct EllipticCurve {
        curve_spec: EcdhCurveSpec = EcdhCurveSpec::TYPE,
    }

    /// Of a raw RSA keyring.
    struct Padding {
        padding_scheme: PaddingScheme = PaddingScheme::TYPE,
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
pub(super) fn named<T: Shape + DeserializeOwned + Default>(given: Option<&Bound<'_, PyDict>>) -> PyResult<T> {
    given.map_or_else(|| Ok(T::default()), |given| options(given, T::TYPE, false))
}

/// How many entries a cache may have, if it was said.
pub(super) fn entries(py: Python<'_>, value: Option<&Bound<'_, PyAny>>) -> PyResult<Option<usize>> {
    let given: Entries = arguments(&Entries::SHAPE, &PyTuple::new(py, [value])?)?;
    Ok(given.max_entries.map(|entries| entries as usize))
}

/// A curve, by AWS's name.
pub(super) fn curve_spec(value: &Bound<'_, PyAny>) -> PyResult<EcdhCurveSpec> {
    let given: EllipticCurve = arguments(&EllipticCurve::SHAPE, &PyTuple::new(value.py(), [value])?)?;
    given.curve_spec.ok_or_else(|| type_error("curve_spec", "str", value))
}

/// A padding scheme, by AWS's name.
pub(super) fn padding_scheme(value: &Bound<'_, PyAny>) -> PyResult<PaddingScheme> {
    let given: Padding = arguments(&Padding::SHAPE, &PyTuple::new(value.py(), [value])?)?;
    given.padding_scheme.ok_or_else(|| type_error("padding_scheme", "str", value))
}
