//! The external key manager: AES-256-GCM under keys that it keeps, by their ids.

use aes_gcm::{
    Aes256Gcm, AesGcm, KeyInit,
    aead::{
        AeadInOut,
        consts::{U12, U16},
    },
    aes::Aes256,
};
use std::collections::BTreeMap;

/// A key, and what `GetKeyMetadata` says of it.
#[derive(Clone)]
pub struct ExternalKey {
    /// 256 bits.
    pub material: [u8; 32],
    /// `keySpec`.
    pub spec: &'static str,
    /// `keyUsage`.
    pub usage: Vec<&'static str>,
    /// `keyStatus`.
    pub status: &'static str,
    /// What comes with each ciphertext: a version of the key, here.
    pub metadata: Vec<u8>,
    /// 12 or 16.
    pub vector_length: usize,
}

impl ExternalKey {
    /// One that a KMS key can have.
    pub fn new(byte: u8) -> Self {
        Self {
            material: [byte; 32],
            spec: "AES_256",
            usage: vec!["ENCRYPT", "DECRYPT", "WRAP"],
            status: "ENABLED",
            metadata: Vec::new(),
            vector_length: 12,
        }
    }
}

/// What a key manager makes of a plaintext.
pub(super) struct Encrypted {
    pub(super) vector: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// Keys by their ids.
#[derive(Default)]
pub struct KeyManager {
    keys: BTreeMap<String, ExternalKey>,
    /// No two vectors are the same.
    count: u64,
}

impl KeyManager {
    /// Puts a key there, or another in its place.
    pub fn put(&mut self, id: &str, key: ExternalKey) {
        self.keys.insert(id.into(), key);
    }

    /// Takes a key away.
    pub fn remove(&mut self, id: &str) {
        self.keys.remove(id);
    }

    /// The key of that id.
    pub fn get(&self, id: &str) -> Option<&ExternalKey> {
        self.keys.get(id)
    }

    /// The same, to be changed.
    #[track_caller]
    pub fn key_mut(&mut self, id: &str) -> &mut ExternalKey {
        self.keys.get_mut(id).expect("an external key")
    }

    pub(super) fn encrypt(&mut self, key: &ExternalKey, plaintext: &[u8], aad: &[u8]) -> Encrypted {
        self.count += 1;
        let mut vector = vec![0; key.vector_length];
        vector[..8].copy_from_slice(&self.count.to_be_bytes());
        let aad = full_aad(aad, &key.metadata);
        let mut data = plaintext.to_vec();
        let tag = match key.vector_length {
            16 => long(key).encrypt_inout_detached(
                vector[..].try_into().expect("16 bytes"),
                &aad,
                data.as_mut_slice().into(),
            ),
            _ => short(key).encrypt_inout_detached(
                vector[..].try_into().expect("12 bytes"),
                &aad,
                data.as_mut_slice().into(),
            ),
        };
        Encrypted { vector, ciphertext: data, tag: tag.expect("a short plaintext").to_vec() }
    }

    /// `None` if the tag is wrong.
    pub(super) fn decrypt(key: &ExternalKey, encrypted: &Encrypted, metadata: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
        let aad = full_aad(aad, metadata);
        let mut data = encrypted.ciphertext.clone();
        let tag = encrypted.tag[..].try_into().ok()?;
        let vector = &encrypted.vector[..];
        let opened = match vector.len() {
            16 => long(key).decrypt_inout_detached(vector.try_into().ok()?, &aad, data.as_mut_slice().into(), tag),
            _ => short(key).decrypt_inout_detached(vector.try_into().ok()?, &aad, data.as_mut_slice().into(), tag),
        };
        opened.ok().map(|()| data)
    }
}

fn short(key: &ExternalKey) -> AesGcm<Aes256, U12> {
    Aes256Gcm::new(&key.material.into())
}

fn long(key: &ExternalKey) -> AesGcm<Aes256, U16> {
    AesGcm::new(&key.material.into())
}

/// "2-byte length of additionalAuthenticatedData in big-endian format || additionalAuthenticatedData || 1-byte length of
/// ciphertextMetadata || ciphertextMetadata".
fn full_aad(aad: &[u8], metadata: &[u8]) -> Vec<u8> {
    let (length, count) = (u16::try_from(aad.len()), u8::try_from(metadata.len()));
    [&length.expect("16 bits").to_be_bytes(), aad, &[count.expect("8 bits")], metadata].concat()
}
