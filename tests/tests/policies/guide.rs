//! The examples of docs/permissions.md.

use pocketkms::{Caller, ErrorKind, Kms, Result, Vault, api::*};
use pocketkms_tests::vault::{builder, error, root};
use serde_json::json;

const OWNER: &str = "111122223333";

fn document(marker: &str) -> String {
    let page = include_str!("../../../docs/permissions.md");
    let (_, rest) = page.split_once(&format!("<!-- {marker} -->\n```json\n")).expect("the example");
    rest.split_once("```").expect("its end").0.to_string()
}

fn opened() -> Vault {
    let (builder, _) = builder();
    builder.caller(Caller::root(OWNER, "us-east-1").expect("an account")).create_in_memory(&root()).expect("a vault")
}

fn client(vault: &Vault, principal: &str) -> Kms {
    vault.client_as(Caller::new(principal, "us-east-1").expect("a principal"))
}

fn denied<T>(result: Result<T>) {
    assert_eq!(error(result).kind(), ErrorKind::AccessDenied);
}

fn entity(arn: &str, statement: Option<serde_json::Value>) -> IamEntity {
    let policy = |statement| IamPolicy {
        policy_name: "own".into(),
        policy_document: json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(),
    };
    IamEntity { arn: arn.into(), policies: statement.map(|statement| vec![policy(statement)]), ..Default::default() }
}

#[test]
fn administrators_manage_and_users_use() {
    let vault = opened();
    for role in ["KeyAdmin", "App"] {
        let create = json!({"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"});
        vault.put_iam_entity(&entity(&format!("arn:aws:iam::{OWNER}:role/{role}"), Some(create))).expect("put");
    }
    let session = |role: &str| client(&vault, &format!("arn:aws:sts::{OWNER}:assumed-role/{role}/one"));
    let (admin, app) = (session("KeyAdmin"), session("App"));
    let policy = Some(document("key policy"));
    // Who creates the key must be able to put another policy to it: an administrator.
    let refused = error(app.create_key(CreateKeyRequest { policy: policy.clone(), ..Default::default() }));
    assert_eq!(refused.kind(), ErrorKind::MalformedPolicyDocument);
    let key = admin.create_key(CreateKeyRequest { policy, ..Default::default() }).expect("a key").key_metadata.key_id;

    let encrypt = |kms: &Kms| {
        kms.encrypt(EncryptRequest { key_id: key.clone(), plaintext: vec![1].into(), ..Default::default() })
    };
    let blob = encrypt(&app).expect("users use").ciphertext_blob;
    let decrypt = |kms: &Kms| kms.decrypt(DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() });
    decrypt(&app).expect("users use");
    denied(encrypt(&admin));
    denied(decrypt(&admin));
    let disable = |kms: &Kms| kms.disable_key(DisableKeyRequest { key_id: key.clone() });
    denied(disable(&app));
    disable(&admin).expect("administrators manage");
    admin.enable_key(EnableKeyRequest { key_id: key.clone() }).expect("administrators manage");
    for kms in [&admin, &app, &vault.client()] {
        denied(kms.create_grant(CreateGrantRequest {
            key_id: key.clone(),
            grantee_principal: Some(format!("arn:aws:iam::{OWNER}:role/KeyAdmin")),
            operations: vec![GrantOperation::Decrypt],
            ..Default::default()
        }));
    }
    let schedule =
        |kms: &Kms| kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key.clone(), ..Default::default() });
    denied(schedule(&app));
    denied(schedule(&vault.client()));
    schedule(&admin).expect("administrators manage");
}

#[test]
fn data_is_shared_with_another_account_and_moved_to_its_own_key() {
    let vault = opened();
    let policy = Some(document("cross-account key policy"));
    let owner = vault.client();
    let key = owner.create_key(CreateKeyRequest { policy, ..Default::default() }).expect("a key").key_metadata.arn;
    let carol = "arn:aws:iam::444455556666:user/carol";
    let use_keys = json!({"Effect": "Allow", "Action": ["kms:CreateKey", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey"], "Resource": "*"});
    vault.put_iam_entity(&entity(carol, Some(use_keys))).expect("put");
    vault.put_iam_entity(&entity("arn:aws:iam::444455556666:user/dave", None)).expect("put");
    let context = |share: &str| Some([("share", share)].into());
    let encrypt = |share: &str| {
        let request = EncryptRequest {
            key_id: key.clone(),
            plaintext: vec![7].into(),
            encryption_context: context(share),
            ..Default::default()
        };
        owner.encrypt(request).expect("encrypted").ciphertext_blob
    };
    let (weekly, other) = (encrypt("weekly"), encrypt("other"));
    let carols = client(&vault, carol);
    let own = carols.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;
    let take = |kms: &Kms, blob: &Blob, share: &str| {
        kms.re_encrypt(ReEncryptRequest {
            ciphertext_blob: Some(blob.clone()),
            source_encryption_context: context(share),
            source_key_id: Some(key.clone()),
            destination_key_id: own.clone(),
            destination_encryption_context: context("copy"),
            ..Default::default()
        })
    };
    denied(take(&carols, &other, "other"));
    denied(take(&client(&vault, "arn:aws:iam::444455556666:user/dave"), &weekly, "weekly"));
    denied(carols.describe_key(DescribeKeyRequest { key_id: key.clone(), ..Default::default() }));
    let copy = take(&carols, &weekly, "weekly").expect("shared").ciphertext_blob;
    owner.disable_key(DisableKeyRequest { key_id: key.clone() }).expect("the owner may");
    let request =
        DecryptRequest { ciphertext_blob: Some(copy), encryption_context: context("copy"), ..Default::default() };
    assert_eq!(carols.decrypt(request).expect("her own by now").plaintext.expose(), [7]);
}
