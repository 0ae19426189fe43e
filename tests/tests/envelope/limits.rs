//! The limits of a client: what it encrypts, it decrypts.

use crate::round_trip::raw_aes;
use pocketkms::{
    EncryptionContext, ErrorKind, Provider, Result,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, EncryptOptions, EncryptionClient, EncryptionMaterialsRequest,
        Keyring, Limits, MaterialsManager, MultiKeyring, ReencryptOptions, RewrapOptions,
    },
};
use pocketkms_tests::vault::explained;
use std::sync::Arc;

const MAX_FRAME_LENGTH: u32 = 100;

fn client() -> EncryptionClient {
    EncryptionClient::default().limits(Limits {
        max_frame_length: MAX_FRAME_LENGTH,
        max_encrypted_data_keys: 2,
        ..Limits::default()
    })
}

fn frames_of(frame_length: Option<u32>) -> EncryptOptions {
    EncryptOptions { frame_length, ..Default::default() }
}

#[track_caller]
fn decrypts(client: &EncryptionClient, message: &[u8], plaintext: &[u8]) {
    let decrypted = client.decrypt(&raw_aes(), DecryptOptions::default(), message).unwrap();
    assert_eq!(decrypted.plaintext.expose(), plaintext);
}

#[test]
fn frames_longer_than_the_client_decrypts() {
    let (client, keyring) = (client(), raw_aes());
    let why = ["frames of 101 bytes are longer than this client decrypts, which is 100"];
    let too_long = || frames_of(Some(MAX_FRAME_LENGTH + 1));
    explained(client.encrypt(&keyring, too_long(), b"x"), ErrorKind::LimitExceeded, &why);
    explained(client.encryptor(&keyring, too_long()), ErrorKind::LimitExceeded, &why);
    let request = EncryptionMaterialsRequest {
        algorithm_suite: AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey,
        encryption_context: EncryptionContext::default(),
        required_encryption_context_keys: Vec::new(),
        plaintext_length: None,
    };
    let materials = keyring.encryption_materials(&Provider::default(), request).unwrap();
    let planner = client.encryption_planner(materials, Some(MAX_FRAME_LENGTH + 1), None);
    explained(planner, ErrorKind::LimitExceeded, &why);
    let message = client.encrypt(&keyring, frames_of(None), b"x").unwrap().message;
    let reencrypt = |frame_length| {
        let options = ReencryptOptions { frame_length: Some(frame_length), ..Default::default() };
        client.reencrypt(&keyring, &keyring, options, &message)
    };
    explained(reencrypt(MAX_FRAME_LENGTH + 1), ErrorKind::LimitExceeded, &why);
    decrypts(&client, &reencrypt(MAX_FRAME_LENGTH).unwrap().message, b"x");
    explained(client.encrypt(&keyring, frames_of(Some(0)), b"x"), ErrorKind::Validation, &["at least one byte"]);

    // Frames of the most that there may be, and of what is taken where nothing is said.
    for frame_length in [Some(MAX_FRAME_LENGTH), None] {
        let encrypted = client.encrypt(&keyring, frames_of(frame_length), &[7; 1000]).unwrap();
        assert_eq!(encrypted.header.frame_length, MAX_FRAME_LENGTH);
        decrypts(&client, &encrypted.message, &[7; 1000]);
    }
    let default = EncryptionClient::default();
    let longest = default.encrypt(&keyring, frames_of(Some(64 << 20)), b"x").unwrap();
    decrypts(&default, &longest.message, b"x");
    explained(default.encrypt(&keyring, frames_of(Some((64 << 20) + 1)), b"x"), ErrorKind::LimitExceeded, &[]);
}

#[test]
fn more_data_keys_than_the_client_reads() {
    let several = |count| {
        let keyrings: Vec<Arc<dyn Keyring>> = (0..count).map(|_| Arc::new(raw_aes()) as _).collect();
        MultiKeyring::new(Some(Arc::new(raw_aes())), keyrings).unwrap()
    };
    let message = client().encrypt(&several(1), EncryptOptions::default(), b"x").unwrap().message;
    decrypts(&client(), &message, b"x");
    let why = ["3 encrypted data keys are more than this client's limit of 2"];
    explained(client().encrypt(&several(2), EncryptOptions::default(), b"x"), ErrorKind::LimitExceeded, &why);
    explained(
        client().rewrap(&raw_aes(), &several(2), &RewrapOptions::default(), &message),
        ErrorKind::LimitExceeded,
        &why,
    );
}

/// The context that takes so many bytes in a message.
fn context(length: usize) -> EncryptionContext {
    // Their number, and per pair two lengths.
    let value = "v".repeat(length - 2 - 2 * 4 - "a".len() - "b".len() - 1);
    [("a", &*value), ("b", "v")].into()
}

#[test]
fn contexts_as_long_as_the_format_allows() {
    let keyring = raw_aes();
    let client = EncryptionClient::default().commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    let encrypt = |length: usize, suite, required: &[&str]| -> Result<Vec<u8>> {
        let options = EncryptOptions {
            encryption_context: context(length),
            required_encryption_context_keys: required.iter().map(ToString::to_string).collect(),
            algorithm_suite: Some(suite),
            ..Default::default()
        };
        Ok(client.encrypt(&keyring, options, b"x")?.message)
    };
    let (unsigned, signed) =
        (AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256, AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha384EcdsaP384);
    decrypts(&client, &encrypt(65_535, unsigned, &[]).unwrap(), b"x");
    explained(encrypt(65_536, unsigned, &[]), ErrorKind::LimitExceeded, &["65,535"]);
    // The public key takes room of its own: two lengths, its name, and 49 bytes in base64.
    let public_key = 4 + "aws-crypto-public-key".len() + 68;
    decrypts(&client, &encrypt(65_535 - public_key, signed, &[]).unwrap(), b"x");
    explained(encrypt(65_536 - public_key, signed, &[]), ErrorKind::LimitExceeded, &["65,535"]);
    // Stored or not, a keyring binds the data key to all pairs.
    explained(encrypt(65_536, unsigned, &["a"]), ErrorKind::LimitExceeded, &["65,535"]);
    let message = encrypt(65_535, unsigned, &["a"]).unwrap();
    let options = DecryptOptions { encryption_context: context(65_535), ..Default::default() };
    assert_eq!(client.decrypt(&keyring, options, &message).unwrap().plaintext.expose(), b"x");
}
