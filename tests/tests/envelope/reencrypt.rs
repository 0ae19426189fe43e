//! Re-encrypting: another data key, another suite, the same plaintext and context; nothing of a broken message.

use super::stored::{decrypt, info, keyring, message, plaintext, reader};
use pocketkms::{
    Error,
    envelope::{AlgorithmSuite, DecryptOptions, EncryptOptions, ReencryptOptions, Transform},
};
use pocketkms_tests::vault::error;
use std::sync::Arc;

/// Re-encrypts in pieces of so many bytes, and gives what came out before an error, too.
fn reencrypt(message: &[u8], options: ReencryptOptions, size: usize) -> Result<Vec<u8>, Error> {
    let mut stream = reader().reencryptor(Arc::new(keyring("old")), Arc::new(keyring("new")), options);
    let mut output = Vec::new();
    for piece in message.chunks(size) {
        output.extend(stream.update_vec(piece)?);
    }
    let last = stream.finish();
    assert!(stream.update_vec(b"more").is_err() && stream.finish().is_err());
    output.extend(last?);
    Ok(output)
}

#[test]
fn a_message_that_is_not_whole_has_no_end() {
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 100);
        for cut in 0..message.len() {
            error(reencrypt(&message[..cut], ReencryptOptions::default(), 50));
        }
        for at in 0..message.len() {
            let mut altered = message.clone();
            altered[at] ^= 1;
            error(reencrypt(&altered, ReencryptOptions::default(), 50));
        }
    }
}

#[test]
fn every_suite_in_pieces_of_any_size() {
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 1000);
        for size in [1, 7, 64, 333, 5000] {
            let options = ReencryptOptions { frame_length: Some(64), ..Default::default() };
            let new = reencrypt(&message, options, size).unwrap();
            let decrypted = decrypt("new", DecryptOptions::default(), &new).unwrap();
            assert_eq!(decrypted.plaintext.expose(), plaintext(1000));
            assert_eq!(decrypted.encryption_context["naïve"], "ключ");
            assert!(!decrypted.encryption_context.contains_key("aws-crypto-public-key"));
            let (before, after) = (info(&message).header, info(&new).header);
            assert_eq!((after.frame_length, after.version), (64, 2));
            assert_ne!(before.message_id, after.message_id);
        }
    }
}

#[test]
fn required_pairs_stay_required() {
    let encrypt = EncryptOptions {
        encryption_context: [("stored", "1"), ("secret", "2")].into(),
        required_encryption_context_keys: vec!["secret".into()],
        ..Default::default()
    };
    let message = reader().encrypt(&keyring("old"), encrypt, b"text").unwrap().message;
    let reproduced = || DecryptOptions { encryption_context: [("secret", "2")].into(), ..Default::default() };
    let options = ReencryptOptions { decrypt: reproduced(), ..Default::default() };
    let new = reencrypt(&message, options, 100).unwrap();
    assert!(!info(&new).header.encryption_context.contains_key("secret"));
    error(decrypt("new", DecryptOptions::default(), &new));
    assert_eq!(decrypt("new", reproduced(), &new).unwrap().plaintext.expose(), b"text");
}

#[test]
fn one_shot_as_a_stream() {
    let one_shot = |message: &[u8]| {
        let options = ReencryptOptions { frame_length: Some(64), ..Default::default() };
        reader().reencrypt(&keyring("old"), &keyring("new"), options, message)
    };
    for &suite in AlgorithmSuite::ALL {
        let message = message(suite, "old", 1000);
        let new = one_shot(&message).unwrap();
        assert_eq!(new.header, info(&new.message).header);
        assert_eq!(
            decrypt("new", DecryptOptions::default(), &new.message).unwrap().plaintext.expose(),
            plaintext(1000)
        );
        for cut in (0..message.len()).step_by(97) {
            error(one_shot(&message[..cut]));
        }
        error(one_shot(&[&message[..], b"more"].concat()));
    }
}
