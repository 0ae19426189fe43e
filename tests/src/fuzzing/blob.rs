//! Any bytes as a ciphertext of KMS.

use super::scene::Scene;
use pocketkms::{ErrorKind, api::DecryptRequest};
use std::cell::LazyCell;

thread_local! {
    static SCENE: LazyCell<Scene> = LazyCell::new(Scene::new);
}

/// What is taken has the form of a ciphertext of that key, byte for byte; what is refused, is so without a word.
pub fn blob(data: &[u8]) -> bool {
    SCENE.with(|scene| {
        let request = DecryptRequest { ciphertext_blob: Some(data.to_vec().into()), ..Default::default() };
        match scene.vault.client().decrypt(request) {
            Ok(decrypted) => {
                assert_eq!(decrypted.key_id, scene.key.arn);
                let overhead = scene.blob.len() - b"secret".len();
                assert_eq!(data.len(), overhead + decrypted.plaintext.len(), "bytes that no one read");
                true
            }
            Err(error) => {
                match error.kind() {
                    ErrorKind::InvalidCiphertext => assert_eq!(error.message(), ""),
                    ErrorKind::AccessDenied | ErrorKind::Validation | ErrorKind::UnsupportedVersion => {}
                    other => panic!("refused with {other:?}"),
                }
                false
            }
        }
    })
}
