//! Shared secrets by key encapsulation (ML-KEM, FIPS 203).

use super::{
    Blob,
    limits::{CIPHERTEXT, GRANT_TOKENS, KEY_ID},
};
use crate::{key::EncapsulationAlgorithmSpec, secret::Secret, shape::structures};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `Encapsulate`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct EncapsulateRequest {
        /// The ML-KEM KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN. Its usage must be
        /// `ENCAPSULATE_DECAPSULATE`.
        pub key_id: required(String) limits(KEY_ID),
        /// The algorithm.
        pub encapsulation_algorithm: required(EncapsulationAlgorithmSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `Encapsulate`.
    pub struct EncapsulateResponse {
        /// The key ARN of the KMS key.
        pub key_id: required(String),
        /// The shared secret: 32 random bytes, fit for a key.
        pub shared_secret: required(Secret),
        /// The shared secret, encapsulated: 768, 1088 or 1568 bytes. `Decapsulate` gives the secret.
        pub shared_secret_ciphertext_blob: required(Blob),
        /// The algorithm.
        pub encapsulation_algorithm: required(EncapsulationAlgorithmSpec),
    }

    /// The request of `Decapsulate`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DecapsulateRequest {
        /// The ML-KEM KMS key that the secret was encapsulated for: its key id, key ARN, alias name (`alias/...`) or alias
        /// ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The shared secret, encapsulated: 768, 1088 or 1568 bytes, as the key's spec says.
        pub shared_secret_ciphertext_blob: required(Blob) limits(CIPHERTEXT),
        /// The algorithm.
        pub encapsulation_algorithm: required(EncapsulationAlgorithmSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `Decapsulate`.
    pub struct DecapsulateResponse {
        /// The key ARN of the KMS key.
        pub key_id: required(String),
        /// The shared secret, 32 bytes. It is another one if the ciphertext was made for another key, or was altered: make sure
        /// that both sides have the same before you use it.
        pub shared_secret: required(Secret),
        /// The algorithm.
        pub encapsulation_algorithm: required(EncapsulationAlgorithmSpec),
    }
}
