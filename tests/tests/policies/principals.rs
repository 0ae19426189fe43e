//! Principals of a registry and their requests: what conditions find of a role that is assumed, of a key and of a grant that are made,
//! and whom the registry knows.

use pocketkms::{
    Caller, ErrorKind, Kms, Result, Timestamp,
    api::*,
    keys::{KeySpec, KeyUsageType, OriginType},
};
use pocketkms_tests::vault::{Opened, START, context, create_key, error, vault};
use serde_json::{Value, json};

const ACCOUNT: &str = "000000000000";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:000000000000:trail/t";

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}")
}

fn document(statement: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn policies(statement: &Value) -> Vec<IamPolicy> {
    vec![IamPolicy { policy_name: "only".into(), policy_document: document(statement) }]
}

fn put(kms: &Opened, name: &str, statement: &Value) -> Caller {
    let entity = IamEntity { arn: arn("user", name), policies: Some(policies(statement)), ..Default::default() };
    kms.vault.put_iam_entity(&entity).expect("a user");
    kms.vault.caller().with_principal(&arn("user", name)).expect("a user")
}

fn allow(action: &str, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition})
}

fn denied<T>(result: Result<T>) -> pocketkms::Error {
    let error = error(result);
    assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error:?}");
    error
}

#[test]
fn a_second_factor_has_an_age() {
    let (kms, clock) = vault();
    let condition = json!({"NumericLessThan": {"aws:MultiFactorAuthAge": "7201"},
        "NumericGreaterThan": {"aws:MultiFactorAuthAge": "7199"}});
    let alice = put(&kms, "alice", &allow("kms:ListKeys", &condition));
    let session = SessionContext { multi_factor_auth_time: Some(START), ..Default::default() };
    let alice = kms.vault.client_as(alice.with_session(session).expect("a session"));
    let list = || alice.list_keys(ListKeysRequest::default());
    denied(list());
    clock.set(Timestamp::from_millis(START.as_millis() + 7_200_999));
    list().expect("two hours later");
    clock.set(Timestamp::from_millis(START.as_millis() + 7_201_000));
    denied(list());
}

/// Callers are equal whose principal, Region and session are.
#[test]
fn callers_are_compared_with_their_sessions() {
    let caller = Caller::new(&arn("user", "alice"), "us-east-1").expect("a caller");
    let with = |source_ip: &str| {
        let session = SessionContext { source_ip: Some(source_ip.into()), ..Default::default() };
        caller.with_session(session).expect("a session")
    };
    assert_eq!(with("10.0.0.1"), with("10.0.0.1"));
    assert_ne!(with("10.0.0.1"), with("10.0.0.2"));
    assert_ne!(with("10.0.0.1"), caller);
}

#[test]
fn conditions_of_a_trust_policy() {
    let (kms, _) = vault();
    let alice = put(&kms, "alice", &json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}));
    let assume = |condition: &Value, role_session_name: &str, session: SessionContext| {
        let trust =
            json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*", "Condition": condition});
        let role = IamEntity {
            arn: arn("role", "app"),
            assume_role_policy_document: Some(document(&trust)),
            ..Default::default()
        };
        kms.vault.put_iam_entity(&role).expect("a role");
        let request = AssumeRoleRequest {
            role_arn: arn("role", "app"),
            role_session_name: role_session_name.into(),
            session: Some(session),
            ..Default::default()
        };
        kms.vault.assume_role(&alice, &request).map(drop)
    };
    let none = SessionContext::default;
    let named = json!({"StringEquals": {"sts:RoleSessionName": "alice"}});
    assume(&named, "alice", none()).expect("her own name");
    denied(assume(&named, "bob", none()));
    let from = |identity: &str| SessionContext { source_identity: Some(identity.into()), ..none() };
    let identity = json!({"StringEquals": {"sts:SourceIdentity": "alice"}});
    assume(&identity, "one", from("alice")).expect("her own identity");
    denied(assume(&identity, "one", from("bob")));
    denied(assume(&identity, "one", none()));
    let tagged = |keys: &[&str]| {
        let tag = |key: &&str| Tag { tag_key: (*key).to_string(), tag_value: "x".into() };
        SessionContext { tags: Some(keys.iter().map(tag).collect()), ..none() }
    };
    let keys = json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "zone"]}});
    assume(&keys, "one", tagged(&["team", "zone"])).expect("these tags");
    assume(&keys, "one", none()).expect("no tags");
    denied(assume(&keys, "one", tagged(&["team", "cost"])));
    let untagged = json!({"Null": {"aws:TagKeys": "true"}});
    assume(&untagged, "one", none()).expect("no tags");
    denied(assume(&untagged, "one", tagged(&["team"])));
}

/// To set a source identity needs an action of its own. Why not is told to the role's own account alone.
#[test]
fn a_denied_role_is_explained_to_its_own_account() {
    let (kms, _) = vault();
    let alice = put(&kms, "alice", &json!({"Effect": "Allow", "Action": "sts:*", "Resource": "*"}));
    let trust = json!({"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, "999988887777"]}, "Action": "sts:AssumeRole"});
    let role = IamEntity {
        arn: arn("role", "app"),
        assume_role_policy_document: Some(document(&trust)),
        ..Default::default()
    };
    kms.vault.put_iam_entity(&role).expect("a role");
    let stranger = Caller::new("arn:aws:iam::999988887777:user/carol", "us-east-1").expect("a caller");
    let request = |role: &str| AssumeRoleRequest {
        role_arn: arn("role", role),
        role_session_name: "one".into(),
        session: Some(SessionContext { source_identity: Some("alice".into()), ..Default::default() }),
        ..Default::default()
    };
    for (role, words) in [("app", "needed: a statement of the role's trust policy"), ("none", "has no such role")] {
        let own = denied(kms.vault.assume_role(&alice, &request(role)));
        assert!(own.explanation().is_some_and(|text| text.contains(words)), "{own:?}");
        let other = denied(kms.vault.assume_role(&stranger, &request(role)));
        assert_eq!(other.explanation(), None);
        if role == "app" {
            assert!(own.message().contains("sts:SetSourceIdentity"), "{own}");
        }
    }
}

/// A user's path is part of its ARN, and its name alone is another user.
#[test]
fn a_user_is_known_by_its_whole_arn() {
    let (kms, _) = vault();
    let statement = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"});
    let alice = put(&kms, "team/alice", &statement);
    kms.vault.client_as(alice).list_keys(ListKeysRequest::default()).expect("allowed");
    for other in ["alice", "other/alice", "team/Alice"] {
        let other = kms.vault.caller().with_principal(&arn("user", other)).expect("a principal");
        denied(kms.vault.client_as(other).list_keys(ListKeysRequest::default()));
    }
    let role = IamEntity { arn: arn("role", "team/app"), policies: Some(policies(&statement)), ..Default::default() };
    kms.vault.put_iam_entity(&role).expect("a role");
    for (role, known) in [("app", true), ("App", false)] {
        let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/one");
        let session = kms.vault.client_as(kms.vault.caller().with_principal(&session).expect("a session"));
        assert_eq!(session.list_keys(ListKeysRequest::default()).is_ok(), known, "{role}");
    }
}

#[test]
fn limits_of_an_entity() {
    let (kms, _) = vault();
    let policy = |name: &str, length: usize| {
        let text = document(&json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}));
        IamPolicy { policy_name: name.into(), policy_document: format!("{text:length$}") }
    };
    let of = |policies: Vec<IamPolicy>| {
        let entity = IamEntity { arn: arn("user", "alice"), policies: Some(policies), ..Default::default() };
        kms.vault.put_iam_entity(&entity)
    };
    assert_eq!(error(of(vec![policy("one", 0), policy("one", 0)])).kind(), ErrorKind::Validation);
    // 256 KiB together, and not a byte more.
    let eight = || (0..8).map(|number| policy(&number.to_string(), 32 * 1024)).collect::<Vec<_>>();
    of(eight()).expect("as much as fits");
    let mut more = eight();
    more.push(policy("one more", 0));
    assert_eq!(error(of(more)).kind(), ErrorKind::LimitExceeded);
    let tagged = |keys: [&str; 2]| {
        let tags = keys.map(|key| Tag { tag_key: key.into(), tag_value: "x".into() }).into();
        kms.vault.put_iam_entity(&IamEntity { arn: arn("user", "bob"), tags: Some(tags), ..Default::default() })
    };
    tagged(["team", "zone"]).expect("two tags");
    assert_eq!(error(tagged(["team", "Team"])).kind(), ErrorKind::Validation);
}

/// Each condition key of a key that is to be made, with a request that it lets through and one that it does not.
#[test]
fn conditions_of_new_keys() {
    let signing = CreateKeyRequest {
        key_spec: Some(KeySpec::EccNistP256),
        key_usage: Some(KeyUsageType::SignVerify),
        ..Default::default()
    };
    let external = CreateKeyRequest { origin: Some(OriginType::External), ..Default::default() };
    for (key, value, request) in [
        ("kms:KeyUsage", "SIGN_VERIFY", &signing),
        ("kms:CustomerMasterKeyUsage", "SIGN_VERIFY", &signing),
        ("kms:KeySpec", "ECC_NIST_P256", &signing),
        ("kms:CustomerMasterKeySpec", "ECC_NIST_P256", &signing),
        ("kms:KeyOrigin", "EXTERNAL", &external),
    ] {
        let (kms, _) = vault();
        let alice = put(&kms, "alice", &allow("kms:CreateKey", &json!({"StringEquals": {key: value}})));
        let alice_kms = kms.vault.client_as(alice.clone());
        alice_kms.create_key(request.clone()).unwrap_or_else(|error| panic!("{key}: {error:?}"));
        denied(alice_kms.create_key(CreateKeyRequest::default()));
        if key.starts_with("kms:CustomerMaster") {
            // The former names: what is tried out is stated by the others.
            continue;
        }
        let entry = ContextEntry { context_key_name: key.into(), context_key_values: vec![value.into()] };
        let simulated = kms.vault.simulate(
            &alice,
            &SimulateRequest { action: "kms:CreateKey".into(), context: Some(vec![entry]), ..Default::default() },
        );
        assert!(simulated.expect("the properties of the key-to-be").allowed, "{key}");
    }
}

fn to_a_service(key_id: &str) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key_id.into(),
        grantee_service_principal: Some("cloudtrail.amazonaws.com".into()),
        retiring_service_principal: Some("logs.amazonaws.com".into()),
        operations: vec![GrantOperation::Decrypt],
        constraints: Some(GrantConstraints { source_arn: Some(TRAIL.into()), ..Default::default() }),
        ..Default::default()
    }
}

fn to_user(key_id: &str, name: &str, operations: &[GrantOperation]) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key_id.into(),
        grantee_principal: Some(arn("user", name)),
        operations: operations.to_vec(),
        ..Default::default()
    }
}

#[test]
fn conditions_of_new_grants() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).key_id;
    put(&kms, "bob", &json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    for (key, value) in [
        ("kms:GranteeServicePrincipal", "cloudtrail.amazonaws.com"),
        ("kms:RetiringServicePrincipal", "logs.amazonaws.com"),
        ("kms:GrantConstraintSourceArn", TRAIL),
    ] {
        let alice = put(&kms, "alice", &allow("kms:CreateGrant", &json!({"StringEquals": {key: value}})));
        let alice = kms.vault.client_as(alice);
        alice.create_grant(to_a_service(&key_id)).unwrap_or_else(|error| panic!("{key}: {error:?}"));
        denied(alice.create_grant(to_user(&key_id, "bob", &[GrantOperation::Decrypt])));
    }
}

/// Of a grant that is retired its constraint is known, and nothing else.
#[test]
fn conditions_of_grants_that_are_retired() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).key_id;
    let bob = put(&kms, "bob", &json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let condition = json!({"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"},
        "Null": {"kms:GranteePrincipal": "true"}});
    let alice = kms.vault.client_as(put(&kms, "alice", &allow("kms:RetireGrant", &condition)));
    let grant = |constraints: Option<GrantConstraints>| {
        let operations = [GrantOperation::Decrypt, GrantOperation::RetireGrant];
        let request = CreateGrantRequest { constraints, ..to_user(&key_id, "bob", &operations) };
        kms.create_grant(request).expect("a grant").grant_token
    };
    let retire = |kms: &Kms, token: &str| {
        kms.retire_grant(RetireGrantRequest { grant_token: Some(token.into()), ..Default::default() })
    };
    let subset = || GrantConstraints { encryption_context_subset: Some(context()), ..Default::default() };
    let equals = || GrantConstraints { encryption_context_equals: Some(context()), ..Default::default() };
    retire(&alice, &grant(Some(subset()))).expect("such a constraint");
    denied(retire(&alice, &grant(Some(equals()))));
    denied(retire(&alice, &grant(None)));
    // The grantee may, if the grant says so, and needs neither the encryption context nor the resource for it.
    let bob = kms.vault.client_as(bob);
    let source = GrantConstraints { source_arn: Some(TRAIL.into()), ..Default::default() };
    for constraints in [subset(), equals(), source] {
        retire(&bob, &grant(Some(constraints))).expect("by the grant itself");
    }
}

/// A grant for a resource of a service gives no more than another one for the same resource.
#[test]
fn a_child_grant_has_the_source_of_its_parent() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).arn;
    let bob = put(&kms, "bob", &json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let operations = [GrantOperation::Decrypt, GrantOperation::CreateGrant];
    let constraints = |source: Option<&str>| {
        source.map(|source| GrantConstraints { source_arn: Some(source.into()), ..Default::default() })
    };
    let parent = CreateGrantRequest { constraints: constraints(Some(TRAIL)), ..to_user(&key_id, "bob", &operations) };
    kms.create_grant(parent).expect("a grant for the trail");
    let entry = ContextEntry { context_key_name: "aws:SourceArn".into(), context_key_values: vec![TRAIL.into()] };
    let session = SessionContext {
        via_service: Some("cloudtrail.us-east-1.amazonaws.com".into()),
        context: Some(vec![entry]),
        ..Default::default()
    };
    let through = kms.vault.client_as(bob.with_session(session).expect("a session"));
    let child = |source: Option<&str>| {
        through.create_grant(CreateGrantRequest {
            constraints: constraints(source),
            ..to_user(&key_id, "bob", &[GrantOperation::Decrypt])
        })
    };
    child(Some(TRAIL)).expect("the same resource");
    denied(child(None));
    denied(child(Some("arn:aws:cloudtrail:us-east-1:000000000000:trail/u")));
    let directly = kms.vault.client_as(bob);
    let request = CreateGrantRequest {
        constraints: constraints(Some(TRAIL)),
        ..to_user(&key_id, "bob", &[GrantOperation::Decrypt])
    };
    denied(directly.create_grant(request));
}
