//! A dry run asks no one outside.

use super::common::with_key;
use pocketkms::{
    ErrorKind::DryRunOperation,
    api::{
        DecryptRequest, EncryptRequest, GenerateDataKeyRequest, GenerateDataKeyWithoutPlaintextRequest,
        ReEncryptRequest,
    },
};
use pocketkms_tests::vault::{context, create_key, encrypt, error};

#[test]
fn nothing_is_sent() {
    let (vault, proxy, key) = with_key();
    let blob = encrypt(&vault, &key.key_id, b"x");
    let own = create_key(&vault).key_id;
    proxy.take_seen();
    let dry_run = Some(true);
    let key_id = key.key_id;
    let errors = [
        error(vault.encrypt(EncryptRequest {
            key_id: key_id.clone(),
            plaintext: b"x".to_vec().into(),
            dry_run,
            ..Default::default()
        })),
        error(vault.decrypt(DecryptRequest {
            ciphertext_blob: Some(blob.clone()),
            encryption_context: Some(context()),
            dry_run,
            ..Default::default()
        })),
        error(vault.generate_data_key(GenerateDataKeyRequest {
            key_id: key_id.clone(),
            number_of_bytes: Some(32),
            dry_run,
            ..Default::default()
        })),
        error(vault.generate_data_key_without_plaintext(GenerateDataKeyWithoutPlaintextRequest {
            key_id: key_id.clone(),
            number_of_bytes: Some(32),
            dry_run,
            ..Default::default()
        })),
        error(vault.re_encrypt(ReEncryptRequest {
            ciphertext_blob: Some(blob),
            source_encryption_context: Some(context()),
            destination_key_id: own,
            dry_run,
            ..Default::default()
        })),
    ];
    for error in errors {
        assert_eq!(error.kind(), DryRunOperation, "{}", error.report());
    }
    assert!(proxy.take_seen().is_empty());
}
