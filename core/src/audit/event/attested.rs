//! What CloudTrail has of an attested request (AWS KMS Developer Guide, "Monitoring attested requests").

use super::{json::put_text, put_pair};
use crate::attestation::{Attested, Platform};
use alloc::{format, string::String, vec::Vec};
use base64::{Engine, prelude::BASE64_STANDARD};

/// The registers that are recorded of an enclave. The first is its image's digest.
const OF_ENCLAVES: [u8; 6] = [0, 1, 2, 3, 4, 8];
/// Those of an instance with a NitroTPM.
const OF_INSTANCES: [u8; 6] = [4, 7, 8, 9, 16, 23];

/// The value of `additionalEventData.recipient`. The guide shows what stands there; that registers are in base64, recorded events do.
pub(super) fn json(attested: &Attested) -> String {
    let mut json = Vec::from(*b"{\"attestationDocumentModuleId\":");
    put_text(&mut json, &attested.module_id);
    let recorded = match attested.platform {
        Platform::Enclave => OF_ENCLAVES,
        Platform::NitroTpm => OF_INSTANCES,
    };
    for number in recorded {
        let Some(value) = attested.registers.get(&number) else { continue };
        let name = match (attested.platform, number) {
            (Platform::Enclave, 0) => "attestationDocumentEnclaveImageDigest".into(),
            (Platform::Enclave, number) => format!("attestationDocumentEnclavePCR{number}"),
            (Platform::NitroTpm, number) => format!("attestationDocumentNitroTPMPCR{number}"),
        };
        put_pair(&mut json, &name, &BASE64_STANDARD.encode(value));
    }
    json.push(b'}');
    // Texts went in, and between them JSON.
    String::from_utf8(json).unwrap_or_else(|_| "null".into())
}
