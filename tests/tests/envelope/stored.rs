//! Messages that someone stored, and keys to move them between.

use pocketkms::{
    EntropyError, Hash, Provider, Random, Secret,
    envelope::{
        AlgorithmSuite, CommitmentPolicy, DecryptOptions, Decrypted, EncryptOptions, EncryptionClient, Inspection,
        MessageInfo, RawAesKeyring, RewrapOptions, Rewrapped,
    },
};
use std::sync::{Arc, Mutex};

/// A keyring of its own for each name.
pub(super) fn keyring(name: &str) -> RawAesKeyring {
    let wrapping_key: Vec<u8> = name.bytes().cycle().take(32).collect();
    RawAesKeyring::new(&Provider::default(), "app", name, &Secret::from(wrapping_key)).unwrap()
}

/// A client that reads every suite.
pub(super) fn reader() -> EncryptionClient {
    EncryptionClient::default().commitment_policy(CommitmentPolicy::RequireEncryptAllowDecrypt)
}

/// A client that writes this suite.
pub(super) fn writer(suite: AlgorithmSuite) -> EncryptionClient {
    if suite.is_committing() {
        return EncryptionClient::default();
    }
    EncryptionClient::default().commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt)
}

/// A plaintext of this length, no two parts of it alike.
pub(super) fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap()).collect()
}

/// A message in frames of 16 bytes, under the key of that name.
pub(super) fn message(suite: AlgorithmSuite, key: &str, length: usize) -> Vec<u8> {
    let options = EncryptOptions {
        encryption_context: [("purpose", "test"), ("naïve", "ключ")].into(),
        algorithm_suite: Some(suite),
        frame_length: Some(16),
        ..Default::default()
    };
    writer(suite).encrypt(&keyring(key), options, &plaintext(length)).unwrap().message
}

pub(super) fn info(message: &[u8]) -> MessageInfo {
    match EncryptionClient::default().inspect(message).unwrap() {
        Inspection::Complete(info) => info,
        Inspection::Incomplete { needed } => panic!("needs {needed} bytes"),
    }
}

/// The first bytes of a message, its header.
pub(super) fn header(message: &[u8]) -> &[u8] {
    &message[..info(message).header_length]
}

pub(super) fn with_sidecar(sidecar: &[u8]) -> DecryptOptions {
    DecryptOptions { sidecar: Some(sidecar.to_vec()), ..Default::default() }
}

/// Decrypts with the key of that name alone.
pub(super) fn decrypt(key: &str, options: DecryptOptions, message: &[u8]) -> pocketkms::Result<Decrypted> {
    reader().decrypt(&keyring(key), options, message)
}

/// Moves a message from the key of one name to that of another, by its header alone.
pub(super) fn rewrap(from: &str, to: &str, message: &[u8]) -> Rewrapped {
    reader().rewrap(&keyring(from), &keyring(to), &RewrapOptions::default(), header(message)).unwrap()
}

/// The sidecar that rewrapping made, where it had to be one.
#[track_caller]
pub(super) fn sidecar(rewrapped: Rewrapped) -> Vec<u8> {
    match rewrapped {
        Rewrapped::Sidecar(bytes) => bytes,
        Rewrapped::Header { .. } => panic!("a header in place of a sidecar"),
    }
}

/// The message with its new header, where there had to be one.
#[track_caller]
pub(super) fn spliced(rewrapped: Rewrapped, message: &[u8]) -> Vec<u8> {
    match rewrapped {
        Rewrapped::Header { bytes, replaces } => [&bytes, &message[replaces..]].concat(),
        Rewrapped::Sidecar(_) => panic!("a sidecar in place of a header"),
    }
}

/// Whether the header of such a message may be rewritten.
pub(super) fn is_rewritable(suite: AlgorithmSuite) -> bool {
    suite.message_version() == 1 && !suite.is_signed()
}

/// A sidecar as docs/formats.md describes it, for anyone who has the data key. `data_keys` are in the format's encoding.
pub(super) fn write_sidecar(suite: u16, id: &[u8], binding: &[u8], data_keys: &[u8], data_key: &[u8]) -> Vec<u8> {
    let mut bytes = [b"S\x01", &suite.to_be_bytes()[..], id, binding, data_keys].concat();
    let info = [&suite.to_be_bytes()[..], b"PocketKMS Sidecar 1"].concat();
    let (mut key, mut tag) = ([0; 32], [0; 32]);
    let provider = Provider::default();
    provider.kdf.hkdf(Hash::Sha512, data_key, id, &info, &mut key).unwrap();
    provider.mac.key(Hash::Sha256, &key).mac(&[&bytes], &mut tag);
    bytes.extend_from_slice(&tag);
    bytes
}

/// Randomness that was written down, a draw after the other.
#[derive(Clone, Default)]
pub(super) struct Script(Arc<Mutex<Vec<Vec<u8>>>>);

impl Script {
    pub(super) fn of(draws: &[impl AsRef<[u8]>]) -> Self {
        Self(Arc::new(Mutex::new(draws.iter().rev().map(|draw| draw.as_ref().into()).collect())))
    }

    /// A client that draws from it.
    pub(super) fn client(&self, policy: CommitmentPolicy) -> EncryptionClient {
        EncryptionClient::new(Provider::rust_crypto(Arc::new(self.clone()))).commitment_policy(policy)
    }

    pub(super) fn is_over(&self) -> bool {
        self.0.lock().unwrap().is_empty()
    }
}

impl Random for Script {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let draw = self.0.lock().unwrap().pop().filter(|draw| draw.len() == bytes.len()).ok_or(EntropyError)?;
        bytes.copy_from_slice(&draw);
        Ok(())
    }
}
