//! `ReEncrypt`: from one key or context to another, without the plaintext coming out.

use super::common::{NO_KEY, NO_KEY_MESSAGE, fails_with, length_error};
use pocketkms::{
    EncryptionContext, ErrorKind,
    api::*,
    keys::EncryptionAlgorithmSpec::{self, SymmetricDefault},
};
use pocketkms_tests::vault::{
    context, create_alias, create_key, decrypt, decrypt_with, describe, encrypt, refused, vault,
};

fn request(blob: &Blob, destination: &str) -> ReEncryptRequest {
    ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        source_encryption_context: Some(context()),
        destination_key_id: destination.into(),
        ..Default::default()
    }
}

#[test]
fn data_moves_to_another_key_and_context() {
    let (kms, _) = vault();
    let (old, new) = (create_key(&kms), create_key(&kms));
    let blob = encrypt(&kms, &old.key_id, b"secret");
    let other: EncryptionContext = [("purpose", "another")].into();
    let answer = kms
        .re_encrypt(ReEncryptRequest {
            source_key_id: Some(old.arn.clone()),
            destination_encryption_context: Some(other.clone()),
            source_encryption_algorithm: Some(SymmetricDefault),
            destination_encryption_algorithm: Some(SymmetricDefault),
            grant_tokens: Some(vec![]),
            dry_run: Some(false),
            dry_run_modifiers: Some(vec![]),
            ..request(&blob, &new.key_id)
        })
        .unwrap();
    let expected = ReEncryptResponse {
        ciphertext_blob: answer.ciphertext_blob.clone(),
        source_key_id: old.arn,
        key_id: new.arn,
        source_encryption_algorithm: SymmetricDefault,
        destination_encryption_algorithm: SymmetricDefault,
        source_key_material_id: old.current_key_material_id,
        destination_key_material_id: new.current_key_material_id,
    };
    assert_eq!(answer, expected);
    assert_eq!(decrypt_with(&kms, &answer.ciphertext_blob, Some(other)).unwrap(), b"secret");
    refused(decrypt(&kms, &answer.ciphertext_blob), ErrorKind::InvalidCiphertext, "");
    // What was there before is not touched.
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"secret");
    // The old key is not needed for the new ciphertext.
    kms.disable_key(DisableKeyRequest { key_id: old.key_id }).unwrap();
    assert!(decrypt_with(&kms, &answer.ciphertext_blob, Some([("purpose", "another")].into())).is_ok());
}

#[test]
fn the_context_is_not_carried_over_by_itself() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    let answer = kms.re_encrypt(request(&blob, &key)).unwrap();
    assert_eq!(decrypt_with(&kms, &answer.ciphertext_blob, None).unwrap(), b"secret");
    let without = ReEncryptRequest { source_encryption_context: None, ..request(&blob, &key) };
    refused(kms.re_encrypt(without), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn data_moves_to_the_newest_material_of_the_same_key() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    create_alias(&kms, "alias/orders", &key.key_id);
    let blob = encrypt(&kms, &key.key_id, b"secret");
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() }).unwrap();
    let answer = kms.re_encrypt(request(&blob, "alias/orders")).unwrap();
    assert_eq!(answer.source_key_material_id, key.current_key_material_id);
    assert_eq!(answer.destination_key_material_id, describe(&kms, &key.key_id).current_key_material_id);
    assert_ne!(answer.source_key_material_id, answer.destination_key_material_id);
    assert_eq!((answer.source_key_id, answer.key_id), (key.arn.clone(), key.arn));
}

#[test]
fn the_source_key_must_be_the_one_that_encrypted() {
    let (kms, _) = vault();
    let (key, other) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let blob = encrypt(&kms, &key, b"secret");
    let wrong = ReEncryptRequest { source_key_id: Some(other.clone()), ..request(&blob, &other) };
    let message = "The key ID in the request does not identify a CMK that can perform this operation.";
    refused(kms.re_encrypt(wrong), ErrorKind::IncorrectKey, message);
}

#[test]
fn errors_of_the_source_come_before_those_of_the_destination() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"secret");
    refused(kms.re_encrypt(request(&blob, NO_KEY)), ErrorKind::NotFound, NO_KEY_MESSAGE);
    kms.disable_key(DisableKeyRequest { key_id: key.key_id }).unwrap();
    refused(kms.re_encrypt(request(&blob, NO_KEY)), ErrorKind::Disabled, &format!("{} is disabled.", key.arn));
    refused(kms.re_encrypt(request(&vec![1].into(), NO_KEY)), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn algorithms_of_other_keys_are_refused_on_both_sides() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    for algorithm in EncryptionAlgorithmSpec::ALL.iter().copied().filter(|known| *known != SymmetricDefault) {
        let message = format!("Algorithm {algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.");
        let source = ReEncryptRequest { source_encryption_algorithm: Some(algorithm), ..request(&blob, &key) };
        fails_with(kms.re_encrypt(source.clone()), ErrorKind::Validation, "'sourceKeyId'");
        let source = ReEncryptRequest { source_key_id: Some(key.clone()), ..source };
        refused(kms.re_encrypt(source), ErrorKind::InvalidKeyUsage, &message);
        let destination =
            ReEncryptRequest { destination_encryption_algorithm: Some(algorithm), ..request(&blob, &key) };
        refused(kms.re_encrypt(destination), ErrorKind::InvalidKeyUsage, &message);
    }
}

#[test]
fn limits_hold_for_both_contexts_the_ciphertext_and_the_tokens() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    let large: Option<EncryptionContext> = Some([("a".repeat(8193), "")].into());
    let too_large = |member: &str| {
        format!(
            "1 validation error detected: Value at '{member}' failed to satisfy constraint: its names and values must \
             have at most 8192 bytes together, and have 8193"
        )
    };
    for (request, message) in [
        (
            ReEncryptRequest { source_encryption_context: large.clone(), ..request(&blob, &key) },
            too_large("sourceEncryptionContext"),
        ),
        (
            ReEncryptRequest { destination_encryption_context: large, ..request(&blob, &key) },
            too_large("destinationEncryptionContext"),
        ),
        (request(&vec![].into(), &key), length_error("ciphertextBlob", "greater", 1)),
        (request(&vec![0; 6145].into(), &key), length_error("ciphertextBlob", "less", 6144)),
        (
            ReEncryptRequest { grant_tokens: Some(vec!["token".into(); 11]), ..request(&blob, &key) },
            length_error("grantTokens", "less", 10),
        ),
    ] {
        refused(kms.re_encrypt(request), ErrorKind::Validation, &message);
    }
    let token = ReEncryptRequest { grant_tokens: Some(vec!["token".into()]), ..request(&blob, &key) };
    refused(kms.re_encrypt(token), ErrorKind::InvalidGrantToken, "The grant token is not valid.");
}
