//! Message authentication codes (HMAC, RFC 2104): anyone who has the key can make one for a message and check it.

use super::{
    Blob,
    limits::{CIPHERTEXT, GRANT_TOKENS, KEY_ID},
};
use crate::{
    key::MacAlgorithmSpec,
    secret::Secret,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `GenerateMac`.
    pub struct GenerateMacRequest {
        /// The message, 1 to 4096 bytes. A digest is a message like any other here.
        pub message: required(Secret) limits(Limits::length(1, 4096)),
        /// The HMAC KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The algorithm, which is the one of the key's spec.
        pub mac_algorithm: required(MacAlgorithmSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `GenerateMac`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GenerateMacResponse {
        /// The MAC, as long as the hash of the algorithm: 28, 32, 48 or 64 bytes.
        pub mac: required(Blob),
        /// The algorithm that made it.
        pub mac_algorithm: required(MacAlgorithmSpec),
        /// The key ARN of the KMS key that made it.
        pub key_id: required(String),
    }

    /// The request of `VerifyMac`.
    pub struct VerifyMacRequest {
        /// The message, 1 to 4096 bytes, the very one that the MAC was made for.
        pub message: required(Secret) limits(Limits::length(1, 4096)),
        /// The HMAC KMS key that made the MAC: its key id, key ARN, alias name (`alias/...`) or alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The algorithm that made the MAC.
        pub mac_algorithm: required(MacAlgorithmSpec),
        /// The MAC to check.
        pub mac: required(Blob) limits(CIPHERTEXT),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `VerifyMac`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct VerifyMacResponse {
        /// The key ARN of the KMS key that made the MAC.
        pub key_id: required(String),
        /// Always `true`: for a MAC that does not match there is `KMSInvalidMacException` instead.
        pub mac_valid: required(bool),
        /// The algorithm that made the MAC.
        pub mac_algorithm: required(MacAlgorithmSpec),
    }
}
