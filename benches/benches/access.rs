//! What a decision of the policy evaluator costs: with the default key policy, with twenty statements and conditions, and by one
//! of many grants; and what it costs that requests are counted against a quota.

use criterion::Criterion;
use pocketkms::{
    Audit, Caller, Kms, ManualClock, RootKey, Timestamp, Vault,
    api::{
        CreateGrantRequest, CreateKeyRequest, DescribeKeyRequest, EncryptRequest, GrantConstraints, GrantOperation,
        IamEntity, RequestQuota,
    },
    policies::{PreparedSimulation, SimulatedKey, Simulation},
};
use serde_json::{Value, json};
use std::hint::black_box;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn prepared(principal: &str, key_policy: Option<&Value>) -> PreparedSimulation {
    let simulation = Simulation {
        principal: principal.into(),
        action: "kms:Decrypt".into(),
        key: Some(SimulatedKey::new(KEY)),
        key_policy: key_policy.map(ToString::to_string),
        encryption_context: Some([("tenant", "t-19"), ("purpose", "invoice")].into()),
        ..Simulation::default()
    };
    simulation.prepare().expect("valid policies")
}

/// Twenty statements, of which the last allows, each with two conditions of which all are asked.
fn twenty_statements() -> Value {
    let statement = |number: usize| {
        json!({
            "Sid": format!("Tenant{number}"),
            "Effect": "Allow",
            "Principal": {"AWS": [ALICE, "arn:aws:iam::111122223333:role/app"]},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {
                "StringLike": {"kms:EncryptionContext:purpose": "inv*e"},
                "StringEquals": {"kms:EncryptionContext:tenant": format!("t-{number}"), "kms:CallerAccount": "111122223333"},
            },
        })
    };
    json!({"Version": "2012-10-17", "Statement": (0..20).map(statement).collect::<Vec<_>>()})
}

/// The client of a user who may describe a key by a grant alone, and that key; the same user has so many grants on it.
fn granted(grants: usize) -> (Kms, String) {
    let root = RootKey::from_bytes(&[7; 32]).expect("32 bytes");
    let owner = Caller::root("111122223333", "us-east-1").expect("an account");
    let vault = Vault::builder().caller(owner).audit(Audit::off()).create_in_memory(&root).expect("a vault");
    vault.put_iam_entity(&IamEntity { arn: ALICE.into(), ..IamEntity::default() }).expect("a user");
    let kms = vault.client();
    let key_id = kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.arn;
    for number in 0..grants {
        // The first is the one; the others are for something else, each under a constraint of its own.
        let operation = if number == 0 { GrantOperation::DescribeKey } else { GrantOperation::Decrypt };
        let tenant = format!("t-{number}");
        kms.create_grant(CreateGrantRequest {
            key_id: key_id.clone(),
            grantee_principal: Some(ALICE.into()),
            operations: vec![operation],
            constraints: Some(GrantConstraints {
                encryption_context_subset: Some([("tenant", tenant.as_str())].into()),
                ..GrantConstraints::default()
            }),
            ..CreateGrantRequest::default()
        })
        .expect("a grant");
    }
    (vault.client_as(Caller::new(ALICE, "us-east-1").expect("a principal")), key_id)
}

/// A client with a key, on a clock that stands still: what reading the time costs is not what is measured.
fn counted(quotas: Option<&[RequestQuota]>) -> (Kms, String) {
    let root = RootKey::from_bytes(&[7; 32]).expect("32 bytes");
    let clock = ManualClock::new(Timestamp::from_millis(1_700_000_000_000));
    let vault = Vault::builder().clock(clock).audit(Audit::off()).create_in_memory(&root).expect("a vault");
    vault.set_request_quotas(quotas).expect("quotas");
    let kms = vault.client();
    let key_id = kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.arn;
    (kms, key_id)
}

/// More requests than any bench makes.
fn enough() -> [RequestQuota; 2] {
    ["DescribeKey", "Symmetric"].map(|name| RequestQuota {
        quota_name: name.into(),
        requests: 1_000_000_000,
        seconds: None,
    })
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("decision");
    let default = prepared("arn:aws:iam::111122223333:root", None);
    let twenty = prepared(ALICE, Some(&twenty_statements()));
    assert!(default.is_allowed() && twenty.is_allowed(), "or something else is measured");
    group.bench_function("default key policy", |bencher| bencher.iter(|| black_box(&default).is_allowed()));
    group.bench_function("20 statements with conditions", |bencher| bencher.iter(|| black_box(&twenty).is_allowed()));
    for grants in [1, 50_000] {
        let (alice, key_id) = granted(grants);
        let request = DescribeKeyRequest { key_id, ..DescribeKeyRequest::default() };
        group.bench_function(format!("DescribeKey by one of {grants} grants"), |bencher| {
            bencher.iter(|| alice.describe_key(request.clone()).expect("allowed"));
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("quota");
    for (name, quotas) in [("without", None), ("with", Some(&enough()[..]))] {
        let (kms, key_id) = counted(quotas);
        let request = DescribeKeyRequest { key_id: key_id.clone(), ..DescribeKeyRequest::default() };
        group.bench_function(format!("DescribeKey {name}"), |bencher| {
            bencher.iter(|| kms.describe_key(request.clone()).expect("a key"));
        });
        // Counted by the type of its key.
        let request = EncryptRequest { key_id, plaintext: vec![1; 64].into(), ..EncryptRequest::default() };
        group.bench_function(format!("Encrypt {name}"), |bencher| {
            bencher.iter(|| kms.execute(&request).expect("a ciphertext"));
        });
    }
    group.finish();
    criterion.final_summary();
}
