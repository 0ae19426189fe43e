//! Digital signatures, public keys and key agreement: what asymmetric KMS keys do.

use super::{
    Blob, RecipientInfo,
    limits::{CIPHERTEXT, GRANT_TOKENS, KEY_ID},
};
use crate::{
    key::{
        CustomerMasterKeySpec, EncapsulationAlgorithmSpec, EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec, KeySpec,
        KeyUsageType, OriginType, SigningAlgorithmSpec,
    },
    secret::Secret,
    shape::{Limits, structures},
};
use alloc::{string::String, vec::Vec};

pub use crate::key::MessageType;

structures! {
    /// The request of `Sign`.
    pub struct SignRequest {
        /// The asymmetric KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN. Its usage must be
        /// `SIGN_VERIFY`.
        pub key_id: required(String) limits(KEY_ID),
        /// The message, 1 to 4096 bytes, or its digest.
        pub message: required(Secret) limits(Limits::length(1, 4096)),
        /// Which of the two; `RAW` by default.
        pub message_type: optional(MessageType),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// The algorithm, one of the key's spec.
        pub signing_algorithm: required(SigningAlgorithmSpec),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `Sign`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct SignResponse {
        /// The key ARN of the KMS key that signed.
        pub key_id: required(String),
        /// The signature. Of ECDSA: DER (RFC 3279, section 2.2.3).
        pub signature: required(Blob),
        /// The algorithm that made it.
        pub signing_algorithm: required(SigningAlgorithmSpec),
    }

    /// The request of `Verify`.
    pub struct VerifyRequest {
        /// The asymmetric KMS key that signed: its key id, key ARN, alias name (`alias/...`) or alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// The message, 1 to 4096 bytes, or its digest.
        pub message: required(Secret) limits(Limits::length(1, 4096)),
        /// Which of the two; `RAW` by default.
        pub message_type: optional(MessageType),
        /// The signature to check.
        pub signature: required(Blob) limits(CIPHERTEXT),
        /// The algorithm that made it.
        pub signing_algorithm: required(SigningAlgorithmSpec),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
    }

    /// The response of `Verify`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct VerifyResponse {
        /// The key ARN of the KMS key that signed.
        pub key_id: required(String),
        /// Always `true`: for a signature that does not match there is `KMSInvalidSignatureException` instead.
        pub signature_valid: required(bool),
        /// The algorithm that made the signature.
        pub signing_algorithm: required(SigningAlgorithmSpec),
    }

    /// The request of `GetPublicKey`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct GetPublicKeyRequest {
        /// The asymmetric KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN.
        pub key_id: required(String) limits(KEY_ID),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
    }

    /// The response of `GetPublicKey`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GetPublicKeyResponse {
        /// The key ARN of the KMS key.
        pub key_id: required(String),
        /// The public key: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
        pub public_key: required(Blob),
        /// The same as `key_spec`, where the former name has the spec.
        pub customer_master_key_spec: optional(CustomerMasterKeySpec),
        /// The kind of key.
        pub key_spec: required(KeySpec),
        /// What the key may be used for, outside of KMS as well.
        pub key_usage: required(KeyUsageType),
        /// The encryption algorithms of the key; there for `ENCRYPT_DECRYPT`.
        pub encryption_algorithms: optional(Vec<EncryptionAlgorithmSpec>),
        /// The signing algorithms of the key; there for `SIGN_VERIFY`.
        pub signing_algorithms: optional(Vec<SigningAlgorithmSpec>),
        /// The key agreement algorithms of the key; there for `KEY_AGREEMENT`.
        pub key_agreement_algorithms: optional(Vec<KeyAgreementAlgorithmSpec>),
        /// The encapsulation algorithms of the key; there for `ENCAPSULATE_DECAPSULATE`.
        pub encapsulation_algorithms: optional(Vec<EncapsulationAlgorithmSpec>),
    }

    /// The request of `DeriveSharedSecret`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DeriveSharedSecretRequest {
        /// The asymmetric KMS key: its key id, key ARN, alias name (`alias/...`) or alias ARN. Its usage must be
        /// `KEY_AGREEMENT`.
        pub key_id: required(String) limits(KEY_ID),
        /// The algorithm.
        pub key_agreement_algorithm: required(KeyAgreementAlgorithmSpec),
        /// The other party's public key on the same curve: a DER `SubjectPublicKeyInfo` (RFC 5280, section 4.1).
        pub public_key: required(Blob) limits(Limits::length(1, 8192)),
        /// Up to 10 grant tokens, for permissions from grants that are not in effect everywhere yet.
        pub grant_tokens: optional(Vec<String>) limits(GRANT_TOKENS),
        /// With `true` nothing is done: the answer is `DryRunOperationException` if the request would succeed.
        pub dry_run: optional(bool),
        /// Encrypts the answer for an attested environment, instead of giving the plaintext.
        pub recipient: optional(RecipientInfo),
    }

    /// The response of `DeriveSharedSecret`.
    pub struct DeriveSharedSecretResponse {
        /// The key ARN of the KMS key.
        pub key_id: required(String),
        /// The raw shared secret: the x-coordinate, as long as a field element. Derive keys from it, do not use it as one. Empty if
        /// the request names a recipient.
        pub shared_secret: required(Secret),
        /// The shared secret, encrypted for the recipient that the request names.
        pub ciphertext_for_recipient: optional(Blob),
        /// The algorithm.
        pub key_agreement_algorithm: required(KeyAgreementAlgorithmSpec),
        /// Where the key material of the KMS key comes from.
        pub key_origin: required(OriginType),
    }
}
