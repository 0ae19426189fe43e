//! Direct encryption of up to 4096 bytes under a KMS key.

use super::limits::{CIPHERTEXT, GRANT_TOKENS, KEY_ID};
use super::{Blob, RecipientInfo};
use crate::{
    context::EncryptionContext,
    key::EncryptionAlgorithmSpec,
    secret::Secret,
    shape::{Limits, enumerations, structures},
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `Encrypt`.
    #[derive(Default)]
    pub struct EncryptRequest {
        /// The KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN. Its usage must be `ENCRYPT_DECRYPT`.
        pub key_id: required(String) limits(KEY_ID),
        /// The data to encrypt, 1 to 4096 bytes; less under asymmetric keys. Larger data wants a data key.
        pub plaintext: required(Secret) limits(Limits::length(1, 4096)),
        /// Non-secret pairs that must be given again, exactly the same, to decrypt. Symmetric keys only.
        pub encryption_context: optional(EncryptionContext),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// The algorithm; `SYMMETRIC_DEFAULT` by default. Required for asymmetric keys.
        pub encryption_algorithm: optional(EncryptionAlgorithmSpec),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `Encrypt`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct EncryptResponse {
        /// The encrypted data, up to 6144 bytes.
        pub ciphertext_blob: required(Blob),
        /// The key ARN of the KMS key that encrypted it.
        pub key_id: required(String),
        /// The algorithm that encrypted it.
        pub encryption_algorithm: required(EncryptionAlgorithmSpec),
    }

    /// The request of `Decrypt`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DecryptRequest {
        /// The data to decrypt, 1 to 6144 bytes. Required, except in a dry run with the modifier `IGNORE_CIPHERTEXT`.
        pub ciphertext_blob: optional(Blob) limits(CIPHERTEXT),
        /// The encryption context that the data was encrypted with, exactly the same.
        pub encryption_context: optional(EncryptionContext),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// The KMS key that encrypted the data: its key id, key ARN, alias name or alias ARN. Under a symmetric key the
        /// ciphertext names the key; giving it anyway makes sure that no other key is used.
        pub key_id: optional(String) limits(KEY_ID),
        /// The algorithm that encrypted the data; `SYMMETRIC_DEFAULT` by default. Required for asymmetric keys.
        pub encryption_algorithm: optional(EncryptionAlgorithmSpec),
        /// Encrypts the answer for an attested environment, instead of giving the plaintext.
        pub recipient: optional(RecipientInfo),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
        /// What a dry run leaves out. Valid when `DryRun` is true.
        pub dry_run_modifiers: optional(Vec<DryRunModifierType>),
    }

    /// The response of `Decrypt`.
    pub struct DecryptResponse {
        /// The key ARN of the KMS key that decrypted the data.
        pub key_id: required(String),
        /// The decrypted data; empty if the request names a recipient.
        pub plaintext: required(Secret),
        /// The algorithm that decrypted the data.
        pub encryption_algorithm: required(EncryptionAlgorithmSpec),
        /// The plaintext, encrypted for the recipient that the request names.
        pub ciphertext_for_recipient: optional(Blob),
        /// The key material that decrypted the data, 64 hexadecimal digits; there for symmetric keys, unless the request
        /// names a recipient.
        pub key_material_id: optional(String),
    }

    /// The request of `ReEncrypt`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ReEncryptRequest {
        /// The data to re-encrypt, 1 to 6144 bytes. Required, except in a dry run with the modifier
        /// `IGNORE_CIPHERTEXT`.
        pub ciphertext_blob: optional(Blob) limits(CIPHERTEXT),
        /// The encryption context that the data was encrypted with, exactly the same.
        pub source_encryption_context: optional(EncryptionContext),
        /// The KMS key that encrypted the data: its key id, key ARN, alias name or alias ARN. Under a symmetric key the
        /// ciphertext names the key; giving it anyway makes sure that no other key is used.
        pub source_key_id: optional(String) limits(KEY_ID),
        /// The KMS key to encrypt with: its key id, key ARN, alias name or alias ARN. Its usage must be
        /// `ENCRYPT_DECRYPT`.
        pub destination_key_id: required(String) limits(KEY_ID),
        /// The encryption context to encrypt with. Symmetric keys only.
        pub destination_encryption_context: optional(EncryptionContext),
        /// The algorithm that encrypted the data; `SYMMETRIC_DEFAULT` by default. Required for asymmetric keys.
        pub source_encryption_algorithm: optional(EncryptionAlgorithmSpec),
        /// The algorithm to encrypt with; `SYMMETRIC_DEFAULT` by default. Required for asymmetric keys.
        pub destination_encryption_algorithm: optional(EncryptionAlgorithmSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
        /// What a dry run leaves out. Valid when `DryRun` is true.
        pub dry_run_modifiers: optional(Vec<DryRunModifierType>),
    }

    /// The response of `ReEncrypt`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ReEncryptResponse {
        /// The re-encrypted data, up to 6144 bytes.
        pub ciphertext_blob: required(Blob),
        /// The key ARN of the KMS key that decrypted the data.
        pub source_key_id: required(String),
        /// The key ARN of the KMS key that re-encrypted the data.
        pub key_id: required(String),
        /// The algorithm that decrypted the data.
        pub source_encryption_algorithm: required(EncryptionAlgorithmSpec),
        /// The algorithm that re-encrypted the data.
        pub destination_encryption_algorithm: required(EncryptionAlgorithmSpec),
        /// The key material that decrypted the data, 64 hexadecimal digits; there for symmetric keys.
        pub source_key_material_id: optional(String),
        /// The key material that re-encrypted the data, 64 hexadecimal digits; there for symmetric keys.
        pub destination_key_material_id: optional(String),
    }
}

enumerations! {
    /// What a dry run leaves out.
    pub enum DryRunModifierType {
        /// The check of the ciphertext, so that permissions can be tried without one. The key must be named then.
        IgnoreCiphertext = "IGNORE_CIPHERTEXT",
    }
}
