//! What goes in comes out: every suite, around the edges of the frames, at once and piece by piece.

use pocketkms::{
    Kms, Provider, RootKey, Secret,
    api::CreateKeyRequest,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, EncryptOptions, EncryptionClient, Keyring, RawAesKeyring,
        Transform,
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
    let kms = Kms::builder().create(&RootKey::from_bytes(&[7; 32]).unwrap()).unwrap();
    let key = kms.create_key(CreateKeyRequest::default()).unwrap().key_metadata.key_id;
    let keyring = kms.keyring(&key, &[]);
    let client = EncryptionClient::default();
    let encrypted = client.encrypt(&keyring, EncryptOptions::default(), b"card 4242").unwrap();
    assert_eq!(encrypted.header.encrypted_data_keys[0].provider_id, "aws-kms");
    let decrypted = client.decrypt(&keyring, DecryptOptions::default(), &encrypted.message).unwrap();
    assert_eq!(decrypted.plaintext.expose(), b"card 4242");
}
