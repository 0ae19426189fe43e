//! The frozen sidecars: what an earlier version wrote opens for ever, and the same inputs make the same bytes.
//! `tests/vectors/README.md` says what is in the file.

use super::stored::{Script, reader, with_sidecar};
use pocketkms::{
    Provider, Secret,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, Keyring, MaterialsManager, MultiKeyring, RawAesKeyring,
        RewrapOptions, Rewrapped,
    },
};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
struct Case {
    suite: String,
    from: Key,
    to: Vec<Key>,
    random: Vec<String>,
    data_key: String,
    plaintext: String,
    message: String,
    sidecar: String,
}

#[derive(Deserialize)]
struct Key {
    namespace: String,
    name: String,
    #[serde(rename = "key")]
    bytes: String,
}

impl Key {
    fn keyring(&self) -> RawAesKeyring {
        let wrapping_key = Secret::from(unhex(&self.bytes));
        RawAesKeyring::new(&Provider::default(), &self.namespace, &self.name, &wrapping_key).unwrap()
    }
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

fn cases() -> Vec<Case> {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../../vectors/envelope/sidecar.json")).unwrap();
    assert!(cases.len() >= 4, "the vectors are missing");
    cases
}

#[test]
fn a_frozen_sidecar_opens_its_message_with_each_of_its_keys() {
    for case in cases() {
        let (message, sidecar) = (unhex(&case.message), unhex(&case.sidecar));
        assert!(case.to.len() == case.random.len() && !case.to.is_empty());
        for key in &case.to {
            let decrypted = reader().decrypt(&key.keyring(), with_sidecar(&sidecar), &message).unwrap();
            assert_eq!(decrypted.plaintext.expose(), unhex(&case.plaintext));
            assert_eq!(decrypted.header.algorithm_suite, AlgorithmSuite::from_name(&case.suite).unwrap());
            let request = reader().decryption_materials_request(&with_sidecar(&sidecar), &message).unwrap();
            let materials = key.keyring().decryption_materials(&Provider::default(), &request).unwrap();
            assert_eq!(materials.data_key().unwrap().expose(), unhex(&case.data_key));
        }
        // As any other reader of the format opens it.
        let decrypted = reader().decrypt(&case.from.keyring(), DecryptOptions::default(), &message).unwrap();
        assert_eq!(decrypted.plaintext.expose(), unhex(&case.plaintext));
    }
}

#[test]
fn the_same_inputs_make_the_same_bytes() {
    for case in cases() {
        let random: Vec<_> = case.random.iter().map(|draw| unhex(draw)).collect();
        let script = Script::of(&random);
        let children = case.to.iter().map(|key| Arc::new(key.keyring()) as Arc<dyn Keyring>).collect();
        let destination = MultiKeyring::new(None, children).unwrap();
        let options = RewrapOptions { sidecar_only: true, ..Default::default() };
        let client = script.client(CommitmentPolicy::RequireEncryptAllowDecrypt);
        let rewrapped = client.rewrap(&case.from.keyring(), &destination, &options, &unhex(&case.message)).unwrap();
        assert_eq!(rewrapped, Rewrapped::Sidecar(unhex(&case.sidecar)));
        assert!(script.is_over());
    }
}
