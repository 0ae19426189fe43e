//! Frozen keys of every kind: each does what it did when it was frozen (tests/vectors/README.md, `keys/keys`).

use pocketkms::{
    Audit, Caller, CloudHsmCluster, ManualClock, RootKey, Secret, Timestamp, Vault,
    keys::{KeySpec, KeyUsageType, OriginType},
};
use pocketkms_tests::{
    cluster::{CLUSTER, PASSWORD, TestCluster},
    vault::Opened,
    xks::{ExternalKey, Proxy},
};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path};

#[derive(Deserialize)]
struct Frozen {
    account: String,
    region: String,
    root: String,
    at: i64,
    /// The KMS keys that have a key in the cluster.
    cluster_keys: Vec<String>,
    /// The external keys.
    external_keys: Vec<String>,
    calls: Vec<Call>,
}

/// What a key answered.
#[derive(Deserialize)]
struct Call {
    region: Option<String>,
    operation: String,
    request: Value,
    answer: Value,
}

fn open(frozen: &Frozen, snapshot: &[u8]) -> Opened {
    let clock = ManualClock::new(Timestamp::from_millis(frozen.at));
    let cluster = TestCluster::default();
    for key in &frozen.cluster_keys {
        cluster.create_key(&Secret::from(PASSWORD.to_owned()), key).expect("room");
    }
    let proxy = Proxy::new(&clock);
    for key in &frozen.external_keys {
        proxy.keys(|keys| keys.put(key, ExternalKey::new(7)));
    }
    let root = RootKey::from_bytes(&hex::decode(&frozen.root).expect("digits")).expect("a root key");
    let builder = Vault::builder().clock(clock).audit(Audit::off()).account_id(&frozen.account).region(&frozen.region);
    let builder = builder.cloud_hsm_cluster(CLUSTER, cluster).xks_transport(proxy);
    builder.open_snapshot(snapshot, &root).expect("a frozen snapshot").into()
}

/// Each member of the frozen answer; a later version may have more.
fn includes(actual: &Value, frozen: &Value) -> bool {
    match (actual, frozen) {
        (Value::Object(actual), Value::Object(frozen)) => {
            frozen.iter().all(|(name, value)| actual.get(name).is_some_and(|actual| includes(actual, value)))
        }
        _ => actual == frozen,
    }
}

#[test]
fn frozen_keys_of_every_kind_do_what_they_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/keys");
    let frozen: Frozen = serde_json::from_slice(&fs::read(folder.join("keys.json")).expect("a file")).expect("calls");
    let kms = open(&frozen, &fs::read(folder.join("keys.snapshot")).expect("a snapshot beside them"));
    assert!(kms.vault.verify().expect("records").is_empty(), "every record opens");
    let mut kinds: [BTreeSet<String>; 3] = Default::default();
    for Call { region, operation, request, answer } in &frozen.calls {
        let region = region.as_ref().unwrap_or(&frozen.region);
        let caller = Caller::root(&frozen.account, region).expect("a caller");
        let response =
            kms.vault.client_as(caller).call(&format!("TrentService.{operation}"), request.to_string().as_bytes());
        let text = String::from_utf8_lossy(response.body.expose()).into_owned();
        assert_eq!(response.status, 200, "{operation} {request}: {text}");
        let actual: Value = serde_json::from_str(&text).expect("JSON");
        assert!(includes(&actual, answer), "{operation} {request}: {actual} in place of {answer}");
        if let Some(key) = actual.get("KeyMetadata") {
            for (kind, member) in kinds.iter_mut().zip(["KeySpec", "KeyUsage", "Origin"]) {
                kind.extend(key[member].as_str().map(str::to_owned));
            }
        }
    }
    // None is left out, nor would a kind that is new be.
    let all = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect::<BTreeSet<_>>();
    let [specs, usages, origins] = kinds;
    assert_eq!(specs, all(&mut KeySpec::ALL.iter().map(|spec| spec.as_str())));
    assert_eq!(usages, all(&mut KeyUsageType::ALL.iter().map(|usage| usage.as_str())));
    assert_eq!(origins, all(&mut OriginType::ALL.iter().map(|origin| origin.as_str())));
}
