//! A vault with a clock that stands still, and the calls that every test makes.

use pocketkms::{
    EncryptionContext, Error, ErrorKind, Kms, ManualClock, Result, RootKey, Timestamp, Vault, VaultBuilder,
    api::{
        Blob, CreateAliasRequest, CreateKeyRequest, DecryptRequest, DescribeKeyRequest, EncryptRequest,
        GenerateMacRequest, GetPublicKeyRequest, KeyMetadata, SignRequest,
    },
    keys::{KeySpec, KeyUsageType},
};
use std::ops::Deref;

/// What an app has: its vault, and the client of the vault's own caller, whose operations it carries out like the client.
#[derive(Clone)]
pub struct Opened {
    /// The host's handle.
    pub vault: Vault,
    kms: Kms,
}

impl From<Vault> for Opened {
    fn from(vault: Vault) -> Self {
        Self { kms: vault.client(), vault }
    }
}

impl Deref for Opened {
    type Target = Kms;

    fn deref(&self) -> &Kms {
        &self.kms
    }
}

/// When every test begins: 2023-11-14T22:13:20Z.
pub const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// The root key of every test that needs no other.
pub fn root() -> RootKey {
    root_of(7)
}

/// A root key made of one byte.
pub fn root_of(byte: u8) -> RootKey {
    RootKey::from_bytes(&[byte; 32]).expect("32 bytes")
}

/// A builder with a new clock, and that clock.
pub fn builder() -> (VaultBuilder, ManualClock) {
    let clock = ManualClock::new(START);
    (Vault::builder().clock(clock.clone()), clock)
}

/// A new vault in memory, and its clock.
pub fn vault() -> (Opened, ManualClock) {
    let (builder, clock) = builder();
    (builder.create_in_memory(&root()).expect("a vault").into(), clock)
}

/// A new key.
pub fn create_key(kms: &Kms) -> KeyMetadata {
    kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata
}

/// A new multi-Region primary key.
pub fn create_multi_region_key(kms: &Kms) -> KeyMetadata {
    let request = CreateKeyRequest { multi_region: Some(true), ..Default::default() };
    kms.create_key(request).expect("a key").key_metadata
}

/// A new key of that spec, for the first of its usages.
pub fn create_key_of(kms: &Kms, spec: KeySpec) -> KeyMetadata {
    create_key_for(kms, spec, *spec.usages().first().expect("a usage"))
}

/// A new key of that spec for that usage.
pub fn create_key_for(kms: &Kms, spec: KeySpec, usage: KeyUsageType) -> KeyMetadata {
    let request = CreateKeyRequest { key_spec: Some(spec), key_usage: Some(usage), ..Default::default() };
    kms.create_key(request).expect("a key").key_metadata
}

/// The MAC of a message under an HMAC key.
#[track_caller]
pub fn generate_mac(kms: &Kms, key: &KeyMetadata, message: &[u8]) -> Vec<u8> {
    let request = GenerateMacRequest {
        message: message.to_vec().into(),
        key_id: key.arn.clone(),
        mac_algorithm: *key.mac_algorithms.iter().flatten().next().expect("an HMAC key"),
        grant_tokens: None,
        dry_run: None,
    };
    kms.generate_mac(request).expect("a usable key").mac.to_vec()
}

/// The signature of a message by a key pair.
#[track_caller]
pub fn sign(kms: &Kms, key: &KeyMetadata, message: &[u8]) -> Blob {
    let request = SignRequest {
        key_id: key.arn.clone(),
        message: message.to_vec().into(),
        message_type: None,
        grant_tokens: None,
        signing_algorithm: *key.signing_algorithms.iter().flatten().next().expect("a key that signs"),
        dry_run: None,
    };
    kms.sign(request).expect("a usable key").signature
}

/// The public key of a key pair.
#[track_caller]
pub fn public_key(kms: &Kms, key: &KeyMetadata) -> Blob {
    let request = GetPublicKeyRequest { key_id: key.arn.clone(), ..Default::default() };
    kms.get_public_key(request).expect("a usable key pair").public_key
}

/// What is known of a key.
#[track_caller]
pub fn describe(kms: &Kms, key: &str) -> KeyMetadata {
    let request = DescribeKeyRequest { key_id: key.into(), ..Default::default() };
    kms.describe_key(request).expect("a key that is there").key_metadata
}

/// A new alias.
#[track_caller]
pub fn create_alias(kms: &Kms, alias: &str, key: &str) {
    let request = CreateAliasRequest { alias_name: alias.into(), target_key_id: key.into() };
    kms.create_alias(request).expect("a new alias");
}

/// Encrypts with the context `{"purpose": "test"}`.
#[track_caller]
pub fn encrypt(kms: &Kms, key: &str, plaintext: &[u8]) -> Blob {
    let request = EncryptRequest {
        key_id: key.into(),
        plaintext: plaintext.to_vec().into(),
        encryption_context: Some(context()),
        ..Default::default()
    };
    kms.encrypt(request).expect("a usable key").ciphertext_blob
}

/// Decrypts what [`encrypt`] gave.
pub fn decrypt(kms: &Kms, blob: &[u8]) -> Result<Vec<u8>> {
    decrypt_with(kms, blob, Some(context()))
}

/// Decrypts with a context of one's own.
pub fn decrypt_with(kms: &Kms, blob: &[u8], context: Option<EncryptionContext>) -> Result<Vec<u8>> {
    let request = DecryptRequest {
        ciphertext_blob: Some(blob.to_vec().into()),
        encryption_context: context,
        ..Default::default()
    };
    kms.decrypt(request).map(|response| response.plaintext.into_exposed())
}

/// The context of [`encrypt`].
pub fn context() -> EncryptionContext {
    [("purpose", "test")].into()
}

/// The error of a call that must fail. Responses with secrets have no `Debug`, so `unwrap_err` cannot be used.
///
/// Of a failed decryption the text is the name and no more, wherever in the tests it fails, and why: what a handler sends to
/// the caller says nothing about them.
#[track_caller]
pub fn error<T>(result: Result<T>) -> Error {
    match result {
        Ok(_) => panic!("the call succeeded, and should not"),
        Err(error) => {
            let failed = [ErrorKind::InvalidCiphertext, ErrorKind::InvalidMessage, ErrorKind::UnableToDecryptDataKey];
            if failed.contains(&error.kind()) {
                assert_eq!(error.to_string(), error.name(), "the text of a failed decryption says why");
            }
            error
        }
    }
}

/// A call must fail with exactly this kind and message.
#[track_caller]
pub fn refused<T>(result: Result<T>, kind: ErrorKind, message: &str) {
    let error = error(result);
    assert_eq!((error.kind(), error.message()), (kind, message), "{error}");
}

/// A call must fail with this kind, and say all of these words to the local developer.
#[track_caller]
pub fn explained<T>(result: Result<T>, kind: ErrorKind, words: &[&str]) {
    let error = error(result);
    let report = error.report();
    assert_eq!(error.kind(), kind, "{report}");
    for word in words {
        assert!(report.contains(word), "'{report}' does not say '{word}'");
    }
}
