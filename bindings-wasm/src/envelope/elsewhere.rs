//! What stands behind a keyring: a vault, or a KMS or a store of branch keys elsewhere, which answers later.
//!
//! The core's keyrings ask, and want the answer at once. So one whose answers come later is run as far as the answers go that
//! have come: at the first question without one it stops, the half in JavaScript waits for the answer, and the keyring is
//! run again. What was answered is found by the question, not by its turn, since a keyring that has a branch key open
//! does not ask for it again.

use super::conversation::{Answer, Conversation, Question};
use crate::vault::Vault;
use pocketkms::{
    Error, ErrorKind, Provider, Result, Secret, SecretArray, Timestamp,
    api::{
        DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse, GenerateDataKeyRequest,
        GenerateDataKeyResponse,
    },
    envelope::{
        Attempts, BranchKeyMaterials, BranchKeySource, DecryptionMaterials, EncryptedDataKey, EncryptionMaterials,
        Keyring, KmsClient, KmsKeyring, Purpose,
    },
    keys::{BranchKeyVersion, EncryptionAlgorithmSpec},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasm_bindgen::prelude::*;

/// What a keyring is made with.
#[wasm_bindgen]
pub struct Source {
    pub(super) kms: Arc<dyn KmsClient>,
    pub(super) branch_keys: Arc<dyn BranchKeySource>,
    /// What answers later, if anything does.
    pub(super) elsewhere: Option<Elsewhere>,
}

#[wasm_bindgen]
impl Source {
    /// A vault.
    pub fn vault(vault: &Vault) -> Self {
        Self { kms: vault.client(), branch_keys: vault.branch_keys(), elsewhere: None }
    }

    /// What JavaScript asks.
    pub fn elsewhere() -> Self {
        let elsewhere = Elsewhere::default();
        Self { kms: Arc::new(elsewhere.clone()), branch_keys: Arc::new(elsewhere.clone()), elsewhere: Some(elsewhere) }
    }
}

/// A KMS, and a store of branch keys, that know what the conversation of the moment says.
#[derive(Clone, Default)]
pub(super) struct Elsewhere(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    conversation: Conversation,
    now: Timestamp,
}

impl Elsewhere {
    /// Runs a keyring in a conversation. Several messages may each have theirs with one keyring.
    pub(super) fn run<T>(&self, conversation: &mut Conversation, keyring: impl FnOnce() -> T) -> T {
        std::mem::swap(&mut self.state().conversation, conversation);
        let result = keyring();
        std::mem::swap(&mut self.state().conversation, conversation);
        result
    }

    /// Says what time it is.
    pub(super) fn turn_clock(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// How many keys of a KMS keyring the conversation is done with.
    pub(super) fn keys_done(&self) -> usize {
        self.state().conversation.keys_done()
    }

    /// Goes on to the next key.
    pub(super) fn key_done(&self) {
        self.state().conversation.key_done();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, as `take` finds it.
    fn ask<T>(&self, question: Question, take: impl FnOnce(&Answer) -> Option<T>) -> Result<T> {
        self.state().conversation.ask(question, take)
    }
}

impl KmsClient for Elsewhere {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.ask(Question::GenerateDataKey(request), |answer| {
            let Answer::DataKey(key_id, plaintext, ciphertext_blob) = answer else { return None };
            Some(GenerateDataKeyResponse {
                key_id: key_id.clone(),
                plaintext: Secret::copy_of(plaintext.expose()),
                ciphertext_blob: ciphertext_blob.clone(),
                ciphertext_for_recipient: None,
                key_material_id: None,
            })
        })
    }

    fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.ask(Question::Encrypt(request), |answer| {
            let Answer::Encrypted(key_id, ciphertext_blob) = answer else { return None };
            Some(EncryptResponse {
                key_id: key_id.clone(),
                ciphertext_blob: ciphertext_blob.clone(),
                encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
            })
        })
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.ask(Question::Decrypt(request), |answer| {
            let Answer::Decrypted(key_id, plaintext) = answer else { return None };
            Some(DecryptResponse {
                key_id: key_id.clone(),
                plaintext: Secret::copy_of(plaintext.expose()),
                encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
                ciphertext_for_recipient: None,
                key_material_id: None,
            })
        })
    }
}

impl BranchKeySource for Elsewhere {
    fn active_branch_key(&self, id: &str) -> Result<BranchKeyMaterials> {
        self.branch_key(id, None)
    }

    fn branch_key_version(&self, id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.branch_key(id, Some(*version))
    }

    /// Always the same, as it cannot be told without asking: what has changed is seen when the cache forgets.
    fn branch_key_state(&self, _: &str, _: Option<&BranchKeyVersion>) -> Result<String> {
        Ok(String::new())
    }

    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl Elsewhere {
    fn branch_key(&self, id: &str, version: Option<BranchKeyVersion>) -> Result<BranchKeyMaterials> {
        let materials = self.ask(Question::BranchKey(id.into(), version), |answer| {
            let Answer::BranchKey(version, branch_key) = answer else { return None };
            Some(BranchKeyMaterials { version: *version, branch_key: SecretArray::copy_of(branch_key.expose())? })
        })?;
        if version.is_some_and(|version| version != materials.version) {
            return Err(Error::new(
                ErrorKind::KeyUnavailable,
                "the store answered with another version of the branch key",
            ));
        }
        Ok(materials)
    }
}

/// A KMS keyring that asks for each of its keys once, although it is run again for each answer.
pub(super) struct KmsElsewhere {
    pub(super) whole: KmsKeyring,
    /// One for each key.
    pub(super) each: Vec<KmsKeyring>,
    pub(super) elsewhere: Elsewhere,
}

impl Keyring for KmsElsewhere {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        for key in self.each.iter().skip(self.elsewhere.keys_done()) {
            key.on_encrypt(provider, materials)?;
            self.elsewhere.key_done();
        }
        Ok(())
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        self.whole.on_decrypt(provider, materials, attempts)
    }

    fn fingerprint(&self, provider: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        self.whole.fingerprint(provider, purpose)
    }

    fn take_current(&self, provider: &Provider, keys: &mut Vec<&EncryptedDataKey>) -> Result<bool> {
        self.whole.take_current(provider, keys)
    }
}
