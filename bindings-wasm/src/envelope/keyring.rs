//! Keyrings whose work is done at once.

use super::{
    materials::{DecryptionMaterials, EncryptionMaterials},
    options::{discovery_filter, kms_keyring, length, raw_aes, raw_ecdh, raw_rsa},
    slot::Slot,
};
use crate::{convert::read, fault::Fault, vault::Vault};
use pocketkms::envelope::{self, CallbackKeyring, HierarchicalKeyring, KmsKeyring, MultiKeyring};
use std::{sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;

/// A keyring of the core.
#[wasm_bindgen]
pub struct Keyring {
    keyring: Arc<dyn envelope::Keyring>,
    /// What JavaScript finds out for it.
    slot: Slot,
}

impl Keyring {
    fn new(keyring: impl envelope::Keyring + 'static) -> Self {
        Self::with_slot(keyring, Slot::default())
    }

    fn with_slot(keyring: impl envelope::Keyring + 'static, slot: Slot) -> Self {
        Self { keyring: Arc::new(keyring), slot }
    }

    pub(super) fn shared(&self) -> Arc<dyn envelope::Keyring> {
        Arc::clone(&self.keyring)
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

    /// Data keys under keys of a vault.
    pub fn kms(vault: &Vault, generator: &JsValue, additional: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        let (generator, additional): (String, Vec<String>) =
            (read(generator, "generator")?, read(additional, "additional")?);
        let additional: Vec<&str> = additional.iter().map(String::as_str).collect();
        Ok(Self::new(kms_keyring(KmsKeyring::new(vault.client(), &generator, &additional), options)?))
    }

    /// Data keys under whichever key of a vault encrypted them.
    #[wasm_bindgen(js_name = kmsDiscovery)]
    pub fn kms_discovery(vault: &Vault, filter: &JsValue, options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(kms_keyring(KmsKeyring::discovery(vault.client(), discovery_filter(filter)?), options)?))
    }

    /// Data keys under a key that two parties agree on: `static`, `ephemeral` or `discovery`.
    #[wasm_bindgen(js_name = rawEcdh)]
    pub fn raw_ecdh(schema: &str, options: &JsValue) -> Result<Self, JsValue> {
        Ok(Self::new(raw_ecdh(schema, options)?))
    }

    /// Data keys under the branch key of a vault that [`tell`](Self::tell) says, for each message anew.
    pub fn hierarchical(vault: &Vault, ttl: f64, max_entries: Option<f64>) -> Result<Self, JsValue> {
        let slot = Slot::default();
        // Beyond all time is the end of it; what is none is refused as 0.
        let ttl = Duration::try_from_secs_f64(ttl.max(0.0)).unwrap_or(Duration::MAX);
        let max_entries = length(max_entries)
            .map_or(Some(HierarchicalKeyring::DEFAULT_MAX_ENTRIES), |entries| entries.try_into().ok());
        let keyring = HierarchicalKeyring::with_supplier(
            vault.branch_keys(),
            Arc::new(slot.clone()),
            ttl,
            max_entries.unwrap_or(usize::MAX),
        );
        Ok(Self::with_slot(keyring.map_err(Fault::from)?, slot))
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

    /// Refuses to encrypt with several keyrings of which none makes the data key, as the core's do.
    #[wasm_bindgen(js_name = checkGenerator)]
    pub fn check_generator(generator: bool, materials: &EncryptionMaterials) -> Result<(), JsValue> {
        Ok(MultiKeyring::check_generator(generator, materials.get()).map_err(Fault::from)?)
    }

    /// Makes the data key if there is none, and adds its encrypted forms.
    #[wasm_bindgen(js_name = onEncrypt)]
    pub fn on_encrypt(&self, materials: &mut EncryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(self.keyring.on_encrypt(&provider, materials.unshared()?).map_err(Fault::from)?)
    }

    /// Looks for the data key.
    #[wasm_bindgen(js_name = onDecrypt)]
    pub fn on_decrypt(&self, materials: &mut DecryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(materials.search(|materials, attempts| self.keyring.on_decrypt(&provider, materials, attempts))?)
    }
}

/// A share in a keyring, which is given away.
#[wasm_bindgen]
pub struct KeyringShare(Arc<dyn envelope::Keyring>);
