//! What a proxy is sent.

use super::common::{KEY, connected, create_key, create_store, vault, with_key};
use pocketkms::{
    Caller,
    api::{ContextEntry, DecryptRequest, EncryptRequest, LookupEventsRequest, SessionContext},
};
use pocketkms_tests::{
    vault::{encrypt, error},
    xks::{PATH, Seen},
};
use serde_json::{Value, json};

fn only(seen: Vec<Seen>) -> Seen {
    let [seen] = <[Seen; 1]>::try_from(seen).expect("one request");
    seen
}

fn metadata(seen: &Seen) -> Value {
    let mut metadata = seen.body["requestMetadata"].clone();
    let id = metadata.as_object_mut().expect("an object").remove("kmsRequestId");
    assert_eq!(id.and_then(|id| id.as_str().map(str::len)), Some(36));
    metadata
}

#[test]
fn requests_say_who_asks_for_what() {
    let (vault, proxy, _) = vault();
    let store = create_store(&vault).unwrap();
    let seen = only(proxy.take_seen());
    assert_eq!(seen.path, format!("{PATH}/health"));
    assert_eq!(metadata(&seen), json!({ "kmsOperation": "CreateCustomKeyStore" }));
    super::common::connect(&vault, &store).unwrap();
    assert_eq!(metadata(&only(proxy.take_seen())), json!({ "kmsOperation": "ConnectCustomKeyStore" }));

    let key = create_key(&vault, &store, KEY).unwrap();
    let seen = only(proxy.take_seen());
    assert_eq!(seen.path, format!("{PATH}/keys/{KEY}/metadata"));
    let root = "arn:aws:iam::000000000000:root";
    assert_eq!(metadata(&seen), json!({ "awsPrincipalArn": root, "kmsOperation": "CreateKey" }));

    encrypt(&vault, &key.key_id, b"x");
    let seen = only(proxy.take_seen());
    assert_eq!(seen.path, format!("{PATH}/keys/{KEY}/encrypt"));
    assert_eq!(metadata(&seen), json!({ "awsPrincipalArn": root, "kmsKeyArn": key.arn, "kmsOperation": "Encrypt" }));
    let mut members: Vec<_> = seen.body.as_object().unwrap().keys().cloned().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "additionalAuthenticatedData",
            "ciphertextDataIntegrityValueAlgorithm",
            "encryptionAlgorithm",
            "plaintext",
            "requestMetadata"
        ]
    );
    assert_eq!(seen.body["encryptionAlgorithm"], "AES_GCM");
}

#[test]
fn what_the_host_states_of_a_session_is_passed_on() {
    let (vault, proxy, _) = vault();
    let store = connected(&vault);
    let key = create_key(&vault, &store, KEY).unwrap();
    proxy.take_seen();
    let entry = |name: &str, value: &str| ContextEntry {
        context_key_name: name.into(),
        context_key_values: vec![value.into()],
    };
    let caller = Caller::new("arn:aws:sts::000000000000:assumed-role/ops/alice", "us-east-1").unwrap();
    let caller = caller
        .with_session(SessionContext {
            vpc_endpoint_id: Some("vpce-1".into()),
            via_service: Some("ec2.us-east-1.amazonaws.com".into()),
            context: Some(vec![entry("aws:SourceVpc", "vpc-7")]),
            ..Default::default()
        })
        .unwrap();
    let request = EncryptRequest { key_id: key.arn.clone(), plaintext: b"x".to_vec().into(), ..Default::default() };
    vault.vault.client_as(caller).encrypt(request).unwrap();
    assert_eq!(
        metadata(&only(proxy.take_seen())),
        json!({
            "awsPrincipalArn": "arn:aws:iam::000000000000:role/ops",
            "awsSourceVpc": "vpc-7",
            "awsSourceVpce": "vpce-1",
            "kmsKeyArn": key.arn,
            "kmsOperation": "Encrypt",
            "kmsViaService": "ec2.us-east-1.amazonaws.com",
        })
    );
}

/// "to allow a customer to correlate AWS CloudTrail entries with log entries in the XKS Proxy".
#[test]
fn the_id_of_the_request_is_that_of_its_event() {
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    let request = DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() };
    // It fails, for want of the context, and has an event, too.
    error(vault.decrypt(request));
    let told: Vec<_> =
        proxy.take_seen().iter().map(|seen| seen.body["requestMetadata"]["kmsRequestId"].clone()).collect();
    assert_eq!(told.len(), 2);
    let events = vault.vault.audit_events(LookupEventsRequest::default()).map(Result::unwrap);
    let events: Vec<Value> =
        events.map(|event| serde_json::from_str(&event.cloud_trail_event).expect("JSON")).collect();
    for (id, name) in told.iter().zip(["Encrypt", "Decrypt"]) {
        let event: Vec<_> = events.iter().filter(|event| event["requestID"] == *id).collect();
        assert_eq!(event.len(), 1);
        assert_eq!(event[0]["eventName"], name);
    }
}

#[test]
fn neither_the_plaintext_nor_the_context_is_sent() {
    let (vault, proxy, key) = with_key();
    let request = EncryptRequest {
        key_id: key.key_id,
        plaintext: b"card 4242 4242 4242 4242".to_vec().into(),
        encryption_context: Some([("patient", "Alice")].into()),
        ..Default::default()
    };
    vault.encrypt(request).unwrap();
    let seen = only(proxy.take_seen());
    let bytes = |member: &str| {
        use base64::{Engine, prelude::BASE64_STANDARD};
        BASE64_STANDARD.decode(seen.body[member].as_str().unwrap()).unwrap()
    };
    let (plaintext, aad) = (bytes("plaintext"), bytes("additionalAuthenticatedData"));
    assert_eq!((plaintext.len(), aad.len()), (24 + 80, 34 + 32));
    assert!(!plaintext.windows(4).any(|window| window == b"4242"));
    assert!(!aad.windows(5).any(|window| window == b"Alice"));
}
