//! Multi-Region keys: replicas of a KMS key in other Regions, with the same id and key material.

use super::limits::{DESCRIPTION, KEY_ID, POLICY, REGION};
use super::{KeyMetadata, Tag};
use crate::shape::structures;
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `ReplicateKey`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ReplicateKeyRequest {
        /// The multi-Region primary key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The Region of the replica, in the partition of the primary. The key must not be in it yet.
        pub replica_region: required(String) limits(REGION),
        /// The key policy of the replica, a JSON document of up to 32,768 bytes; the default policy if there is none, and not that
        /// of the primary.
        pub policy: optional(String) limits(POLICY),
        /// Skips the check that the key policy lets the caller change it again; `false` by default. With `true` a key
        /// can become unmanageable.
        pub bypass_policy_lockout_safety_check: optional(bool),
        /// A description of the replica, up to 8,192 characters; empty by default. Not for secrets: it may show up in logs.
        pub description: optional(String) limits(DESCRIPTION),
        /// Tags for the replica, each tag key at most once.
        pub tags: optional(Vec<Tag>),
    }

    /// The response of `ReplicateKey`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ReplicateKeyResponse {
        /// What is known of the replica. Its state is `Creating`; it is usable by the next call.
        pub replica_key_metadata: optional(KeyMetadata),
        /// The key policy of the replica.
        pub replica_policy: optional(String),
        /// The tags of the replica, if it has any.
        pub replica_tags: optional(Vec<Tag>),
    }

    /// The request of `UpdatePrimaryRegion`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct UpdatePrimaryRegionRequest {
        /// The present primary key, which becomes a replica: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The Region of the replica that becomes the primary key.
        pub primary_region: required(String) limits(REGION),
    }
}
