//! Request quotas, on the vault's clock.

use pocketkms::{
    Caller, ErrorKind, Kms, Result, Timestamp,
    api::*,
    keys::{DataKeyPairSpec, EncryptionAlgorithmSpec, KeySpec},
};
use pocketkms_tests::vault::{START, context, create_alias, create_key, create_key_of, encrypt, error, sign, vault};
use serde_json::{Value, json};

fn quota(name: &str, requests: i32, seconds: Option<i32>) -> RequestQuota {
    RequestQuota { quota_name: name.into(), requests, seconds }
}

fn describe(kms: &Kms, key: &str) -> Result<DescribeKeyResponse> {
    kms.describe_key(DescribeKeyRequest { key_id: key.into(), ..Default::default() })
}

#[test]
fn requests_beyond_a_quota_are_refused_until_the_clock_goes_on() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    for _ in 0..3000 {
        describe(&kms, &key).expect("no quotas at first");
    }
    let other = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("an account"));
    kms.vault
        .set_request_quotas(Some(&[quota("DescribeKey", 2, None), quota("CreateKey", 1, Some(60))]))
        .expect("quotas");
    for _ in 0..2 {
        describe(&kms, &key).expect("within the quota");
    }
    let throttled = error(describe(&kms, &key));
    assert_eq!(throttled.kind(), ErrorKind::Throttling);
    let text = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    assert_eq!(throttled.message(), text);
    // Whatever becomes of a request, it counts; another family and another account have their own.
    assert_eq!(error(describe(&kms, "alias/missing")).kind(), ErrorKind::Throttling);
    kms.list_keys(ListKeysRequest::default()).expect("another family");
    assert_eq!(error(describe(&other, &key)).kind(), ErrorKind::NotFound);
    assert_eq!(error(describe(&other, &key)).kind(), ErrorKind::NotFound);
    assert_eq!(error(describe(&other, &key)).kind(), ErrorKind::Throttling);
    // On the wire as AWS writes it.
    let response = kms.call("TrentService.DescribeKey", json!({"KeyId": key}).to_string().as_bytes());
    let body: Value = serde_json::from_slice(response.body.expose()).expect("JSON");
    assert_eq!(
        (response.status, &body["__type"], &body["message"]),
        (400, &json!("ThrottlingException"), &json!(text))
    );

    let turn = |millis: i64| clock.set(Timestamp::from_millis(START.as_millis() + millis));
    turn(500);
    describe(&kms, &key).expect("half a second, half the quota");
    assert_eq!(error(describe(&kms, &key)).kind(), ErrorKind::Throttling);
    create_key(&kms);
    turn(60_400);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::Throttling);
    turn(60_500);
    create_key(&kms);
    kms.vault.set_request_quotas(None).expect("none");
    for _ in 0..10 {
        create_key(&kms);
    }
}

#[test]
fn cryptographic_operations_share_quotas_by_the_type_of_the_key() {
    let (kms, _) = vault();
    let symmetric = create_key(&kms);
    create_alias(&kms, "alias/s", &symmetric.key_id);
    let pair = create_key_of(&kms, KeySpec::EccNistP256);
    let random = || kms.generate_random(GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() });
    let encrypt =
        |key: &str| kms.encrypt(EncryptRequest { key_id: key.into(), plaintext: vec![1].into(), ..Default::default() });
    kms.vault.set_request_quotas(Some(&[quota("Symmetric", 3, None), quota("ECC", 1, None)])).expect("quotas");
    let blob = encrypt("alias/s").expect("the first").ciphertext_blob;
    random().expect("the second");
    kms.decrypt(DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() })
        .map(drop)
        .expect("the third");
    assert_eq!(error(random()).kind(), ErrorKind::Throttling);
    assert_eq!(
        error(kms.decrypt(DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() })).kind(),
        ErrorKind::Throttling
    );
    sign(&kms, &pair, b"message");
    let again = kms.sign(SignRequest {
        key_id: pair.arn.clone(),
        message: b"message".to_vec().into(),
        message_type: None,
        grant_tokens: None,
        signing_algorithm: *pair.signing_algorithms.iter().flatten().next().expect("a key that signs"),
        dry_run: None,
    });
    assert_eq!(error(again).kind(), ErrorKind::Throttling);
    // Another account, whose quota of pairs is used up, does not learn of which type a key is.
    let stranger = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("a caller"));
    let describe = |key: &str| {
        let request = GetPublicKeyRequest { key_id: key.into(), ..Default::default() };
        error(stranger.get_public_key(request)).kind()
    };
    kms.vault.set_request_quotas(Some(&[quota("ECC", 0, None)])).expect("quotas");
    assert_eq!([&pair.arn, &symmetric.arn].map(|key| describe(key)), [ErrorKind::AccessDenied; 2]);
}

#[test]
fn what_is_no_quota_is_refused() {
    let (kms, _) = vault();
    for wrong in [
        quota("Encrypt", 1, None),
        quota("Nothing", 1, None),
        quota("ListKeys", -1, None),
        quota("ListKeys", 1, Some(0)),
    ] {
        assert_eq!(
            error(kms.vault.set_request_quotas(Some(std::slice::from_ref(&wrong)))).kind(),
            ErrorKind::Validation,
            "{wrong:?}"
        );
    }
    kms.list_keys(ListKeysRequest::default()).expect("none was set");
}

/// AWS's numbers for RSA: 20 pairs a second of 2048 bits, 4 of 3072 and 1 of 4096. What makes no pair counts, too.
#[test]
fn data_key_pairs_have_a_quota_for_each_spec() {
    let (kms, _) = vault();
    let key_id = create_key(&kms).key_id;
    let pairs = |key_pair_spec, asked: usize| {
        let request = GenerateDataKeyPairRequest {
            encryption_context: None,
            key_id: key_id.clone(),
            key_pair_spec,
            grant_tokens: None,
            recipient: None,
            dry_run: Some(true),
        };
        let kinds = (0..asked).map(|_| error(kms.generate_data_key_pair(request.clone())).kind());
        kinds.filter(|kind| *kind == ErrorKind::DryRunOperation).count()
    };
    kms.vault.set_request_quotas(Some(&[])).expect("AWS's");
    for (spec, expected) in [
        (DataKeyPairSpec::Rsa2048, 20),
        (DataKeyPairSpec::Rsa3072, 4),
        (DataKeyPairSpec::Rsa4096, 1),
        (DataKeyPairSpec::EccNistP256, 100),
        (DataKeyPairSpec::EccNistP384, 100),
    ] {
        assert_eq!(pairs(spec, 110), expected, "{spec}");
    }
    let name = "GenerateDataKeyPair (RSA_4096)";
    kms.vault.set_request_quotas(Some(&[quota(name, 3, None)])).expect("a quota of one spec");
    assert_eq!(pairs(DataKeyPairSpec::Rsa4096, 5), 3);
}

#[test]
fn requests_that_break_limits_and_uses_of_branch_keys_count() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let made = kms.create_branch_key(CreateBranchKeyRequest { kms_key_id: key, ..Default::default() });
    let branch_key_identifier = made.expect("a branch key").branch_key_identifier;
    let quotas = [quota("Symmetric", 1, None), quota("DescribeKey", 1, None)];
    kms.vault.set_request_quotas(Some(&quotas)).expect("quotas");
    assert_eq!(error(describe(&kms, "")).kind(), ErrorKind::Validation);
    assert_eq!(error(describe(&kms, "")).kind(), ErrorKind::Throttling);
    let rotate = || {
        let branch_key_identifier = branch_key_identifier.clone();
        kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier })
    };
    rotate().expect("within the quota");
    assert_eq!(error(rotate()).kind(), ErrorKind::Throttling);
}

#[test]
fn a_quota_over_several_seconds_lets_all_its_requests_through_at_once() {
    let (kms, clock) = vault();
    kms.vault.set_request_quotas(Some(&[quota("ListKeys", 10, Some(60))])).expect("a quota");
    let list = |asked: usize| (0..asked).filter(|_| kms.list_keys(ListKeysRequest::default()).is_ok()).count();
    assert_eq!(list(15), 10);
    clock.set(Timestamp::from_millis(START.as_millis() + 30_000));
    assert_eq!(list(15), 5);
    let refused = error(kms.list_keys(ListKeysRequest::default()));
    assert!(refused.explanation().unwrap().contains("10 requests of the quota ListKeys in 60 s"));
}

/// What is wrong with a request, also before its key is looked for, changes nothing of which quota it counts against.
#[test]
fn a_request_that_fails_counts_by_the_type_of_its_key() {
    let (kms, _) = vault();
    let symmetric = create_key(&kms).key_id;
    let pair = create_key_of(&kms, KeySpec::Rsa2048).key_id;
    for (key_id, of_key, other) in [(symmetric, "Symmetric", "RSA"), (pair, "RSA", "Symmetric")] {
        for (used_up, expected) in [(other, ErrorKind::Validation), (of_key, ErrorKind::Throttling)] {
            kms.vault.set_request_quotas(Some(&[quota(used_up, 0, None)])).expect("quotas");
            let (key_id, plaintext) = (key_id.clone(), vec![1; 5000].into());
            let too_long = kms.encrypt(EncryptRequest { key_id: key_id.clone(), plaintext, ..Default::default() });
            let nothing = kms.decrypt(DecryptRequest { key_id: Some(key_id), ..Default::default() });
            assert_eq!([error(too_long).kind(), error(nothing).kind()], [expected; 2], "{of_key}");
        }
    }
}

/// By the key that encrypts; and a service's key that would be made for the request is not, if there are too many of them.
#[test]
fn requests_count_before_anything_is_decrypted_or_made() {
    let (kms, _) = vault();
    let source = create_key(&kms).key_id;
    let ciphertext_blob = Some(encrypt(&kms, &source, b"secret"));
    let destination_key_id = create_key_of(&kms, KeySpec::Rsa2048).key_id;
    let re_encrypt = ReEncryptRequest {
        ciphertext_blob,
        source_encryption_context: Some(context()),
        destination_key_id,
        destination_encryption_algorithm: Some(EncryptionAlgorithmSpec::RsaesOaepSha256),
        ..Default::default()
    };
    kms.vault.set_request_quotas(Some(&[quota("Symmetric", 0, None), quota("RSA", 1, None)])).expect("quotas");
    kms.re_encrypt(re_encrypt.clone()).expect("by the key of RSA");
    assert_eq!(error(kms.re_encrypt(re_encrypt)).kind(), ErrorKind::Throttling);

    let session = SessionContext { via_service: Some("s3.us-east-1.amazonaws.com".into()), ..Default::default() };
    let s3 = kms.vault.client_as(kms.vault.caller().with_session(session).expect("a session"));
    let through_s3 = || {
        let plaintext = vec![1].into();
        s3.encrypt(EncryptRequest { key_id: "alias/aws/s3".into(), plaintext, ..Default::default() })
    };
    let aliases = || kms.list_aliases(ListAliasesRequest::default()).expect("a list").aliases.len();
    assert_eq!((error(through_s3()).kind(), aliases()), (ErrorKind::Throttling, 0));
    kms.vault.set_request_quotas(None).expect("none");
    through_s3().expect("made");
    assert_eq!(aliases(), 1);
}

/// What counts by its key does so once, before anything about the key is decided.
#[test]
fn the_quota_is_asked_before_state_and_permission() {
    let (kms, _) = vault();
    let pair = create_key_of(&kms, KeySpec::EccNistP256);
    kms.disable_key(DisableKeyRequest { key_id: pair.key_id.clone() }).expect("disabled");
    let arn = "arn:aws:iam::000000000000:user/nobody";
    kms.vault.put_iam_entity(&IamEntity { arn: arn.into(), ..IamEntity::default() }).expect("a user");
    let nobody = kms.vault.client_as(kms.vault.caller().with_principal(arn).expect("a user"));
    let sign = |kms: &Kms, key: &str| {
        error(kms.sign(SignRequest {
            key_id: key.into(),
            message: b"message".to_vec().into(),
            message_type: None,
            grant_tokens: None,
            signing_algorithm: *pair.signing_algorithms.iter().flatten().next().expect("a key that signs"),
            dry_run: None,
        }))
        .kind()
    };
    let none = "alias/missing";
    kms.vault.set_request_quotas(Some(&[quota("ECC", 2, None), quota("Symmetric", 1, None)])).expect("quotas");
    assert_eq!(sign(&kms, &pair.key_id), ErrorKind::Disabled);
    assert_eq!(sign(&nobody, &pair.arn), ErrorKind::AccessDenied);
    assert_eq!([sign(&kms, &pair.key_id), sign(&nobody, &pair.arn)], [ErrorKind::Throttling; 2]);
    // No key is one of the symmetric ones.
    assert_eq!([sign(&kms, none), sign(&kms, none)], [ErrorKind::NotFound, ErrorKind::Throttling]);
}
