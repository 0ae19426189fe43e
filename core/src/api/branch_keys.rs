//! Branch keys: keys between KMS keys and data keys, kept in the vault for hierarchical keyrings.
//!
//! They are no operations of AWS KMS, but those of the AWS Encryption SDK's branch key store.

use super::limits::{KEY_ID, MARKER};
use crate::{
    clock::Timestamp,
    context::EncryptionContext,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

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

    /// The request to encrypt all versions of branch keys anew, under the newest material of a KMS key.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RewrapBranchKeysRequest {
        /// The ids of the branch keys; all of the caller's account and Region where there are none.
        pub branch_key_identifiers: optional(Vec<String>),
        /// Only those that are under this KMS key.
        pub source_kms_key_id: optional(String),
        /// The KMS key that they are under afterwards; where there is none, each stays under its own.
        pub destination_kms_key_id: optional(String),
    }

    /// What was encrypted anew. What is under the newest material already is left alone.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RewrapBranchKeysResponse {
        /// How many branch keys had a version that was encrypted anew.
        pub branch_keys: required(i32),
        /// How many versions were encrypted anew.
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
