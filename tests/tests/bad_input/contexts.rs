//! Encryption contexts that are almost right.

use crate::scene::Scene;
use pocketkms::{EncryptionContext, ErrorKind, MAX_CONTEXT_BYTES, Result, api::*};
use pocketkms_tests::vault::{decrypt_with, error, explained};

fn pairs(pairs: &[(&str, &str)]) -> EncryptionContext {
    pairs.iter().copied().collect()
}

fn encrypt(scene: &Scene, context: Option<EncryptionContext>) -> Result<Blob> {
    let request = EncryptRequest {
        key_id: scene.key.key_id.clone(),
        plaintext: b"bound to its context".to_vec().into(),
        encryption_context: context,
        ..Default::default()
    };
    scene.kms.encrypt(request).map(|response| response.ciphertext_blob)
}

/// What was encrypted with the first must open with the first, in whatever order, and with none of the others.
fn only_the_same_opens(right: &[(&str, &str)], wrong: &[&[(&str, &str)]]) {
    let scene = Scene::new();
    let blob = encrypt(&scene, Some(pairs(right))).unwrap();
    let backwards: EncryptionContext = right.iter().rev().copied().collect();
    assert_eq!(decrypt_with(&scene.kms, &blob, Some(backwards)).unwrap(), b"bound to its context");
    for wrong in wrong {
        let error = error(decrypt_with(&scene.kms, &blob, Some(pairs(wrong))));
        assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidCiphertext, ""), "{right:?} and {wrong:?}");
        let explanation = error.explanation().expect("an explanation");
        assert!(explanation.contains("the encryption context does not match"), "{explanation}");
    }
    scene.is_unharmed();
}

#[test]
fn one_changed_character_is_another_context() {
    let right = [("tenant", "Zürich"), ("purpose", "orders")];
    only_the_same_opens(
        &right,
        &[
            &[("tenant", "zürich"), ("purpose", "orders")],
            &[("tenant", "Zurich"), ("purpose", "orders")],
            // The same letters, composed otherwise.
            &[("tenant", "Zu\u{308}rich"), ("purpose", "orders")],
            &[("tenant", "Zürich "), ("purpose", "orders")],
            &[("tenant", "Zürich"), ("purpose", "order")],
            &[("tenant", "Zürich"), ("Purpose", "orders")],
            &[("tenant", "Zürich"), ("purpose", "orders\0")],
        ],
    );
}

#[test]
fn a_pair_more_or_less_is_another_context() {
    let right = [("a", "1"), ("b", "2")];
    only_the_same_opens(
        &right,
        &[
            &[],
            &[("a", "1")],
            &[("b", "2")],
            &[("a", "1"), ("b", "2"), ("c", "3")],
            &[("a", "1"), ("b", "2"), ("", "")],
        ],
    );
    only_the_same_opens(&[], &[&[("", "")], &[("a", "")]]);
}

#[test]
fn names_and_values_cannot_be_cut_otherwise() {
    only_the_same_opens(
        &[("a", "bc")],
        &[&[("ab", "c")], &[("abc", "")], &[("", "abc")], &[("bc", "a")], &[("a", "b"), ("c", "")]],
    );
    only_the_same_opens(&[("a", "b"), ("c", "d")], &[&[("a", "d"), ("c", "b")], &[("b", "a"), ("d", "c")]]);
    // What a length in front of a text would look like, as a text.
    only_the_same_opens(&[("a", "\0\0\0\u{1}b")], &[&[("a\0\0\0\u{1}", "b")]]);
}

#[test]
fn what_is_said_of_a_missing_context() {
    let scene = Scene::new();
    let blob = encrypt(&scene, Some(pairs(&[("a", "1")]))).unwrap();
    for none in [None, Some(EncryptionContext::default())] {
        explained(decrypt_with(&scene.kms, &blob, none), ErrorKind::InvalidCiphertext, &["none was given"]);
    }
    // None and an empty one are the same.
    for (first, second) in [(None, Some(pairs(&[]))), (Some(pairs(&[])), None)] {
        let blob = encrypt(&scene, first).unwrap();
        assert!(decrypt_with(&scene.kms, &blob, second).is_ok());
    }
    scene.is_unharmed();
}

#[test]
fn a_context_has_at_most_8192_bytes() {
    let scene = Scene::new();
    let long = |length: usize| Some(pairs(&[("name", &"v".repeat(length - 4))]));
    let many = |pairs: usize| (0..pairs).map(|pair| (format!("{pair:07}"), "x")).collect::<EncryptionContext>();
    let fits = [long(MAX_CONTEXT_BYTES), Some(many(MAX_CONTEXT_BYTES / 8)), Some(pairs(&[("ü", &"ü".repeat(4095))]))];
    for context in fits {
        let blob = encrypt(&scene, context.clone()).unwrap();
        assert!(decrypt_with(&scene.kms, &blob, context).is_ok());
    }
    let blob = encrypt(&scene, None).unwrap();
    for (context, size) in [
        (long(8193), "8193"),
        (long(1 << 20), "1048576"),
        (Some(many(MAX_CONTEXT_BYTES / 8 + 1)), "8200"),
        // Bytes count, not letters.
        (Some(pairs(&[("ü", &"ü".repeat(4096))])), "8194"),
    ] {
        let words = ["1 validation error", "'encryptionContext'", "8192 bytes", size];
        explained(encrypt(&scene, context.clone()), ErrorKind::Validation, &words);
        explained(decrypt_with(&scene.kms, &blob, context.clone()), ErrorKind::Validation, &words);
        let request = ReEncryptRequest {
            ciphertext_blob: Some(blob.clone()),
            source_encryption_context: context.clone(),
            destination_key_id: scene.key.key_id.clone(),
            destination_encryption_context: context.clone(),
            ..Default::default()
        };
        let words = ["2 validation errors", "'sourceEncryptionContext'", "'destinationEncryptionContext'", size];
        explained(scene.kms.re_encrypt(request), ErrorKind::Validation, &words);
        let request = GenerateDataKeyRequest {
            key_id: scene.key.key_id.clone(),
            encryption_context: context,
            number_of_bytes: Some(32),
            ..Default::default()
        };
        explained(scene.kms.generate_data_key(request), ErrorKind::Validation, &["'encryptionContext'", size]);
    }
    scene.is_unharmed();
}
