//! Keyrings: what they refuse, and what they write. That they read what AWS's SDKs wrote is in the vectors.

mod callback;
mod hierarchical;
mod kms;
mod raw_ecdh;
mod raw_rsa;

use base64::{Engine, prelude::BASE64_STANDARD};
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Result, Secret,
    envelope::{DecryptOptions, EncryptOptions, EncryptionClient, MaterialsManager},
};
use pocketkms_tests::vault::explained;
use std::{env, fs, path::Path};

const PLAINTEXT: &[u8] = b"card 4242";

/// A file of `keyrings/keys`.
macro_rules! key {
    ($name:literal) => {
        include_bytes!(concat!("keys/", $name)).as_slice()
    };
}
use key;

fn context() -> EncryptionContext {
    [("purpose", "test"), ("naïve", "ключ")].into()
}

/// A message under the data key that the keyring makes.
fn encrypt(keyring: &impl MaterialsManager) -> Result<Vec<u8>> {
    let options = EncryptOptions { encryption_context: context(), ..Default::default() };
    Ok(EncryptionClient::default().encrypt(keyring, options, PLAINTEXT)?.message)
}

fn decrypt(keyring: &impl MaterialsManager, message: &[u8]) -> Result<Secret> {
    Ok(EncryptionClient::default().decrypt(keyring, DecryptOptions::default(), message)?.plaintext)
}

/// The keyring opens the message.
#[track_caller]
fn opens(keyring: &impl MaterialsManager, message: &[u8]) {
    match decrypt(keyring, message) {
        Ok(plaintext) => assert_eq!(plaintext.expose(), PLAINTEXT),
        Err(error) => panic!("{error}"),
    }
}

/// The keyring does not open the message, and says why. From outside all failures look alike.
#[track_caller]
fn opens_not(keyring: &impl MaterialsManager, message: &[u8], why: &[&str]) {
    let result = decrypt(keyring, message);
    assert_eq!(result.as_ref().err().map(Error::to_string).as_deref(), Some("UnableToDecryptDataKeyException"));
    explained(result, ErrorKind::UnableToDecryptDataKey, why);
}

/// The single steps of AWS's SDKs that lie beside the repository, where they do; they may not be copied into it.
fn edk_kdf() -> Option<serde_json::Value> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/aws-esdk/edk-kdf.json");
    let Ok(json) = fs::read(&file) else {
        assert!(env::var_os("CI").is_none(), "{} is missing", file.display());
        println!("{} is not there: the other tests must do", file.display());
        return None;
    };
    Some(serde_json::from_slice(&json).expect("JSON"))
}

/// The bytes in a PEM.
fn pem_body(pem: &[u8]) -> Vec<u8> {
    let lines = str::from_utf8(pem).expect("text").lines().filter(|line| !line.starts_with('-'));
    BASE64_STANDARD.decode(lines.collect::<String>()).expect("base64")
}
