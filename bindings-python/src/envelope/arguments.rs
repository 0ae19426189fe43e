//! What the methods of this room take, as the core's options.
//!
//! The structures name the arguments and their types, so that wrong ones are refused in the words in which those of
//! an operation are.

use crate::convert::{arguments, type_error};
use pocketkms::{
    EncryptionContext,
    api::Blob,
    envelope::{
        AlgorithmSuite, CacheLimits, CommitmentPolicy, DecryptOptions, EcdhCurveSpec, EncryptOptions, Limits,
        PaddingScheme, RangeOptions, ReencryptOptions, RewrapOptions,
    },
    shape::{Member, Shape, Structure, Type},
};
use pyo3::{prelude::*, types::PyTuple};
use serde::Deserialize;
use std::time::Duration;

/// A structure of optional arguments.
macro_rules! optional_arguments {
    ($($(#[$doc:meta])* struct $name:ident { $($argument:ident: $rust:ty = $shape:expr,)* })*) => { $(
        $(#[$doc])*
        #[derive(Deserialize)]
        #[allow(clippy::struct_field_names, reason = "they are the names of the arguments")]
        struct $name {
            $($argument: Option<$rust>,)*
        }

        impl $name {
            const SHAPE: Structure = Structure {
                name: stringify!($name),
                doc: "",
                members: &[$(Member {
                    name: stringify!($argument),
                    wire: None,
                    doc: "",
                    required: false,
                    shape: $shape,
                    limits: pocketkms::shape::Limits::NONE,
                },)*],
            };
        }
    )* };
}

optional_arguments! {
    /// Of a client.
    struct Settings {
        commitment_policy: CommitmentPolicy = CommitmentPolicy::TYPE,
        max_encrypted_data_keys: u16 = Type::Integer,
        max_frame_length: u32 = Type::Integer,
        max_unframed_length: u64 = Type::Integer,
    }

    /// Of what encrypts.
    struct Encrypting {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        algorithm_suite: AlgorithmSuite = AlgorithmSuite::TYPE,
        frame_length: u32 = Type::Integer,
        plaintext_length: u64 = Type::Integer,
    }

    /// Of what decrypts.
    struct Decrypting {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        sidecar: Blob = Type::Bytes,
        unsigned_only: bool = Type::Boolean,
    }

    /// Of what rewraps.
    struct Rewrapping {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        sidecar: Blob = Type::Bytes,
        sidecar_only: bool = Type::Boolean,
    }

    /// Of what rewraps many.
    struct Batch {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        sidecar_only: bool = Type::Boolean,
        every: bool = Type::Boolean,
    }

    /// Of what re-encrypts.
    struct Reencrypting {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        sidecar: Blob = Type::Bytes,
        algorithm_suite: AlgorithmSuite = AlgorithmSuite::TYPE,
        frame_length: u32 = Type::Integer,
    }

    /// Of what decrypts parts.
    struct Ranging {
        encryption_context: EncryptionContext = Type::Map,
        required_encryption_context_keys: Vec<String> = Type::List(&Type::String),
        sidecar: Blob = Type::Bytes,
        accept_unverified_signature: bool = Type::Boolean,
    }

    /// Of a cache.
    struct Bounds {
        max_entries: u32 = Type::Integer,
        max_messages: u64 = Type::Integer,
        max_bytes: u64 = Type::Integer,
    }

    /// Of a hierarchical keyring.
    struct Entries {
        max_entries: u32 = Type::Integer,
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

/// The commitment policy and the limits of a client.
pub(super) fn settings(values: &Bound<'_, PyTuple>) -> PyResult<(CommitmentPolicy, Limits)> {
    let given: Settings = arguments(&Settings::SHAPE, values)?;
    let default = Limits::default();
    let limits = Limits {
        max_encrypted_data_keys: given.max_encrypted_data_keys.unwrap_or(default.max_encrypted_data_keys),
        max_frame_length: given.max_frame_length.unwrap_or(default.max_frame_length),
        max_unframed_length: given.max_unframed_length.unwrap_or(default.max_unframed_length),
    };
    Ok((given.commitment_policy.unwrap_or(CommitmentPolicy::RequireEncryptRequireDecrypt), limits))
}

/// How to encrypt.
pub(super) fn encrypt_options(values: &Bound<'_, PyTuple>) -> PyResult<EncryptOptions> {
    let given: Encrypting = arguments(&Encrypting::SHAPE, values)?;
    Ok(EncryptOptions {
        encryption_context: given.encryption_context.unwrap_or_default(),
        required_encryption_context_keys: given.required_encryption_context_keys.unwrap_or_default(),
        algorithm_suite: given.algorithm_suite,
        frame_length: given.frame_length,
        plaintext_length: given.plaintext_length,
    })
}

/// How to decrypt.
pub(super) fn decrypt_options(values: &Bound<'_, PyTuple>) -> PyResult<DecryptOptions> {
    let given: Decrypting = arguments(&Decrypting::SHAPE, values)?;
    let options = decrypting(given.encryption_context, given.required_encryption_context_keys, given.sidecar);
    Ok(DecryptOptions { unsigned_only: given.unsigned_only.unwrap_or_default(), ..options })
}

fn decrypting(
    context: Option<EncryptionContext>,
    required_keys: Option<Vec<String>>,
    sidecar: Option<Blob>,
) -> DecryptOptions {
    DecryptOptions {
        encryption_context: context.unwrap_or_default(),
        required_encryption_context_keys: required_keys.unwrap_or_default(),
        sidecar: sidecar.map(Blob::into_vec),
        unsigned_only: false,
    }
}

/// How to rewrap.
pub(super) fn rewrap_options(values: &Bound<'_, PyTuple>) -> PyResult<RewrapOptions> {
    let given: Rewrapping = arguments(&Rewrapping::SHAPE, values)?;
    Ok(RewrapOptions {
        decrypt: decrypting(given.encryption_context, given.required_encryption_context_keys, given.sidecar),
        sidecar_only: given.sidecar_only.unwrap_or_default(),
    })
}

/// How to rewrap many, and whether also what seems to be done.
pub(super) fn batch_options(values: &Bound<'_, PyTuple>) -> PyResult<(RewrapOptions, bool)> {
    let given: Batch = arguments(&Batch::SHAPE, values)?;
    let options = RewrapOptions {
        decrypt: decrypting(given.encryption_context, given.required_encryption_context_keys, None),
        sidecar_only: given.sidecar_only.unwrap_or_default(),
    };
    Ok((options, given.every.unwrap_or_default()))
}

/// How to re-encrypt.
pub(super) fn reencrypt_options(values: &Bound<'_, PyTuple>) -> PyResult<ReencryptOptions> {
    let given: Reencrypting = arguments(&Reencrypting::SHAPE, values)?;
    Ok(ReencryptOptions {
        decrypt: decrypting(given.encryption_context, given.required_encryption_context_keys, given.sidecar),
        algorithm_suite: given.algorithm_suite,
        frame_length: given.frame_length,
    })
}

/// How to decrypt parts of a message of that length.
pub(super) fn range_options(values: &Bound<'_, PyTuple>, message_length: u64) -> PyResult<RangeOptions> {
    let given: Ranging = arguments(&Ranging::SHAPE, values)?;
    Ok(RangeOptions {
        decrypt: decrypting(given.encryption_context, given.required_encryption_context_keys, given.sidecar),
        message_length: Some(message_length),
        accept_unverified_signature: given.accept_unverified_signature.unwrap_or_default(),
    })
}

/// The limits of a cache; the age is in seconds.
pub(super) fn cache_limits(values: &Bound<'_, PyTuple>, max_age: Option<f64>) -> PyResult<CacheLimits> {
    let given: Bounds = arguments(&Bounds::SHAPE, values)?;
    let default = CacheLimits::default();
    let max_age = match max_age {
        // What is beyond all time is as good as the end of it; what is before it is refused with 0.
        Some(seconds) => Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX),
        None => default.max_age,
    };
    Ok(CacheLimits {
        max_entries: given.max_entries.map_or(default.max_entries, |entries| entries as usize),
        max_age,
        max_messages: given.max_messages.unwrap_or(default.max_messages),
        max_bytes: given.max_bytes.unwrap_or(default.max_bytes),
    })
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
