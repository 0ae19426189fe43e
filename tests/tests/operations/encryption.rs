//! `Encrypt` and `Decrypt`, with every member. Of `ReEncrypt` and of dry runs stands in files of their own.

use super::common::{fails_with, length_error};
use pocketkms::{EncryptionContext, ErrorKind, Kms, MAX_CONTEXT_BYTES, Result, api::*, keys::EncryptionAlgorithmSpec};
use pocketkms_tests::vault::{context, create_key, decrypt, decrypt_with, encrypt, error, explained, refused, vault};

fn encrypt_request(key_id: &str, plaintext: &[u8]) -> EncryptRequest {
    EncryptRequest { key_id: key_id.into(), plaintext: plaintext.to_vec().into(), ..Default::default() }
}

fn decrypt_request(blob: &Blob) -> DecryptRequest {
    DecryptRequest { ciphertext_blob: Some(blob.clone()), encryption_context: Some(context()), ..Default::default() }
}

fn encrypt_with(kms: &Kms, key_id: &str, context: Option<EncryptionContext>) -> Result<Blob> {
    let request = EncryptRequest { encryption_context: context, ..encrypt_request(key_id, b"secret") };
    kms.encrypt(request).map(|answer| answer.ciphertext_blob)
}

#[test]
fn answers_name_the_key_its_material_and_the_algorithm() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let request = EncryptRequest {
        encryption_context: Some(context()),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        grant_tokens: Some(vec![]),
        dry_run: Some(false),
        ..encrypt_request(&key.key_id, b"secret")
    };
    let encrypted = kms.encrypt(request).unwrap();
    assert_eq!(encrypted.key_id, key.arn);
    assert_eq!(encrypted.encryption_algorithm, EncryptionAlgorithmSpec::SymmetricDefault);
    let request = DecryptRequest {
        key_id: Some(key.key_id),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        grant_tokens: Some(vec![]),
        dry_run: Some(false),
        dry_run_modifiers: Some(vec![]),
        ..decrypt_request(&encrypted.ciphertext_blob)
    };
    let decrypted = kms.decrypt(request).unwrap();
    assert_eq!(decrypted.plaintext.expose(), b"secret");
    assert_eq!(decrypted.key_id, key.arn);
    assert_eq!(decrypted.encryption_algorithm, EncryptionAlgorithmSpec::SymmetricDefault);
    assert_eq!(decrypted.key_material_id, key.current_key_material_id);
    assert_eq!(decrypted.ciphertext_for_recipient, None);
}

#[test]
fn one_to_4096_bytes_are_encrypted_directly() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for length in [1, 2, 15, 16, 17, 255, 256, 4095, 4096] {
        let plaintext: Vec<u8> = (0..length).map(|byte: usize| byte.to_le_bytes()[0]).collect();
        let blob = encrypt(&kms, &key, &plaintext);
        assert!(blob.len() > length && blob.len() <= 6144, "{length} bytes became {}", blob.len());
        assert_eq!(decrypt(&kms, &blob).unwrap(), plaintext, "{length} bytes");
    }
    refused(kms.encrypt(encrypt_request(&key, &[])), ErrorKind::Validation, &length_error("plaintext", "greater", 1));
    for length in [4097, 5000, 1 << 20] {
        let error = error(kms.encrypt(encrypt_request(&key, &vec![0; length])));
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert_eq!(error.message(), length_error("plaintext", "less", 4096));
        let advice = error.explanation().unwrap_or_default();
        assert!(advice.contains("under a data key from GenerateDataKey"), "{advice}");
    }
}

#[test]
fn the_same_plaintext_never_gives_the_same_ciphertext() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let mut blobs: Vec<_> = (0..50).map(|_| encrypt(&kms, &key, b"the same")).collect();
    blobs.sort();
    blobs.dedup();
    assert_eq!(blobs.len(), 50);
}

#[test]
fn a_context_must_be_given_again_exactly() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let given: EncryptionContext = [("order", "4711"), ("café", "☕")].into();
    let blob = encrypt_with(&kms, &key, Some(given)).unwrap();
    // The order of the pairs is of no account.
    assert_eq!(decrypt_with(&kms, &blob, Some([("café", "☕"), ("order", "4711")].into())).unwrap(), b"secret");
    let wrong: [Option<EncryptionContext>; 8] = [
        None,
        Some(EncryptionContext::default()),
        Some([("order", "4711")].into()),
        Some([("order", "4712"), ("café", "☕")].into()),
        Some([("Order", "4711"), ("café", "☕")].into()),
        Some([("order", "4711"), ("café", "☕"), ("more", "")].into()),
        Some([("order", "☕"), ("café", "4711")].into()),
        // The same letter, composed otherwise.
        Some([("order", "4711"), ("cafe\u{301}", "☕")].into()),
    ];
    for context in wrong {
        // AWS sends an empty message; the local developer learns more.
        refused(decrypt_with(&kms, &blob, context.clone()), ErrorKind::InvalidCiphertext, "");
        explained(decrypt_with(&kms, &blob, context), ErrorKind::InvalidCiphertext, &["context"]);
    }
}

#[test]
fn no_context_and_an_empty_one_are_the_same() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    for (first, second) in [(None, Some(EncryptionContext::default())), (Some(EncryptionContext::default()), None)] {
        let blob = encrypt_with(&kms, &key, first).unwrap();
        assert_eq!(decrypt_with(&kms, &blob, second).unwrap(), b"secret");
    }
    refused(decrypt(&kms, &encrypt_with(&kms, &key, None).unwrap()), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn a_context_has_up_to_8192_bytes() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let of = |bytes: usize| -> Option<EncryptionContext> { Some([("name", "a".repeat(bytes - 4))].into()) };
    let blob = encrypt_with(&kms, &key, of(MAX_CONTEXT_BYTES)).unwrap();
    assert_eq!(decrypt_with(&kms, &blob, of(MAX_CONTEXT_BYTES)).unwrap(), b"secret");
    let many: EncryptionContext = (0..1365).map(|number| (format!("{number:04}"), "12")).collect();
    let blob = encrypt_with(&kms, &key, Some(many.clone())).unwrap();
    assert_eq!(decrypt_with(&kms, &blob, Some(many)).unwrap(), b"secret");

    let message = "1 validation error detected: Value at 'encryptionContext' failed to satisfy constraint: its names \
                   and values must have at most 8192 bytes together, and have 8193";
    refused(encrypt_with(&kms, &key, of(8193)), ErrorKind::Validation, message);
    refused(decrypt_with(&kms, &blob, of(8193)), ErrorKind::Validation, message);
}

#[test]
fn decrypt_refuses_a_key_that_did_not_encrypt() {
    let (kms, _) = vault();
    let (key, other) = (create_key(&kms), create_key(&kms));
    let blob = encrypt(&kms, &key.key_id, b"secret");
    let with = |key_id: &str| kms.decrypt(DecryptRequest { key_id: Some(key_id.into()), ..decrypt_request(&blob) });
    assert_eq!(with(&key.arn).unwrap().plaintext.expose(), b"secret");
    let message = "The key ID in the request does not identify a CMK that can perform this operation.";
    refused(with(&other.key_id), ErrorKind::IncorrectKey, message);
    explained(with(&other.arn), ErrorKind::IncorrectKey, &["another KMS key than the one named"]);
}

#[test]
fn algorithms_of_other_keys_are_refused() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    for algorithm in EncryptionAlgorithmSpec::ALL.iter().copied() {
        if algorithm == EncryptionAlgorithmSpec::SymmetricDefault {
            continue;
        }
        let message = format!("Algorithm {algorithm} is incompatible with key spec SYMMETRIC_DEFAULT.");
        let encryption_algorithm = Some(algorithm);
        let request = EncryptRequest { encryption_algorithm, ..encrypt_request(&key, b"secret") };
        refused(kms.encrypt(request), ErrorKind::InvalidKeyUsage, &message);
        let request = DecryptRequest { encryption_algorithm, ..decrypt_request(&blob) };
        fails_with(kms.decrypt(request), ErrorKind::Validation, "'keyId'");
        let key_id = Some(key.clone());
        let request = DecryptRequest { encryption_algorithm, key_id, ..decrypt_request(&blob) };
        refused(kms.decrypt(request), ErrorKind::InvalidKeyUsage, &message);
    }
}

#[test]
fn a_ciphertext_has_1_to_6144_bytes_and_must_be_there() {
    let (kms, _) = vault();
    let decrypt = |blob: Option<Vec<u8>>| {
        kms.decrypt(DecryptRequest { ciphertext_blob: blob.map(Blob::from), ..Default::default() })
    };
    fails_with(
        decrypt(None),
        ErrorKind::Validation,
        "'ciphertextBlob' failed to satisfy constraint: Member must not be null",
    );
    refused(decrypt(Some(vec![])), ErrorKind::Validation, &length_error("ciphertextBlob", "greater", 1));
    refused(decrypt(Some(vec![0; 6145])), ErrorKind::Validation, &length_error("ciphertextBlob", "less", 6144));
    refused(decrypt(Some(vec![0; 6144])), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn grant_tokens_are_refused_and_not_ignored() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    for (count, kind, message) in [
        (1, ErrorKind::InvalidGrantToken, "The grant token is not valid.".to_string()),
        (10, ErrorKind::InvalidGrantToken, "The grant token is not valid.".to_string()),
        (11, ErrorKind::Validation, length_error("grantTokens", "less", 10)),
    ] {
        let grant_tokens = Some(vec!["token".to_string(); count]);
        let request = EncryptRequest { grant_tokens: grant_tokens.clone(), ..encrypt_request(&key, b"secret") };
        refused(kms.encrypt(request), kind, &message);
        for key_id in [None, Some(key.clone())] {
            let request = DecryptRequest { grant_tokens: grant_tokens.clone(), key_id, ..decrypt_request(&blob) };
            refused(kms.decrypt(request), kind, &message);
        }
    }
}
