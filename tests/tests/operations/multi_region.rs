//! Multi-Region keys by example: what the keys of several Regions share, and what is each one's own.

use super::common::elsewhere;
use pocketkms::{
    Caller, ErrorKind, Kms, ManualClock, Result, Sealed, Vault,
    api::*,
    keys::{KeySpec, KeyState, KeyUsageType, MultiRegionKeyType},
};
use pocketkms_tests::{
    store::Shared,
    vault::{
        Opened, START, builder, create_key, create_multi_region_key, decrypt, describe, encrypt, error, explained,
        public_key, refused, root, sign, vault,
    },
};
use serde_json::{Value, json};

const ACCOUNT: &str = "000000000000";
const HOME: &str = "us-east-1";
const FRANKFURT: &str = "eu-central-1";

fn replicate(kms: &Kms, key: &str, region: &str) -> Result<KeyMetadata> {
    let request = ReplicateKeyRequest { key_id: key.into(), replica_region: region.into(), ..Default::default() };
    Ok(kms.replicate_key(request)?.replica_key_metadata.expect("metadata"))
}

fn make_primary(kms: &Kms, key: &str, region: &str) -> Result<()> {
    kms.update_primary_region(UpdatePrimaryRegionRequest { key_id: key.into(), primary_region: region.into() })
}

fn schedule(kms: &Kms, key: &str) -> ScheduleKeyDeletionResponse {
    let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("a key to delete")
}

fn rotate(kms: &Kms, key: &str) -> Result<RotateKeyOnDemandResponse> {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() })
}

fn enable_rotation(kms: &Kms, key: &str) -> Result<()> {
    kms.enable_key_rotation(EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: Some(90) })
}

fn replicas(kms: &Kms, key: &str) -> Vec<String> {
    let regions = describe(kms, key).multi_region_configuration.expect("a multi-Region key");
    regions.replica_keys.into_iter().map(|replica| replica.region).collect()
}

/// A vault with a primary key in the Region of its caller, and a replica.
fn scene() -> (Opened, Kms, ManualClock, String) {
    let (kms, clock) = vault();
    let key = create_multi_region_key(&kms).key_id;
    replicate(&kms, &key, FRANKFURT).unwrap();
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    (kms, there, clock, key)
}

#[test]
fn a_replica_is_a_key_of_its_own_with_the_same_id_and_material() {
    let (kms, there, _, key) = scene();
    let (primary, replica) = (describe(&kms, &key), describe(&there, &key));
    assert_eq!(primary.key_id, replica.key_id);
    assert_eq!(primary.current_key_material_id, replica.current_key_material_id);
    assert_eq!(replica.arn, primary.arn.replace(HOME, FRANKFURT));
    assert_eq!(replica.key_state, KeyState::Enabled);
    let kinds = [&primary, &replica].map(|key| key.multi_region_configuration.clone().unwrap());
    assert_eq!(kinds[0].multi_region_key_type, MultiRegionKeyType::Primary);
    assert_eq!(kinds[1].multi_region_key_type, MultiRegionKeyType::Replica);
    assert_eq!((&kinds[0].primary_key, &kinds[0].replica_keys), (&kinds[1].primary_key, &kinds[1].replica_keys));

    for (one, other) in [(&*kms, &there), (&there, &*kms)] {
        assert_eq!(decrypt(other, &encrypt(one, &key, b"anywhere")).unwrap(), b"anywhere");
    }
    assert_eq!(there.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
}

#[test]
fn keys_of_every_kind_can_be_replicated() {
    let (kms, _) = vault();
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    let make = |spec: KeySpec, usage: KeyUsageType| {
        let (key_spec, key_usage) = (Some(spec), Some(usage));
        let request = CreateKeyRequest { key_spec, key_usage, multi_region: Some(true), ..Default::default() };
        let key = kms.create_key(request).unwrap().key_metadata;
        replicate(&kms, &key.key_id, FRANKFURT).unwrap();
        (key.clone(), describe(&there, &key.key_id))
    };
    let (signer, replica) = make(KeySpec::EccNistP256, KeyUsageType::SignVerify);
    assert_eq!(public_key(&kms, &signer), public_key(&there, &replica));
    let request = VerifyRequest {
        key_id: signer.key_id.clone(),
        message: b"m".to_vec().into(),
        signature: sign(&there, &replica, b"m"),
        signing_algorithm: signer.signing_algorithms.clone().unwrap()[0],
        message_type: None,
        grant_tokens: None,
        dry_run: None,
    };
    assert!(kms.verify(request).unwrap().signature_valid);
    let (hmac, replica) = make(KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac);
    let mac = |kms: &Kms, key| pocketkms_tests::vault::generate_mac(kms, key, b"m");
    assert_eq!(mac(&kms, &hmac), mac(&there, &replica));
}

/// "All other properties of a replica key can differ, including its key policy, tags, aliases, and key state."
#[test]
fn the_other_properties_are_each_ones_own() {
    let (kms, _) = vault();
    let request = CreateKeyRequest {
        description: Some("here".into()),
        tags: Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]),
        multi_region: Some(true),
        ..Default::default()
    };
    let key = kms.create_key(request).unwrap().key_metadata.key_id;
    let policy =
        json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}).to_string();
    let request = ReplicateKeyRequest {
        key_id: key.clone(),
        replica_region: FRANKFURT.into(),
        policy: Some(policy.clone()),
        ..Default::default()
    };
    assert_eq!(kms.replicate_key(request).unwrap().replica_policy, Some(policy.clone()));
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    let policy_of = |kms: &Kms| {
        let request = GetKeyPolicyRequest { key_id: key.clone(), policy_name: None };
        kms.get_key_policy(request).unwrap().policy
    };
    assert_eq!(policy_of(&there), policy);
    assert_ne!(policy_of(&kms), policy);
    let tags = |kms: &Kms| {
        let request = ListResourceTagsRequest { key_id: key.clone(), ..Default::default() };
        kms.list_resource_tags(request).unwrap().tags.len()
    };
    assert_eq!((tags(&kms), tags(&there)), (1, 0));
    assert_eq!((describe(&kms, &key).description, describe(&there, &key).description), ("here".into(), String::new()));
    kms.create_grant(CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::Encrypt],
        ..Default::default()
    })
    .unwrap();
    let grants = |kms: &Kms| {
        let request = ListGrantsRequest { key_id: key.clone(), ..Default::default() };
        kms.list_grants(request).unwrap().grants.len()
    };
    assert_eq!((grants(&kms), grants(&there)), (1, 0));
    there.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    encrypt(&kms, &key, b"still enabled");
    assert_eq!(describe(&there, &key).key_state, KeyState::Disabled);
}

#[test]
fn only_a_primary_key_is_replicated_and_rotated() {
    let (kms, there, _, key) = scene();
    let replica = describe(&there, &key).arn;
    let message = format!("{replica} is a multi-Region replica key which is not valid for this operation.");
    for refusal in [
        replicate(&there, &key, "eu-west-1").map(drop),
        make_primary(&there, &key, HOME),
        enable_rotation(&there, &key),
        there.disable_key_rotation(DisableKeyRotationRequest { key_id: key.clone() }),
        rotate(&there, &key).map(drop),
    ] {
        let refusal = error(refusal);
        assert_eq!((refusal.kind(), refusal.message()), (ErrorKind::UnsupportedOperation, &*message));
        assert!(refusal.report().contains(&describe(&kms, &key).arn), "{}", refusal.report());
    }
    let single = create_key(&kms);
    let message = format!("{} is a single-Region key which is not valid for this operation.", single.arn);
    refused(replicate(&kms, &single.key_id, FRANKFURT), ErrorKind::UnsupportedOperation, &message);
    refused(make_primary(&kms, &single.key_id, FRANKFURT), ErrorKind::UnsupportedOperation, &message);
    let exists = format!("A key with the id {key} already exists");
    for region in [HOME, FRANKFURT] {
        refused(replicate(&kms, &key, region), ErrorKind::AlreadyExists, &exists);
    }
    let elsewhere = "ReplicaRegion 'cn-north-1' is in another partition than the caller's Region.";
    refused(replicate(&kms, &key, "cn-north-1"), ErrorKind::Validation, elsewhere);
}

/// Whoever meets a key of it first carries out a rotation that fell due, for all Regions; the state of the primary decides.
#[test]
fn the_keys_of_all_regions_rotate_together() {
    let (kms, there, clock, key) = scene();
    enable_rotation(&kms, &key).unwrap();
    let old = encrypt(&kms, &key, b"old");
    there.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    clock.advance_days(200);
    let first = describe(&there, &key).current_key_material_id;
    assert_eq!(describe(&kms, &key).current_key_material_id, first);
    let rotations = |kms: &Kms| {
        let request = ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() };
        let rotations = kms.list_key_rotations(request).unwrap().rotations;
        rotations.into_iter().map(|rotation| (rotation.key_material_id, rotation.rotation_date)).collect::<Vec<_>>()
    };
    assert_eq!(rotations(&kms).len(), 2);
    assert_eq!(rotations(&kms), rotations(&there));
    there.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    assert_eq!(decrypt(&there, &old).unwrap(), b"old");

    // A primary that is disabled rotates no one.
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    clock.advance_days(200);
    let new = encrypt(&there, &key, b"new");
    assert_eq!(rotations(&there).len(), 2);
    there.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    there.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    assert_eq!(rotations(&there).len(), 2);
    kms.enable_key(EnableKeyRequest { key_id: key.clone() }).unwrap();
    assert_eq!(decrypt(&kms, &new).unwrap(), b"new");
    assert_eq!(rotations(&there).len(), 3);
    assert_eq!(rotations(&kms), rotations(&there));
}

#[test]
fn another_key_becomes_the_primary() {
    let (kms, there, _, key) = scene();
    replicate(&kms, &key, "eu-west-1").unwrap();
    make_primary(&kms, &key, FRANKFURT).unwrap();
    for kms in [&*kms, &there, &elsewhere(&kms, ACCOUNT, "eu-west-1")] {
        assert_eq!(replicas(kms, &key), [HOME, "eu-west-1"]);
        let regions = describe(kms, &key).multi_region_configuration.unwrap();
        assert_eq!(regions.primary_key.region, FRANKFURT);
    }
    rotate(&there, &key).unwrap();
    assert_eq!(error(rotate(&kms, &key)).kind(), ErrorKind::UnsupportedOperation);
    replicate(&there, &key, "us-west-2").unwrap();
    // Both keys must be enabled, and the other one must be there.
    kms.disable_key(DisableKeyRequest { key_id: key.clone() }).unwrap();
    let disabled = format!("{} is disabled.", describe(&kms, &key).arn);
    refused(make_primary(&there, &key, HOME), ErrorKind::Disabled, &disabled);
    let missing = format!("Key '{}' does not exist", describe(&kms, &key).arn.replace(HOME, "ca-central-1"));
    refused(make_primary(&there, &key, "ca-central-1"), ErrorKind::NotFound, &missing);
}

/// "KMS will not delete a multi-Region primary key with existing replica keys."
#[test]
fn a_primary_waits_for_the_last_of_its_replicas() {
    let store = Shared::new();
    let (builder, clock) = builder();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_multi_region_key(&kms).key_id;
    let names = |word: &str| store.names().into_iter().filter(|name| name.contains(word)).count();
    for region in [FRANKFURT, "eu-west-1"] {
        replicate(&kms, &key, region).unwrap();
    }
    rotate(&kms, &key).unwrap();
    let blob = encrypt(&kms, &key, b"kept");
    let answer = schedule(&kms, &key);
    assert_eq!((answer.key_state, answer.deletion_date), (KeyState::PendingReplicaDeletion, None));
    clock.advance_days(400);
    assert_eq!(describe(&kms, &key).pending_deletion_window_in_days, Some(7));
    let frankfurt = elsewhere(&kms, ACCOUNT, FRANKFURT);
    let ireland = elsewhere(&kms, ACCOUNT, "eu-west-1");
    schedule(&frankfurt, &key);
    clock.advance_days(30);
    // The replica is gone, and everything that the others need is there.
    assert_eq!(replicas(&kms, &key), ["eu-west-1"]);
    assert_eq!(decrypt(&ireland, &blob).unwrap(), b"kept");
    assert_eq!(describe(&kms, &key).key_state, KeyState::PendingReplicaDeletion);
    schedule(&ireland, &key);
    clock.advance_days(7);
    let primary = describe(&kms, &key);
    assert_eq!(primary.key_state, KeyState::PendingDeletion);
    assert_eq!(primary.deletion_date, Some(pocketkms::Clock::now(&clock).plus_days(7)));
    assert_eq!((names("multi-region/"), names("material/"), names("rotation/")), (1, 2, 2));
    clock.advance_days(7);
    assert_eq!(error(decrypt(&kms, &blob)).kind(), ErrorKind::AccessDenied);
    // The last key takes along what they shared.
    for word in ["multi-region", "multi-Region", "material/", "rotation", "key/", "removal/", "deletion/"] {
        assert_eq!(names(word), usize::from(word == "key/") * names("deleted-key/"), "{word}");
    }
}

#[test]
fn a_region_whose_replica_was_deleted_can_have_another_one() {
    let (kms, there, clock, key) = scene();
    let grant = || CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        operations: vec![GrantOperation::Encrypt],
        ..Default::default()
    };
    there.create_grant(grant()).unwrap();
    let blob = encrypt(&there, &key, b"kept");
    schedule(&there, &key);
    assert_eq!(error(replicate(&kms, &key, FRANKFURT)).kind(), ErrorKind::AlreadyExists);
    assert_eq!(error(make_primary(&kms, &key, FRANKFURT)).kind(), ErrorKind::KmsInvalidState);
    clock.advance_days(7);
    replicate(&kms, &key, FRANKFURT).unwrap();
    assert_eq!(decrypt(&there, &blob).unwrap(), b"kept");
    let request = ListGrantsRequest { key_id: key.clone(), ..Default::default() };
    assert!(there.list_grants(request).unwrap().grants.is_empty());
    assert_eq!(replicas(&there, &key), [FRANKFURT]);
}

#[test]
fn a_snapshot_and_its_copies_have_all_regions_in_step() {
    let (kms, _, _, key) = scene();
    enable_rotation(&kms, &key).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    let open = |days: u32| {
        let clock = ManualClock::new(START.plus_days(days));
        Opened::from(Vault::builder().clock(clock).open_snapshot(&snapshot, &root()).unwrap())
    };
    // Two devices that never saw each other, one of them in each Region.
    let (one, other) = (open(100), open(100));
    let there = elsewhere(&other, ACCOUNT, FRANKFURT);
    assert_eq!(decrypt(&there, &encrypt(&one, &key, b"due")).unwrap(), b"due");
    assert_eq!(decrypt(&one, &encrypt(&there, &key, b"due")).unwrap(), b"due");
    let earlier = open(10);
    assert_eq!(decrypt(&earlier, &encrypt(&there, &key, b"ahead")).unwrap(), b"ahead");
}

/// Two processes at once: one rotates, one moves the primary, and both encrypt. No rotation and no ciphertext is lost.
#[test]
fn what_happens_in_several_regions_at_once_is_all_kept() {
    let store = Shared::new();
    let (one, other) = (
        Opened::from(builder().0.create_in(store.clone(), &root()).unwrap()),
        Opened::from(builder().0.open(store, &root()).unwrap()),
    );
    let key = create_multi_region_key(&one).key_id;
    replicate(&one, &key, FRANKFURT).unwrap();
    let in_regions = |opened: &Opened| [HOME, FRANKFURT].map(|region| elsewhere(opened, ACCOUNT, region));
    let (ones, others) = (in_regions(&one), in_regions(&other));
    // The primary may have moved between the look and the call: then the other Region has it.
    let of_primary =
        |clients: &[Kms; 2], call: &dyn Fn(&Kms, &str) -> bool| call(&clients[0], FRANKFURT) || call(&clients[1], HOME);
    let (mut rotations, mut blobs) = (0, Vec::new());
    std::thread::scope(|scope| {
        let encrypting = scope.spawn(|| {
            let clients = [&ones[0], &others[1]];
            (0..20).flat_map(|_| clients.map(|kms| encrypt(kms, &key, b"kept"))).collect::<Vec<_>>()
        });
        let moving = scope.spawn(|| {
            (0..20).filter(|_| of_primary(&others, &|kms, there| make_primary(kms, &key, there).is_ok())).count()
        });
        rotations = (0..20).filter(|_| of_primary(&ones, &|kms, _| rotate(kms, &key).is_ok())).count();
        assert!(moving.join().unwrap() > 0);
        blobs = encrypting.join().unwrap();
    });
    assert!(rotations > 0);
    for kms in ones.iter().chain(&others) {
        let request = ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() };
        assert_eq!(kms.list_key_rotations(request).unwrap().rotations.len(), rotations);
        assert!(blobs.iter().all(|blob| decrypt(kms, blob).unwrap() == b"kept"));
    }
}

/// What is damaged of one Region's key stays there; what all of them share fails each of them.
#[test]
fn damage_of_one_key_does_not_reach_the_others() {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_multi_region_key(&kms).key_id;
    for region in [FRANKFURT, "eu-west-1"] {
        replicate(&kms, &key, region).unwrap();
    }
    let blob = encrypt(&kms, &key, b"kept");
    let digits = key.trim_start_matches("mrk-");
    let with_damaged = |name: &str| {
        let store = store.copy();
        store.tamper_bytes(name, |bytes| *bytes.last_mut().unwrap() ^= 1);
        let clock = ManualClock::new(START);
        Opened::from(Vault::builder().clock(clock).open(store, &root()).unwrap())
    };
    let damaged = with_damaged(&format!("key/{FRANKFURT}/{digits}"));
    explained(decrypt(&elsewhere(&damaged, ACCOUNT, FRANKFURT), &blob), ErrorKind::RecordCorrupted, &[FRANKFURT]);
    let ireland = elsewhere(&damaged, ACCOUNT, "eu-west-1");
    rotate(&damaged, &key).unwrap();
    assert_eq!(decrypt(&ireland, &encrypt(&damaged, &key, b"new")).unwrap(), b"new");
    make_primary(&damaged, &key, "eu-west-1").unwrap();
    assert_eq!(error(make_primary(&ireland, &key, FRANKFURT)).kind(), ErrorKind::RecordCorrupted);

    let damaged = with_damaged(&format!("key/{HOME}/{digits}"));
    let there = elsewhere(&damaged, ACCOUNT, FRANKFURT);
    assert_eq!(decrypt(&there, &encrypt(&there, &key, b"new")).unwrap(), b"new");

    let name = format!("multi-region/{digits}");
    let damaged = with_damaged(&name);
    for kms in [&*damaged, &elsewhere(&damaged, ACCOUNT, FRANKFURT)] {
        explained(decrypt(kms, &blob), ErrorKind::RecordCorrupted, &[&name]);
    }
    assert_eq!(damaged.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
}

/// A record of one name does not pass for another, whatever Region it is of.
#[test]
fn records_of_one_region_do_not_pass_for_those_of_another() {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_multi_region_key(&kms).key_id;
    replicate(&kms, &key, FRANKFURT).unwrap();
    let digits = key.trim_start_matches("mrk-");
    let home: Sealed = {
        let records = store.records();
        records.into_iter().find(|record| record.name == format!("key/{HOME}/{digits}")).unwrap().value
    };
    store.tamper(&format!("key/{FRANKFURT}/{digits}"), |record| record.value = home);
    let clock = ManualClock::new(START);
    let kms = Opened::from(Vault::builder().clock(clock).open(store, &root()).unwrap());
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    let request = DescribeKeyRequest { key_id: key, ..Default::default() };
    assert_eq!(error(there.describe_key(request)).kind(), ErrorKind::RecordCorrupted);
}

fn user(kms: &Opened, name: &str, statements: &Value) -> Kms {
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/{name}");
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let policies = Some(vec![IamPolicy { policy_name: "only".into(), policy_document: document }]);
    kms.vault.put_iam_entity(&IamEntity { arn: arn.clone(), policies, ..Default::default() }).unwrap();
    kms.vault.client_as(Caller::new(&arn, HOME).unwrap())
}

/// kms:ReplicateKey on the primary, kms:CreateKey and kms:TagResource in the Region of the replica.
#[test]
fn replicating_needs_permissions_in_both_regions() {
    let (kms, _) = vault();
    let key = create_multi_region_key(&kms);
    let allow = |action: &str, condition: Value| json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition});
    let to_frankfurt = json!({"StringEquals": {"kms:ReplicaRegion": FRANKFURT}});
    let in_frankfurt = json!({
        "StringEquals": {"aws:RequestedRegion": FRANKFURT, "kms:MultiRegionKeyType": "REPLICA", "kms:KeySpec": "SYMMETRIC_DEFAULT"},
        "Bool": {"kms:MultiRegion": "true"},
    });
    let denied = |caller: &Kms, region: &str, tags: Option<Vec<Tag>>, words: &str| {
        let request = ReplicateKeyRequest {
            key_id: key.key_id.clone(),
            replica_region: region.into(),
            tags,
            ..Default::default()
        };
        let denied = error(caller.replicate_key(request));
        assert_eq!(denied.kind(), ErrorKind::AccessDenied, "{denied}");
        assert!(denied.message().contains(words), "{denied}");
    };
    let one = user(&kms, "one", &json!([allow("kms:ReplicateKey", to_frankfurt.clone())]));
    denied(&one, "eu-west-1", None, "kms:ReplicateKey");
    denied(&one, FRANKFURT, None, "kms:CreateKey");
    let two = user(&kms, "two", &json!([allow("kms:CreateKey", json!({}))]));
    denied(&two, FRANKFURT, None, "kms:ReplicateKey");
    let statements = json!([allow("kms:ReplicateKey", to_frankfurt), allow("kms:CreateKey", in_frankfurt)]);
    let both = user(&kms, "both", &statements);
    let tags = Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]);
    denied(&both, FRANKFURT, tags, "kms:TagResource");
    replicate(&both, &key.key_id, FRANKFURT).unwrap();
    // What it made is described in the Region where it is, which takes a permission there.
    let there = kms.vault.client_as(both.caller().with(None, Some(FRANKFURT), None).unwrap());
    let request = DescribeKeyRequest { key_id: key.key_id.clone(), ..Default::default() };
    assert_eq!(error(there.describe_key(request)).kind(), ErrorKind::AccessDenied);
}

/// kms:UpdatePrimaryRegion on both keys.
#[test]
fn another_primary_needs_permissions_on_both_keys() {
    let (kms, _, _, key) = scene();
    let arns = [HOME, FRANKFURT].map(|region| format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key}"));
    let allow = |resources: &[String]| {
        json!([{
            "Effect": "Allow", "Action": "kms:UpdatePrimaryRegion", "Resource": resources,
            "Condition": {"StringEquals": {"kms:PrimaryRegion": FRANKFURT}},
        }])
    };
    for resource in &arns {
        let caller = user(&kms, "one", &allow(std::slice::from_ref(resource)));
        let denied = error(make_primary(&caller, &key, FRANKFURT));
        assert_eq!(denied.kind(), ErrorKind::AccessDenied);
        assert!(!denied.message().contains(&format!("on resource: {resource}")), "{denied}");
    }
    let caller = user(&kms, "two", &allow(&arns));
    make_primary(&caller, &key, FRANKFURT).unwrap();
}

#[test]
fn a_replica_counts_against_the_quotas_of_its_region() {
    let (kms, _) = vault();
    let quota = |name: &str, requests| RequestQuota { quota_name: name.into(), requests, seconds: None };
    let key = create_multi_region_key(&kms).key_id;
    kms.vault.set_request_quotas(Some(&[quota("CreateKey", 3), quota("UpdatePrimaryRegion", 1)])).unwrap();
    replicate(&kms, &key, FRANKFURT).unwrap();
    let there = elsewhere(&kms, ACCOUNT, FRANKFURT);
    // A replica counts as two of CreateKey, where it is made, and one of ReplicateKey where the primary is.
    create_key(&there);
    assert_eq!(error(there.create_key(CreateKeyRequest::default())).kind(), ErrorKind::Throttling);
    (0..3).for_each(|_| drop(create_key(&kms)));
    assert_eq!(error(replicate(&kms, &key, FRANKFURT)).kind(), ErrorKind::Throttling);
    replicate(&kms, &key, "eu-west-1").unwrap();
    make_primary(&kms, &key, FRANKFURT).unwrap();
    assert_eq!(error(make_primary(&there, &key, "eu-west-1")).kind(), ErrorKind::Throttling);
    kms.vault.set_request_quotas(None).unwrap();
    // And as a key among those of the account there.
    kms.vault.set_resource_quotas(Some(&ResourceQuotas { keys: Some(1), ..Default::default() })).unwrap();
    create_key(&elsewhere(&kms, ACCOUNT, "us-west-2"));
    let full = "The account can have at most 1 KMS keys in us-west-2.";
    refused(replicate(&there, &key, "us-west-2"), ErrorKind::LimitExceeded, full);
    replicate(&there, &key, "us-west-1").unwrap();
}

/// An event in each Region, and after a rotation one that tells of the replicas.
#[test]
fn the_trail_tells_of_every_region() {
    let (kms, there, _, key) = scene();
    make_primary(&kms, &key, FRANKFURT).unwrap();
    rotate(&there, &key).unwrap();
    let request = LookupEventsRequest { max_results: Some(7), ..Default::default() };
    let mut events = kms.vault.lookup_events(&request).unwrap().events;
    events.reverse();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            let record: Value = serde_json::from_str(&event.cloud_trail_event).unwrap();
            let arns = record["resources"].as_array().unwrap().iter().map(|resource| resource["ARN"].as_str().unwrap());
            let regions: Vec<_> = arns.map(|arn| arn.split(':').nth(3).unwrap().to_string()).collect();
            format!("{} in {} of {}", event.event_name, record["awsRegion"].as_str().unwrap(), regions.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "CreateKey in eu-central-1 of eu-central-1",
            "ReplicateKey in us-east-1 of us-east-1",
            "UpdatePrimaryRegion in eu-central-1 of eu-central-1",
            "UpdatePrimaryRegion in us-east-1 of us-east-1",
            "RotateKey in eu-central-1 of eu-central-1",
            "SynchronizeMultiRegionKey in eu-central-1 of eu-central-1",
            "RotateKeyOnDemand in eu-central-1 of eu-central-1",
        ]
    );
    assert!(events[0].cloud_trail_event.contains(r#""keyState":"Creating""#));
}
