//! Keyrings whose work is done at once.

use super::{
    conversation::Conversation,
    elsewhere::{Elsewhere, KmsElsewhere, Source},
    materials::{DecryptionMaterials, EncryptionMaterials},
    options::{discovery_filter, kms_keyring, length, raw_aes, raw_ecdh, raw_rsa},
    slot::Slot,
};
use crate::{convert::read, fault::Fault, vault::time};
use pocketkms::envelope::{self, CallbackKeyring, HierarchicalKeyring, KmsKeyring, MultiKeyring};
use std::{sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;

/// A keyring of the core.
#[wasm_bindgen]
pub struct Keyring {
    inner: Arc<dyn envelope::Keyring>,
    /// What JavaScript finds out for it.
    slot: Slot,
    /// What it asks that answers later.
    elsewhere: Elsewhere,
}

impl Keyring {
    fn new(keyring: impl envelope::Keyring + 'static) -> Self {
        Self::with_slot(keyring, Slot::default())
    }

    fn with_slot(keyring: impl envelope::Keyring + 'static, slot: Slot) -> Self {
        Self { inner: Arc::new(keyring), slot, elsewhere: Elsewhere::default() }
    }

    /// That asks what it was made with.
    fn asking(mut self, source: &Source) -> Self {
        self.elsewhere = source.elsewhere.clone().unwrap_or_default();
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
        let Some(elsewhere) = &source.elsewhere else { return Ok(Self::new(whole)) };
        let keys = std::iter::once(&*generator).chain(additional);
        let each = keys.map(|key| make(key, &[])).collect::<Result<_, _>>()?;
        Ok(Self::new(KmsElsewhere { whole, each, elsewhere: elsewhere.clone() }).asking(source))
    }

    /// Data keys under whichever key of a KMS encrypted them.
    #[wasm_bindgen(js_name = kmsDiscovery)]
    pub fn kms_discovery(source: &Source, filter: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let keyring = KmsKeyring::discovery(Arc::clone(&source.kms), discovery_filter(filter)?);
        Ok(Self::new(kms_keyring(keyring, options)?).asking(source))
    }

    /// Data keys under a key that two parties agree on: `static`, `ephemeral` or `discovery`.
    #[wasm_bindgen(js_name = rawEcdh)]
    pub fn raw_ecdh(schema: &str, options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(raw_ecdh(schema, options)?))
    }

    /// Data keys under the branch key of that id, or the one that [`tell`](Self::tell) says, for each message again.
    pub fn hierarchical(
        source: &Source,
        branch_key_id: Option<String>,
        ttl: f64,
        max_entries: Option<f64>,
    ) -> Result<Self, JsValue> {
        let slot = Slot::default();
        // Beyond all time is the end of it; what is none is refused as 0.
        let ttl = Duration::try_from_secs_f64(ttl.max(0.0)).unwrap_or(Duration::MAX);
        let max_entries = length(max_entries)
            .map_or(HierarchicalKeyring::DEFAULT_MAX_ENTRIES, |entries| entries.try_into().unwrap_or(usize::MAX));
        let branch_keys = Arc::clone(&source.branch_keys);
        let keyring = match branch_key_id {
            Some(id) => HierarchicalKeyring::new(branch_keys, &id, ttl, max_entries),
            None => HierarchicalKeyring::with_supplier(branch_keys, Arc::new(slot.clone()), ttl, max_entries),
        };
        Ok(Self::with_slot(keyring.map_err(Fault::from)?, slot).asking(source))
    }

    /// Stands for a keyring that answers later, where no data key is asked for. [`tell`](Self::tell) says its fingerprint.
    pub fn later(provider_id: &str) -> Result<Self, JsValue> {
        let slot = Slot::default();
        let keyring = CallbackKeyring::new(provider_id, Arc::new(slot.clone())).map_err(Fault::from)?;
        Ok(Self::with_slot(keyring, slot))
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

    /// Says what JavaScript found out, or why it could not.
    pub fn tell(&self, answer: Option<String>, refusal: Option<String>) {
        self.slot.set(refusal.map(Err).or(answer.map(Ok)));
    }

    /// Says what time it is, to a keyring whose branch keys are elsewhere.
    #[wasm_bindgen(js_name = turnClock)]
    pub fn turn_clock(&self, now: f64) {
        self.elsewhere.turn_clock(time(now));
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
    /// As `onEncrypt`, with answers that come later: answers the question whose answer is missing, if one is. Then the materials
    /// are as they were, but for the keys that the conversation is done with.
    #[wasm_bindgen(js_name = encryptLater)]
    pub fn encrypt_later(
        &self,
        materials: &mut EncryptionMaterials,
        conversation: &mut Conversation,
    ) -> Result<JsValue, JsValue> {
        let result = self.elsewhere.run(conversation, || self.on_encrypt(materials));
        conversation.outcome(result)
    }

    /// As `onDecrypt`, with answers that come later: answers the question whose answer is missing, if one is. Then the materials
    /// are as they were.
    #[wasm_bindgen(js_name = decryptLater)]
    pub fn decrypt_later(
        &self,
        materials: &mut DecryptionMaterials,
        conversation: &mut Conversation,
    ) -> Result<JsValue, JsValue> {
        let noted = materials.noted();
        let result = self.elsewhere.run(conversation, || self.on_decrypt(materials));
        if materials.found() {
            // Another encrypted data key was opened without it.
            conversation.drop_question();
        } else if conversation.is_waiting() {
            materials.forget_from(noted);
        }
        conversation.outcome(result)
    }
}

/// A share in a keyring, which is given away.
#[wasm_bindgen]
pub struct KeyringShare(Arc<dyn envelope::Keyring>);
