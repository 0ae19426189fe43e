//! Key policies and grants.

#[allow(clippy::wildcard_imports, reason = "the scene and all it is made of")]
use super::*;

pub(super) const CASES: &[Case] = &[
    (
        Operation::PutKeyPolicy,
        |scene| {
            let policy = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}"#;
            let request = PutKeyPolicyRequest {
                key_id: scene.k.clone(),
                policy: policy.into(),
                bypass_policy_lockout_safety_check: Some(false),
                ..Default::default()
            };
            scene.kms.put_key_policy(request).unwrap();
        },
        &["kms:PutKeyPolicy K bypass=false policy=default"],
    ),
    (
        Operation::GetKeyPolicy,
        |scene| {
            let request = GetKeyPolicyRequest { key_id: scene.k.clone(), policy_name: Some("default".into()) };
            scene.kms.get_key_policy(request).unwrap();
        },
        &["kms:GetKeyPolicy K policy=default"],
    ),
    (
        Operation::ListKeyPolicies,
        |scene| {
            let request = ListKeyPoliciesRequest { key_id: scene.k.clone(), ..Default::default() };
            scene.kms.list_key_policies(request).unwrap();
        },
        &["kms:ListKeyPolicies K"],
    ),
    (
        Operation::GetKeyLastUsage,
        |scene| {
            scene.kms.get_key_last_usage(GetKeyLastUsageRequest { key_id: scene.k.clone() }).unwrap();
        },
        &["kms:GetKeyLastUsage K"],
    ),
    (
        Operation::CreateGrant,
        |scene| {
            scene.kms.create_grant(grant(scene)).unwrap();
        },
        &["kms:CreateGrant K context=tenant:7 grant=EncryptDecrypt"],
    ),
    (
        Operation::ListGrants,
        |scene| {
            let request = ListGrantsRequest { key_id: scene.k.clone(), ..Default::default() };
            scene.kms.list_grants(request).unwrap();
        },
        &["kms:ListGrants K"],
    ),
    (
        Operation::ListRetirableGrants,
        |scene| {
            let retiring_principal = Some("arn:aws:iam::000000000000:user/bob".into());
            let request = ListRetirableGrantsRequest { retiring_principal, ..Default::default() };
            scene.kms.list_retirable_grants(request).unwrap();
        },
        &["kms:ListRetirableGrants *"],
    ),
    (
        Operation::RetireGrant,
        |scene| {
            let grant_token = Some(scene.kms.create_grant(grant(scene)).unwrap().grant_token);
            asked::take();
            scene.kms.retire_grant(RetireGrantRequest { grant_token, ..Default::default() }).unwrap();
        },
        &["kms:RetireGrant K context=tenant:7 retired=EncryptDecrypt"],
    ),
    (
        Operation::RevokeGrant,
        |scene| {
            let grant_id = scene.kms.create_grant(grant(scene)).unwrap().grant_id;
            asked::take();
            scene.kms.revoke_grant(RevokeGrantRequest { key_id: scene.k.clone(), grant_id, dry_run: None }).unwrap();
        },
        &["kms:RevokeGrant K"],
    ),
];
