//! What the methods of this room take, as the core's options.
//!
//! The structures name the arguments and their types, so that wrong ones are refused in the words in which those of
//! an operation are.

use crate::convert::arguments;
use pocketkms::{
    EncryptionContext,
    envelope::{AlgorithmSuite, CommitmentPolicy, DecryptOptions, EncryptOptions, Limits},
    shape::{Member, Shape, Structure, Type},
};
use pyo3::{prelude::*, types::PyTuple};
use serde::Deserialize;

/// A structure of optional arguments.
macro_rules! optional_arguments {
    ($($(#[$doc:meta])* struct $name:ident { $($argument:ident: $rust:ty = $shape:expr,)* })*) => { $(
        $(#[$doc])*
        #[derive(Deserialize)]
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
        unsigned_only: bool = Type::Boolean,
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
    Ok(DecryptOptions {
        encryption_context: given.encryption_context.unwrap_or_default(),
        required_encryption_context_keys: given.required_encryption_context_keys.unwrap_or_default(),
        unsigned_only: given.unsigned_only.unwrap_or_default(),
    })
}
