//! Keyrings of the core.

use super::{
    materials::{DecryptionMaterials, EncryptionMaterials},
    options::{kms_discovery, kms_keyring, length, raw_aes, raw_ecdh, raw_rsa},
    remote::{Remote, RemoteKmsKeyring, Source},
    replay::Replay,
    supplied::Supplied,
};
use crate::{
    asymmetric::provider,
    convert::{read, time},
    fault::{Fault, Thrown},
};
use pocketkms::{
    EncryptionContext,
    envelope::{self, CallbackKeyring, EncryptedDataKey, HierarchicalKeyring, KmsKeyring, MultiKeyring, Purpose},
};
use std::{sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;

/// A keyring of the core.
#[wasm_bindgen]
pub struct Keyring {
    inner: Arc<dyn envelope::Keyring>,
    /// What JavaScript finds out for it.
    supplied: Supplied,
    /// What it calls that answers later.
    remote: Remote,
}

impl Keyring {
    fn new(keyring: impl envelope::Keyring + 'static) -> Self {
        Self::with(keyring, Supplied::default())
    }

    fn with(keyring: impl envelope::Keyring + 'static, supplied: Supplied) -> Self {
        Self { inner: Arc::new(keyring), supplied, remote: Remote::default() }
    }

    /// That calls this.
    fn calling(mut self, source: &Source) -> Self {
        self.remote = source.remote.clone().unwrap_or_default();
        self
    }

    pub(super) fn shared(&self) -> Arc<dyn envelope::Keyring> {
        Arc::clone(&self.inner)
    }
}

#[wasm_bindgen]
impl Keyring {
    /// Data keys under an AES key.
    #[wasm_bindgen(js_name = rawAes)]
    pub fn raw_aes(options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(raw_aes(options)?))
    }

    /// Data keys under an RSA key, padded as OAEP says; or as PKCS #1 v1.5 does, only to decrypt.
    #[wasm_bindgen(js_name = rawRsa)]
    pub fn raw_rsa(options: &JsValue, pkcs1: bool) -> Result<Self, JsValue> {
        Ok(Self::new(raw_rsa(options, pkcs1)?))
    }

    /// Data keys under keys of a KMS.
    pub fn kms(source: &Source, generator: &JsValue, additional: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let (generator, additional): (String, Vec<String>) =
            (read(generator, "generator")?, read(additional, "additional")?);
        let make = |generator: &str, additional: &[&str]| {
            kms_keyring(KmsKeyring::new(Arc::clone(&source.kms), generator, additional), options)
        };
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        let whole = make(&generator, &additional)?;
        let Some(remote) = &source.remote else { return Ok(Self::new(whole)) };
        let keys = std::iter::once(&*generator).chain(additional);
        let each = keys.map(|key| make(key, &[])).collect::<Result<_, _>>()?;
        Ok(Self::new(RemoteKmsKeyring { whole, each, remote: remote.clone() }).calling(source))
    }

    /// Data keys under whichever key of a KMS encrypted them.
    #[wasm_bindgen(js_name = kmsDiscovery)]
    pub fn kms_discovery(source: &Source, filter: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(kms_discovery(Arc::clone(&source.kms), filter, options)?).calling(source))
    }

    /// Data keys under a key that two parties agree on: `static`, `ephemeral` or `discovery`.
    #[wasm_bindgen(js_name = rawEcdh)]
    pub fn raw_ecdh(schema: &str, options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(raw_ecdh(schema, options)?))
    }

    /// Data keys under the branch key of that id, or the one that is [supplied](Self::supply), for each message again.
    pub fn hierarchical(
        source: &Source,
        branch_key_id: Option<String>,
        ttl: f64,
        max_entries: Option<f64>,
    ) -> Result<Self, JsValue> {
        let supplied = Supplied::default();
        // Beyond all time is the end of it; what is none is refused as 0.
        let ttl = Duration::try_from_secs_f64(ttl.max(0.0)).unwrap_or(Duration::MAX);
        let max_entries = length(max_entries)
            .map_or(HierarchicalKeyring::DEFAULT_MAX_ENTRIES, |entries| entries.try_into().unwrap_or(usize::MAX));
        let branch_keys = Arc::clone(&source.branch_keys);
        let keyring = match branch_key_id {
            Some(id) => HierarchicalKeyring::new(branch_keys, &id, ttl, max_entries),
            None => HierarchicalKeyring::with_supplier(branch_keys, Arc::new(supplied.clone()), ttl, max_entries),
        };
        Ok(Self::with(keyring.map_err(Fault::from)?, supplied).calling(source))
    }

    /// Stands for a keyring that answers later, where no data key is asked for. Its fingerprint is [supplied](Self::supply).
    pub fn later(provider_id: &str) -> Result<Self, JsValue> {
        let supplied = Supplied::default();
        let keyring = CallbackKeyring::new(provider_id, Arc::new(supplied.clone())).map_err(Fault::from)?;
        Ok(Self::with(keyring, supplied))
    }

    /// Several in one.
    pub fn multi(generates: bool, keyrings: Vec<KeyringShare>) -> Result<Self, JsValue> {
        let mut keyrings = keyrings.into_iter().map(|share| share.0);
        let generator = if generates { keyrings.next() } else { None };
        Ok(Self::new(MultiKeyring::new(generator, keyrings.collect()).map_err(Fault::from)?))
    }

    /// The same keyring, to be put into another.
    pub fn share(&self) -> KeyringShare {
        KeyringShare(self.shared())
    }

    /// Sets what JavaScript found out.
    pub fn supply(&self, found: Option<String>) {
        self.supplied.set(found.map(Ok));
    }

    /// Sets why JavaScript could not find it out: what was thrown, in words and itself.
    #[wasm_bindgen(js_name = supplyFailure)]
    pub fn supply_failure(&self, thrown: &JsValue, reason: String) {
        self.supplied.set(Some(Err((reason, Thrown::new(thrown)))));
    }

    /// Sets the time of a keyring whose branch keys are elsewhere.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) {
        self.remote.turn_clock(time(now));
    }

    /// Refuses to encrypt with several keyrings of which none makes the data key, as the core's do.
    #[wasm_bindgen(js_name = checkGenerator)]
    pub fn check_generator(generator: bool, materials: &EncryptionMaterials) -> Result<(), JsValue> {
        Ok(MultiKeyring::check_generator(generator, materials.get()).map_err(Fault::from)?)
    }

    /// Makes the data key if there is none, and adds its encrypted forms.
    #[wasm_bindgen(js_name = onEncrypt)]
    pub fn on_encrypt(&self, materials: &mut EncryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(self.inner.on_encrypt(&provider, materials.unshared()?).map_err(Fault::from)?)
    }

    /// Looks for the data key.
    #[wasm_bindgen(js_name = onDecrypt)]
    pub fn on_decrypt(&self, materials: &mut DecryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(materials.search(|materials, attempts| self.inner.on_decrypt(&provider, materials, attempts))?)
    }
}

#[wasm_bindgen]
impl Keyring {
    /// As `onEncrypt`, with results that come later: returns the call whose result is missing, if one is. Then the materials are
    /// as they were, but for the keys that the replay is done with.
    #[wasm_bindgen(js_name = encryptLater)]
    pub fn encrypt_later(&self, materials: &mut EncryptionMaterials, replay: &mut Replay) -> Result<JsValue, JsValue> {
        let result = self.remote.run(replay, || self.on_encrypt(materials));
        replay.outcome(result)
    }

    /// Finds out what the keyring's fingerprint needs, with results that come later: returns the call whose result is missing, if one is.
    /// The encrypted data keys are those of a message to be decrypted.
    #[wasm_bindgen(js_name = fingerprintLater)]
    pub fn fingerprint_later(
        &self,
        encryption_context: &JsValue,
        encrypted_data_keys: &JsValue,
        replay: &mut Replay,
    ) -> Result<JsValue, JsValue> {
        let context: EncryptionContext = read(encryption_context, "the encryption context")?;
        let keys: Option<Vec<EncryptedDataKey>> = if encrypted_data_keys.is_undefined() {
            None
        } else {
            Some(read(encrypted_data_keys, "the encrypted data keys")?)
        };
        let purpose = match &keys {
            None => Purpose::Encrypt { encryption_context: &context, has_data_key: false },
            Some(keys) => Purpose::Decrypt { encrypted_data_keys: keys, encryption_context: &context },
        };
        let result = self.remote.run(replay, || self.inner.fingerprint(&provider(), purpose));
        // Why it fails is said again where it is asked for.
        drop(result);
        replay.outcome(Ok(()))
    }

    /// Keeps what was found out so, for what asks for the fingerprint next.
    #[wasm_bindgen(js_name = keepReplay)]
    pub fn keep_replay(&self, replay: Replay) {
        self.remote.keep(replay);
    }

    /// As `onDecrypt`, with results that come later: returns the call whose result is missing, if one is. Then the materials are as
    /// they were.
    #[wasm_bindgen(js_name = decryptLater)]
    pub fn decrypt_later(&self, materials: &mut DecryptionMaterials, replay: &mut Replay) -> Result<JsValue, JsValue> {
        let noted = materials.noted();
        let result = self.remote.run(replay, || self.on_decrypt(materials));
        if materials.found() {
            // Another encrypted data key was opened without it.
            replay.cancel_pending();
        } else if replay.is_pending() {
            materials.forget_from(noted);
        }
        replay.outcome(result)
    }
}

/// A share in a keyring, which is given away.
#[wasm_bindgen]
pub struct KeyringShare(Arc<dyn envelope::Keyring>);
