//! The registry of principals: what it refuses, and that identity policies decide once it keeps an account.

use pocketkms::{Caller, ErrorKind, Kms, Result, Vault, api::*};
use pocketkms_tests::vault::{Opened, create_key, error, root, vault};
use serde_json::{Value, json};

const ACCOUNT: &str = "000000000000";

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow(action: &str) -> String {
    document(&json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]))
}

fn policies(document: impl Into<String>) -> Vec<IamPolicy> {
    vec![IamPolicy { policy_name: "only".into(), policy_document: document.into() }]
}

fn user(name: &str, document: impl Into<String>) -> IamEntity {
    IamEntity { arn: arn("user", name), policies: Some(policies(document)), ..Default::default() }
}

fn trusting(document: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [document]}).to_string()
}

fn caller(vault: &Vault, principal: &str) -> Caller {
    vault.caller().with_principal(principal).expect("a principal")
}

fn client(vault: &Vault, principal: &str) -> Kms {
    vault.client_as(caller(vault, principal))
}

fn describe(kms: &Kms, key: &str) -> Result<DescribeKeyResponse> {
    kms.describe_key(DescribeKeyRequest { key_id: key.into(), ..Default::default() })
}

fn encrypt(kms: &Kms, key: &str) -> Result<EncryptResponse> {
    kms.encrypt(EncryptRequest { key_id: key.into(), plaintext: vec![1].into(), ..Default::default() })
}

fn scene() -> (Opened, String) {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    (kms, key)
}

#[test]
fn without_entries_everybody_of_the_account_is_let_in() {
    let (kms, key) = scene();
    describe(&client(&kms.vault, &arn("user", "anyone")), &key).expect("as the default key policy leaves it");
    assert!(kms.vault.list_iam_entities(&ListIamEntitiesRequest::default()).expect("a list").arns.is_empty());
}

#[test]
fn an_account_that_is_kept_allows_what_identity_policies_allow_and_no_more() {
    let (kms, key) = scene();
    let vault = &kms.vault;
    vault.put_iam_entity(&user("alice", allow("kms:DescribeKey"))).expect("put");
    let alice = client(vault, &arn("user", "alice"));
    describe(&alice, &key).expect("allowed");
    let denied = error(encrypt(&alice, &key));
    assert_eq!(denied.kind(), ErrorKind::AccessDenied);
    assert!(denied.message().ends_with("because no identity-based policy allows the kms:Encrypt action"), "{denied}");
    // No one else of the account is known any more, but its root user.
    let bob = client(vault, &arn("user", "bob"));
    let unknown = error(describe(&bob, &key));
    assert_eq!(unknown.kind(), ErrorKind::AccessDenied);
    assert!(unknown.explanation().is_some_and(|text| text.contains("has no arn:aws:iam::000000000000:user/bob")));
    assert_eq!(error(vault.client_of(caller(vault, &arn("user", "bob")))).kind(), ErrorKind::NotFound);
    describe(&kms, &key).expect("the root user");
    // CreateKey has no key whose policy could leave it to the account.
    assert_eq!(error(alice.create_key(CreateKeyRequest::default())).kind(), ErrorKind::AccessDenied);
    // An explicit deny goes before a key policy and a grant that name her.
    let deny = document(&json!([
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"},
    ]));
    vault.put_iam_entity(&user("alice", deny)).expect("put");
    kms.create_grant(CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some(arn("user", "alice")),
        operations: vec![GrantOperation::Encrypt],
        ..Default::default()
    })
    .expect("a grant");
    let denied = error(encrypt(&alice, &key));
    assert!(denied.message().ends_with("with an explicit deny in an identity-based policy"), "{denied}");
    assert!(
        denied.explanation().is_some_and(|text| text.contains("policy 'only' of user/alice denies it")),
        "{denied:?}"
    );
    // Removed, she is no one, whatever grants name her.
    vault.remove_iam_entity(&arn("user", "alice")).expect("removed");
    assert_eq!(error(describe(&alice, &key)).kind(), ErrorKind::AccessDenied);
}

#[test]
fn groups_boundaries_and_organizations_count() {
    let (kms, key) = scene();
    let vault = &kms.vault;
    let in_group = IamEntity { groups: Some(vec!["readers".into()]), ..user("alice", allow("kms:ListKeys")) };
    assert_eq!(error(vault.put_iam_entity(&in_group)).kind(), ErrorKind::NotFound);
    let group = IamEntity {
        arn: arn("group", "readers"),
        policies: Some(policies(allow("kms:Describe*"))),
        ..Default::default()
    };
    vault.put_iam_entity(&group).expect("put");
    vault.put_iam_entity(&in_group).expect("put");
    let alice = client(vault, &arn("user", "alice"));
    describe(&alice, &key).expect("by the group");
    alice.list_keys(ListKeysRequest::default()).expect("by her own");
    assert_eq!(error(vault.remove_iam_entity(&arn("group", "readers"))).kind(), ErrorKind::Conflict);

    let bounded = IamEntity { permissions_boundary: Some(allow("kms:ListKeys")), ..in_group.clone() };
    vault.put_iam_entity(&bounded).expect("put");
    let denied = error(describe(&alice, &key));
    assert!(denied.message().contains("no permissions boundary allows"), "{denied}");

    vault.put_iam_entity(&in_group).expect("put");
    let level = |service: Option<String>, resource: Option<String>| OrganizationLevel {
        service_control_policies: service.map(policies),
        resource_control_policies: resource.map(policies),
    };
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let account = |levels| IamEntity { arn: root.clone(), organization: Some(levels), ..Default::default() };
    vault.put_iam_entity(&account(vec![level(Some(allow("*")), None), level(Some(allow("s3:*")), None)])).expect("put");
    for kms in [&alice, &*kms] {
        let denied = error(describe(kms, &key));
        assert!(denied.message().ends_with("with an explicit deny in a service control policy"), "{denied}");
    }
    let everyone = json!([
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"},
    ]);
    vault.put_iam_entity(&account(vec![level(None, Some(document(&everyone)))])).expect("put");
    let denied = error(describe(&kms, &key));
    assert!(denied.message().ends_with("with an explicit deny in a resource control policy"), "{denied}");
    vault.put_iam_entity(&account(vec![])).expect("put");
    describe(&alice, &key).expect("no limits any more");
}

#[test]
fn a_role_is_assumed_by_whom_its_trust_policy_lets() {
    let (kms, key) = scene();
    let vault = &kms.vault;
    let role = |statement: &Value| IamEntity {
        arn: arn("role", "team/app"),
        policies: Some(policies(allow("kms:DescribeKey"))),
        assume_role_policy_document: Some(trusting(statement)),
        tags: Some(vec![Tag { tag_key: "team".into(), tag_value: "x".into() }]),
        ..Default::default()
    };
    let to_account = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"});
    vault.put_iam_entity(&role(&to_account)).expect("put");
    vault.put_iam_entity(&user("alice", allow("sts:AssumeRole"))).expect("put");
    vault.put_iam_entity(&user("bob", allow("kms:*"))).expect("put");
    let request =
        AssumeRoleRequest { role_arn: arn("role", "team/app"), role_session_name: "one".into(), ..Default::default() };
    let [alice, bob] = ["alice", "bob"].map(|name| caller(vault, &arn("user", name)));

    let session = vault.assume_role(&alice, &request).expect("assumed");
    assert_eq!(session.caller().principal().as_str(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/one"));
    describe(&session, &key).expect("by the role's policy");
    assert_eq!(error(encrypt(&session, &key)).kind(), ErrorKind::AccessDenied);
    for (who, request) in [
        (&bob, request.clone()),
        (&alice, AssumeRoleRequest { role_arn: arn("role", "team/other"), ..request.clone() }),
        (&alice, AssumeRoleRequest { role_arn: arn("role", "app"), ..request.clone() }),
        (vault.caller(), request.clone()),
    ] {
        let denied = error(vault.assume_role(who, &request));
        assert_eq!(denied.kind(), ErrorKind::AccessDenied, "{denied:?}");
    }
    // Tags and a source identity need permissions of their own.
    let tagged = AssumeRoleRequest {
        session: Some(SessionContext {
            tags: Some(vec![Tag { tag_key: "team".into(), tag_value: "y".into() }]),
            ..Default::default()
        }),
        ..request.clone()
    };
    let denied = error(vault.assume_role(&alice, &tagged));
    assert!(denied.message().contains("sts:TagSession"), "{denied}");
    // Stated as a fact of the session, they would come without.
    for key in ["aws:PrincipalTag/team", "AWS:sourceIdentity"] {
        let entry = ContextEntry { context_key_name: key.into(), context_key_values: vec!["y".into()] };
        let session = Some(SessionContext { context: Some(vec![entry]), ..Default::default() });
        let stated = AssumeRoleRequest { session, ..request.clone() };
        assert_eq!(error(vault.assume_role(&alice, &stated)).kind(), ErrorKind::Validation, "{key}");
    }
    let to_alice = json!({"Effect": "Allow", "Principal": {"AWS": arn("user", "alice")}, "Action": "sts:*",
        "Condition": {"StringEquals": {"sts:ExternalId": "42", "aws:RequestTag/team": "y"}}});
    vault.put_iam_entity(&role(&to_alice)).expect("put");
    assert_eq!(error(vault.assume_role(&alice, &tagged)).kind(), ErrorKind::AccessDenied);
    let with_id = AssumeRoleRequest { external_id: Some("42".into()), ..tagged };
    let session = vault.assume_role(&alice, &with_id).expect("assumed");
    // A session tag goes before the role's, and the role's ARN has its path.
    let statement = json!([{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*", "Condition": {
        "StringEquals": {"aws:PrincipalTag/team": "y"},
        "ArnEquals": {"aws:PrincipalArn": arn("role", "team/app")}}}]);
    vault
        .put_iam_entity(&IamEntity { policies: Some(policies(document(&statement))), ..role(&to_alice) })
        .expect("put");
    encrypt(&session, &key).expect("allowed");
    let untagged = client(vault, &format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/two"));
    assert_eq!(error(encrypt(&untagged, &key)).kind(), ErrorKind::AccessDenied);
    // Another role in all but the case of its name.
    let other = client(vault, &format!("arn:aws:sts::{ACCOUNT}:assumed-role/App/one"));
    assert_eq!(error(encrypt(&other, &key)).kind(), ErrorKind::AccessDenied);
}

#[test]
fn what_the_host_states_of_a_session_counts_and_nothing_else_can_be_stated() {
    let (kms, key) = scene();
    let vault = &kms.vault;
    let statement = json!([{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {
        "IpAddress": {"aws:SourceIp": "10.0.0.0/8"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "aws:SourceVpce": "vpce-1", "aws:PrincipalOrgID": "o-1"}}}]);
    vault.put_iam_entity(&user("alice", document(&statement))).expect("put");
    let alice = caller(vault, &arn("user", "alice"));
    let whole = SessionContext {
        source_ip: Some("10.1.2.3".into()),
        multi_factor_auth_time: Some(pocketkms_tests::vault::START),
        via_service: Some("s3.us-east-1.amazonaws.com".into()),
        vpc_endpoint_id: Some("vpce-1".into()),
        context: Some(vec![ContextEntry {
            context_key_name: "aws:PrincipalOrgID".into(),
            context_key_values: vec!["o-1".into()],
        }]),
        ..Default::default()
    };
    let ask =
        |session: SessionContext| describe(&vault.client_as(alice.with_session(session).expect("a session")), &key);
    ask(whole.clone()).expect("all of it holds");
    for left_out in [
        SessionContext { source_ip: Some("11.1.2.3".into()), ..whole.clone() },
        SessionContext { multi_factor_auth_time: None, ..whole.clone() },
        SessionContext { via_service: None, ..whole.clone() },
        SessionContext { vpc_endpoint_id: None, ..whole.clone() },
        SessionContext { context: None, ..whole.clone() },
        SessionContext {
            vpc_endpoint_policy: Some(document(&json!([
            {"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}]))),
            ..whole.clone()
        },
    ] {
        assert_eq!(error(ask(left_out)).kind(), ErrorKind::AccessDenied);
    }
    let entry = |key: &str, values: &[&str]| SessionContext {
        context: Some(vec![ContextEntry {
            context_key_name: key.into(),
            context_key_values: values.iter().map(ToString::to_string).collect(),
        }]),
        ..Default::default()
    };
    let tag = || Some(vec![Tag { tag_key: "team".into(), tag_value: "x".into() }]);
    for refused in [
        entry("aws:PrincipalArn", &["arn:aws:iam::000000000000:root"]),
        entry("AWS:principalaccount", &["111122223333"]),
        entry("aws:ResourceTag/team", &["x"]),
        entry("aws:RequestTag/team", &["x"]),
        entry("aws:CurrentTime", &["0"]),
        entry("kms:ViaService", &["s3.us-east-1.amazonaws.com"]),
        entry("kms:RequestAlias", &["alias/x"]),
        entry("aws:SourceIp", &["10.0.0.1", "10.0.0.2"]),
        SessionContext { source_ip: Some("10.0.0".into()), ..Default::default() },
        SessionContext { via_service: Some("s3".into()), ..Default::default() },
        SessionContext { source_ip: Some("10.0.0.1".into()), ..entry("aws:sourceip", &["10.0.0.2"]) },
        // A user has no session.
        SessionContext { tags: tag(), ..Default::default() },
        SessionContext { policies: Some(vec![allow("kms:*")]), ..Default::default() },
    ] {
        assert_eq!(error(alice.with_session(refused.clone())).kind(), ErrorKind::Validation, "{refused:?}");
    }
    // Session policies limit, also where no one keeps the account.
    let session = Caller::new("arn:aws:sts::111122223333:assumed-role/app/one", "us-east-1").expect("a session");
    let limited =
        session.with_session(SessionContext { policies: Some(vec![allow("kms:ListKeys")]), ..Default::default() });
    let limited = vault.client_as(limited.expect("a session"));
    limited.list_keys(ListKeysRequest::default()).expect("allowed");
    let denied = error(limited.create_key(CreateKeyRequest::default()));
    assert!(denied.message().contains("no session policy allows"), "{denied}");
}

#[test]
fn what_is_no_entity_is_refused() {
    let (kms, _) = scene();
    let vault = &kms.vault;
    let bare = |arn: &str| IamEntity { arn: arn.into(), ..Default::default() };
    for (entity, kind) in [
        (bare("arn:aws:iam::000000000000:user"), ErrorKind::Validation),
        (bare("arn:aws:iam::000000000000:user/a b"), ErrorKind::Validation),
        (bare("arn:aws:iam::000000000000:role/*"), ErrorKind::Validation),
        (bare("arn:aws:iam:us-east-1:000000000000:role/app"), ErrorKind::Validation),
        (bare("arn:aws:iam::0000:group/app"), ErrorKind::Validation),
        (bare("arn:aws:sts::000000000000:assumed-role/app/one"), ErrorKind::Validation),
        (bare("logs.us-east-1.amazonaws.com.and.more"), ErrorKind::Validation),
        (user("alice", "{}"), ErrorKind::MalformedPolicyDocument),
        (
            user("alice", document(&json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]))),
            ErrorKind::MalformedPolicyDocument,
        ),
        (IamEntity { groups: Some(vec![]), ..bare(&arn("role", "app")) }, ErrorKind::Validation),
        (
            IamEntity { policies: Some(policies(allow("*"))), ..bare("arn:aws:iam::000000000000:root") },
            ErrorKind::Validation,
        ),
        (
            IamEntity { assume_role_policy_document: Some(allow("sts:*")), ..bare(&arn("role", "app")) },
            ErrorKind::MalformedPolicyDocument,
        ),
        (
            IamEntity {
                assume_role_policy_document: Some(trusting(
                    &json!({"Effect": "Allow", "Principal": "*", "Action": "sts:*", "Resource": "*"}),
                )),
                ..bare(&arn("role", "app"))
            },
            ErrorKind::MalformedPolicyDocument,
        ),
        (
            IamEntity {
                policies: Some(
                    (0..10)
                        .map(|number| IamPolicy {
                            policy_name: number.to_string(),
                            policy_document: format!("{}{}", allow("kms:*"), " ".repeat(32_000)),
                        })
                        .collect(),
                ),
                ..bare(&arn("role", "app"))
            },
            ErrorKind::LimitExceeded,
        ),
    ] {
        assert_eq!(error(vault.put_iam_entity(&entity)).kind(), kind, "{}", entity.arn);
    }
    assert!(vault.list_iam_entities(&ListIamEntitiesRequest::default()).expect("a list").arns.is_empty());
    vault.put_iam_entity(&user("team/alice", allow("*"))).expect("put");
    assert_eq!(error(vault.put_iam_entity(&user("Alice", allow("*")))).kind(), ErrorKind::AlreadyExists);
    assert_eq!(error(vault.get_iam_entity(&arn("user", "alice"))).kind(), ErrorKind::NotFound);
    assert_eq!(error(vault.remove_iam_entity(&arn("user", "alice"))).kind(), ErrorKind::NotFound);
    assert_eq!(error(vault.remove_iam_entity("arn:aws:iam::000000000000:root")).kind(), ErrorKind::Conflict);
}

#[test]
fn policies_and_grants_name_no_one_whom_the_registry_does_not_have() {
    let (kms, key) = scene();
    let vault = &kms.vault;
    let naming = |principal: &str| {
        document(
            &json!([{"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, principal]}, "Action": "kms:*", "Resource": "*"}]),
        )
    };
    let put = |principal: &str| {
        let policy = naming(principal);
        kms.put_key_policy(PutKeyPolicyRequest { key_id: key.clone(), policy, ..Default::default() })
    };
    put(&arn("user", "bob")).expect("no one keeps the account");
    vault.put_iam_entity(&user("alice", allow("*"))).expect("put");
    for principal in [
        arn("user", "bob"),
        arn("user", "team/alice"),
        arn("role", "app"),
        format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/one"),
    ] {
        let refused = error(put(&principal));
        assert_eq!(refused.kind(), ErrorKind::MalformedPolicyDocument);
        assert_eq!(refused.message(), "Policy contains a statement with one or more invalid principals.");
        let request = CreateKeyRequest { policy: Some(naming(&principal)), ..Default::default() };
        assert_eq!(error(kms.create_key(request)).kind(), ErrorKind::MalformedPolicyDocument);
        for (grantee, retiring) in [(&principal, None), (&arn("user", "alice"), Some(principal.clone()))] {
            let request = CreateGrantRequest {
                key_id: key.clone(),
                grantee_principal: Some(grantee.clone()),
                retiring_principal: retiring,
                operations: vec![GrantOperation::Encrypt],
                ..Default::default()
            };
            assert_eq!(error(kms.create_grant(request)).kind(), ErrorKind::InvalidArn);
        }
    }
    put(&arn("user", "alice")).expect("she is there");
    put("arn:aws:iam::444455556666:user/carol").expect("no one keeps that account");
}

#[test]
fn the_registry_is_in_the_snapshot_and_listed_page_by_page() {
    let (kms, key) = scene();
    let entities: Vec<IamEntity> = (0..7).map(|number| user(&format!("u{number}"), allow("kms:DescribeKey"))).collect();
    for entity in &entities {
        kms.vault.put_iam_entity(entity).expect("put");
    }
    let snapshot = kms.vault.snapshot().expect("a snapshot");
    let again: Opened = Vault::builder().open_snapshot(&snapshot, &root()).expect("a vault").into();
    let mut arns = Vec::new();
    let mut marker = None;
    loop {
        let request = ListIamEntitiesRequest { limit: Some(3), marker, ..Default::default() };
        let page = again.vault.list_iam_entities(&request).expect("a page");
        arns.extend(page.arns);
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(arns.len(), 8);
    for entity in &entities {
        assert_eq!(again.vault.get_iam_entity(&entity.arn).expect("kept"), *entity);
        describe(&client(&again.vault, &entity.arn), &key).expect("allowed");
        again.vault.remove_iam_entity(&entity.arn).expect("removed");
    }
    // The last entity takes nothing with it: the account stays kept until it is removed itself.
    assert_eq!(error(describe(&client(&again.vault, &arn("user", "u1")), &key)).kind(), ErrorKind::AccessDenied);
    again.vault.remove_iam_entity("arn:aws:iam::000000000000:root").expect("removed");
    describe(&client(&again.vault, &arn("user", "u1")), &key).expect("no one keeps the account");
}
