//! The requests of the XKS proxy API, version 1, as JSON ("External Key Store Proxy API Specification").

use super::wrapped::Wrapped;
use alloc::{string::String, vec::Vec};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Serialize;

/// What leads to a request, for the proxy's log and its own authorization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_principal_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_source_vpc: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aws_source_vpce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_arn: Option<String>,
    pub(crate) kms_operation: &'static str,
    pub(crate) kms_request_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_via_service: Option<String>,
}

impl RequestMetadata {
    /// As much of it as `GetHealthStatus` has.
    pub(super) fn of_health_check(&self) -> Self {
        Self {
            aws_principal_arn: None,
            aws_source_vpc: None,
            aws_source_vpce: None,
            kms_key_arn: None,
            kms_operation: self.kms_operation,
            kms_request_id: self.kms_request_id.clone(),
            kms_via_service: None,
        }
    }
}

/// The only one of version 1.
const ENCRYPTION_ALGORITHM: &str = "AES_GCM";
/// The only one of version 1.
const INTEGRITY_ALGORITHM: &str = "SHA_256";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Plain<'a> {
    request_metadata: &'a RequestMetadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Encrypt<'a> {
    request_metadata: &'a RequestMetadata,
    additional_authenticated_data: String,
    plaintext: String,
    encryption_algorithm: &'static str,
    ciphertext_data_integrity_value_algorithm: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Decrypt<'a> {
    request_metadata: &'a RequestMetadata,
    additional_authenticated_data: String,
    encryption_algorithm: &'static str,
    ciphertext: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ciphertext_metadata: Option<String>,
    initialization_vector: String,
    authentication_tag: String,
}

/// The body of `GetHealthStatus` and `GetKeyMetadata`.
pub(super) fn plain(request_metadata: &RequestMetadata) -> Vec<u8> {
    json(&Plain { request_metadata })
}

/// The body of `Encrypt`.
pub(super) fn encrypt(request_metadata: &RequestMetadata, plaintext: &[u8], associated_data: &[u8]) -> Vec<u8> {
    json(&Encrypt {
        request_metadata,
        additional_authenticated_data: base64(associated_data),
        plaintext: base64(plaintext),
        encryption_algorithm: ENCRYPTION_ALGORITHM,
        ciphertext_data_integrity_value_algorithm: INTEGRITY_ALGORITHM,
    })
}

/// The body of `Decrypt`.
pub(super) fn decrypt(request_metadata: &RequestMetadata, encrypted: &Wrapped<'_>, associated_data: &[u8]) -> Vec<u8> {
    let Wrapped { metadata, initialization_vector, ciphertext, authentication_tag } = *encrypted;
    json(&Decrypt {
        request_metadata,
        additional_authenticated_data: base64(associated_data),
        encryption_algorithm: ENCRYPTION_ALGORITHM,
        ciphertext: base64(ciphertext),
        // A proxy that returned none is given none.
        ciphertext_metadata: (!metadata.is_empty()).then(|| base64(metadata)),
        initialization_vector: base64(initialization_vector),
        authentication_tag: base64(authentication_tag),
    })
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn json(body: &impl Serialize) -> Vec<u8> {
    // Texts and nothing else, which cannot fail.
    serde_json::to_vec(body).unwrap_or_default()
}
