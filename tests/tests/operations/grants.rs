//! Grants: what the story that every language plays (tests/scenario/grants.json) leaves out.

use pocketkms::{
    Caller, ErrorKind, Kms, Result, Timestamp,
    api::*,
    keys::{KeySpec, KeyUsageType},
};
use pocketkms_tests::vault::{Opened, START, create_key, create_key_for, error, refused, vault};
use serde_json::json;

const ALICE: &str = "arn:aws:iam::000000000000:user/alice";
const BOB: &str = "arn:aws:iam::000000000000:user/bob";

/// The same vault for another principal.
fn as_principal(opened: &Opened, arn: &str) -> Kms {
    opened.vault.client_as(opened.caller().with(None, None, Some(arn)).expect("a principal"))
}

fn grant(key_id: &str, grantee: &str, operations: &[GrantOperation]) -> CreateGrantRequest {
    CreateGrantRequest {
        key_id: key_id.into(),
        grantee_principal: Some(grantee.into()),
        operations: operations.to_vec(),
        ..Default::default()
    }
}

fn describe(kms: &Kms, key: &str) -> Result<()> {
    kms.describe_key(DescribeKeyRequest { key_id: key.into(), ..Default::default() }).map(drop)
}

/// A key that no one but its account's root may use.
fn guarded(kms: &Kms) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}},
    }]});
    let request = CreateKeyRequest { policy: Some(policy.to_string()), ..Default::default() };
    kms.create_key(request).expect("a key").key_metadata.arn
}

#[test]
fn a_grant_counts_for_its_grantee_in_every_form() {
    let (kms, _) = vault();
    let session = "arn:aws:sts::000000000000:assumed-role/app/s1";
    let carol = "arn:aws:iam::444455556666:user/carol";
    for (grantee, allowed, refused) in [
        (ALICE, ALICE, BOB),
        ("arn:aws:iam::000000000000:role/app", session, "arn:aws:sts::000000000000:assumed-role/other/s1"),
        ("arn:aws:iam::000000000000:role/with/path/app", session, ALICE),
        (session, session, "arn:aws:sts::000000000000:assumed-role/app/s2"),
        ("arn:aws:sts::000000000000:federated-user/fred", "arn:aws:sts::000000000000:federated-user/fred", ALICE),
        (carol, carol, "arn:aws:iam::444455556666:user/dave"),
        ("arn:aws:iam::444455556666:root", carol, ALICE),
    ] {
        let key = guarded(&kms);
        kms.create_grant(grant(&key, grantee, &[GrantOperation::DescribeKey])).expect("a grant");
        describe(&as_principal(&kms, allowed), &key).unwrap_or_else(|error| panic!("{grantee}: {}", error.report()));
        let error = error(describe(&as_principal(&kms, refused), &key));
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{grantee}: {error}");
    }
}

#[test]
fn a_child_grant_never_exceeds_its_parent() {
    let pairs = |pairs: &[(&str, &str)]| Some(pairs.iter().copied().collect());
    let subset =
        |list: &[(&str, &str)]| Some(GrantConstraints { encryption_context_subset: pairs(list), ..Default::default() });
    let equals =
        |list: &[(&str, &str)]| Some(GrantConstraints { encryption_context_equals: pairs(list), ..Default::default() });
    let it = ("Dept", "IT");
    let more = ("P", "T");
    let decrypt = [GrantOperation::Decrypt];
    for (parent, operations, child, fine) in [
        (subset(&[it]), &decrypt[..], subset(&[it]), true),
        (subset(&[it]), &decrypt, subset(&[it, more]), true),
        (subset(&[it]), &decrypt, equals(&[it]), true),
        (subset(&[it]), &decrypt, equals(&[it, more]), true),
        (subset(&[it]), &decrypt, subset(&[("dept", "IT")]), true),
        (subset(&[it]), &decrypt, subset(&[("Dept", "it")]), false),
        (subset(&[it]), &decrypt, subset(&[more]), false),
        (subset(&[it]), &decrypt, subset(&[]), false),
        (subset(&[it]), &decrypt, None, false),
        (subset(&[it]), &[GrantOperation::Encrypt], subset(&[it]), false),
        (equals(&[it]), &decrypt, equals(&[it]), true),
        (equals(&[it]), &decrypt, equals(&[it, more]), false),
        (equals(&[it]), &decrypt, subset(&[it]), false),
        (None, &decrypt, None, true),
        (None, &[GrantOperation::Decrypt, GrantOperation::CreateGrant], subset(&[it]), true),
    ] {
        let (kms, _) = vault();
        let key = guarded(&kms);
        let both = [GrantOperation::CreateGrant, GrantOperation::Decrypt];
        kms.create_grant(CreateGrantRequest { constraints: parent.clone(), ..grant(&key, ALICE, &both) })
            .expect("a grant");
        let request = CreateGrantRequest { constraints: child.clone(), ..grant(&key, BOB, operations) };
        let result = as_principal(&kms, ALICE).create_grant(request);
        let place = format!("{parent:?} -> {operations:?} {child:?}");
        if fine {
            drop(result.unwrap_or_else(|error| panic!("{place}: {error}")));
        } else {
            assert_eq!(error(result).kind(), ErrorKind::AccessDenied, "{place}");
        }
    }
}

#[test]
fn names_make_requests_idempotent() {
    let (kms, _) = vault();
    let (key, other) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let named = |key: &str, operations: &[GrantOperation], name: Option<&str>| {
        let request = CreateGrantRequest { name: name.map(Into::into), ..grant(key, ALICE, operations) };
        kms.create_grant(request).expect("a grant")
    };
    let (encrypt, decrypt) = ([GrantOperation::Encrypt], [GrantOperation::Decrypt]);
    let first = named(&key, &encrypt, Some("n"));
    let again = named(&key, &encrypt, Some("n"));
    assert_eq!(first.grant_id, again.grant_id);
    assert_ne!(first.grant_token, again.grant_token);
    assert_ne!(named(&key, &decrypt, Some("n")).grant_id, first.grant_id);
    assert_ne!(named(&other, &encrypt, Some("n")).grant_id, first.grant_id);
    assert_ne!(named(&key, &encrypt, None).grant_id, named(&key, &encrypt, None).grant_id);
    let list = kms.list_grants(ListGrantsRequest { key_id: key.clone(), ..Default::default() }).expect("its grants");
    assert_eq!(list.grants.len(), 4);
    for grant_id in list.grants.into_iter().map(|grant| grant.grant_id) {
        kms.revoke_grant(RevokeGrantRequest { key_id: key.clone(), grant_id, dry_run: None }).expect("revoked");
    }
    let list = kms.list_grants(ListGrantsRequest { key_id: key, ..Default::default() }).expect("its grants");
    assert!(list.grants.is_empty());
}

#[test]
fn who_may_retire_a_grant() {
    let carol = "arn:aws:iam::444455556666:user/carol";
    let issuer = "arn:aws:iam::000000000000:root";
    for (retiring, operations, who, fine) in [
        (Some(BOB), &[GrantOperation::Decrypt][..], BOB, true),
        (Some(BOB), &[GrantOperation::Decrypt], carol, false),
        (None, &[GrantOperation::Decrypt], issuer, true),
        (None, &[GrantOperation::Decrypt], carol, false),
        (None, &[GrantOperation::Decrypt, GrantOperation::RetireGrant], carol, true),
        (
            Some("arn:aws:iam::444455556666:root"),
            &[GrantOperation::Decrypt],
            "arn:aws:iam::444455556666:user/dave",
            true,
        ),
        (Some("arn:aws:iam::444455556666:user/erin"), &[GrantOperation::Decrypt], carol, false),
    ] {
        let (kms, _) = vault();
        let key = guarded(&kms);
        let request =
            CreateGrantRequest { retiring_principal: retiring.map(Into::into), ..grant(&key, carol, operations) };
        let grant_token = Some(kms.create_grant(request).expect("a grant").grant_token);
        let result = as_principal(&kms, who).retire_grant(RetireGrantRequest { grant_token, ..Default::default() });
        if fine {
            result.unwrap_or_else(|error| panic!("{who} {retiring:?}: {}", error.report()));
        } else {
            assert_eq!(error(result).kind(), ErrorKind::AccessDenied, "{who} {retiring:?}");
        }
    }
}

#[test]
fn a_role_retires_within_its_session_policies() {
    let (kms, _) = vault();
    let key = guarded(&kms);
    let role = "arn:aws:iam::444455556666:role/app";
    let request = CreateGrantRequest {
        retiring_principal: Some(role.into()),
        ..grant(&key, role, &[GrantOperation::Decrypt, GrantOperation::RetireGrant])
    };
    let grant_token = Some(kms.create_grant(request).expect("a grant").grant_token);
    let session = |actions: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": "{actions}", "Resource": "*"}}]}}"#
        );
        let session = SessionContext { policies: Some(vec![policy]), ..Default::default() };
        let caller = Caller::new("arn:aws:sts::444455556666:assumed-role/app/session", "us-east-1").expect("a caller");
        kms.vault.client_as(caller.with_session(session).expect("a session"))
    };
    let request = RetireGrantRequest { grant_token, ..Default::default() };
    assert_eq!(error(session("kms:Decrypt").retire_grant(request.clone())).kind(), ErrorKind::AccessDenied);
    session("kms:Retire*").retire_grant(request).expect("its policies let it");
}

#[test]
fn a_grant_by_a_clock_that_is_ahead_counts_at_once() {
    let (kms, clock) = vault();
    let key = guarded(&kms);
    clock.set(Timestamp::from_millis(START.as_millis() + 5000));
    kms.create_grant(grant(&key, BOB, &[GrantOperation::DescribeKey])).expect("a grant");
    clock.set(START);
    describe(&as_principal(&kms, BOB), &key).expect("no delay was asked for");
}

#[test]
fn constraints_have_limits() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let with = |pairs: Vec<(String, String)>| {
        let constraints =
            GrantConstraints { encryption_context_subset: Some(pairs.into_iter().collect()), ..Default::default() };
        let request = grant(&key, ALICE, &[GrantOperation::Decrypt]);
        kms.create_grant(CreateGrantRequest { constraints: Some(constraints), ..request }).map(drop)
    };
    let pairs = |count: usize| (0..count).map(|number| (format!("k{number}"), "v".into())).collect();
    with(pairs(8)).expect("eight pairs");
    assert_eq!(error(with(pairs(9))).kind(), ErrorKind::Validation);
    with(vec![("k".into(), "v".repeat(384))]).expect("384 characters");
    assert_eq!(error(with(vec![("k".into(), "v".repeat(385))])).kind(), ErrorKind::Validation);
}

#[test]
fn a_service_needs_a_source_and_somebody_who_retires() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let source = Some("arn:aws:cloudtrail:us-east-1:000000000000:trail/t".to_string());
    let request = |source: Option<String>, retiring: Option<&str>| CreateGrantRequest {
        key_id: key.clone(),
        grantee_service_principal: Some("cloudtrail.amazonaws.com".into()),
        retiring_principal: retiring.map(Into::into),
        operations: vec![GrantOperation::GenerateDataKey],
        constraints: Some(GrantConstraints { source_arn: source, ..Default::default() }),
        ..Default::default()
    };
    assert_eq!(error(kms.create_grant(request(None, Some(BOB)))).kind(), ErrorKind::Validation);
    assert_eq!(error(kms.create_grant(request(source.clone(), None))).kind(), ErrorKind::Validation);
    kms.create_grant(request(source, Some(BOB))).expect("a grant");
    let request = ListGrantsRequest {
        key_id: key.clone(),
        grantee_service_principal: Some("cloudtrail.amazonaws.com".into()),
        ..Default::default()
    };
    let grants = kms.list_grants(request).expect("its grants").grants;
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].grantee_service_principal.as_deref(), Some("cloudtrail.amazonaws.com"));
    assert_eq!(grants[0].grantee_principal, None);
}

/// Conditions of key policies see the grant that is asked for.
#[test]
fn policies_decide_which_grants_may_be_given() {
    let (kms, _) = vault();
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "kms:*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}}},
        {"Effect": "Allow", "Principal": {"AWS": ALICE}, "Action": "kms:CreateGrant", "Resource": "*", "Condition": {
            "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]},
            "StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset", "kms:EncryptionContext:Dept": "IT"},
            "ArnEquals": {"kms:GranteePrincipal": BOB},
            "Bool": {"kms:GrantIsForAWSResource": "false"},
            "Null": {"kms:RetiringPrincipal": "true"},
        }},
    ]});
    let request = CreateKeyRequest { policy: Some(policy.to_string()), ..Default::default() };
    let key = kms.create_key(request).expect("a key").key_metadata.key_id;
    let alice = as_principal(&kms, ALICE);
    let constraints = |value: &str| {
        let pairs = Some([("Dept", value)].into());
        Some(GrantConstraints { encryption_context_subset: pairs, ..Default::default() })
    };
    let right = CreateGrantRequest { constraints: constraints("IT"), ..grant(&key, BOB, &[GrantOperation::Encrypt]) };
    alice.create_grant(right.clone()).expect("as the policy asks");
    for wrong in [
        CreateGrantRequest { operations: vec![GrantOperation::Encrypt, GrantOperation::CreateGrant], ..right.clone() },
        CreateGrantRequest { constraints: constraints("HR"), ..right.clone() },
        CreateGrantRequest { constraints: None, ..right.clone() },
        CreateGrantRequest { grantee_principal: Some(ALICE.into()), ..right.clone() },
        CreateGrantRequest { retiring_principal: Some(BOB.into()), ..right },
    ] {
        assert_eq!(error(alice.create_grant(wrong.clone())).kind(), ErrorKind::AccessDenied, "{wrong:?}");
    }
}

/// Names that differ in case alone are one name, and make no room for another pair.
#[test]
fn equal_pairs_let_no_other_pair_through() {
    let (kms, _) = vault();
    let key = guarded(&kms);
    let both = [GrantOperation::CreateGrant, GrantOperation::Encrypt];
    let equals = |pairs: &[(&str, &str)]| {
        let pairs = Some(pairs.iter().copied().collect());
        Some(GrantConstraints { encryption_context_equals: pairs, ..Default::default() })
    };
    let constraints = equals(&[("a", "1"), ("A", "1")]);
    kms.create_grant(CreateGrantRequest { constraints, ..grant(&key, ALICE, &both) }).expect("a grant");
    let alice = as_principal(&kms, ALICE);
    let encrypt = |pairs: &[(&str, &str)]| {
        let encryption_context = Some(pairs.iter().copied().collect());
        let plaintext = b"x".to_vec().into();
        alice.encrypt(EncryptRequest { key_id: key.clone(), plaintext, encryption_context, ..Default::default() })
    };
    encrypt(&[("a", "1"), ("A", "1")]).expect("as the grant says");
    assert_eq!(error(encrypt(&[("a", "1"), ("b", "2")])).kind(), ErrorKind::AccessDenied);
    let constraints = equals(&[("a", "1"), ("b", "2")]);
    let child = CreateGrantRequest { constraints, ..grant(&key, BOB, &[GrantOperation::Encrypt]) };
    assert_eq!(error(alice.create_grant(child)).kind(), ErrorKind::AccessDenied);
}

#[test]
fn a_subset_is_not_undone_by_a_second_name_in_another_case() {
    let (kms, _) = vault();
    let key = guarded(&kms);
    let encryption_context_subset = Some([("Dept", "IT")].into());
    let constraints = Some(GrantConstraints { encryption_context_subset, ..Default::default() });
    kms.create_grant(CreateGrantRequest { constraints, ..grant(&key, ALICE, &[GrantOperation::Encrypt]) })
        .expect("a grant");
    let alice = as_principal(&kms, ALICE);
    for (context, fine) in [([("Dept", "IT"), ("P", "T")], true), ([("Dept", "HR"), ("dept", "IT")], false)] {
        let encryption_context = Some(context.into());
        let plaintext = b"x".to_vec().into();
        let request = EncryptRequest { key_id: key.clone(), plaintext, encryption_context, ..Default::default() };
        assert_eq!(alice.encrypt(request).is_ok(), fine, "{context:?}");
    }
}

/// Of the issuing account its root user, and whom the key policy lets: not everybody.
#[test]
fn the_key_policy_says_who_of_the_issuing_account_retires() {
    let (kms, _) = vault();
    let root = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalType": "Account"}}});
    let bob = json!({"Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "kms:RetireGrant", "Resource": "*"});
    for (statements, fine) in [(vec![root.clone()], false), (vec![root, bob], true)] {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let request = CreateKeyRequest { policy: Some(policy), ..Default::default() };
        let key = kms.create_key(request).expect("a key").key_metadata.arn;
        let grant_token =
            Some(kms.create_grant(grant(&key, ALICE, &[GrantOperation::Decrypt])).expect("a grant").grant_token);
        let result = as_principal(&kms, BOB).retire_grant(RetireGrantRequest { grant_token, ..Default::default() });
        if fine {
            result.unwrap_or_else(|error| panic!("{}", error.report()));
        } else {
            assert_eq!(error(result).kind(), ErrorKind::AccessDenied);
        }
    }
}

/// The key policy need not let them: it has no say in `RetireGrant`.
#[test]
fn those_of_the_issuing_account_retire_by_their_identity_policies() {
    let (kms, _) = vault();
    let key = guarded(&kms);
    let allow =
        r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:RetireGrant", "Resource": "*"}}"#;
    let policy = IamPolicy { policy_name: "retire".into(), policy_document: allow.into() };
    let alice = IamEntity { arn: ALICE.into(), policies: Some(vec![policy]), ..Default::default() };
    kms.vault.put_iam_entity(&alice).expect("a user");
    kms.vault.put_iam_entity(&IamEntity { arn: BOB.into(), ..Default::default() }).expect("a user");
    let issued = grant(&key, "arn:aws:iam::444455556666:user/carol", &[GrantOperation::Decrypt]);
    let grant_token = Some(kms.create_grant(issued).expect("a grant").grant_token);
    let request = RetireGrantRequest { grant_token, ..Default::default() };
    assert_eq!(error(as_principal(&kms, BOB).retire_grant(request.clone())).kind(), ErrorKind::AccessDenied);
    as_principal(&kms, ALICE).retire_grant(request).expect("her policy lets her");
}

/// Conditions see the constraints of the grant that would end.
#[test]
fn a_deny_of_retire_grant_sees_the_constraints() {
    let (kms, _) = vault();
    for condition in [
        json!({"StringEquals": {"kms:EncryptionContext:Dept": "IT"}}),
        json!({"StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}}),
    ] {
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
            {"Effect": "Deny", "Principal": "*", "Action": "kms:RetireGrant", "Resource": "*", "Condition": condition},
        ]});
        let request = CreateKeyRequest { policy: Some(policy.to_string()), ..Default::default() };
        let key = kms.create_key(request).expect("a key").key_metadata.arn;
        for (value, fine) in [(Some("IT"), false), (None, true)] {
            let constraints = value.map(|value| GrantConstraints {
                encryption_context_subset: Some([("Dept", value)].into()),
                ..Default::default()
            });
            let request = CreateGrantRequest { constraints, ..grant(&key, ALICE, &[GrantOperation::Decrypt]) };
            let grant_token = Some(kms.create_grant(request).expect("a grant").grant_token);
            let result = kms.retire_grant(RetireGrantRequest { grant_token, ..Default::default() });
            assert_eq!(result.is_ok(), fine, "{condition} {value:?}");
        }
    }
}

#[test]
fn a_grant_has_only_operations_that_its_key_is_for() {
    use GrantOperation as Op;
    let (kms, _) = vault();
    let always = [Op::CreateGrant, Op::DescribeKey, Op::RetireGrant];
    let rest = [
        Op::Encrypt,
        Op::Decrypt,
        Op::ReEncryptFrom,
        Op::ReEncryptTo,
        Op::GenerateDataKey,
        Op::GenerateDataKeyWithoutPlaintext,
        Op::GenerateDataKeyPair,
        Op::GenerateDataKeyPairWithoutPlaintext,
        Op::Sign,
        Op::Verify,
        Op::GetPublicKey,
        Op::GenerateMac,
        Op::VerifyMac,
        Op::DeriveSharedSecret,
        Op::Encapsulate,
        Op::Decapsulate,
    ];
    let keys: [(KeySpec, KeyUsageType, &[GrantOperation]); 4] = [
        (KeySpec::SymmetricDefault, KeyUsageType::EncryptDecrypt, &rest[..8]),
        (KeySpec::EccNistP256, KeyUsageType::SignVerify, &[Op::Sign, Op::Verify, Op::GetPublicKey]),
        (KeySpec::Hmac256, KeyUsageType::GenerateVerifyMac, &[Op::GenerateMac, Op::VerifyMac]),
        (KeySpec::EccNistP256, KeyUsageType::KeyAgreement, &[Op::GetPublicKey, Op::DeriveSharedSecret]),
    ];
    for (spec, usage, fitting) in keys {
        let key = create_key_for(&kms, spec, usage);
        for operation in always.iter().chain(&rest) {
            let result = kms.create_grant(grant(&key.key_id, ALICE, &[*operation]));
            if always.contains(operation) || fitting.contains(operation) {
                result.unwrap_or_else(|error| panic!("{usage} {operation}: {error}"));
            } else {
                let message = format!("The operation {operation} is not valid for the KMS key {}.", key.arn);
                refused(result, ErrorKind::Validation, &message);
            }
        }
    }
}
