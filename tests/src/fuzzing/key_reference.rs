//! Any text as the name of a key: an id, an ARN, an alias; and as the ARN of a principal.

use super::scene::{ALIAS, Scene};
use pocketkms::{
    Caller, ErrorKind,
    api::{DescribeKeyRequest, EncryptRequest},
};
use std::cell::LazyCell;

thread_local! {
    static SCENE: LazyCell<Scene> = LazyCell::new(Scene::new);
}

/// What finds a key ends in the id or an alias of that key, and every operation finds the same.
pub fn key_reference(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    if let Ok(caller) = Caller::new(&text, "us-east-1") {
        assert_eq!(caller.principal().as_str(), text);
        assert!(text.contains(caller.account().to_string().as_str()));
    }
    SCENE.with(|scene| {
        let kms = scene.vault.client();
        let described = kms.describe_key(DescribeKeyRequest { key_id: text.as_ref().into(), ..Default::default() });
        let plaintext = b"x".to_vec().into();
        let encrypted = kms.encrypt(EncryptRequest { key_id: text.as_ref().into(), plaintext, ..Default::default() });
        match (described, encrypted) {
            (Ok(described), Ok(encrypted)) => {
                assert_eq!((&described.key_metadata.arn, &encrypted.key_id), (&scene.key.arn, &scene.key.arn));
                assert!(text.ends_with(&scene.key.key_id) || text.ends_with(ALIAS), "{text}");
                true
            }
            (Err(one), Err(two)) => {
                for error in [one, two] {
                    let kind = error.kind();
                    let named =
                        [ErrorKind::NotFound, ErrorKind::InvalidArn, ErrorKind::AccessDenied, ErrorKind::Validation];
                    assert!(named.contains(&kind), "{}", error.report());
                }
                false
            }
            _ => panic!("one operation finds '{text}', another does not"),
        }
    })
}
