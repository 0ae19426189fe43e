//! `GenerateRandom`.

use super::common::{in_range, text_error};
use pocketkms::{ErrorKind, api::*};
use pocketkms_tests::vault::{refused, vault};

fn request(bytes: i32) -> GenerateRandomRequest {
    GenerateRandomRequest { number_of_bytes: Some(bytes), ..Default::default() }
}

#[test]
fn there_are_1_to_1024_bytes() {
    let (kms, _) = vault();
    for bytes in [1, 2, 32, 1023, 1024] {
        let answer = kms.generate_random(request(bytes)).unwrap();
        assert_eq!(answer.plaintext.len(), usize::try_from(bytes).unwrap());
        assert_eq!(answer.ciphertext_for_recipient, None);
    }
    in_range("numberOfBytes", 1, 1024, |bytes| kms.generate_random(request(bytes)));
    refused(kms.generate_random(GenerateRandomRequest::default()), ErrorKind::Validation, "NumberOfBytes is required.");
}

#[test]
fn the_bytes_are_new_each_time_and_have_every_value() {
    let (kms, _) = vault();
    let mut answers: Vec<_> =
        (0..64).map(|_| kms.generate_random(request(1024)).unwrap().plaintext.into_exposed()).collect();
    let mut seen = [false; 256];
    for byte in answers.iter().flatten() {
        seen[usize::from(*byte)] = true;
    }
    // The chance that one of 65,536 random bytes misses a value is below 10^-100.
    assert!(seen.iter().all(|seen| *seen));
    answers.sort();
    answers.dedup();
    assert_eq!(answers.len(), 64);
}

#[test]
fn a_custom_key_store_must_be_there() {
    let (kms, _) = vault();
    let store = |id: &str| GenerateRandomRequest { custom_key_store_id: Some(id.into()), ..request(8) };
    let message = "Custom key store 'cks-1234' does not exist.";
    refused(kms.generate_random(store("cks-1234")), ErrorKind::CustomKeyStoreNotFound, message);
    refused(kms.generate_random(store("")), ErrorKind::Validation, &text_error("customKeyStoreId", "", "greater", 1));
    refused(
        kms.generate_random(store(&"a".repeat(65))),
        ErrorKind::Validation,
        &text_error("customKeyStoreId", &"a".repeat(65), "less", 64),
    );
}
