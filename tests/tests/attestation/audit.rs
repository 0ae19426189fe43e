//! What the audit trail says of attested calls, as CloudTrail does.

use super::{Scene, random, recipient};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use pocketkms::{Vault, api::LookupEventsRequest};
use serde_json::{Value, json};

fn last(vault: &Vault) -> Value {
    let events = vault.lookup_events(&LookupEventsRequest::default()).unwrap().events;
    serde_json::from_str(&events[0].cloud_trail_event).unwrap()
}

fn register(number: u8) -> String {
    BASE64_STANDARD.encode([0xa0 | number; 48])
}

#[test]
fn an_event_says_whom_the_answer_was_for() {
    let Scene { pki, kms, .. } = Scene::new();
    random(&kms, recipient(pki.signed_document())).unwrap();
    let record = last(&kms.vault);
    let recorded = json!({
        "attestationDocumentModuleId": "i-0123456789abcdef0-enc0123456789abcdef",
        "attestationDocumentEnclaveImageDigest": register(0),
        "attestationDocumentEnclavePCR1": register(1),
        "attestationDocumentEnclavePCR2": register(2),
        "attestationDocumentEnclavePCR3": register(3),
        "attestationDocumentEnclavePCR4": register(4),
        "attestationDocumentEnclavePCR8": register(8),
    });
    assert_eq!(
        (&record["eventName"], &record["additionalEventData"]["recipient"]),
        (&json!("GenerateRandom"), &recorded)
    );

    random(&kms, recipient(pki.document().of_nitro_tpm().sign(&pki.signer))).unwrap();
    let recorded = json!({
        "attestationDocumentModuleId": "i-0123456789abcdef0-tpm0000000000000000",
        "attestationDocumentNitroTPMPCR4": register(4),
        "attestationDocumentNitroTPMPCR7": register(7),
        "attestationDocumentNitroTPMPCR8": register(8),
        "attestationDocumentNitroTPMPCR9": register(9),
        "attestationDocumentNitroTPMPCR16": register(16),
        "attestationDocumentNitroTPMPCR23": register(23),
    });
    assert_eq!(last(&kms.vault)["additionalEventData"]["recipient"], recorded);
}

/// The request's own parameters do not repeat it, and a call that fails says nothing of it.
#[test]
fn the_document_is_nowhere_else_in_an_event() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = pocketkms_tests::vault::create_key(&kms);
    let request = |document| pocketkms::api::GenerateDataKeyRequest {
        key_id: key.key_id.clone(),
        number_of_bytes: Some(16),
        recipient: Some(recipient(document)),
        ..Default::default()
    };
    kms.generate_data_key(request(pki.signed_document())).unwrap();
    let record = last(&kms.vault);
    assert_eq!(record["requestParameters"], json!({ "keyId": key.key_id, "numberOfBytes": 16 }));
    assert!(record["additionalEventData"]["recipient"].is_object());

    kms.generate_data_key(request(pki.document().sign(&pki.authorities[0]))).map(drop).unwrap_err();
    let record = last(&kms.vault);
    assert_eq!(
        (&record["errorCode"], &record["additionalEventData"]["recipient"]),
        (&json!("ValidationException"), &Value::Null)
    );
}
