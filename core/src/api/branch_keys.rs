//! Branch keys: keys between KMS keys and data keys, kept in the vault for hierarchical keyrings.
//!
//! They are no operations of AWS KMS, but those of the AWS Encryption SDK's branch key store.

use super::limits::{KEY_ID, MARKER};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    shape::{Limits, Shape, Type, structures},
};
use alloc::{string::String, vec::Vec};

/// Hands the list of the methods of branch keys to another macro, in the form of [`operations!`](crate::operations).
#[macro_export]
macro_rules! branch_key_operations {
    ($callback:path) => {
        $callback! {
            (CreateBranchKey, create_branch_key, "createBranchKey", CreateBranchKeyRequest, BranchKeyMetadata,
                "Creates a branch key, for hierarchical keyrings: 32 random bytes under a KMS key, kept in the vault.")
            (RotateBranchKey, rotate_branch_key, "rotateBranchKey", RotateBranchKeyRequest, BranchKeyMetadata,
                "Makes a new version of a branch key the active one. Former versions still decrypt.")
            (RewrapBranchKeys, rewrap_branch_keys, "rewrapBranchKeys", RewrapBranchKeysRequest, RewrapBranchKeysResponse,
                "Re-encrypts all versions of branch keys, under another KMS key or the newest material of their own: to be done after \
                 a KMS key was rotated, or before one is deleted. Messages stay as they are. Versions are moved some at a \
                 time; after an error those before it are moved, all can be used, and to call again goes on. Damaged records do \
                 not stop the others, but are reported by a `RecordCorruptedException` when all others are moved: keep the old KMS key until \
                 they have been put back, then call again without a source.")
            (DescribeBranchKey, describe_branch_key, "describeBranchKey", DescribeBranchKeyRequest, BranchKeyMetadata,
                "Returns what is known of a branch key.")
            (ListBranchKeys, list_branch_keys, "listBranchKeys", ListBranchKeysRequest, ListBranchKeysResponse,
                "Lists the branch keys of the caller's account and Region, page by page.")
        }
    };
}

/// The description of a method of a client that is no operation of AWS KMS, for generators.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnOperationModel {
    /// Its name in the form of AWS's operations, `CreateBranchKey`.
    pub name: &'static str,
    /// Its name in Rust and Python, `create_branch_key`.
    pub method_name: &'static str,
    /// Its name in JavaScript, Swift and Kotlin, `createBranchKey`.
    pub camel_name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its request: a [`Type::Structure`].
    pub request: Type,
    /// Its response: a [`Type::Structure`].
    pub response: Type,
}

macro_rules! define_model {
    ($(($name:ident, $method:ident, $camel:literal, $request:ident, $response:ty, $doc:literal))*) => {
        /// The description of every method of branch keys.
        pub const fn branch_key_model() -> &'static [OwnOperationModel] {
            &[$(OwnOperationModel {
                name: stringify!($name),
                method_name: stringify!($method),
                camel_name: $camel,
                doc: $doc,
                request: <$request as Shape>::TYPE,
                response: <$response as Shape>::TYPE,
            },)*]
        }
    };
}
branch_key_operations!(define_model);

structures! {
    /// The request to create a branch key: `CreateKey` of AWS's key store.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CreateBranchKeyRequest {
        /// The symmetric encryption KMS key that the branch key is encrypted under: its key id, key ARN, alias name or alias
        /// ARN.
        pub kms_key_id: required(String) limits(KEY_ID),
        /// The id of the branch key, 1 to 256 characters; a random UUID where there is none. One's own id needs an
        /// encryption context.
        pub branch_key_identifier: optional(String) limits(Limits::length(1, 256)),
        /// Pairs that are bound to all versions of the branch key.
        pub encryption_context: optional(EncryptionContext),
    }

    /// The request to make a new version of a branch key the active one: `VersionKey` of AWS's key store. Former versions
    /// still decrypt.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RotateBranchKeyRequest {
        /// The id of the branch key.
        pub branch_key_identifier: required(String),
    }

    /// The request to re-encrypt all versions of branch keys under the newest material of a KMS key.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RewrapBranchKeysRequest {
        /// The ids of the branch keys; all of the caller's account and Region where there are none.
        pub branch_key_identifiers: optional(Vec<String>),
        /// Only those that are under this KMS key.
        pub source_kms_key_id: optional(String),
        /// The KMS key that they are under afterwards; where there is none, each stays under its own.
        pub destination_kms_key_id: optional(String),
    }

    /// What was re-encrypted. What is under the newest material already is left alone.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RewrapBranchKeysResponse {
        /// How many branch keys had a version that was re-encrypted.
        pub branch_keys: required(i32),
        /// How many versions were re-encrypted.
        pub versions: required(i32),
    }

    /// The request to describe a branch key.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DescribeBranchKeyRequest {
        /// The id of the branch key.
        pub branch_key_identifier: required(String),
    }

    /// What is known of a branch key.
    #[derive(Clone, Debug, PartialEq)]
    pub struct BranchKeyMetadata {
        /// The id of the branch key.
        pub branch_key_identifier: required(String),
        /// The version that encrypts, a UUID.
        pub active_version: required(String),
        /// How many versions there are.
        pub versions: required(i32),
        /// The ARN of the KMS key that the branch key is encrypted under.
        pub kms_key_arn: required(String),
        /// When it was created.
        pub creation_date: required(Timestamp),
        /// The pairs that are bound to it.
        pub encryption_context: required(EncryptionContext),
    }

    /// The request to list the branch keys of the caller's account and Region, page by page.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListBranchKeysRequest {
        /// The most entries of the answer, 1 to 1000; 100 where there is none.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// The `NextMarker` of the page before.
        pub marker: optional(String) limits(MARKER),
    }

    /// A page of branch keys, in no order that means anything.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListBranchKeysResponse {
        /// The branch keys.
        pub branch_keys: required(Vec<BranchKeyMetadata>),
        /// Where the next page begins; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more.
        pub truncated: required(bool),
    }
}
