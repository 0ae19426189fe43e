//! `kms:RecipientAttestation:…`: what a document proves is there for policies, and for nothing else.

use super::{Scene, random, recipient};
use pocketkms::{ErrorKind, Kms, Result, api::*, keys::*};
use pocketkms_tests::{
    attestation::{Cbor, Document},
    vault::error,
};
use serde_json::{Value, json};

const ACCOUNT: &str = "000000000000";

/// The value of a register that is filled with `0xa0` and its number.
fn register(number: u8) -> String {
    hex::encode([0xa0 | number; 48])
}

/// A key of that spec that the account manages and that anyone uses under that condition.
fn key(kms: &Kms, spec: KeySpec, usage: KeyUsageType, condition: &Value) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Resource": "*",
            "Action": ["kms:PutKeyPolicy", "kms:DescribeKey", "kms:Encrypt", "kms:GetPublicKey"]},
        {"Effect": "Allow", "Principal": "*", "Resource": "*", "Condition": condition,
            "Action": ["kms:Decrypt", "kms:DeriveSharedSecret", "kms:GenerateDataKey", "kms:GenerateDataKeyPair"]},
    ]});
    let request = CreateKeyRequest {
        policy: Some(policy.to_string()),
        key_spec: Some(spec),
        key_usage: Some(usage),
        ..Default::default()
    };
    kms.create_key(request).expect("a key").key_metadata.arn
}

fn data_key(kms: &Kms, key: &str, document: Option<Vec<u8>>) -> Result<GenerateDataKeyResponse> {
    let request = GenerateDataKeyRequest {
        key_id: key.into(),
        number_of_bytes: Some(16),
        recipient: document.map(recipient),
        ..Default::default()
    };
    kms.generate_data_key(request)
}

fn symmetric(kms: &Kms, condition: &Value) -> String {
    key(kms, KeySpec::SymmetricDefault, KeyUsageType::EncryptDecrypt, condition)
}

#[test]
fn a_policy_asks_what_an_enclave_runs() {
    let Scene { pki, kms, .. } = Scene::new();
    let enclave = || Some(pki.signed_document());
    let instance = || Some(pki.document().of_nitro_tpm().sign(&pki.signer));
    let named = |name: &str| format!("kms:RecipientAttestation:{name}");
    for (name, value, of_enclave, of_instance) in [
        ("ImageSha384", register(0), true, false),
        ("PCR0", register(0), true, false),
        ("PCR8", register(8), true, false),
        ("pcr8", register(8), true, false),
        ("NitroTPMPCR4", register(4), false, true),
        ("NitroTPMPCR23", register(23), false, true),
        ("PCR8", register(9), false, false),
        ("PCR16", register(16), false, false),
        ("PCR08", register(8), false, false),
        ("PCR", register(0), false, false),
        ("NitroTPMPCR24", register(24), false, false),
        // Digits are in lower case.
        ("ImageSha384", register(0).to_uppercase(), false, false),
    ] {
        let key = symmetric(&kms, &json!({"StringEquals": {named(name): value}}));
        assert_eq!(data_key(&kms, &key, enclave()).is_ok(), of_enclave, "{name} of an enclave");
        assert_eq!(data_key(&kms, &key, instance()).is_ok(), of_instance, "{name} of an instance");
        assert_eq!(error(data_key(&kms, &key, None)).kind(), ErrorKind::AccessDenied, "{name} without a document");
    }
    let any_case = json!({"StringEqualsIgnoreCase": {named("ImageSha384"): register(0).to_uppercase()}});
    assert!(data_key(&kms, &symmetric(&kms, &any_case), enclave()).is_ok());
    let not_attested = symmetric(&kms, &json!({"Null": {named("ImageSha384"): "true"}}));
    assert!(data_key(&kms, &not_attested, None).is_ok());
    assert_eq!(error(data_key(&kms, &not_attested, enclave())).kind(), ErrorKind::AccessDenied);
}

/// A document of the wrong image, and one that nobody vouches for, which says the right one.
#[test]
fn only_what_is_proved_counts() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = symmetric(&kms, &json!({"StringEquals": {"kms:RecipientAttestation:ImageSha384": register(0)}}));
    let other = pki.document().with("pcrs", Document::registers(&[1, 2], 48));
    assert_eq!(error(data_key(&kms, &key, Some(other.sign(&pki.signer)))).kind(), ErrorKind::AccessDenied);
    let forged = pki.document().sign(&pki.authorities[1]);
    assert_eq!(error(data_key(&kms, &key, Some(forged))).kind(), ErrorKind::Validation);
    let named_member = pki.document().with("user_data", Cbor::Bytes(vec![0xa0; 48]));
    assert!(data_key(&kms, &key, Some(named_member.sign(&pki.signer))).is_ok());
}

/// An operation for a recipient or for nobody, and what it answers the recipient.
type Call<'a> = dyn Fn(Option<RecipientInfo>) -> Result<Option<Blob>> + 'a;

#[test]
fn all_operations_on_keys_ask() {
    let Scene { pki, kms, .. } = Scene::new();
    let condition = json!({"StringEquals": {"kms:RecipientAttestation:PCR1": register(1)}});
    let (symmetric, agreeing) =
        (symmetric(&kms, &condition), key(&kms, KeySpec::EccNistP256, KeyUsageType::KeyAgreement, &condition));
    let plaintext = EncryptRequest { key_id: symmetric.clone(), plaintext: vec![1].into(), ..Default::default() };
    let blob = kms.encrypt(plaintext).unwrap().ciphertext_blob;
    let public_key =
        kms.get_public_key(GetPublicKeyRequest { key_id: agreeing.clone(), ..Default::default() }).unwrap();
    let calls: [(&str, &Call<'_>); 4] = [
        ("GenerateDataKey", &|recipient| {
            let request = GenerateDataKeyRequest {
                key_id: symmetric.clone(),
                number_of_bytes: Some(16),
                recipient,
                ..Default::default()
            };
            kms.generate_data_key(request).map(|answer| answer.ciphertext_for_recipient)
        }),
        ("Decrypt", &|recipient| {
            let request = DecryptRequest { ciphertext_blob: Some(blob.clone()), recipient, ..Default::default() };
            kms.decrypt(request).map(|answer| answer.ciphertext_for_recipient)
        }),
        ("GenerateDataKeyPair", &|recipient| {
            let request = GenerateDataKeyPairRequest {
                encryption_context: None,
                key_id: symmetric.clone(),
                key_pair_spec: DataKeyPairSpec::EccNistP256,
                grant_tokens: None,
                recipient,
                dry_run: None,
            };
            kms.generate_data_key_pair(request).map(|answer| answer.ciphertext_for_recipient)
        }),
        ("DeriveSharedSecret", &|recipient| {
            let request = DeriveSharedSecretRequest {
                key_id: agreeing.clone(),
                key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
                public_key: public_key.public_key.clone(),
                grant_tokens: None,
                dry_run: None,
                recipient,
            };
            kms.derive_shared_secret(request).map(|answer| answer.ciphertext_for_recipient)
        }),
    ];
    for (name, call) in calls {
        assert_eq!(call(None).err().map(|error| error.kind()), Some(ErrorKind::AccessDenied), "{name}");
        let answer =
            call(Some(recipient(pki.signed_document()))).unwrap_or_else(|error| panic!("{name}: {}", error.report()));
        assert!(pki.open(&answer.expect("a ciphertext")).is_some(), "{name}");
    }
}

/// The only one without a key is a matter of identity policies.
#[test]
fn random_bytes_ask_as_well() {
    let Scene { pki, kms, .. } = Scene::new();
    let alice = "arn:aws:iam::000000000000:user/alice";
    let policy = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:GenerateRandom", "Resource": "*",
        "Condition": {"StringEquals": {"kms:RecipientAttestation:PCR2": register(2)}}}});
    let policies = vec![IamPolicy { policy_name: "attested".into(), policy_document: policy.to_string() }];
    let entity = IamEntity { arn: alice.into(), policies: Some(policies), ..Default::default() };
    kms.vault.put_iam_entity(&entity).unwrap();
    let caller = kms.vault.caller().with(None, None, Some(alice)).unwrap();
    let request = |recipient| GenerateRandomRequest { number_of_bytes: Some(1), recipient, ..Default::default() };
    let alice = kms.vault.client_of(caller).unwrap();
    assert_eq!(error(alice.generate_random(request(None))).kind(), ErrorKind::AccessDenied);
    assert!(alice.generate_random(request(Some(recipient(pki.signed_document())))).is_ok());
    assert!(random(&kms, recipient(pki.signed_document())).is_ok());
}
