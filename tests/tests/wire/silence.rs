//! Nothing of PocketKMS's own goes out.

use crate::{call, exception};
use pocketkms::{Caller, ErrorKind, api::Operation};
use pocketkms_tests::{
    store::{Fault, Faulty, OUT_OF_ORDER, Shared},
    vault::{builder, create_key, encrypt, root, vault},
};
use serde_json::json;

#[test]
fn a_closed_vault_is_an_internal_error_without_a_text() {
    let (kms, _) = vault();
    kms.vault.close();
    let mut response = call(&kms, "ListKeys", &json!({}));
    assert_eq!(exception(&response), (500, "KMSInternalException".to_owned(), None));
    // The host, which is no caller, may know.
    let cause = response.cause.take().expect("a cause");
    assert_eq!(cause.kind(), ErrorKind::VaultClosed);
}

#[test]
fn what_aws_says_has_no_cause() {
    let (kms, _) = vault();
    for body in [json!({}), json!({ "KeyId": "alias/none" }), json!({ "KeyId": 7 })] {
        assert!(call(&kms, "DescribeKey", &body).cause.is_none());
    }
    assert!(call(&kms, "Nothing", &json!({})).cause.is_none());
}

/// A client of AWS's would try the change again and again.
#[test]
fn a_store_that_fails_says_so_to_the_host() {
    let faulty = Faulty::new(Shared::new());
    let kms = builder().0.create_in(faulty.clone(), &root()).expect("a vault").client();
    faulty.plan(Fault::CommitRefused, 0);
    let mut response = call(&kms, "CreateKey", &json!({}));
    assert_eq!(exception(&response), (500, "KMSInternalException".to_owned(), None));
    let cause = response.cause.take().expect("a cause");
    assert_eq!(cause.kind(), ErrorKind::Store);
    assert!(cause.explanation().expect("a reason").contains(OUT_OF_ORDER));
}

#[test]
fn no_explanation_goes_out() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"secret");
    let mut altered = blob.to_vec();
    *altered.last_mut().expect("bytes") ^= 1;
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes);
    let stranger = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("a caller"));
    for response in [
        call(&kms, "Decrypt", &json!({ "CiphertextBlob": base64(&altered) })),
        call(&kms, "Decrypt", &json!({ "CiphertextBlob": base64(&blob) })),
        call(&kms, "Decrypt", &json!({ "CiphertextBlob": base64(b"no ciphertext") })),
        call(&kms, "Encrypt", &json!({ "KeyId": key.key_id, "Plaintext": base64(&[0; 4097]) })),
        call(&stranger, "Decrypt", &json!({ "CiphertextBlob": base64(&blob) })),
        call(&kms, "ListKeys", &json!({ "Marker": "nowhere" })),
    ] {
        let (status, name, message) = exception(&response);
        assert_eq!(status, 400);
        let message = message.unwrap_or_default();
        for word in ["tag", "header", "version", "envelope encryption", &key.key_id, "root key changes", "vault"] {
            assert!(!message.contains(word), "{name}: {message}");
        }
        assert_eq!(message.is_empty(), name == "InvalidCiphertextException", "{name}: {message}");
    }
}

#[test]
fn whatever_comes_in_an_exception_or_an_answer_goes_out() {
    let (kms, _) = vault();
    create_key(&kms);
    let values =
        [json!(null), json!(true), json!(0), json!(-1.5), json!(""), json!("YQ=="), json!([]), json!([{}]), json!({})];
    let members = [
        "KeyId",
        "Plaintext",
        "CiphertextBlob",
        "Limit",
        "Marker",
        "AliasName",
        "TargetKeyId",
        "Tags",
        "TagKeys",
        "NumberOfBytes",
        "EncryptionContext",
        "GrantTokens",
        "Recipient",
        "DryRun",
        "DryRunModifiers",
        "KeySpec",
        "Policy",
        "DestinationKeyId",
    ];
    for name in Operation::ALL.iter().map(|operation| operation.name()) {
        for value in &values {
            let body = members.iter().map(|member| ((*member).to_owned(), value.clone()));
            for body in [json!(body.collect::<serde_json::Map<_, _>>()), value.clone()] {
                let response = call(&kms, name, &body);
                if response.status != 200 {
                    let (status, exception, _) = exception(&response);
                    assert!(
                        status == 400 && exception.ends_with("Exception"),
                        "{name} of {body}: {status} {exception}"
                    );
                }
            }
        }
    }
}

/// The model of `DescribeKey` takes grant tokens, and lists no error for them.
#[test]
fn a_bad_grant_token_is_named_whatever_the_operation() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let found = exception(&call(&kms, "DescribeKey", &json!({ "KeyId": key, "GrantTokens": ["x"] })));
    assert_eq!(found, (400, "InvalidGrantTokenException".to_owned(), Some("The grant token is not valid.".to_owned())));
}
