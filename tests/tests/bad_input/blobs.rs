//! Ciphertexts that are none, or no longer.

use crate::scene::{Scene, flips};
use pocketkms::{Error, ErrorKind, Vault, api::*};
use pocketkms_tests::vault::{Opened, context, decrypt, encrypt, error, explained, root_of};

/// Where the parts of a blob lie (see docs/formats.md).
const TYPE: usize = 0;
const VERSION: usize = 1;
const KEY_ID: std::ops::Range<usize> = 2..18;
const MATERIAL: std::ops::Range<usize> = 18..34;
const COMMITTED: std::ops::Range<usize> = 34..98;

fn re_encrypt(scene: &Scene, blob: &[u8]) -> pocketkms::Result<ReEncryptResponse> {
    scene.kms.re_encrypt(ReEncryptRequest {
        ciphertext_blob: Some(blob.to_vec().into()),
        source_encryption_context: Some(context()),
        destination_key_id: scene.other.key_id.clone(),
        ..Default::default()
    })
}

/// `InvalidCiphertextException` without a word for the caller, and with these for the developer.
#[track_caller]
fn invalid(error: &Error, word: &str) {
    assert_eq!(error.kind(), ErrorKind::InvalidCiphertext, "{error}");
    assert_eq!(error.to_string(), "InvalidCiphertextException", "the text says why");
    let explanation = error.explanation().expect("an explanation");
    assert!(explanation.contains(word), "'{explanation}' does not say '{word}'");
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let scene = Scene::new();
    for (blob, _) in &scene.blobs {
        for (at, flipped) in flips(blob) {
            for error in [error(decrypt(&scene.kms, &flipped)), error(re_encrypt(&scene, &flipped))] {
                match at {
                    TYPE => invalid(&error, "no CiphertextBlob"),
                    // Those of keys in custom key stores are longer, or this key's are none of theirs.
                    VERSION if flipped[VERSION] == 3 && flipped.len() < 145 => invalid(&error, "truncated"),
                    VERSION => invalid(&error, "format version"),
                    at if KEY_ID.contains(&at) => {
                        assert_eq!(error.kind(), ErrorKind::AccessDenied, "byte {at}");
                        assert!(error.message().contains("the resource does not exist"), "{error}");
                    }
                    at if MATERIAL.contains(&at) => invalid(&error, "no material with the id"),
                    at if COMMITTED.contains(&at) => invalid(&error, "header was altered"),
                    _ => invalid(&error, "ciphertext or tag was altered"),
                }
            }
        }
    }
    scene.is_unharmed();
}

#[test]
fn a_key_that_is_named_must_be_the_one_in_the_blob() {
    let scene = Scene::new();
    let (blob, _) = &scene.blobs[0];
    let decrypt = |blob: &[u8]| {
        scene.kms.decrypt(DecryptRequest {
            ciphertext_blob: Some(blob.to_vec().into()),
            encryption_context: Some(context()),
            key_id: Some(scene.key.key_id.clone()),
            ..Default::default()
        })
    };
    assert!(decrypt(blob).is_ok());
    for (at, flipped) in flips(blob) {
        let kind = if KEY_ID.contains(&at) { ErrorKind::IncorrectKey } else { ErrorKind::InvalidCiphertext };
        assert_eq!(error(decrypt(&flipped)).kind(), kind, "byte {at}");
    }
    scene.is_unharmed();
}

#[test]
fn a_blob_that_ends_early_or_late_is_refused() {
    let scene = Scene::new();
    for (blob, _) in &scene.blobs {
        for length in 1..blob.len() {
            let error = error(decrypt(&scene.kms, &blob[..length]));
            match length {
                // Of one byte one cannot say more than that it is too short.
                1 => assert_eq!(error.kind(), ErrorKind::InvalidCiphertext),
                // A part of a blob of 16 bytes can be as long as a blob of one.
                ..115 => invalid(&error, &format!("truncated at byte {length}")),
                _ => invalid(&error, "altered or truncated"),
            }
        }
        for more in [&[0_u8][..], b"more", blob] {
            let longer = [blob, more].concat();
            invalid(&error(decrypt(&scene.kms, &longer)), "altered or truncated");
        }
    }
    scene.is_unharmed();
}

#[test]
fn garbage_is_no_blob() {
    let scene = Scene::new();
    for garbage in [
        &b"hello"[..],
        &[0; 200],
        &[0xff; 6144],
        b"AQICAHh1B0mFnUv6OQ0vwh1Kk2v7yI9D6Q==",
        &hex::decode("0102020078").unwrap(),
    ] {
        invalid(&error(decrypt(&scene.kms, garbage)), "no CiphertextBlob of PocketKMS");
    }
    let mut zeros = vec![0; 200];
    zeros[..2].copy_from_slice(b"C\x01");
    explained(
        decrypt(&scene.kms, &zeros),
        ErrorKind::AccessDenied,
        &["the vault has no key with the id in the ciphertext"],
    );
    zeros[KEY_ID].copy_from_slice(&scene.blobs[0].0[KEY_ID]);
    invalid(&error(decrypt(&scene.kms, &zeros)), "no material with the id");
    zeros[MATERIAL].copy_from_slice(&scene.blobs[0].0[MATERIAL]);
    invalid(&error(decrypt(&scene.kms, &zeros)), "the encryption context does not match");
    scene.is_unharmed();
}

#[test]
fn a_blob_of_a_later_version_is_named_so() {
    let scene = Scene::new();
    for version in [0, 4, 255] {
        let mut blob = scene.blobs[0].0.to_vec();
        blob[VERSION] = version;
        let words = [&*format!("format version {version}"), "this PocketKMS reads versions up to 3", "update it"];
        explained(decrypt(&scene.kms, &blob), ErrorKind::InvalidCiphertext, &words);
    }
    scene.is_unharmed();
}

/// Parts of true blobs, put together otherwise.
#[test]
fn spliced_blobs_are_refused() {
    let scene = Scene::new();
    let [first, second, _, other] = &scene.blobs[..] else { panic!("four blobs") };
    for (header, rest) in [(first, second), (second, first), (first, other), (other, first)] {
        let spliced = [&header.0[..34], &rest.0[34..]].concat();
        invalid(&error(decrypt(&scene.kms, &spliced)), "header was altered");
    }
    let third = encrypt(&scene.kms, &scene.key.key_id, &[7; 100]);
    let fourth = encrypt(&scene.kms, &scene.key.key_id, &[8; 100]);
    for at in [66, 98, 110, third.len() - 16] {
        let spliced = [&third[..at], &fourth[at..]].concat();
        assert_eq!(error(decrypt(&scene.kms, &spliced)).kind(), ErrorKind::InvalidCiphertext, "at {at}");
    }
    scene.is_unharmed();
}

#[test]
fn a_blob_of_another_vault_is_refused() {
    let scene = Scene::new();
    let elsewhere = Opened::from(Vault::builder().create_in_memory(&root_of(9)).unwrap());
    let key = pocketkms_tests::vault::create_key(&elsewhere).key_id;
    let blob = encrypt(&elsewhere, &key, b"elsewhere");
    explained(
        decrypt(&scene.kms, &blob),
        ErrorKind::AccessDenied,
        &["the vault has no key with the id in the ciphertext"],
    );
    scene.is_unharmed();
}

/// Decrypt, with the key named or not, `ReEncrypt`, dry runs: whatever is wrong with a ciphertext, they say the same.
#[test]
fn every_failed_decryption_has_one_text() {
    let scene = Scene::new();
    let (blob, _) = &scene.blobs[0];
    let (other, _) = &scene.blobs[3];
    let longer = [blob.as_ref(), &[0]].concat();
    // The body of one in the place of another's, under the header of either.
    let swapped = [&blob[..MATERIAL.end], &other[MATERIAL.end..]].concat();
    let mut wrong: Vec<_> = flips(blob).filter(|(at, _)| !KEY_ID.contains(at)).map(|(_, flipped)| flipped).collect();
    wrong.extend((1..blob.len()).map(|length| blob[..length].to_vec()).chain([longer, swapped]));
    let contexts = [None, Some([("purpose", "tess")].into()), Some([("purpose", "test"), ("more", "")].into())];
    let cases = wrong.into_iter().map(|blob| (blob, Some(context())));
    let cases = cases.chain(contexts.map(|context| (blob.to_vec(), context)));

    let mut tried = 0;
    for (blob, context) in cases {
        for (key, dry_run) in
            [(None, None), (Some(&scene.key.arn), None), (None, Some(true)), (Some(&scene.key.arn), Some(true))]
        {
            let ciphertext_blob = Some(Blob::from(blob.clone()));
            let decrypt = DecryptRequest {
                ciphertext_blob: ciphertext_blob.clone(),
                key_id: key.cloned(),
                encryption_context: context.clone(),
                dry_run,
                ..Default::default()
            };
            let re_encrypt = ReEncryptRequest {
                ciphertext_blob,
                source_key_id: key.cloned(),
                source_encryption_context: context.clone(),
                destination_key_id: scene.other.key_id.clone(),
                dry_run,
                ..Default::default()
            };
            for error in [error(scene.kms.decrypt(decrypt)), error(scene.kms.re_encrypt(re_encrypt))] {
                assert_eq!(error.to_string(), "InvalidCiphertextException");
                assert_eq!(error.kind().http_status(), 400);
                tried += 1;
            }
        }
    }
    assert!(tried > 7000, "{tried}");
    scene.is_unharmed();
}
