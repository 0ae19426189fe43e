//! Deletion of KMS keys, with a waiting period to think again.

use super::limits::KEY_ID;
use crate::{
    clock::Timestamp,
    key::KeyState,
    shape::{Limits, structures},
};
use alloc::string::String;

structures! {
    /// The request of `ScheduleKeyDeletion`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ScheduleKeyDeletionRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The waiting period in days, 7 to 30; 30 by default. When it ends, the key, its material and its aliases are
        /// gone, and what the key encrypted cannot be decrypted any more.
        pub pending_window_in_days: optional(i32) limits(Limits::range(7, 30)),
    }

    /// The response of `ScheduleKeyDeletion`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ScheduleKeyDeletionResponse {
        /// The key ARN.
        pub key_id: required(String),
        /// When the key will be deleted; not there for a multi-Region primary key that still has replicas.
        pub deletion_date: optional(Timestamp),
        /// The state that the key is in now.
        pub key_state: required(KeyState),
        /// The waiting period in days. That of a multi-Region primary key begins when its last replica is deleted.
        pub pending_window_in_days: required(i32),
    }

    /// The request of `CancelKeyDeletion`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct CancelKeyDeletionRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
    }

    /// The response of `CancelKeyDeletion`. The key is `Disabled` now.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CancelKeyDeletionResponse {
        /// The key ARN.
        pub key_id: required(String),
    }
}
