//! What the audit trail says of each call, through the public API: the record that AWS CloudTrail has of it, and nothing secret.

mod branch_keys;
mod callers;
mod failures;
mod operations;
mod parcels;
mod queries;
mod secrets;
mod service;
mod sink;

use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{Caller, Kms, ManualClock, Vault, api::LookupEventsRequest};
use pocketkms_tests::{
    cluster::{CLUSTER, TestCluster},
    vault::{builder, root},
};
use serde_json::{Value, json};

const ALICE: &str = "arn:aws:iam::111122223333:user/Alice";
const REGION: &str = "us-west-2";

/// A vault whose caller is the user Alice, with keys and what is made of them, by name.
struct Scene {
    vault: Vault,
    kms: Kms,
    clock: ManualClock,
    names: Vec<(&'static str, String)>,
}

impl Scene {
    fn new() -> Self {
        let (builder, clock) = builder();
        let caller = Caller::new(ALICE, REGION).unwrap();
        let cluster = TestCluster::default();
        cluster.set_anchor(None);
        let vault = builder.caller(caller).cloud_hsm_cluster(CLUSTER, cluster).create_in_memory(&root()).unwrap();
        let mut scene = Self { kms: vault.client(), vault, clock, names: Vec::new() };
        for (arn, id, spec, usage) in [
            ("K_ARN", "K_ID", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("L_ARN", "L_ID", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("HMAC_ARN", "HMAC_ID", "HMAC_256", "GENERATE_VERIFY_MAC"),
            ("SIGN_ARN", "SIGN_ID", "ECC_NIST_P256", "SIGN_VERIFY"),
            ("AGREE_ARN", "AGREE_ID", "ECC_NIST_P256", "KEY_AGREEMENT"),
        ] {
            let made = scene.call("CreateKey", &json!({ "KeySpec": spec, "KeyUsage": usage }).to_string());
            let text = |member: &str| made["KeyMetadata"][member].as_str().unwrap().to_string();
            scene.names.extend([(arn, text("Arn")), (id, text("KeyId"))]);
        }
        scene.call("CreateAlias", r#"{"AliasName": "alias/k", "TargetKeyId": "K_ID"}"#);
        scene
    }

    /// Puts a name to a text that calls and expectations may have.
    fn name(&mut self, name: &'static str, text: &Value) {
        self.names.push((name, text.as_str().unwrap().into()));
    }

    /// A text with what its names stand for.
    fn read(&self, text: &str) -> String {
        self.names.iter().fold(text.to_string(), |text, (name, value)| text.replace(name, value))
    }

    fn try_call(&self, kms: &Kms, operation: &str, body: &str) -> (u16, Value) {
        let answer = kms.call(&format!("TrentService.{operation}"), self.read(body).as_bytes());
        let body = answer.body.expose();
        (answer.status, if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() })
    }

    #[track_caller]
    fn call(&self, operation: &str, body: &str) -> Value {
        let (status, answer) = self.try_call(&self.kms, operation, body);
        assert_eq!(status, 200, "{operation}: {answer}");
        answer
    }

    /// A client of somebody else.
    fn client(&self, arn: &str) -> Kms {
        self.vault.client_as(Caller::new(arn, REGION).unwrap())
    }

    /// The newest records, so many.
    fn newest(&self, count: usize) -> Vec<Value> {
        let request = LookupEventsRequest { max_results: Some(1000), ..Default::default() };
        let events = self.vault.lookup_events(&request).unwrap().events;
        events.iter().take(count).map(|event| serde_json::from_str(&event.cloud_trail_event).unwrap()).collect()
    }

    fn last(&self) -> Value {
        self.newest(1).remove(0)
    }

    /// All records, as a file of CloudTrail's.
    fn exported(&self) -> String {
        let mut file = String::new();
        let format = pocketkms::AuditFormat::CloudTrail;
        let write = |text: &str| {
            file.push_str(text);
            Ok(())
        };
        self.vault.export_audit(format, LookupEventsRequest::default(), write).unwrap();
        file
    }
}

fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

/// The names of an object's members.
fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
