//! What one account learns of another's keys, aliases and grants: nothing. What exists and what does not is answered alike,
//! down to the explanation that the developer of the process reads.

use crate::common::{NO_KEY, elsewhere};
use pocketkms::{ErrorKind, Kms, Result, api::*};
use pocketkms_tests::vault::{create_alias, create_key, encrypt, error, vault};

const OWNER: &str = "000000000000";
const STRANGER: &str = "444455556666";

/// Everything an error says, without what names the resource.
#[track_caller]
fn report_of<T>(result: Result<T>, resource: &str) -> (ErrorKind, String) {
    let error = error(result);
    (error.kind(), error.report().replace(resource, "RESOURCE"))
}

/// A key's ARN, an alias's, and those of a key and of an alias that there is not.
fn arns(kms: &Kms) -> [(String, String); 2] {
    let key = create_key(kms);
    create_alias(kms, "alias/there", &key.key_id);
    let place = format!("arn:aws:kms:us-east-1:{OWNER}:");
    [(key.arn, format!("{place}key/{NO_KEY}")), (format!("{place}alias/there"), format!("{place}alias/nowhere"))]
}

fn requests(kms: &Kms, key: &str, grant_tokens: Option<&[String]>) -> Vec<(&'static str, Result<()>)> {
    let key_id = || key.to_string();
    let tokens = || grant_tokens.map(<[String]>::to_vec);
    vec![
        ("DescribeKey", kms.describe_key(DescribeKeyRequest { key_id: key_id(), grant_tokens: tokens() }).map(drop)),
        (
            "Encrypt",
            kms.encrypt(EncryptRequest {
                key_id: key_id(),
                plaintext: b"x".to_vec().into(),
                grant_tokens: tokens(),
                ..Default::default()
            })
            .map(drop),
        ),
        (
            "GenerateDataKey",
            kms.generate_data_key(GenerateDataKeyRequest {
                key_id: key_id(),
                number_of_bytes: Some(32),
                grant_tokens: tokens(),
                ..Default::default()
            })
            .map(drop),
        ),
        (
            "CreateBranchKey",
            kms.create_branch_key(CreateBranchKeyRequest { kms_key_id: key_id(), ..Default::default() }).map(drop),
        ),
    ]
}

#[test]
fn a_key_of_another_account_is_answered_as_none() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, STRANGER, "us-east-1");
    for (there, nowhere) in arns(&kms) {
        for grant_tokens in [None, Some(vec!["x".to_string()])] {
            let found = requests(&stranger, &there, grant_tokens.as_deref());
            let missing = requests(&stranger, &nowhere, grant_tokens.as_deref());
            for ((operation, found), (_, missing)) in found.into_iter().zip(missing) {
                assert_eq!(report_of(found, &there), report_of(missing, &nowhere), "{operation} {there}");
            }
        }
    }
}

#[test]
fn an_alias_of_another_account_does_not_tell_its_key() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, STRANGER, "us-east-1");
    let [(key, _), (alias, _)] = arns(&kms);
    for (operation, result) in requests(&stranger, &alias, None) {
        let report = error(result).report();
        assert!(!report.contains(&key), "{operation}: {report}");
    }
}

#[test]
fn a_ciphertext_of_another_account_is_answered_as_of_no_key() {
    let (kms, _) = vault();
    let stranger = elsewhere(&kms, STRANGER, "us-east-1");
    let blob = encrypt(&kms, &create_key(&kms).key_id, b"secret");
    // The same under a key of another vault, which this one does not have.
    let (other, _) = vault();
    let unknown = encrypt(&other, &create_key(&other).key_id, b"secret");
    for grant_tokens in [None, Some(vec!["x".to_string()])] {
        let call = |blob: &[u8]| {
            let ciphertext_blob = Some(blob.to_vec().into());
            stranger.decrypt(DecryptRequest {
                ciphertext_blob,
                grant_tokens: grant_tokens.clone(),
                ..Default::default()
            })
        };
        assert_eq!(report_of(call(&blob), "-"), report_of(call(&unknown), "-"), "{grant_tokens:?}");
    }
}

#[test]
fn no_one_learns_where_other_accounts_have_keys() {
    let (kms, _) = vault();
    create_key(&elsewhere(&kms, STRANGER, "eu-west-3"));
    create_key(&elsewhere(&kms, OWNER, "eu-central-1"));
    let request = DescribeKeyRequest { key_id: NO_KEY.into(), ..Default::default() };
    let report = error(kms.describe_key(request)).report();
    assert!(report.contains("keys in eu-central-1") && !report.contains("eu-west-3"), "{report}");
    assert!(!report.contains(STRANGER), "{report}");
}

/// A service of AWS retires grants of many accounts.
#[test]
fn a_service_name_lists_no_ones_grants() {
    let (kms, _) = vault();
    let service = "logs.us-east-1.amazonaws.com";
    kms.create_grant(CreateGrantRequest {
        key_id: create_key(&kms).key_id,
        grantee_principal: Some("arn:aws:iam::000000000000:user/alice".into()),
        retiring_service_principal: Some(service.into()),
        operations: vec![GrantOperation::Decrypt],
        ..Default::default()
    })
    .expect("a grant");
    let stranger = elsewhere(&kms, STRANGER, "us-east-1");
    for (retiring_principal, retiring_service_principal) in [(Some(service), None), (None, Some(service))] {
        let request = ListRetirableGrantsRequest {
            retiring_principal: retiring_principal.map(Into::into),
            retiring_service_principal: retiring_service_principal.map(Into::into),
            ..Default::default()
        };
        assert_eq!(error(stranger.list_retirable_grants(request)).kind(), ErrorKind::Validation);
    }
}
