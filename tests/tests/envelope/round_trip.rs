//! What goes in comes out: every suite, around the edges of the frames, at once and piece by piece.

use pocketkms::{
    Error, ErrorKind, Provider, RootKey, Secret, Vault,
    api::CreateKeyRequest,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, EncryptOptions, EncryptionClient, Inspection, Keyring,
        RawAesKeyring, Transform,
    },
};
use std::sync::Arc;

pub(crate) fn client(suite: AlgorithmSuite) -> EncryptionClient {
    EncryptionClient::default().commitment_policy(if suite.is_committing() {
        CommitmentPolicy::RequireEncryptRequireDecrypt
    } else {
        CommitmentPolicy::ForbidEncryptAllowDecrypt
    })
}

pub(crate) fn raw_aes() -> RawAesKeyring {
    RawAesKeyring::new(&Provider::default(), "test", "key", &Secret::from(vec![7; 32])).unwrap()
}

pub(crate) fn options(suite: AlgorithmSuite, frame_length: u32) -> EncryptOptions {
    EncryptOptions {
        encryption_context: [("purpose", "test"), ("naïve", "ключ")].into(),
        algorithm_suite: Some(suite),
        frame_length: Some(frame_length),
        ..Default::default()
    }
}

#[test]
fn every_suite_around_the_edges_of_frames() {
    let keyring = raw_aes();
    for &suite in AlgorithmSuite::ALL {
        let client = client(suite);
        for length in [0, 1, 15, 16, 17, 31, 32, 33, 1000] {
            let plaintext: Vec<u8> = (0..length).map(|byte| u8::try_from(byte % 251).unwrap()).collect();
            let encrypted = client.encrypt(&keyring, options(suite, 16), &plaintext).unwrap();
            let decrypted = client.decrypt(&keyring, DecryptOptions::default(), &encrypted.message).unwrap();
            assert_eq!(decrypted.plaintext.expose(), plaintext, "{suite} {length}");
            assert_eq!(decrypted.header, encrypted.header);
            assert_eq!(decrypted.encryption_context["naïve"], "ключ");
        }
    }
}

#[test]
fn piece_by_piece_is_the_same() {
    let keyring: Arc<dyn Keyring> = Arc::new(raw_aes());
    for &suite in AlgorithmSuite::ALL {
        let client = client(suite);
        let plaintext = vec![42; 1000];
        for size in [1, 7, 64, 65, 999] {
            let mut encryptor = client.encryptor(&keyring, options(suite, 64)).unwrap();
            let mut message = Vec::new();
            for piece in plaintext.chunks(size) {
                message.extend(encryptor.update_vec(piece).unwrap());
            }
            message.extend(encryptor.finish().unwrap());
            let mut decryptor = client.decryptor(Arc::new(keyring.clone()), DecryptOptions::default());
            let mut decrypted = Vec::new();
            for piece in message.chunks(size) {
                decrypted.extend(decryptor.update_vec(piece).unwrap());
            }
            decryptor.finish().unwrap();
            assert_eq!(decrypted, plaintext, "{suite} in pieces of {size}");
        }
    }
}

#[test]
fn a_key_of_a_vault() {
    let kms = Vault::builder().create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap().client();
    let key = kms.create_key(CreateKeyRequest::default()).unwrap().key_metadata.key_id;
    let keyring = kms.keyring(&key, &[]);
    let client = EncryptionClient::default();
    let encrypted = client.encrypt(&keyring, EncryptOptions::default(), b"card 4242").unwrap();
    assert_eq!(encrypted.header.encrypted_data_keys[0].provider_id, "aws-kms");
    let decrypted = client.decrypt(&keyring, DecryptOptions::default(), &encrypted.message).unwrap();
    assert_eq!(decrypted.plaintext.expose(), b"card 4242");
}

#[test]
fn into_memory_of_the_exact_length() {
    let keyring = raw_aes();
    for &suite in AlgorithmSuite::ALL {
        let client = client(suite);
        for length in [0, 1, 15, 16, 17, 32, 33, 1000] {
            let plaintext = vec![42; length];
            let start = || client.one_shot_encryption(&keyring, options(suite, 16), &plaintext).unwrap();
            let encryption = start();
            let capacity = encryption.capacity();
            let mut message = vec![0; capacity];
            let (written, header) = encryption.write(&mut message).unwrap();
            assert!(if suite.is_signed() { written <= capacity } else { written == capacity }, "{suite} {length}");
            message.truncate(written);
            let encryption = start();
            let room = encryption.capacity();
            assert_eq!(encryption.write(&mut vec![0; room - 1]).unwrap_err().kind(), ErrorKind::Validation);

            let decryption = client.one_shot_decryption(&keyring, DecryptOptions::default(), &message).unwrap();
            assert_eq!(decryption.length(), length, "{suite}");
            let mut opened = vec![1; length];
            let (context, read) = decryption.write(&mut opened).unwrap();
            assert_eq!((opened, context["naïve"].as_str(), read), (plaintext.clone(), "ключ", header));
            if length > 0 {
                let decryption = client.one_shot_decryption(&keyring, DecryptOptions::default(), &message).unwrap();
                let error = decryption.write(&mut vec![0; length - 1]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Validation);
            }
        }
    }
}

#[test]
fn an_altered_message_leaves_nothing_of_its_plaintext() {
    let keyring = raw_aes();
    for &suite in AlgorithmSuite::ALL {
        let client = client(suite);
        let message = client.encrypt(&keyring, options(suite, 16), &[42; 100]).unwrap().message;
        let Inspection::Complete(info) = client.inspect(&message).unwrap() else { panic!("a whole header") };
        let body = message.len() - info.header_length;
        for cut in 0..body {
            let part = &message[..message.len() - cut - 1];
            let decryption = client.one_shot_decryption(&keyring, DecryptOptions::default(), part).unwrap();
            let mut opened = vec![1; decryption.length()];
            assert_eq!(decryption.write(&mut opened).unwrap_err().kind(), ErrorKind::InvalidMessage);
            assert!(opened.iter().all(|byte| *byte == 0), "{suite}, {cut} bytes cut off");
        }
        for index in message.len() - body..message.len() {
            let mut altered = message.clone();
            altered[index] ^= 1;
            let decryption = client.one_shot_decryption(&keyring, DecryptOptions::default(), &altered).unwrap();
            let mut opened = vec![1; decryption.length()];
            assert_eq!(decryption.write(&mut opened).unwrap_err().kind(), ErrorKind::InvalidMessage);
            assert!(opened.iter().all(|byte| *byte == 0), "{suite}, byte {index} altered");
        }
    }
}

#[test]
fn a_long_message_may_be_given_up_on_the_way() {
    let (client, keyring) = (EncryptionClient::default(), raw_aes());
    let plaintext = vec![42; 40 << 20];
    let give_up = |after: usize| {
        let mut asked = 0;
        move || {
            asked += 1;
            if asked > after { Err(Error::new(ErrorKind::StreamState, "enough")) } else { Ok(()) }
        }
    };
    for frame_length in [64 << 10, 17 << 20] {
        let options = || EncryptOptions { frame_length: Some(frame_length), ..Default::default() };
        let encryption = client.one_shot_encryption(&keyring, options(), &plaintext).unwrap();
        let mut message = vec![0; encryption.capacity()];
        encryption.write_while(&mut message, &mut give_up(3)).unwrap();
        let encryption = client.one_shot_encryption(&keyring, options(), &plaintext).unwrap();
        let error = encryption.write_while(&mut message.clone(), &mut give_up(1)).unwrap_err();
        assert_eq!(error.message(), "enough");

        let decrypt = || client.one_shot_decryption(&keyring, DecryptOptions::default(), &message).unwrap();
        let mut opened = vec![0; decrypt().length()];
        decrypt().write_while(&mut opened, &mut give_up(3)).unwrap();
        assert!(opened == plaintext, "frames of {frame_length} bytes");
        assert_eq!(decrypt().write_while(&mut opened, &mut give_up(2)).unwrap_err().message(), "enough");
        assert!(opened.iter().all(|byte| *byte == 0));
    }
}
