//! What the five operations answer a recipient.

use super::{Scene, random, recipient, vault};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use pocketkms::{
    ErrorKind, Result, Vault,
    api::*,
    keys::{DataKeyPairSpec, DataKeySpec, KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType},
};
use pocketkms_tests::{
    attestation::{Enveloped, Pki},
    providers,
    vault::{START, create_key, create_key_for, error, public_key, root},
};
use serde_json::{Value, json};

/// What a recipient reads in an answer that has nothing in plaintext.
#[track_caller]
fn opened(pki: &Pki, plaintext: &pocketkms::Secret, ciphertext: Option<&Blob>) -> Vec<u8> {
    assert!(plaintext.is_empty(), "the plaintext is in the answer");
    pki.open(ciphertext.expect("a ciphertext for the recipient")).expect("the recipient's own")
}

#[test]
fn random_bytes_are_encrypted_for_the_recipient_alone() {
    let scene = Scene::new();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let answer = random(&scene.kms, scene.recipient()).unwrap();
        seen.push(opened(&scene.pki, &answer.plaintext, answer.ciphertext_for_recipient.as_ref()));
        // Of another enclave of the same PKI, with a key of its own.
        let other = Pki::new(START);
        assert_eq!(other.open(&answer.ciphertext_for_recipient.unwrap()), None);
    }
    assert!(seen.iter().all(|bytes| bytes.len() == 32) && seen[0] != seen[1]);
    let plain = GenerateRandomRequest { number_of_bytes: Some(32), ..Default::default() };
    let plain = scene.kms.generate_random(plain).unwrap();
    assert_eq!((plain.plaintext.len(), plain.ciphertext_for_recipient), (32, None));
}

#[test]
fn data_keys_and_plaintexts_are_encrypted_for_the_recipient() {
    let Scene { pki, kms, .. } = Scene::new();
    let recipient = || Some(recipient(pki.signed_document()));
    let key = create_key(&kms);
    let request = GenerateDataKeyRequest {
        key_id: key.arn.clone(),
        key_spec: Some(DataKeySpec::Aes256),
        recipient: recipient(),
        ..Default::default()
    };
    let data_key = kms.generate_data_key(request).unwrap();
    assert_eq!((&data_key.key_id, &data_key.key_material_id), (&key.arn, &None));
    let secret = opened(&pki, &data_key.plaintext, data_key.ciphertext_for_recipient.as_ref());
    let decrypt = |recipient| DecryptRequest {
        ciphertext_blob: Some(data_key.ciphertext_blob.clone()),
        recipient,
        ..Default::default()
    };
    let plain = kms.decrypt(decrypt(None)).unwrap();
    assert_eq!((plain.plaintext.expose(), plain.key_material_id.is_some()), (&*secret, true));
    let sealed = kms.decrypt(decrypt(recipient())).unwrap();
    assert_eq!((&sealed.key_id, &sealed.key_material_id), (&key.arn, &None));
    assert_eq!(opened(&pki, &sealed.plaintext, sealed.ciphertext_for_recipient.as_ref()), secret);
}

#[test]
fn a_private_key_is_encrypted_for_the_recipient_in_pieces() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = create_key(&kms);
    for (spec, pieces) in [(DataKeyPairSpec::EccNistP256, 1), (DataKeyPairSpec::Rsa2048, 2)] {
        let request = GenerateDataKeyPairRequest {
            encryption_context: None,
            key_id: key.arn.clone(),
            key_pair_spec: spec,
            grant_tokens: None,
            recipient: Some(recipient(pki.signed_document())),
            dry_run: None,
        };
        let pair = kms.generate_data_key_pair(request).unwrap();
        assert_eq!(pair.key_material_id, None);
        let ciphertext = pair.ciphertext_for_recipient.as_ref();
        let private_key = opened(&pki, &pair.private_key_plaintext, ciphertext);
        let enveloped = Enveloped::parse(ciphertext.unwrap()).unwrap();
        assert_eq!(enveloped.pieces.len(), pieces, "{spec}");
        assert!(enveloped.pieces.iter().rev().skip(1).all(|piece| piece.len() == 1000), "{spec}");
        let request = DecryptRequest { ciphertext_blob: Some(pair.private_key_ciphertext_blob), ..Default::default() };
        assert_eq!(kms.decrypt(request).unwrap().plaintext.expose(), private_key, "{spec}");
    }
}

#[test]
fn a_shared_secret_is_encrypted_for_the_recipient() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = create_key_for(&kms, KeySpec::EccNistP384, KeyUsageType::KeyAgreement);
    let other = create_key_for(&kms, KeySpec::EccNistP384, KeyUsageType::KeyAgreement);
    let request = |recipient| DeriveSharedSecretRequest {
        key_id: key.arn.clone(),
        key_agreement_algorithm: KeyAgreementAlgorithmSpec::Ecdh,
        public_key: public_key(&kms, &other),
        grant_tokens: None,
        dry_run: None,
        recipient,
    };
    let plain = kms.derive_shared_secret(request(None)).unwrap();
    let sealed = kms.derive_shared_secret(request(Some(recipient(pki.signed_document())))).unwrap();
    let secret = opened(&pki, &sealed.shared_secret, sealed.ciphertext_for_recipient.as_ref());
    assert_eq!((secret.as_slice(), plain.ciphertext_for_recipient), (plain.shared_secret.expose(), None));
}

/// The bytes around what is random: as long as those of AWS are, and the key is named by the SHA-256 of its encoding.
#[test]
fn the_structure_is_that_of_aws() {
    let scene = Scene::new();
    let ciphertext = random(&scene.kms, scene.recipient()).unwrap().ciphertext_for_recipient.unwrap();
    // AWS's of 28 bytes is 477 long; 32 bytes take a block more.
    assert_eq!(ciphertext.len(), 477 + 16);
    let enveloped = Enveloped::parse(&ciphertext).unwrap();
    let provider = pocketkms::Provider::default();
    assert_eq!(enveloped.key_id, provider.digest.sha256(&[&scene.pki.enclave_public_key()]));
    // The key and the vector are new each time.
    let again = random(&scene.kms, scene.recipient()).unwrap().ciphertext_for_recipient.unwrap();
    assert_ne!(Enveloped::parse(&again).unwrap().iv, enveloped.iv);
    for length in 0..ciphertext.len() {
        assert!(Enveloped::parse(&ciphertext[..length]).is_none(), "{length}");
    }
}

#[test]
fn every_provider_answers() {
    let pki = Pki::new(START);
    for (name, provider) in providers::all() {
        let (builder, _) = pocketkms_tests::vault::builder();
        let builder = builder.provider(provider).attestation_roots(&[pki.root()]).unwrap();
        let kms = builder.create_in_memory(&root()).unwrap().into();
        let answer = random(&kms, recipient(pki.signed_document())).unwrap();
        assert_eq!(opened(&pki, &answer.plaintext, answer.ciphertext_for_recipient.as_ref()).len(), 32, "{name}");
    }
}

#[test]
fn a_dry_run_checks_the_document_and_answers_nothing() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = create_key(&kms);
    let request = |document| GenerateDataKeyRequest {
        key_id: key.arn.clone(),
        number_of_bytes: Some(16),
        recipient: Some(recipient(document)),
        dry_run: Some(true),
        ..Default::default()
    };
    let kind = |result: Result<GenerateDataKeyResponse>| error(result).kind();
    assert_eq!(kind(kms.generate_data_key(request(pki.signed_document()))), ErrorKind::DryRunOperation);
    assert_eq!(kind(kms.generate_data_key(request(vec![1]))), ErrorKind::Validation);
}

/// As the service model has it: what is encrypted for a recipient is nowhere else.
#[test]
fn on_the_wire_there_is_no_member_for_the_plaintext() {
    let Scene { pki, kms, .. } = Scene::new();
    let key = create_key(&kms);
    let document = BASE64_STANDARD.encode(pki.signed_document());
    let recipient = json!({ "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document });
    let call = |vault: &Vault, operation: &str, body: Value| -> Value {
        let answer = vault.client().call(&format!("TrentService.{operation}"), body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{operation}");
        serde_json::from_slice(answer.body.expose()).unwrap()
    };
    let members = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let data_key = json!({ "KeyId": key.arn, "NumberOfBytes": 16, "Recipient": recipient });
    let data_key = call(&kms.vault, "GenerateDataKey", data_key);
    assert_eq!(members(&data_key), "CiphertextBlob CiphertextForRecipient KeyId");
    let decrypt = json!({ "CiphertextBlob": data_key["CiphertextBlob"], "Recipient": recipient });
    assert_eq!(members(&call(&kms.vault, "Decrypt", decrypt)), "CiphertextForRecipient EncryptionAlgorithm KeyId");
    let random = call(&kms.vault, "GenerateRandom", json!({ "NumberOfBytes": 16, "Recipient": recipient }));
    assert_eq!(members(&random), "CiphertextForRecipient");
    // What is empty and no secret is there as ever.
    let described = call(&kms.vault, "DescribeKey", json!({ "KeyId": key.arn }));
    assert_eq!(described["KeyMetadata"]["Description"], "");
}

#[test]
fn a_recipient_needs_both_of_its_members() {
    let Scene { pki, kms, .. } = Scene::new();
    let whole = || recipient(pki.signed_document());
    for lacking in [
        RecipientInfo::default(),
        RecipientInfo { key_encryption_algorithm: None, ..whole() },
        RecipientInfo { attestation_document: None, ..whole() },
    ] {
        let error = error(random(&kms, lacking));
        let message = "Recipient must have KeyEncryptionAlgorithm and AttestationDocument.";
        assert_eq!((error.kind(), error.message()), (ErrorKind::Validation, message));
    }
    let (other, _) = vault(pki.root());
    assert!(random(&other, whole()).is_ok());
}
