//! Bodies that a cipher outside encrypts and decrypts: here, AES-GCM of the provider, a call per planned frame.

use super::round_trip::{client, options, raw_aes};
use pocketkms::{
    Attempt, Error, ErrorKind, Origin, Provider, TAG_LENGTH,
    envelope::{
        AlgorithmSuite, Attempts, DecryptOptions, DecryptionMaterials, DecryptionPlanner, DecryptionStep,
        EncryptedDataKey, EncryptionClient, EncryptionMaterialsRequest, EncryptionPlanner, MaterialsManager, Transform,
    },
};
use std::sync::Arc;

const FRAME: u32 = 16;

fn encryption_planner(suite: AlgorithmSuite, plaintext_length: Option<u64>) -> EncryptionPlanner {
    let options = options(suite, FRAME);
    let request = EncryptionMaterialsRequest {
        algorithm_suite: suite,
        encryption_context: options.encryption_context,
        required_encryption_context_keys: vec!["purpose".into()],
        plaintext_length,
    };
    let materials = raw_aes().encryption_materials(&Provider::default(), request).unwrap();
    client(suite).encryption_planner(materials, Some(FRAME), plaintext_length).unwrap()
}

/// Encrypts what comes in pieces of so many bytes.
fn encrypt(suite: AlgorithmSuite, plaintext: &[u8], piece: usize) -> Vec<u8> {
    let mut planner = encryption_planner(suite, Some(plaintext.len() as u64));
    let cipher = Provider::default().aead.key(planner.take_key().expose()).unwrap();
    let mut message = planner.take_header_bytes();
    let (mut came, mut done) = (0, 0);
    loop {
        came = plaintext.len().min(came + piece);
        let ended = came == plaintext.len();
        while let Some(plan) = planner.next(came - done, ended).unwrap() {
            let mut frame = plan.prefix.clone();
            frame.extend_from_slice(&plaintext[done..done + plan.length]);
            done += plan.length;
            let data = &mut frame[plan.prefix.len()..];
            let tag = cipher.seal(&plan.nonce, &plan.associated_data, data).unwrap();
            frame.extend_from_slice(&tag);
            assert_eq!(frame.len(), plan.whole_length());
            planner.sign(&frame);
            message.append(&mut frame);
        }
        if ended {
            assert_eq!(message.len(), planner.message_length(plaintext.len()));
            message.append(&mut planner.finish().unwrap());
            return message;
        }
    }
}

/// Reads the header, of which it needs no more than the message has.
fn decryption_planner(client: &EncryptionClient, message: &[u8]) -> Result<DecryptionPlanner, Error> {
    let options = DecryptOptions { encryption_context: [("purpose", "test")].into(), ..Default::default() };
    let mut decryptor = client.decryptor_without_materials(options);
    decryptor.update_vec(message)?;
    match decryptor.materials_request() {
        Some(request) => {
            let materials = raw_aes().decryption_materials(&Provider::default(), &request)?;
            decryptor.into_planner(materials)
        }
        None => Err(decryptor.finish().unwrap_err()),
    }
}

/// Decrypts what comes in pieces of so many bytes. Gives the plaintext that was given out, and how it ended.
fn decrypt(suite: AlgorithmSuite, message: &[u8], piece: usize) -> (Vec<u8>, Result<(), Error>) {
    let mut plaintext = Vec::new();
    let result = decrypt_into(suite, message, piece, &mut plaintext);
    (plaintext, result)
}

fn decrypt_into(suite: AlgorithmSuite, message: &[u8], piece: usize, plaintext: &mut Vec<u8>) -> Result<(), Error> {
    let mut planner = decryption_planner(&client(suite), message)?;
    let cipher = Provider::default().aead.key(planner.take_key().expose())?;
    let body = planner.take_rest();
    let (mut came, mut done, mut needs) = (0, 0, 1);
    while came < body.len() {
        came = body.len().min(came + piece);
        while came - done >= needs {
            let front = &body[done..came];
            let front = &front[..front.len().min(planner.front_length())];
            match planner.next(front, came - done)? {
                DecryptionStep::Needs(more) => needs = more,
                DecryptionStep::Frame(plan) => {
                    let frame = &body[done..done + plan.whole_length()];
                    planner.hash(frame);
                    let (data, tag) = frame[plan.prefix.len()..].split_last_chunk::<TAG_LENGTH>().unwrap();
                    let mut data = data.to_vec();
                    cipher
                        .open(&plan.nonce, &plan.associated_data, &mut data, tag)
                        .map_err(|_| planner.refuse(plan.sequence))?;
                    plaintext.append(&mut data);
                    (done, needs) = (done + plan.whole_length(), 1);
                }
                DecryptionStep::Footer(length) => (done, needs) = (done + length, 1),
            }
        }
    }
    planner.finish(came - done)
}

fn plaintext() -> Vec<u8> {
    (0..50).collect()
}

/// The lengths of the header, and of the frames after it.
fn shape(message: &[u8], suite: AlgorithmSuite) -> (usize, usize) {
    let body = decryption_planner(&client(suite), message).unwrap().take_rest().len();
    (message.len() - body, FRAME as usize + 32)
}

const SIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384;
const UNSIGNED: AlgorithmSuite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;

#[test]
fn every_altered_byte_is_refused() {
    for suite in [UNSIGNED, SIGNED] {
        let message = encrypt(suite, &plaintext(), 50);
        for index in 0..message.len() {
            let mut altered = message.clone();
            altered[index] ^= 1;
            let (given, result) = decrypt(suite, &altered, 7);
            assert!(result.is_err(), "{suite}: byte {index}");
            assert!(plaintext().starts_with(&given), "{suite}: byte {index}");
        }
    }
}

#[test]
fn every_truncation_is_refused() {
    for suite in [UNSIGNED, SIGNED] {
        let message = encrypt(suite, &plaintext(), 50);
        for length in 0..message.len() {
            let (_, result) = decrypt(suite, &message[..length], 7);
            let error = result.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidMessage);
            let explanation = error.explanation().unwrap();
            assert!(explanation.contains(&format!("it ends at byte {length},")), "{suite}: {explanation}");
        }
    }
}

#[test]
fn frames_that_are_dropped_repeated_or_swapped_are_refused() {
    let message = encrypt(UNSIGNED, &plaintext(), 50);
    let (header, frame) = shape(&message, UNSIGNED);
    let (start, [one, two, rest]) = (
        &message[..header],
        [
            &message[header..header + frame],
            &message[header + frame..header + 2 * frame],
            &message[header + 2 * frame..],
        ],
    );
    let last = &message[header + 3 * frame..];
    for body in [[two, rest].concat(), [one, one, two, rest].concat(), [two, one, rest].concat(), last.to_vec()] {
        let (_, result) = decrypt(UNSIGNED, &[start, &body].concat(), 7);
        assert!(result.unwrap_err().explanation().unwrap().contains("should come next"));
    }
    let (given, result) = decrypt(UNSIGNED, &[start, one, two, rest].concat(), 7);
    assert_eq!((given, result.is_ok()), (plaintext(), true));
}

#[test]
fn bytes_after_the_end_are_refused() {
    for suite in [UNSIGNED, SIGNED] {
        let message = [encrypt(suite, &plaintext(), 50), vec![0]].concat();
        for piece in [1, 7, 1000] {
            let (_, result) = decrypt(suite, &message, piece);
            assert!(result.unwrap_err().explanation().unwrap().contains("bytes follow"));
        }
        let mut planner = decryption_planner(&client(suite), &message).unwrap();
        assert!(planner.finish(1).is_err());
    }
}

#[test]
fn a_refused_message_is_dead() {
    let message = encrypt(UNSIGNED, &plaintext(), 50);
    let mut planner = decryption_planner(&client(UNSIGNED), &message).unwrap();
    let body = planner.take_rest();
    let DecryptionStep::Frame(plan) = planner.next(&body[..24], body.len()).unwrap() else { panic!("no frame") };
    assert_eq!(planner.refuse(plan.sequence).kind(), ErrorKind::InvalidMessage);
    assert_eq!(planner.next(&body[48..], body.len() - 48).unwrap_err().kind(), ErrorKind::StreamState);
    assert_eq!(planner.finish(0).unwrap_err().kind(), ErrorKind::StreamState);
}

#[test]
fn the_announced_length_is_kept_to() {
    let mut planner = encryption_planner(UNSIGNED, Some(20));
    assert_eq!(planner.next(17, true).unwrap().unwrap().length, 16);
    assert_eq!(planner.next(1, true).unwrap_err().kind(), ErrorKind::Validation, "too short");
    assert_eq!(planner.next(4, true).unwrap(), None, "dead");
    assert_eq!(planner.finish().unwrap_err().kind(), ErrorKind::StreamState);

    let mut planner = encryption_planner(UNSIGNED, Some(20));
    assert_eq!(planner.next(40, false).unwrap().unwrap().length, 16);
    assert_eq!(planner.next(24, false).unwrap_err().kind(), ErrorKind::LimitExceeded);
}

#[test]
fn a_message_has_no_footer_before_its_last_frame_and_none_after_it() {
    let mut planner = encryption_planner(SIGNED, None);
    assert_eq!(planner.finish().unwrap_err().kind(), ErrorKind::StreamState);
    assert_eq!(planner.next(16, false).unwrap(), None, "it may be the last");
    assert!(planner.next(16, true).unwrap().unwrap().last);
    assert_eq!(planner.next(0, true).unwrap(), None);
    assert!(!planner.finish().unwrap().is_empty());
    assert_eq!(planner.finish().unwrap_err().kind(), ErrorKind::StreamState);
}

#[test]
fn a_key_is_given_once() {
    let mut planner = encryption_planner(UNSIGNED, None);
    assert_eq!(planner.take_key().len(), 32);
    assert!(planner.take_key().is_empty());
    assert!(!planner.take_header_bytes().is_empty());
    assert!(planner.take_header_bytes().is_empty());
}

#[test]
fn messages_are_those_of_the_cipher_inside() {
    let options = || DecryptOptions { encryption_context: [("purpose", "test")].into(), ..Default::default() };
    for &suite in AlgorithmSuite::ALL {
        for length in [0, 1, 15, 16, 17, 32, 33, 50] {
            let plaintext = plaintext()[..length].to_vec();
            for piece in [1, 16, 17, 50] {
                let message = encrypt(suite, &plaintext, piece);
                let decrypted = client(suite).decrypt(&raw_aes(), options(), &message).unwrap();
                assert_eq!(decrypted.plaintext.expose(), plaintext, "{suite} {length} in pieces of {piece}");
                let capacity = decryption_planner(&client(suite), &message).unwrap().plaintext_capacity(message.len());
                assert!(capacity == length || (suite.is_signed() && capacity > length), "{suite} {length}: {capacity}");
                let (given, result) = decrypt(suite, &message, piece);
                assert_eq!((given, result.is_ok()), (plaintext.clone(), true), "{suite} {length} in pieces of {piece}");
            }
        }
    }
}

#[test]
fn attempts_go_on_where_others_ended() {
    let keys = ["a", "b"].map(|name| EncryptedDataKey {
        provider_id: name.into(),
        provider_info: b"info".to_vec(),
        ciphertext: vec![1],
    });
    let mut first = Attempts::new(&keys);
    first.failed(0, Error::new(ErrorKind::KeyUnavailable, "an HSM said no"));
    let mut second = Attempts::resume(&keys, first.into_failures());
    second.failed(0, Error::new(ErrorKind::KeyUnavailable, "another, too"));
    let error = second.into_error();
    let causes: Vec<_> = error.causes().iter().map(Error::message).collect();
    assert_eq!(causes, ["an HSM said no", "another, too"]);
    assert_eq!(error.report().matches("another, too").count(), 1);
    let explanation = error.explanation().unwrap();
    let both = "KeyUnavailableException: an HSM said no; KeyUnavailableException: another, too";
    assert!(explanation.contains(both), "{explanation}");
    assert!(explanation.contains("2. provider 'b', key 'info': no keyring is for"), "{explanation}");
}

#[test]
fn each_attempt_names_its_key() {
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let keys = [("aws-kms", arn), ("aws-kms", "no ARN"), ("hsm", arn)].map(|(provider_id, info)| EncryptedDataKey {
        provider_id: provider_id.into(),
        provider_info: [info.as_bytes(), b"\0tail"].concat(),
        ciphertext: vec![1],
    });
    let thrown: Origin = Arc::new("a timeout");
    let mut attempts = Attempts::new(&keys);
    attempts.failed(2, Error::new(ErrorKind::KeyUnavailable, "").with_origin(Arc::clone(&thrown)));
    attempts.failed(0, Error::new(ErrorKind::Disabled, "off"));
    attempts.failed(2, Error::new(ErrorKind::KeyUnavailable, "again"));
    let error = attempts.into_error();
    let found: Vec<_> = error
        .attempts()
        .map(|Attempt { index, provider_id, key_name, key_arn, error, .. }| {
            assert_eq!((provider_id, key_name), [("aws-kms", arn), ("aws-kms", "no ARN"), ("hsm", arn)][index]);
            (index, key_arn, error.map(Error::message))
        })
        .collect();
    assert_eq!(found, [(0, Some(arn), Some("off")), (1, None, None), (2, None, Some("")), (2, None, Some("again"))]);
    let origins: Vec<_> = error.attempts().filter_map(|attempt| attempt.error?.origin()).collect();
    assert!(matches!(origins[..], [origin] if Arc::ptr_eq(origin, &thrown)), "what was thrown is in its attempt");
    let described = error.describe();
    assert_eq!(described.matches("again").count(), 1, "{described}");
    assert!(described.starts_with("UnableToDecryptDataKeyException\nThe keyring opened none"), "{described}");
}

#[test]
fn materials_without_a_data_key_open_nothing() {
    let message = encrypt(UNSIGNED, &plaintext(), 50);
    let options = DecryptOptions { encryption_context: [("purpose", "test")].into(), ..Default::default() };
    let mut decryptor = client(UNSIGNED).decryptor_without_materials(options);
    decryptor.update_vec(&message).unwrap();
    let materials = DecryptionMaterials::new(&decryptor.materials_request().unwrap()).unwrap();
    assert_eq!(decryptor.into_planner(Arc::new(materials)).err().unwrap().kind(), ErrorKind::Validation);
}
