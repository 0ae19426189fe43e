//! AWS services as callers: by themselves on behalf of an account, and for somebody.

use pocketkms::{Caller, ErrorKind, Kms, Result, Vault, api::*};
use pocketkms_tests::vault::{Opened, create_key, error, vault};
use serde_json::{Value, json};

const ACCOUNT: &str = "000000000000";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:000000000000:trail/t";
const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A key whose policy lets the account manage it, and has these statements.
fn key(kms: &Opened, statement: &Value) -> String {
    let root = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    let request = CreateKeyRequest { policy: Some(document(&json!([root, statement]))), ..Default::default() };
    kms.create_key(request).expect("a key").key_metadata.arn
}

fn stating(entries: &[(&str, &str)]) -> SessionContext {
    let entry = |(key, value): &(&str, &str)| ContextEntry {
        context_key_name: (*key).into(),
        context_key_values: vec![(*value).into()],
    };
    SessionContext { context: Some(entries.iter().map(entry).collect()), ..Default::default() }
}

fn service(vault: &Vault, name: &str, account: &str, session: SessionContext) -> Kms {
    let caller = vault.caller().with(Some(account), None, Some(name)).and_then(|caller| caller.with_session(session));
    vault.client_of(caller.expect("a service")).expect("a client")
}

fn data_key(kms: &Kms, key: &str) -> Result<GenerateDataKeyResponse> {
    let request = GenerateDataKeyRequest {
        key_id: key.into(),
        number_of_bytes: Some(32),
        encryption_context: None,
        ..Default::default()
    };
    kms.generate_data_key(request)
}

#[track_caller]
fn denied<T>(result: Result<T>) {
    assert_eq!(error(result).kind(), ErrorKind::AccessDenied);
}

#[test]
fn a_policy_names_a_service_and_for_whom_it_may_ask() {
    let (kms, _) = vault();
    let allow = |condition: Value| {
        json!({"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL}, "Action": "kms:GenerateDataKey*", "Resource": "*",
            "Condition": condition})
    };
    let of = |account, session| service(&kms.vault, CLOUDTRAIL, account, session);
    for (condition, holds, fails) in [
        (
            json!({"StringEquals": {"aws:SourceArn": TRAIL}}),
            of(ACCOUNT, stating(&[("aws:SourceArn", TRAIL)])),
            of(ACCOUNT, stating(&[])),
        ),
        (
            json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
            of(ACCOUNT, stating(&[("aws:SourceAccount", ACCOUNT)])),
            of(ACCOUNT, stating(&[("aws:SourceAccount", "999999999999")])),
        ),
        // The account on whose behalf.
        (
            json!({"StringEquals": {"kms:CallerAccount": ACCOUNT}}),
            of(ACCOUNT, stating(&[])),
            of("999999999999", stating(&[])),
        ),
        (
            json!({"Bool": {"aws:PrincipalIsAWSService": "true"}, "StringEquals": {"aws:PrincipalServiceName": CLOUDTRAIL},
                "ForAnyValue:StringEquals": {"aws:PrincipalServiceNamesList": CLOUDTRAIL},
                "Null": {"aws:PrincipalArn": "true", "aws:PrincipalAccount": "true", "aws:PrincipalType": "true", "aws:userid": "true"}}),
            of(ACCOUNT, stating(&[])),
            service(&kms.vault, "logs.amazonaws.com", ACCOUNT, stating(&[])),
        ),
    ] {
        let key = key(&kms, &allow(condition.clone()));
        data_key(&holds, &key).unwrap_or_else(|error| panic!("{condition}: {}", error.report()));
        denied(data_key(&fails, &key));
    }
}

/// Statements for the account and its identity policies do not reach it, and neither do its organization's policies for principals.
#[test]
fn a_service_is_of_no_account() {
    let (kms, _) = vault();
    let plain = create_key(&kms).arn;
    let public = key(&kms, &json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}));
    let logs = || service(&kms.vault, "logs.us-east-1.amazonaws.com", ACCOUNT, SessionContext::default());
    denied(data_key(&logs(), &plain));
    data_key(&logs(), &public).expect("everyone may");
    // What needs an identity policy.
    denied(logs().create_key(CreateKeyRequest::default()));
    denied(logs().list_keys(ListKeysRequest::default()));
    let alias = CreateAliasRequest { alias_name: "alias/x".into(), target_key_id: public.clone() };
    denied(logs().create_alias(alias));
    let policies = |statement| vec![IamPolicy { policy_name: "p".into(), policy_document: document(&statement) }];
    let organization = |level| IamEntity {
        arn: format!("arn:aws:iam::{ACCOUNT}:root"),
        organization: Some(vec![level]),
        ..Default::default()
    };
    let nothing = json!([{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]);
    let level = OrganizationLevel { service_control_policies: Some(policies(nothing)), ..Default::default() };
    kms.vault.put_iam_entity(&organization(level)).expect("an account that is kept");
    data_key(&logs(), &public).expect("it is not bound by these");
    let nothing = json!([{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]);
    let level = OrganizationLevel { resource_control_policies: Some(policies(nothing)), ..Default::default() };
    kms.vault.put_iam_entity(&organization(level)).expect("an account that is kept");
    denied(data_key(&logs(), &public));
}

#[test]
fn a_grant_lets_a_service_in_for_its_source() {
    let (kms, _) = vault();
    let key = create_key(&kms).arn;
    kms.create_grant(CreateGrantRequest {
        key_id: key.clone(),
        grantee_service_principal: Some(CLOUDTRAIL.into()),
        retiring_principal: Some("arn:aws:iam::000000000000:user/bob".into()),
        operations: vec![GrantOperation::GenerateDataKey],
        constraints: Some(GrantConstraints { source_arn: Some(TRAIL.into()), ..Default::default() }),
        ..Default::default()
    })
    .expect("a grant");
    let source = |arn| service(&kms.vault, CLOUDTRAIL, ACCOUNT, stating(&[("aws:SourceArn", arn)]));
    data_key(&source(TRAIL), &key).expect("granted");
    denied(data_key(&source("arn:aws:cloudtrail:us-east-1:000000000000:trail/u"), &key));
    let logs = service(&kms.vault, "logs.amazonaws.com", ACCOUNT, stating(&[("aws:SourceArn", TRAIL)]));
    denied(data_key(&logs, &key));
}

/// `kms:GrantIsForAWSResource`: of the three operations on grants that have it.
#[test]
fn grants_for_resources_of_services_can_be_told() {
    let (kms, _) = vault();
    let alice = "arn:aws:iam::000000000000:user/alice";
    let key = key(
        &kms,
        &json!({"Effect": "Allow", "Principal": {"AWS": alice}, "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
            "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}),
    );
    // Where the registry keeps the account, its statement does not let alice in.
    kms.vault.put_iam_entity(&IamEntity { arn: alice.into(), ..Default::default() }).expect("alice");
    let client = |via: Option<&str>| {
        let session = SessionContext { via_service: via.map(Into::into), ..Default::default() };
        let caller = Caller::new(alice, "us-east-1").and_then(|caller| caller.with_session(session));
        kms.vault.client_as(caller.expect("alice"))
    };
    let (directly, through) = (client(None), client(Some("ec2.us-east-1.amazonaws.com")));
    let create = || CreateGrantRequest {
        key_id: key.clone(),
        grantee_principal: Some(alice.into()),
        operations: vec![GrantOperation::Decrypt],
        ..Default::default()
    };
    let list = || ListGrantsRequest { key_id: key.clone(), ..Default::default() };
    denied(directly.create_grant(create()));
    denied(directly.list_grants(list()));
    let grant_id = through.create_grant(create()).expect("for EC2").grant_id;
    assert_eq!(through.list_grants(list()).expect("for EC2").grants.len(), 1);
    let revoke = || RevokeGrantRequest { key_id: key.clone(), grant_id: grant_id.clone(), dry_run: None };
    denied(directly.revoke_grant(revoke()));
    through.revoke_grant(revoke()).expect("for EC2");
}

#[test]
fn what_only_the_engine_sets_cannot_be_stated() {
    let (kms, _) = vault();
    let root = kms.vault.caller();
    let logs = root.with_principal("logs.amazonaws.com").expect("a service");
    let alice = root.with_principal("arn:aws:iam::000000000000:user/alice").expect("a user");
    let via = || SessionContext { via_service: Some("s3.us-east-1.amazonaws.com".into()), ..Default::default() };
    for refused in [
        via(),
        SessionContext { policies: Some(vec![document(&json!([]))]), ..Default::default() },
        SessionContext { tags: Some(vec![Tag { tag_key: "a".into(), tag_value: "b".into() }]), ..Default::default() },
        SessionContext { source_identity: Some("Alice".into()), ..Default::default() },
        SessionContext { multi_factor_auth_time: Some(pocketkms_tests::vault::START), ..Default::default() },
        stating(&[("aws:PrincipalServiceName", "s3.amazonaws.com")]),
        stating(&[("aws:PrincipalServiceNamesList", "s3.amazonaws.com")]),
        stating(&[("aws:PrincipalIsAWSService", "false")]),
        stating(&[("kms:CallerAccount", "999999999999")]),
    ] {
        assert_eq!(error(logs.with_session(refused.clone())).kind(), ErrorKind::Validation, "{refused:?}");
    }
    // Nobody but a service says for which resource it asks.
    for (key, value) in [("aws:SourceArn", TRAIL), ("AWS:sourceaccount", ACCOUNT), ("aws:SourceOrgID", "o-1")] {
        let stated = stating(&[(key, value)]);
        assert_eq!(error(alice.with_session(stated.clone())).kind(), ErrorKind::Validation, "{key}");
        alice
            .with_session(SessionContext { via_service: via().via_service, ..stated.clone() })
            .expect("through a service");
        logs.with_session(stated).expect("a service");
    }
}
