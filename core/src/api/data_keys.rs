//! Data keys: encrypt data of any size outside, and keep the key encrypted under a KMS key beside it.

use super::limits::{GRANT_TOKENS, KEY_ID, NUMBER_OF_BYTES};
use super::{Blob, RecipientInfo};
use crate::{
    context::EncryptionContext,
    key::{DataKeyPairSpec, DataKeySpec},
    secret::Secret,
    shape::structures,
};
use alloc::{string::String, vec::Vec};

structures! {
    /// The request of `GenerateDataKey`. Give either `KeySpec` or `NumberOfBytes`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GenerateDataKeyRequest {
        /// The symmetric encryption KMS key that encrypts the data key: its key id, key ARN, alias name (`alias/...`) or
        /// alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Non-secret pairs that must be given again, exactly the same, to decrypt the data key.
        pub encryption_context: optional(EncryptionContext),
        /// The length of the data key in bytes, 1 to 1024.
        pub number_of_bytes: optional(i32) limits(NUMBER_OF_BYTES),
        /// The length of the data key, by its algorithm.
        pub key_spec: optional(DataKeySpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// Encrypts the data key for an attested environment, instead of giving it in plaintext.
        pub recipient: optional(RecipientInfo),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `GenerateDataKey`.
    pub struct GenerateDataKeyResponse {
        /// The data key, encrypted under the KMS key; keep it with the data. `Decrypt` gives the data key back.
        pub ciphertext_blob: required(Blob),
        /// The data key. Encrypt with it, then forget it. Empty if the request names a recipient.
        pub plaintext: required(Secret),
        /// The key ARN of the KMS key that encrypted the data key.
        pub key_id: required(String),
        /// The data key, encrypted for the recipient that the request names.
        pub ciphertext_for_recipient: optional(Blob),
        /// The key material that encrypted the data key, 64 hexadecimal digits; there unless the request names a
        /// recipient.
        pub key_material_id: optional(String),
    }

    /// The request of `GenerateDataKeyWithoutPlaintext`. Give either `KeySpec` or `NumberOfBytes`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GenerateDataKeyWithoutPlaintextRequest {
        /// The symmetric encryption KMS key that encrypts the data key: its key id, key ARN, alias name (`alias/...`) or
        /// alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Non-secret pairs that must be given again, exactly the same, to decrypt the data key.
        pub encryption_context: optional(EncryptionContext),
        /// The length of the data key, by its algorithm.
        pub key_spec: optional(DataKeySpec),
        /// The length of the data key in bytes, 1 to 1024.
        pub number_of_bytes: optional(i32) limits(NUMBER_OF_BYTES),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `GenerateDataKeyWithoutPlaintext`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GenerateDataKeyWithoutPlaintextResponse {
        /// The data key, encrypted under the KMS key. `Decrypt` gives the data key.
        pub ciphertext_blob: required(Blob),
        /// The key ARN of the KMS key that encrypted the data key.
        pub key_id: required(String),
        /// The key material that encrypted the data key, 64 hexadecimal digits.
        pub key_material_id: required(String),
    }

    /// The request of `GenerateDataKeyPair`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GenerateDataKeyPairRequest {
        /// Non-secret pairs that must be given again, exactly the same, to decrypt the private key.
        pub encryption_context: optional(EncryptionContext),
        /// The symmetric encryption KMS key that encrypts the private key: its key id, key ARN, alias name (`alias/...`) or
        /// alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The kind of key pair.
        pub key_pair_spec: required(DataKeyPairSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// Encrypts the private key for an attested environment, instead of giving it in plaintext.
        pub recipient: optional(RecipientInfo),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `GenerateDataKeyPair`.
    pub struct GenerateDataKeyPairResponse {
        /// The private key, encrypted under the KMS key. `Decrypt` gives the private key back.
        pub private_key_ciphertext_blob: required(Blob),
        /// The private key: a DER PKCS #8 `PrivateKeyInfo` (RFC 5958). Empty if the request names a recipient.
        pub private_key_plaintext: required(Secret),
        /// The public key: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
        pub public_key: required(Blob),
        /// The key ARN of the KMS key that encrypted the private key.
        pub key_id: required(String),
        /// The kind of key pair.
        pub key_pair_spec: required(DataKeyPairSpec),
        /// The private key, encrypted for the recipient that the request names.
        pub ciphertext_for_recipient: optional(Blob),
        /// The key material that encrypted the private key, 64 hexadecimal digits; there unless the request names a
        /// recipient.
        pub key_material_id: optional(String),
    }

    /// The request of `GenerateDataKeyPairWithoutPlaintext`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GenerateDataKeyPairWithoutPlaintextRequest {
        /// Non-secret pairs that must be given again, exactly the same, to decrypt the private key.
        pub encryption_context: optional(EncryptionContext),
        /// The symmetric encryption KMS key that encrypts the private key: its key id, key ARN, alias name (`alias/...`) or
        /// alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The kind of key pair.
        pub key_pair_spec: required(DataKeyPairSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `GenerateDataKeyPairWithoutPlaintext`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GenerateDataKeyPairWithoutPlaintextResponse {
        /// The private key, encrypted under the KMS key. `Decrypt` gives the private key, a DER PKCS #8 `PrivateKeyInfo`.
        pub private_key_ciphertext_blob: required(Blob),
        /// The public key: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
        pub public_key: required(Blob),
        /// The key ARN of the KMS key that encrypted the private key.
        pub key_id: required(String),
        /// The kind of key pair.
        pub key_pair_spec: required(DataKeyPairSpec),
        /// The key material that encrypted the private key, 64 hexadecimal digits.
        pub key_material_id: required(String),
    }
}
