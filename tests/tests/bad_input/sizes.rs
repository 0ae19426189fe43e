//! Plaintexts and ciphertexts of every length that is none.

use crate::scene::Scene;
use pocketkms::{ErrorKind, api::*};
use pocketkms_tests::vault::{decrypt, encrypt, explained, refused};

fn encrypt_bytes(scene: &Scene, length: usize) -> pocketkms::Result<EncryptResponse> {
    let request =
        EncryptRequest { key_id: scene.key.key_id.clone(), plaintext: vec![0xa5; length].into(), ..Default::default() };
    scene.kms.encrypt(request)
}

#[test]
fn an_empty_plaintext_is_refused() {
    let scene = Scene::new();
    let message = "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
                   greater than or equal to 1";
    refused(encrypt_bytes(&scene, 0), ErrorKind::Validation, message);
    scene.is_unharmed();
}

#[test]
fn a_plaintext_of_4096_bytes_is_the_longest() {
    let scene = Scene::new();
    for length in [1, 2, 15, 16, 17, 4095, 4096] {
        let plaintext = vec![0xa5; length];
        let blob = encrypt(&scene.kms, &scene.key.key_id, &plaintext);
        assert_eq!(blob.len(), length + 114, "as docs/formats.md says");
        assert_eq!(decrypt(&scene.kms, &blob).unwrap(), plaintext);
    }
    for length in [4097, 5000, 1 << 20] {
        // It says what to do instead.
        let words = ["'plaintext'", "less than or equal to 4096", "GenerateDataKey", "envelope encryption"];
        explained(encrypt_bytes(&scene, length), ErrorKind::Validation, &words);
    }
    scene.is_unharmed();
}

#[test]
fn a_ciphertext_has_1_to_6144_bytes() {
    let scene = Scene::new();
    let message = "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have \
                   length greater than or equal to 1";
    refused(decrypt(&scene.kms, b""), ErrorKind::Validation, message);
    explained(decrypt(&scene.kms, &[b'C'; 6144]), ErrorKind::InvalidCiphertext, &["version 67"]);
    let message = "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have \
                   length less than or equal to 6144";
    refused(decrypt(&scene.kms, &[b'C'; 6145]), ErrorKind::Validation, message);
    let words = ["'ciphertextBlob'", "must not be null"];
    explained(scene.kms.decrypt(DecryptRequest::default()), ErrorKind::Validation, &words);
    scene.is_unharmed();
}
