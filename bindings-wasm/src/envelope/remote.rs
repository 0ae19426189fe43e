//! What a keyring calls: a vault; or a KMS or a store of branch keys elsewhere, which answers later.
//!
//! The core's keyrings want the result of a call at once. So one whose results come later is run as far as there are results:
//! at the first call without one it stops, the half in JavaScript waits for the result, and the keyring is run again. Results
//! are found by the call, not by its turn, since a keyring that has a branch key open does not ask for it again.

use super::replay::{RemoteCall, RemoteResult, Replay};
use crate::kms::Kms;
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Provider, Result, Secret, SecretArray, Timestamp,
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
    pub(super) remote: Option<Remote>,
}

#[wasm_bindgen]
impl Source {
    /// A vault.
    pub fn kms(kms: &Kms) -> Self {
        Self { kms: kms.client(), branch_keys: kms.branch_keys(), remote: None }
    }

    /// An object of the app's, which JavaScript calls; whether it knows the states of branch keys.
    pub fn remote(knows_states: bool) -> Self {
        let remote = Remote::default();
        remote.state().knows_states = knows_states;
        Self { kms: Arc::new(remote.clone()), branch_keys: Arc::new(remote.clone()), remote: Some(remote) }
    }
}

/// A KMS, and a store of branch keys, that know what the replay of the moment says.
#[derive(Clone, Default)]
pub(super) struct Remote(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    replay: Replay,
    /// Whether the keyring is run again when the pending call has its result.
    is_running: bool,
    knows_states: bool,
    now: Timestamp,
}

impl Remote {
    /// Runs a keyring with a replay. Several messages may each have theirs with one keyring.
    pub(super) fn run<T>(&self, replay: &mut Replay, keyring: impl FnOnce() -> T) -> T {
        self.exchange(replay, true);
        let result = keyring();
        self.exchange(replay, false);
        result
    }

    fn exchange(&self, replay: &mut Replay, is_running: bool) {
        let mut state = self.state();
        std::mem::swap(&mut state.replay, replay);
        state.is_running = is_running;
    }

    /// Keeps a replay for what is asked of the keyring outside of [`run`](Self::run).
    pub(super) fn keep(&self, replay: Replay) {
        self.state().replay = replay;
    }

    /// Sets the time.
    pub(super) fn turn_clock(&self, now: Timestamp) {
        self.state().now = now;
    }

    /// How many keys of a KMS keyring the replay is done with.
    pub(super) fn keys_done(&self) -> usize {
        self.state().replay.keys_done()
    }

    /// Goes on to the next key.
    pub(super) fn key_done(&self) {
        self.state().replay.key_done();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The result of a call, as `take` finds it.
    fn call<T>(&self, call: RemoteCall, take: impl FnOnce(&RemoteResult) -> Option<T>) -> Result<T> {
        self.state().replay.result(call, take)
    }
}

impl KmsClient for Remote {
    fn generate_data_key(&self, request: GenerateDataKeyRequest) -> Result<GenerateDataKeyResponse> {
        self.call(RemoteCall::GenerateDataKey(request), |result| {
            let RemoteResult::DataKey(key_id, plaintext, ciphertext_blob) = result else { return None };
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
        self.call(RemoteCall::Encrypt(request), |result| {
            let RemoteResult::Encrypted(key_id, ciphertext_blob) = result else { return None };
            Some(EncryptResponse {
                key_id: key_id.clone(),
                ciphertext_blob: ciphertext_blob.clone(),
                encryption_algorithm: EncryptionAlgorithmSpec::SymmetricDefault,
            })
        })
    }

    fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.call(RemoteCall::Decrypt(request), |result| {
            let RemoteResult::Decrypted(key_id, plaintext) = result else { return None };
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

impl BranchKeySource for Remote {
    fn active_branch_key(&self, id: &str) -> Result<BranchKeyMaterials> {
        self.branch_key(id, None)
    }

    fn branch_key_version(&self, id: &str, version: &BranchKeyVersion) -> Result<BranchKeyMaterials> {
        self.branch_key(id, Some(*version))
    }

    /// Always the same where the object has no such method: what has changed is seen when the cache forgets.
    ///
    /// In a run, one that has not come yet is no error, for which a keyring forgets the branch key that it has open. It is a
    /// state that no branch key is in, and so the keyring stops at the branch key.
    fn branch_key_state(&self, id: &str, version: Option<&BranchKeyVersion>) -> Result<String> {
        const UNKNOWN: &str = "";
        if !self.state().knows_states {
            return Ok(String::new());
        }
        let found = self.call(RemoteCall::BranchKeyState(id.into(), version.copied()), |result| {
            let RemoteResult::BranchKeyState(state) = result else { return None };
            Some(format!("state {state}"))
        });
        let state = self.state();
        if found.is_err() && state.is_running && state.replay.is_pending() { Ok(UNKNOWN.into()) } else { found }
    }

    fn now(&self) -> Timestamp {
        self.state().now
    }
}

impl Remote {
    fn branch_key(&self, id: &str, version: Option<BranchKeyVersion>) -> Result<BranchKeyMaterials> {
        let materials = self.call(RemoteCall::BranchKey(id.into(), version), |result| {
            let RemoteResult::BranchKey(version, branch_key) = result else { return None };
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

/// A KMS keyring that calls for each of its keys once, although it is run again for each result.
pub(super) struct RemoteKmsKeyring {
    pub(super) whole: KmsKeyring,
    /// One for each key.
    pub(super) each: Vec<KmsKeyring>,
    pub(super) remote: Remote,
}

impl Keyring for RemoteKmsKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        for key in self.each.iter().skip(self.remote.keys_done()) {
            key.on_encrypt(provider, materials)?;
            self.remote.key_done();
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

    fn take_current(
        &self,
        provider: &Provider,
        keys: &mut Vec<&EncryptedDataKey>,
        encryption_context: &EncryptionContext,
    ) -> Result<bool> {
        self.whole.take_current(provider, keys, encryption_context)
    }
}
