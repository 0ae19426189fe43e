//! `GenerateDataKey` and `GenerateDataKeyWithoutPlaintext`.

use super::common::{fails_with, in_range, length_error};
use pocketkms::{ErrorKind, Kms, Result, api::*, keys::DataKeySpec};
use pocketkms_tests::vault::{context, create_key, decrypt, describe, error, refused, vault};

fn by_spec(key_id: &str, spec: DataKeySpec) -> GenerateDataKeyRequest {
    GenerateDataKeyRequest {
        key_id: key_id.into(),
        key_spec: Some(spec),
        encryption_context: Some(context()),
        ..Default::default()
    }
}

/// The same request to the operation that keeps the plaintext to itself.
fn without_plaintext(kms: &Kms, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyWithoutPlaintextResponse> {
    kms.generate_data_key_without_plaintext(GenerateDataKeyWithoutPlaintextRequest {
        key_id: request.key_id,
        encryption_context: request.encryption_context,
        key_spec: request.key_spec,
        number_of_bytes: request.number_of_bytes,
        grant_tokens: request.grant_tokens,
        dry_run: request.dry_run,
    })
}

/// Both operations refuse a request alike.
#[track_caller]
fn both_refuse(kms: &Kms, request: &GenerateDataKeyRequest, kind: ErrorKind, message: &str) {
    refused(kms.generate_data_key(request.clone()), kind, message);
    refused(without_plaintext(kms, request.clone()), kind, message);
}

#[test]
fn a_data_key_decrypts_to_its_plaintext() {
    let (kms, _) = vault();
    let key = create_key(&kms);
    for (spec, length) in [(DataKeySpec::Aes256, 32), (DataKeySpec::Aes128, 16)] {
        let request =
            GenerateDataKeyRequest { grant_tokens: Some(vec![]), dry_run: Some(false), ..by_spec(&key.key_id, spec) };
        let answer = kms.generate_data_key(request.clone()).unwrap();
        assert_eq!(answer.plaintext.len(), length);
        assert_eq!(decrypt(&kms, &answer.ciphertext_blob).unwrap(), answer.plaintext.expose());
        assert_eq!(answer.key_id, key.arn);
        assert_eq!(answer.key_material_id, key.current_key_material_id);
        assert_eq!(answer.ciphertext_for_recipient, None);

        let answer = without_plaintext(&kms, request).unwrap();
        assert_eq!(decrypt(&kms, &answer.ciphertext_blob).unwrap().len(), length);
        assert_eq!(answer.key_id, key.arn);
        assert_eq!(Some(answer.key_material_id), key.current_key_material_id);
    }
}

#[test]
fn the_encrypted_data_key_is_bound_to_its_context() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let request = GenerateDataKeyRequest { encryption_context: None, ..by_spec(&key, DataKeySpec::Aes256) };
    let answer = kms.generate_data_key(request.clone()).unwrap();
    refused(decrypt(&kms, &answer.ciphertext_blob), ErrorKind::InvalidCiphertext, "");
    let answer = without_plaintext(&kms, request).unwrap();
    refused(decrypt(&kms, &answer.ciphertext_blob), ErrorKind::InvalidCiphertext, "");
}

#[test]
fn no_two_data_keys_are_the_same() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let mut made: Vec<Vec<u8>> = (0..50)
        .flat_map(|_| {
            let answer = kms.generate_data_key(by_spec(&key, DataKeySpec::Aes128)).unwrap();
            let hidden = without_plaintext(&kms, by_spec(&key, DataKeySpec::Aes128)).unwrap().ciphertext_blob;
            [answer.plaintext.into_exposed(), decrypt(&kms, &hidden).unwrap()]
        })
        .collect();
    made.sort();
    made.dedup();
    assert_eq!(made.len(), 100);
}

#[test]
fn a_data_key_has_1_to_1024_bytes() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let of = |bytes| GenerateDataKeyRequest {
        key_id: key.clone(),
        number_of_bytes: Some(bytes),
        encryption_context: Some(context()),
        ..Default::default()
    };
    for bytes in [1, 16, 31, 64, 1023, 1024] {
        let answer = kms.generate_data_key(of(bytes)).unwrap();
        assert_eq!(answer.plaintext.len(), usize::try_from(bytes).unwrap());
        assert_eq!(decrypt(&kms, &answer.ciphertext_blob).unwrap(), answer.plaintext.expose());
        let hidden = without_plaintext(&kms, of(bytes)).unwrap().ciphertext_blob;
        assert_eq!(decrypt(&kms, &hidden).unwrap().len(), usize::try_from(bytes).unwrap());
    }
    in_range("numberOfBytes", 1, 1024, |bytes| kms.generate_data_key(of(bytes)));
    in_range("numberOfBytes", 1, 1024, |bytes| without_plaintext(&kms, of(bytes)));
}

#[test]
fn a_length_is_given_once_and_never_guessed() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let neither = GenerateDataKeyRequest { key_id: key.clone(), ..Default::default() };
    both_refuse(&kms, &neither, ErrorKind::Validation, "Please specify either number of bytes or key spec.");
    // Even where both say the same.
    let both = GenerateDataKeyRequest { number_of_bytes: Some(32), ..by_spec(&key, DataKeySpec::Aes256) };
    let message = "Please specify either number of bytes or key spec, not both.";
    both_refuse(&kms, &both, ErrorKind::Validation, message);
}

#[test]
fn limits_hold_for_the_context_and_the_tokens() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let large = Some([("a".repeat(8193), "")].into());
    let message = "1 validation error detected: Value at 'encryptionContext' failed to satisfy constraint: its names \
                   and values must have at most 8192 bytes together, and have 8193";
    let request = GenerateDataKeyRequest { encryption_context: large.clone(), ..by_spec(&key, DataKeySpec::Aes256) };
    both_refuse(&kms, &request, ErrorKind::Validation, message);
    // Everything that is wrong is reported in one error.
    let request =
        GenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: Some(0), encryption_context: large, ..request };
    fails_with(kms.generate_data_key(request), ErrorKind::Validation, "2 validation errors detected");

    let tokens = |count| GenerateDataKeyRequest {
        grant_tokens: Some(vec!["token".into(); count]),
        ..by_spec(&key, DataKeySpec::Aes256)
    };
    both_refuse(&kms, &tokens(1), ErrorKind::InvalidGrantToken, "The grant token is not valid.");
    both_refuse(&kms, &tokens(11), ErrorKind::Validation, &length_error("grantTokens", "less", 10));
}

#[test]
fn data_keys_outlive_the_rotation_of_their_kms_key() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let mut made = Vec::new();
    for _ in 0..5 {
        let answer = kms.generate_data_key(by_spec(&key, DataKeySpec::Aes256)).unwrap();
        assert_eq!(answer.key_material_id, describe(&kms, &key).current_key_material_id);
        made.push(answer);
        kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).unwrap();
    }
    for answer in &made {
        assert_eq!(decrypt(&kms, &answer.ciphertext_blob).unwrap(), answer.plaintext.expose());
    }
}

#[test]
fn an_altered_data_key_is_refused() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = kms.generate_data_key(by_spec(&key, DataKeySpec::Aes256)).unwrap().ciphertext_blob.into_vec();
    for position in [0, blob.len() / 2, blob.len() - 1] {
        let mut altered = blob.clone();
        altered[position] ^= 1;
        assert_eq!(error(decrypt(&kms, &altered)).kind(), ErrorKind::InvalidCiphertext, "byte {position}");
    }
}
