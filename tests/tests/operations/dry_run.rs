//! `DryRun` and `DryRunModifiers`: would it succeed?

use super::common::{NO_KEY, NO_KEY_MESSAGE, WOULD_SUCCEED, fails_with};
use pocketkms::{ErrorKind, Kms, Result, api::*, keys::DataKeySpec};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, context, create_key, encrypt, refused, root, vault},
};

/// Every operation that has `DryRun`, on a key and what it encrypted.
fn calls(kms: &Kms, key: &str, blob: &Blob, dry_run: Option<bool>) -> [(&'static str, Result<()>); 5] {
    let key_id = || key.to_string();
    let encrypted =
        kms.encrypt(EncryptRequest { key_id: key_id(), plaintext: vec![1].into(), dry_run, ..Default::default() });
    let decrypted = kms.decrypt(DecryptRequest { dry_run, ..decrypt_request(Some(blob.clone()), None) });
    let re_encrypted = kms.re_encrypt(ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        source_encryption_context: Some(context()),
        destination_key_id: key_id(),
        dry_run,
        ..Default::default()
    });
    let key_spec = Some(DataKeySpec::Aes256);
    let generated =
        kms.generate_data_key(GenerateDataKeyRequest { key_id: key_id(), key_spec, dry_run, ..Default::default() });
    let without = kms.generate_data_key_without_plaintext(GenerateDataKeyWithoutPlaintextRequest {
        key_id: key_id(),
        key_spec,
        dry_run,
        ..Default::default()
    });
    [
        ("Encrypt", encrypted.map(drop)),
        ("Decrypt", decrypted.map(drop)),
        ("ReEncrypt", re_encrypted.map(drop)),
        ("GenerateDataKey", generated.map(drop)),
        ("GenerateDataKeyWithoutPlaintext", without.map(drop)),
    ]
}

fn decrypt_request(ciphertext_blob: Option<Blob>, key_id: Option<&str>) -> DecryptRequest {
    DecryptRequest {
        ciphertext_blob,
        key_id: key_id.map(String::from),
        encryption_context: Some(context()),
        ..Default::default()
    }
}

#[test]
fn a_dry_run_says_that_the_request_would_succeed_and_changes_nothing() {
    let (builder, _) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    let before = store.records();
    for (name, result) in calls(&kms, &key, &blob, Some(true)) {
        let error = pocketkms_tests::vault::error(result);
        assert_eq!((error.kind(), error.message()), (ErrorKind::DryRunOperation, WOULD_SUCCEED), "{name}");
    }
    assert_eq!(store.records(), before);
    for dry_run in [None, Some(false)] {
        for (name, result) in calls(&kms, &key, &blob, dry_run) {
            assert!(result.is_ok(), "{name} with DryRun {dry_run:?}");
        }
    }
}

#[test]
fn a_dry_run_tells_what_would_fail() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"secret");
    kms.disable_key(DisableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    for (_, result) in calls(&kms, &key.key_id, &blob, Some(true)) {
        refused(result, ErrorKind::Disabled, &format!("{} is disabled.", key.arn));
    }
    let mut altered = blob.to_vec();
    *altered.last_mut().unwrap() ^= 1;
    kms.enable_key(EnableKeyRequest { key_id: key.key_id }).unwrap();
    let request = DecryptRequest { dry_run: Some(true), ..decrypt_request(Some(altered.into()), None) };
    refused(kms.decrypt(request), ErrorKind::InvalidCiphertext, "");
}

const IGNORE: [DryRunModifierType; 1] = [DryRunModifierType::IgnoreCiphertext];

/// Decrypt and `ReEncrypt` (to `destination`) with the modifier.
fn ignoring(
    kms: &Kms,
    destination: &str,
    blob: Option<&Blob>,
    key: Option<&str>,
    dry_run: Option<bool>,
) -> [Result<()>; 2] {
    let request = decrypt_request(blob.cloned(), key);
    let decrypt = DecryptRequest { dry_run, dry_run_modifiers: Some(IGNORE.to_vec()), ..request.clone() };
    let re_encrypt = ReEncryptRequest {
        ciphertext_blob: request.ciphertext_blob,
        source_encryption_context: request.encryption_context,
        source_key_id: request.key_id,
        destination_key_id: destination.into(),
        dry_run,
        dry_run_modifiers: Some(IGNORE.to_vec()),
        ..Default::default()
    };
    [kms.decrypt(decrypt).map(drop), kms.re_encrypt(re_encrypt).map(drop)]
}

#[test]
fn permission_can_be_tried_without_a_ciphertext() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    let garbage = Blob::from(vec![0; 9]);
    for blob in [None, Some(&garbage)] {
        for result in ignoring(&kms, &key.key_id, blob, Some(&key.key_id), Some(true)) {
            refused(result, ErrorKind::DryRunOperation, WOULD_SUCCEED);
        }
        for result in ignoring(&kms, &key.key_id, blob, Some(NO_KEY), Some(true)) {
            refused(result, ErrorKind::NotFound, NO_KEY_MESSAGE);
        }
    }
    // The destination is checked all the same.
    let [decrypt, re_encrypt] = ignoring(&kms, NO_KEY, None, Some(&key.key_id), Some(true));
    refused(decrypt, ErrorKind::DryRunOperation, WOULD_SUCCEED);
    refused(re_encrypt, ErrorKind::NotFound, NO_KEY_MESSAGE);
    // And so is the state.
    kms.disable_key(DisableKeyRequest { key_id: key.key_id.clone() }).unwrap();
    for result in ignoring(&kms, &key.key_id, None, Some(&key.key_id), Some(true)) {
        refused(result, ErrorKind::Disabled, &format!("{} is disabled.", key.arn));
    }
}

#[test]
fn without_a_ciphertext_the_key_must_be_named() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    for blob in [None, Some(&blob)] {
        let results = ignoring(&kms, &key, blob, None, Some(true));
        for (member, result) in ["'keyId'", "'sourceKeyId'"].into_iter().zip(results) {
            fails_with(result, ErrorKind::Validation, member);
        }
    }
}

#[test]
fn modifiers_belong_to_dry_runs() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"secret");
    for dry_run in [None, Some(false)] {
        for blob in [None, Some(&blob)] {
            for result in ignoring(&kms, &key, blob, Some(&key), dry_run) {
                refused(result, ErrorKind::Validation, "DryRunModifiers applies only when DryRun is true.");
            }
        }
    }
    // Without the modifier a dry run needs its ciphertext.
    for modifiers in [None, Some(vec![])] {
        let request =
            DecryptRequest { dry_run: Some(true), dry_run_modifiers: modifiers, ..decrypt_request(None, Some(&key)) };
        fails_with(kms.decrypt(request), ErrorKind::Validation, "Member must not be null");
    }
}
