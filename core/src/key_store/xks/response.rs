//! The responses of the XKS proxy API, version 1. A proxy is not trusted: what it answers is bounded before it is read,
//! and counts only if it is all that the specification says.

use super::{
    failure::{Failure, Scenario},
    transport::{XksRequest, XksResponse},
    wrapped::Wrapped,
};
use crate::{crypto::Provider, error::Untrusted};
use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
    vec::Vec,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

/// The most values of `keyUsage`, and the most entries of `ekmFleetDetails`.
const MAX_ENTRIES: usize = 10;

/// What an error response says.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refusal<'a> {
    #[serde(borrow)]
    error_name: Cow<'a, str>,
    #[serde(borrow, default)]
    error_message: Option<Cow<'a, str>>,
}

/// The body of a response that reports success, or the failure that it reports.
pub(super) fn accept(response: &XksResponse) -> Result<&[u8], Failure> {
    let XksResponse { status, body } = response;
    if body.len() > XksRequest::MAX_RESPONSE {
        return Err(malformed(format!("the response has {} bytes", body.len())));
    }
    if *status == 200 {
        return Ok(body);
    }
    let named = |refusal: &Refusal<'_>| Scenario::named(&refusal.error_name);
    match serde_json::from_slice::<Refusal<'_>>(body) {
        Ok(refusal) if *status >= 400 => {
            let scenario = named(&refusal).unwrap_or(Scenario::InvalidResponse);
            let message = refusal.error_message.as_deref().unwrap_or_default();
            let (name, message) = (Untrusted(&refusal.error_name), Untrusted(message));
            Err(Failure::new(scenario, format!("the proxy answered {status} {name}: {message}")))
        }
        _ => Err(malformed(format!("the proxy answered {status} without naming an error"))),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HealthStatus<'a> {
    xks_proxy_fleet_size: u32,
    #[serde(borrow, rename = "xksProxyVendor")]
    _proxy_vendor: Cow<'a, str>,
    #[serde(borrow, rename = "xksProxyModel")]
    _proxy_model: Cow<'a, str>,
    #[serde(borrow, rename = "ekmVendor")]
    _manager_vendor: Cow<'a, str>,
    #[serde(borrow)]
    ekm_fleet_details: Vec<KeyManager<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyManager<'a> {
    #[serde(borrow, rename = "id")]
    _id: Cow<'a, str>,
    #[serde(borrow, rename = "model")]
    _model: Cow<'a, str>,
    health_status: ManagerHealth,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum ManagerHealth {
    Active,
    Degraded,
    Unavailable,
}

/// `GetHealthStatus`: fails, too, where no external key manager can be used.
pub(super) fn health(body: &[u8]) -> Result<(), Failure> {
    let status: HealthStatus<'_> = read(body)?;
    let managers = &status.ekm_fleet_details;
    if status.xks_proxy_fleet_size == 0 || managers.is_empty() || managers.len() > MAX_ENTRIES {
        return Err(malformed("a number in the health status is out of its range"));
    }
    if managers.iter().all(|manager| manager.health_status == ManagerHealth::Unavailable) {
        return Err(Failure::new(Scenario::Unavailable, "the proxy says that no external key manager is available"));
    }
    Ok(())
}

#[derive(Deserialize)]
struct KeyMetadata<'a> {
    #[serde(borrow, rename = "keySpec")]
    spec: Cow<'a, str>,
    #[serde(borrow, rename = "keyUsage")]
    usage: Vec<Cow<'a, str>>,
    #[serde(rename = "keyStatus")]
    status: KeyStatus,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum KeyStatus {
    Enabled,
    Disabled,
}

/// `GetKeyMetadata`: fails, too, where the external key cannot be that of a KMS key.
pub(super) fn usable_key(body: &[u8]) -> Result<(), Failure> {
    let KeyMetadata { spec, usage, status } = read(body)?;
    if usage.len() > MAX_ENTRIES {
        return Err(malformed("there are too many usages of the key"));
    }
    let may = |operation: &str| usage.iter().any(|named| named == operation);
    if spec != "AES_256" {
        let explanation = format!("the external key is a key of {}", Untrusted(&spec));
        return Err(Failure::new(Scenario::WrongKeySpec, explanation));
    }
    if !(may("ENCRYPT") && may("DECRYPT")) {
        return Err(Failure::new(Scenario::InvalidKeyUsage, "the external key is not for ENCRYPT and DECRYPT"));
    }
    if status != KeyStatus::Enabled {
        return Err(Failure::new(Scenario::InvalidState, "the external key is DISABLED"));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EncryptResponse<'a> {
    #[serde(borrow)]
    ciphertext: Cow<'a, str>,
    #[serde(borrow, default)]
    ciphertext_metadata: Option<Cow<'a, str>>,
    #[serde(borrow)]
    initialization_vector: Cow<'a, str>,
    #[serde(borrow)]
    authentication_tag: Cow<'a, str>,
    #[serde(borrow)]
    ciphertext_data_integrity_value: Cow<'a, str>,
}

/// What the external key manager made of a plaintext.
#[derive(Clone, Debug)]
pub(crate) struct Encrypted {
    metadata: Vec<u8>,
    initialization_vector: Vec<u8>,
    ciphertext: Vec<u8>,
    authentication_tag: [u8; 16],
}

impl Encrypted {
    pub(crate) fn parts(&self) -> Wrapped<'_> {
        Wrapped {
            metadata: &self.metadata,
            initialization_vector: &self.initialization_vector,
            ciphertext: &self.ciphertext,
            authentication_tag: &self.authentication_tag,
        }
    }
}

/// `Encrypt` of a plaintext of that length.
pub(super) fn encrypted(
    body: &[u8],
    provider: &Provider,
    length: usize,
    associated_data: &[u8],
) -> Result<Encrypted, Failure> {
    let response: EncryptResponse<'_> = read(body)?;
    let metadata = response.ciphertext_metadata.as_deref().map(bytes).transpose()?.unwrap_or_default();
    let initialization_vector = bytes(&response.initialization_vector)?;
    let ciphertext = bytes(&response.ciphertext)?;
    let tag = bytes(&response.authentication_tag)?;
    let authentication_tag = tag.try_into().map_err(|_| malformed("the authentication tag has not 16 bytes"))?;
    // "Since AES_GCM is a stream cipher, the length of the ciphertext MUST be the same as the length of the plaintext."
    if ciphertext.len() != length {
        return Err(malformed("the ciphertext is not as long as the plaintext"));
    }
    let encrypted = Encrypted { metadata, initialization_vector, ciphertext, authentication_tag };
    if !encrypted.parts().has_valid_lengths() {
        return Err(malformed(
            "the ciphertext metadata or the initialization vector has not as many bytes as it may have",
        ));
    }
    let Encrypted { metadata, initialization_vector, ciphertext, authentication_tag } = &encrypted;
    let parts = [associated_data, metadata, initialization_vector, ciphertext, authentication_tag];
    if bytes(&response.ciphertext_data_integrity_value)? != provider.digest.sha256(&parts) {
        return Err(malformed("the ciphertext data integrity value is not that of the response"));
    }
    Ok(encrypted)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DecryptResponse<'a> {
    #[serde(borrow)]
    plaintext: Cow<'a, str>,
}

/// `Decrypt` of a ciphertext of that length.
pub(super) fn decrypted(body: &[u8], length: usize) -> Result<Vec<u8>, Failure> {
    let plaintext = bytes(&read::<DecryptResponse<'_>>(body)?.plaintext)?;
    if plaintext.len() == length {
        Ok(plaintext)
    } else {
        Err(malformed("the plaintext is not as long as the ciphertext"))
    }
}

/// Members that are not known are passed over: a later version of the API may add some.
fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(body)
        .map_err(|error| malformed(format!("the response is not of its form: {}", Untrusted(&error.to_string()))))
}

fn bytes(text: &str) -> Result<Vec<u8>, Failure> {
    BASE64_STANDARD.decode(text).map_err(|error| malformed(format!("a member is no base64: {error}")))
}

fn malformed(explanation: impl Into<String>) -> Failure {
    Failure::new(Scenario::InvalidResponse, explanation)
}
