//! Resource quotas of the host's, grants that are not effective at once, and sessions that end.

use pocketkms::{Caller, ErrorKind, Kms, Result, Timestamp, api::*};
use pocketkms_tests::vault::{Opened, START, builder, create_alias, create_key, error, root, vault};

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";
const BOB: &str = "arn:aws:iam::000000000000:user/bob";
const SESSION: &str = "arn:aws:sts::000000000000:assumed-role/app/one";

fn set(kms: &Opened, quotas: &ResourceQuotas) {
    kms.vault.set_resource_quotas(Some(quotas)).expect("quotas");
}

fn grant(kms: &Kms, key: &str, grantee: &str) -> Result<CreateGrantResponse> {
    kms.create_grant(CreateGrantRequest {
        key_id: key.into(),
        grantee_principal: Some(grantee.into()),
        operations: vec![GrantOperation::DescribeKey],
        ..Default::default()
    })
}

fn tag(kms: &Kms, key: &str, name: &str) -> Result<()> {
    let tags = vec![Tag { tag_key: name.into(), tag_value: String::new() }];
    kms.tag_resource(TagResourceRequest { key_id: key.into(), tags })
}

fn rotate(kms: &Kms, key: &str) -> Result<RotateKeyOnDemandResponse> {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() })
}

fn describe(kms: &Kms, key: &str, tokens: Option<Vec<String>>) -> Result<DescribeKeyResponse> {
    kms.describe_key(DescribeKeyRequest { key_id: key.into(), grant_tokens: tokens })
}

fn second(number: i64) -> Timestamp {
    Timestamp::from_millis(START.as_millis() + number * 1000)
}

#[test]
fn keys_are_counted_by_account_and_region_while_a_number_is_set() {
    let (kms, clock) = vault();
    let first = create_key(&kms).key_id;
    create_key(&kms);
    set(&kms, &ResourceQuotas { keys: Some(2), ..Default::default() });
    let refused = error(kms.create_key(CreateKeyRequest::default()));
    assert_eq!(refused.kind(), ErrorKind::LimitExceeded);
    assert_eq!(refused.message(), "The account can have at most 2 KMS keys in us-east-1.");
    // Others have their own.
    for (account, region) in [("111122223333", "us-east-1"), ("000000000000", "eu-west-1")] {
        create_key(&kms.vault.client_as(Caller::root(account, region).expect("a caller")));
    }
    // One whose deletion is pending counts, and one that is gone does not.
    let request = ScheduleKeyDeletionRequest { key_id: first, pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("scheduled");
    error(kms.create_key(CreateKeyRequest::default()));
    clock.advance_days(8);
    create_key(&kms);
    error(kms.create_key(CreateKeyRequest::default()));
    kms.vault.set_resource_quotas(None).expect("AWS's numbers");
    create_key(&kms);
}

#[test]
fn what_a_key_has_is_limited_by_the_numbers_that_are_set() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    create_alias(&kms, "alias/one", &key);
    tag(&kms, &key, "one").expect("a tag");
    grant(&kms, &key, ALICE).expect("a grant");
    rotate(&kms, &key).expect("a rotation");
    set(
        &kms,
        &ResourceQuotas {
            keys: None,
            aliases_per_key: Some(1),
            grants_per_key: Some(1),
            key_policy_bytes: Some(200),
            tags_per_key: Some(1),
            on_demand_rotations_per_key: Some(1),
            custom_key_stores: None,
        },
    );
    let alias = CreateAliasRequest { alias_name: "alias/two".into(), target_key_id: key.clone() };
    assert_eq!(error(kms.create_alias(alias)).message(), "A KMS key can have at most 1 aliases.");
    assert_eq!(error(grant(&kms, &key, BOB)).message(), "A KMS key can have at most 1 grants.");
    assert_eq!(error(rotate(&kms, &key)).kind(), ErrorKind::LimitExceeded);
    let tagged = error(tag(&kms, &key, "two"));
    assert_eq!((tagged.kind(), tagged.message()), (ErrorKind::Tag, "Too many tags"));
    tag(&kms, &key, "one").expect("the same tag");
    let put = |length: usize| {
        let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
        let policy = format!("{policy:length$}");
        assert_eq!(policy.len(), length);
        kms.put_key_policy(PutKeyPolicyRequest { key_id: key.clone(), policy, ..Default::default() })
    };
    put(200).expect("as long as it may be");
    assert_eq!(error(put(201)).kind(), ErrorKind::LimitExceeded);
    kms.vault.set_resource_quotas(None).expect("AWS's numbers");
    grant(&kms, &key, BOB).expect("another grant");
    rotate(&kms, &key).expect("another rotation");
    put(201).expect("a longer policy");
}

/// The 66th of the worked cases.
#[test]
fn a_grant_counts_for_its_token_before_it_counts_for_all() {
    let (builder, clock) = builder();
    let kms: Opened = builder.create_in_memory(&root()).expect("a vault").into();
    let policy = r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:user/admin"}, "Action": "kms:*", "Resource": "*"}}"#;
    let admin = kms.vault.client_as(kms.vault.caller().with_principal("arn:aws:iam::000000000000:user/admin").unwrap());
    let request = CreateKeyRequest { policy: Some(policy.into()), ..Default::default() };
    let key = admin.create_key(request).expect("a key").key_metadata.key_id;
    let (alice, bob) = (
        kms.vault.client_as(kms.vault.caller().with_principal(ALICE).unwrap()),
        kms.vault.client_as(kms.vault.caller().with_principal(BOB).unwrap()),
    );
    error(kms.vault.set_grant_delay(301));
    kms.vault.set_grant_delay(60).expect("a delay");
    let token = Some(vec![grant(&admin, &key, ALICE).expect("a grant").grant_token]);
    assert_eq!(error(describe(&alice, &key, None)).kind(), ErrorKind::AccessDenied);
    describe(&alice, &key, token.clone()).expect("with the token");
    assert_eq!(error(describe(&bob, &key, token.clone())).kind(), ErrorKind::AccessDenied);
    clock.set(second(59));
    error(describe(&alice, &key, None));
    // It is the grant's own, whoever reads it.
    let copy: Opened = pocketkms::Vault::builder()
        .clock(clock.clone())
        .open_snapshot(&kms.vault.snapshot().unwrap(), &root())
        .expect("a copy")
        .into();
    error(describe(&copy.vault.client_as(alice.caller().clone()), &key, None));
    clock.set(second(60));
    describe(&alice, &key, None).expect("after the delay");
    describe(&copy.vault.client_as(alice.caller().clone()), &key, None).expect("in the copy, too");
    kms.vault.set_grant_delay(0).expect("none");
    grant(&admin, &key, BOB).expect("a grant");
    describe(&bob, &key, None).expect("at once");
}

#[test]
fn a_session_ends_by_the_vaults_clock() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let session = SessionContext { expiration: Some(second(60)), ..Default::default() };
    let caller = kms.vault.caller().with_principal(SESSION).unwrap().with_session(session).expect("a session");
    let client = kms.vault.client_as(caller.clone());
    clock.set(Timestamp::from_millis(second(60).as_millis() - 1));
    describe(&client, &key, None).expect("a session that lasts");
    clock.set(second(60));
    let over = error(describe(&client, &key, None));
    assert_eq!(over.kind(), ErrorKind::ExpiredToken);
    assert_eq!(over.message(), "The security token included in the request is expired");
    error(client.list_branch_keys(ListBranchKeysRequest::default()));
    // Nor does it get a new session, or is told what it might do.
    let role = AssumeRoleRequest { role_arn: "arn:aws:iam::111122223333:role/app".into(), ..Default::default() };
    assert_eq!(error(kms.vault.assume_role(&caller, &role)).kind(), ErrorKind::ExpiredToken);
    let asked = SimulateRequest { action: "kms:ListKeys".into(), ..Default::default() };
    assert_eq!(error(kms.vault.simulate(&caller, &asked)).kind(), ErrorKind::ExpiredToken);
    let response = client.call("TrentService.ListKeys", b"{}");
    assert_eq!(response.status, 400);
    assert!(String::from_utf8_lossy(response.body.expose()).contains("ExpiredTokenException"));
    // Before anything is looked up.
    assert_eq!(error(describe(&client, "alias/none", None)).kind(), ErrorKind::ExpiredToken);
    describe(&kms, &key, None).expect("another caller");
}
