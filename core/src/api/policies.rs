//! Key policies: who may use a KMS key, and who may change that.

use super::limits::{KEY_ID, MARKER, POLICY, POLICY_NAME};
use crate::shape::{Limits, structures};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `PutKeyPolicy`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct PutKeyPolicyRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The name of the policy. The only one is `default`, which is also meant where none is given.
        pub policy_name: optional(String) limits(POLICY_NAME),
        /// The key policy, a JSON document of up to 32,768 bytes. It must let the caller change it again, unless that check is
        /// skipped.
        pub policy: required(String) limits(POLICY),
        /// Skips the check that the key policy lets the caller change it again; `false` by default. With `true` a key
        /// can become unmanageable.
        pub bypass_policy_lockout_safety_check: optional(bool),
    }

    /// The request of `GetKeyPolicy`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GetKeyPolicyRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The name of the policy. The only one is `default`, which is also meant where none is given.
        pub policy_name: optional(String) limits(POLICY_NAME),
    }

    /// The response of `GetKeyPolicy`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GetKeyPolicyResponse {
        /// The key policy, a JSON document, as it was put.
        pub policy: required(String),
        /// The name of the policy, `default`.
        pub policy_name: required(String),
    }

    /// The request of `ListKeyPolicies`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ListKeyPoliciesRequest {
        /// The KMS key: its key id or key ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The most names to return, 1 to 1000; 100 by default. There is only one.
        pub limit: optional(i32) limits(Limits::range(1, 1000)),
        /// Where to go on: the `NextMarker` of a truncated response, which this operation never gives.
        pub marker: optional(String) limits(MARKER),
    }

    /// The response of `ListKeyPolicies`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ListKeyPoliciesResponse {
        /// The names of the key's policies: `default`.
        pub policy_names: required(Vec<String>),
        /// The `Marker` of the next request; there when `Truncated` is true.
        pub next_marker: optional(String),
        /// Whether there are more names.
        pub truncated: required(bool),
    }
}
