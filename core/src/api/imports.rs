//! Imported key material: the parameters to wrap it with, the import itself, and its deletion.

use super::{
    Blob,
    limits::{CIPHERTEXT, KEY_ID, KEY_MATERIAL_ID},
};
use crate::{
    clock::Timestamp,
    key::ExpirationModelType,
    secret::Secret,
    shape::{Limits, Pattern, enumerations, structures},
};
use alloc::string::String;

structures! {
    /// The request of `GetParametersForImport`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct GetParametersForImportRequest {
        /// The KMS key that the material is for: its key id or key ARN. Its origin must be `EXTERNAL`.
        pub key_id: required(String) limits(KEY_ID),
        /// How the material will be encrypted under the wrapping key. An RSA key takes one of `RSA_AES_KEY_WRAP`, a key on an
        /// elliptic curve any, and every other key one of `RSAES_OAEP`.
        pub wrapping_algorithm: required(AlgorithmSpec),
        /// The kind of wrapping key to make.
        pub wrapping_key_spec: required(WrappingKeySpec),
    }

    /// The response of `GetParametersForImport`.
    pub struct GetParametersForImportResponse {
        /// The KMS key, as its ARN.
        pub key_id: required(String),
        /// The token to send with the material. It goes with this wrapping key only.
        pub import_token: required(Blob),
        /// The wrapping key: a DER `SubjectPublicKeyInfo`.
        pub public_key: required(Secret),
        /// When the token and the wrapping key are of no use any more: 24 hours from now.
        pub parameters_valid_to: required(Timestamp),
    }

    /// The request of `ImportKeyMaterial`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ImportKeyMaterialRequest {
        /// The KMS key: its key id or key ARN. Its origin must be `EXTERNAL`.
        pub key_id: required(String) limits(KEY_ID),
        /// The token of the response of `GetParametersForImport` that has the wrapping key.
        pub import_token: required(Blob) limits(CIPHERTEXT),
        /// The material, encrypted under the wrapping key: 32 bytes for a symmetric encryption key, as many bytes as the MAC has
        /// for an HMAC key, and a DER PKCS #8 `PrivateKeyInfo` for an asymmetric key.
        pub encrypted_key_material: required(Blob) limits(CIPHERTEXT),
        /// When the material expires, at most 365 days from now. Required for `KEY_MATERIAL_EXPIRES`, not valid otherwise.
        pub valid_to: optional(Timestamp),
        /// Whether the material expires; `KEY_MATERIAL_EXPIRES` by default.
        pub expiration_model: optional(ExpirationModelType),
        /// Whether the material is new to the key; by default it is if none was ever imported. For symmetric encryption keys only:
        /// the others keep the material that they have.
        pub import_type: optional(ImportType),
        /// A description, up to 256 characters; by default that of the last import of the same material. For symmetric
        /// encryption keys only.
        pub key_material_description: optional(String) limits(Limits::length(0, 256).matching(Pattern::Description)),
        /// The id that the material must have, 64 hexadecimal digits. For symmetric encryption keys, and material that was
        /// imported before.
        pub key_material_id: optional(String) limits(KEY_MATERIAL_ID),
    }

    /// The response of `ImportKeyMaterial`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ImportKeyMaterialResponse {
        /// The KMS key, as its ARN.
        pub key_id: required(String),
        /// The id of the material; there for symmetric encryption keys.
        pub key_material_id: optional(String),
    }

    /// The request of `DeleteImportedKeyMaterial`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct DeleteImportedKeyMaterialRequest {
        /// The KMS key: its key id or key ARN. Its origin must be `EXTERNAL`.
        pub key_id: required(String) limits(KEY_ID),
        /// The material to delete; by default the one that encrypts.
        pub key_material_id: optional(String) limits(KEY_MATERIAL_ID),
    }

    /// The response of `DeleteImportedKeyMaterial`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteImportedKeyMaterialResponse {
        /// The KMS key, as its ARN.
        pub key_id: required(String),
        /// The id of the material that was deleted; there for symmetric encryption keys.
        pub key_material_id: optional(String),
    }
}

enumerations! {
    /// How key material is encrypted for its import.
    pub enum AlgorithmSpec {
        /// RSA with PKCS #1 v1.5 padding, which AWS KMS has not supported since October 2023: refused.
        RsaesPkcs1V15 = "RSAES_PKCS1_V1_5",
        /// RSA with OAEP padding, SHA-1 and MGF1 with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSA with OAEP padding, SHA-256 and MGF1 with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// An AES key of 256 bits by `RSAES_OAEP_SHA_1`, and after it the material by AES key wrap with padding (RFC 5649).
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        /// An AES key of 256 bits by `RSAES_OAEP_SHA_256`, and after it the material by AES key wrap with padding (RFC 5649).
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        /// The public-key encryption of the Chinese standard SM2, which is not offered.
        Sm2pke = "SM2PKE",
    }

    /// The kind of a wrapping key.
    pub enum WrappingKeySpec {
        /// An RSA key of 2048 bits.
        Rsa2048 = "RSA_2048",
        /// An RSA key of 3072 bits.
        Rsa3072 = "RSA_3072",
        /// An RSA key of 4096 bits.
        Rsa4096 = "RSA_4096",
        /// A key of the Chinese standard SM2, which is not offered.
        Sm2 = "SM2",
    }

    /// Whether imported key material is new to its KMS key.
    pub enum ImportType {
        /// It was never imported into the key. It waits for `RotateKeyOnDemand` if there is other material.
        NewKeyMaterial = "NEW_KEY_MATERIAL",
        /// It is one that was imported before.
        ExistingKeyMaterial = "EXISTING_KEY_MATERIAL",
    }
}
