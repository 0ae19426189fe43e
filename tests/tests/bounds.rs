//! No commit is larger than the smallest database takes: the largest of each operation, in a store that refuses more.

#[allow(clippy::wildcard_imports, reason = "the requests of many operations")]
use pocketkms::{Caller, ErrorKind, Kms, ManualClock, SecretArray, Vault, api::*};
use pocketkms_tests::{
    store::{Fault, Faulty, Interposed, Moment, Shared},
    vault::{Opened, START, create_alias, create_key, decrypt, describe, encrypt, error, root},
};

const USER: &str = "arn:aws:iam::111122223333:user/u";
const ID: &str = "11111111-2222-4333-8444-555555555555";

fn opened(store: impl pocketkms::Store + 'static, clock: &ManualClock) -> Opened {
    Opened::from(Vault::builder().clock(clock.clone()).open(store, &root()).unwrap())
}

fn created(store: impl pocketkms::Store + 'static, clock: &ManualClock) -> Opened {
    Opened::from(Vault::builder().clock(clock.clone()).create_in(store, &root()).unwrap())
}

fn grant(kms: &Kms, key: &str, number: usize, operations: Vec<GrantOperation>) -> String {
    let request = CreateGrantRequest {
        key_id: key.into(),
        grantee_principal: Some(USER.into()),
        retiring_principal: Some("arn:aws:iam::000000000000:user/r".into()),
        operations,
        name: Some(format!("grant-{number}")),
        ..Default::default()
    };
    kms.create_grant(request).unwrap().grant_id
}

/// A key with so many materials and grants, and as many aliases as there may be, its deletion scheduled.
fn large_key(kms: &Opened, clock: &ManualClock, materials: u32, grants: usize) -> (String, Blob) {
    let request = CreateKeyRequest::default();
    let material = SecretArray::copy_of(&[7; 32]).unwrap();
    kms.vault.create_fixed_key(kms.vault.caller(), Some(ID), Some(&material), &request).unwrap();
    let key = ID.to_string();
    let blob = encrypt(kms, &key, b"kept");
    for number in 0..50 {
        create_alias(kms, &format!("alias/{number}"), &key);
    }
    for number in 0..grants {
        grant(kms, &key, number, vec![GrantOperation::Encrypt]);
    }
    let policy = kms.get_key_policy(GetKeyPolicyRequest { key_id: key.clone(), ..Default::default() }).unwrap().policy;
    let put = PutKeyPolicyRequest { key_id: key.clone(), policy, ..Default::default() };
    kms.put_key_policy(put).unwrap();
    let request = EnableKeyRotationRequest { key_id: key.clone(), rotation_period_in_days: Some(90) };
    kms.enable_key_rotation(request).unwrap();
    clock.advance_days(90 * materials);
    describe(kms, &key);
    let request = ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(7);
    (key, blob)
}

/// No one can see or use the key.
fn is_gone(kms: &Opened, key: &str, blob: &[u8]) {
    let request = |name: &str| DescribeKeyRequest { key_id: name.into(), ..Default::default() };
    for name in [key, "alias/0", "alias/49"] {
        assert_eq!(error(kms.describe_key(request(name))).kind(), ErrorKind::NotFound);
    }
    assert_eq!(error(decrypt(kms, blob)).kind(), ErrorKind::AccessDenied);
    assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    assert!(kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.is_empty());
    let principal = Some("arn:aws:iam::000000000000:user/r".into());
    let request = ListRetirableGrantsRequest { retiring_principal: principal, ..Default::default() };
    assert!(kms.list_retirable_grants(request).unwrap().grants.is_empty());
}

#[test]
fn a_key_with_many_records_goes_in_one_commit_for_everybody_and_then_in_pages() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let kms = created(store.clone(), &clock);
    let (key, blob) = large_key(&kms, &clock, 600, 100);
    assert!(store.names().len() > 1500);
    let before = kms.vault.revision().unwrap();
    is_gone(&kms, &key, &blob);
    assert_eq!(store.names(), ["caller", "generation", "vault"]);
    assert!(kms.vault.revision().unwrap() - before > 15, "in pages");
}

/// The process is killed after each commit in turn: the key is gone all the same, and the next process clears the rest away.
#[test]
fn a_removal_that_was_cut_off_is_taken_up_by_another_process() {
    for spared in 1.. {
        let clock = ManualClock::new(START);
        let store = Shared::new();
        let kms = created(store.clone(), &clock);
        let (key, blob) = large_key(&kms, &clock, 100, 40);
        drop(kms);
        let faulty = Faulty::new(store.clone());
        let first = opened(faulty.clone(), &clock);
        faulty.plan(Fault::CommitRefused, spared);
        // It is gone also for a handle that cannot write any more.
        is_gone(&first, &key, &blob);
        let cut_off = faulty.recover();
        drop(first);
        assert_eq!(store.names().iter().any(|name| name.starts_with("removal/")), cut_off);
        let second = opened(store.clone(), &clock);
        is_gone(&second, &key, &blob);
        assert_eq!(second.vault.verify().unwrap(), []);
        assert_eq!(store.names(), ["caller", "generation", "vault"], "after {spared}");
        if !cut_off {
            assert!(spared > 4, "{spared}");
            return;
        }
    }
}

/// A snapshot has nothing of a deleted key, and fails rather than carry it along.
#[test]
fn a_removal_that_was_cut_off_is_finished_before_a_snapshot() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let kms = created(store.clone(), &clock);
    large_key(&kms, &clock, 100, 0);
    let faulty = Faulty::new(store.clone());
    let kms = opened(faulty.clone(), &clock);
    faulty.plan(Fault::CommitRefused, 2);
    assert_eq!(error(kms.vault.snapshot()).kind(), ErrorKind::Store);
    faulty.recover();
    kms.vault.snapshot().unwrap();
    assert_eq!(store.names(), ["caller", "generation", "vault"]);
}

/// The new key of an old id, which a host can make, has nothing of the old one.
#[test]
fn a_key_made_again_meanwhile_has_nothing_of_the_deleted_one() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let kms = created(store.clone(), &clock);
    let (_, blob) = large_key(&kms, &clock, 100, 40);
    let faulty = Faulty::new(store.clone());
    let kms = opened(faulty.clone(), &clock);
    faulty.plan(Fault::CommitRefused, 1);
    assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    faulty.recover();
    assert!(store.names().iter().any(|name| name.starts_with("material/")));
    let request = CreateKeyRequest::default();
    kms.vault.create_fixed_key(kms.vault.caller(), Some(ID), None, &request).unwrap();
    assert_eq!(error(decrypt(&kms, &blob)).kind(), ErrorKind::InvalidCiphertext);
    let grants = kms.list_grants(ListGrantsRequest { key_id: ID.into(), ..Default::default() }).unwrap().grants;
    assert!(grants.is_empty());
    assert_eq!(decrypt(&kms, &encrypt(&kms, ID, b"new")).unwrap(), b"new");
    assert_eq!(store.names().iter().filter(|name| name.starts_with("material/")).count(), 1);
    kms.list_keys(ListKeysRequest::default()).unwrap();
    assert_eq!(decrypt(&kms, &encrypt(&kms, ID, b"new")).unwrap(), b"new", "nothing of it was removed");
}

fn user(kms: &Opened) -> Kms {
    let caller = Caller::root("111122223333", "us-east-1").unwrap().with_principal(USER).unwrap();
    kms.vault.client_as(caller)
}

/// A permission that rests on more records than one commit may name still holds at the moment of the commit.
#[test]
fn a_change_that_rests_on_many_grants_is_made_or_refused_as_a_whole() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let host = created(store.clone(), &clock);
    let key = create_key(&host).key_id;
    let mut ids: Vec<_> = (0..149).map(|number| grant(&host, &key, number, vec![GrantOperation::Encrypt])).collect();
    let allowing = grant(&host, &key, 149, vec![GrantOperation::CreateGrant, GrantOperation::Decrypt]);
    let interposed = Interposed::new(store.clone());
    let kms = opened(interposed.clone(), &clock);
    let create = || {
        let request = CreateGrantRequest {
            key_id: describe(&host, &key).arn,
            grantee_principal: Some("arn:aws:iam::000000000000:user/v".into()),
            operations: vec![GrantOperation::Decrypt],
            ..Default::default()
        };
        user(&kms).create_grant(request).map(|response| response.grant_id)
    };
    // Something else changes meanwhile: computed again.
    let other = opened(store.clone(), &clock);
    let description = UpdateKeyDescriptionRequest { key_id: key.clone(), description: "new".into() };
    interposed.at(Moment::BeforeCommit, move || other.update_key_description(description).unwrap());
    ids.push(create().unwrap());
    // What allows it is revoked meanwhile: refused.
    let other = opened(store.clone(), &clock);
    let revoke = RevokeGrantRequest { key_id: key.clone(), grant_id: allowing, dry_run: None };
    interposed.at(Moment::BeforeCommit, move || other.revoke_grant(revoke).unwrap());
    assert_eq!(error(create()).kind(), ErrorKind::AccessDenied);
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let request = ListGrantsRequest { key_id: key.clone(), limit: Some(100), marker, ..Default::default() };
        let page = host.list_grants(request).unwrap();
        listed.extend(page.grants.into_iter().map(|grant| grant.grant_id));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    ids.sort_unstable();
    listed.sort_unstable();
    assert_eq!(listed, ids);
}

#[test]
fn a_branch_key_of_many_versions_is_moved_in_pages_that_go_on_after_an_error() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let faulty = Faulty::new(store.clone());
    let kms = created(faulty.clone(), &clock);
    let (old, new) = (create_key(&kms), create_key(&kms));
    let request = CreateBranchKeyRequest { kms_key_id: old.key_id.clone(), ..Default::default() };
    let id = kms.create_branch_key(request).unwrap().branch_key_identifier;
    let rotate = || {
        kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier: id.clone() }).unwrap();
    };
    (1..150).for_each(|_| rotate());
    let request = || RewrapBranchKeysRequest {
        source_kms_key_id: Some(old.key_id.clone()),
        destination_kms_key_id: Some(new.key_id.clone()),
        ..Default::default()
    };
    faulty.plan(Fault::CommitRefused, 2);
    assert_eq!(error(kms.rewrap_branch_keys(request())).kind(), ErrorKind::Store);
    faulty.recover();
    let describe = || {
        let request = DescribeBranchKeyRequest { branch_key_identifier: id.clone() };
        kms.describe_branch_key(request).unwrap().kms_key_arn
    };
    assert_eq!(describe(), old.arn, "until all are moved");
    let moved = kms.rewrap_branch_keys(request()).unwrap();
    assert_eq!(moved, RewrapBranchKeysResponse { branch_keys: 1, versions: 70 });
    assert_eq!(describe(), new.arn);
    assert_eq!(kms.rewrap_branch_keys(request()).unwrap(), RewrapBranchKeysResponse::default());
}

#[test]
fn the_largest_records_fit() {
    let clock = ManualClock::new(START);
    let kms = created(Shared::new(), &clock);
    let padding = "x".repeat(32_768 - 200);
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"{padding}","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"kms:*","Resource":"*"}}]}}"#
    );
    let tags: Vec<_> =
        (0..50).map(|number| Tag { tag_key: format!("{number:0>128}"), tag_value: "\u{e9}".repeat(256) }).collect();
    let request = CreateKeyRequest {
        policy: Some(policy),
        tags: Some(tags.clone()),
        description: Some("\u{1f511}".repeat(4096)),
        ..Default::default()
    };
    let key = kms.create_key(request).unwrap().key_metadata.key_id;
    for number in 0..50 {
        create_alias(&kms, &format!("alias/{number:0>250}"), &key);
    }
    kms.tag_resource(TagResourceRequest { key_id: key.clone(), tags }).unwrap();
    let pairs = (0..8).map(|number| (format!("{number:0>200}"), "\u{e9}".repeat(384))).collect();
    let request = CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some(USER.into()),
        operations: vec![GrantOperation::Encrypt],
        constraints: Some(GrantConstraints { encryption_context_equals: Some(pairs), ..Default::default() }),
        ..Default::default()
    };
    kms.create_grant(request).unwrap();
    let context = [("tenant", "t".repeat(8000))].into();
    let request = CreateBranchKeyRequest {
        branch_key_identifier: Some("b".repeat(200)),
        kms_key_id: key.clone(),
        encryption_context: Some(context),
    };
    kms.create_branch_key(request).unwrap();
    let request = ScheduleKeyDeletionRequest { key_id: key, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).unwrap();
    clock.advance_days(7);
    assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    assert!(kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases.is_empty());
}
