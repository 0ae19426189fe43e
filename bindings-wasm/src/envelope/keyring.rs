//! Keyrings whose work is done at once.

use super::{
    materials::{DecryptionMaterials, EncryptionMaterials},
    options::{discovery_filter, kms_keyring, raw_aes, raw_rsa},
};
use crate::{convert::read, fault::Fault, vault::Vault};
use pocketkms::envelope::{self, KmsKeyring, MultiKeyring};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A keyring of the core.
#[wasm_bindgen]
pub struct Keyring(Arc<dyn envelope::Keyring>);

impl Keyring {
    fn new(keyring: impl envelope::Keyring + 'static) -> Self {
        Self(Arc::new(keyring))
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

    /// Refuses to encrypt with several keyrings of which none makes the data key, as the core's do.
    #[wasm_bindgen(js_name = checkGenerator)]
    pub fn check_generator(generator: bool, materials: &EncryptionMaterials) -> Result<(), JsValue> {
        Ok(MultiKeyring::check_generator(generator, materials.get()).map_err(Fault::from)?)
    }

    /// Makes the data key if there is none, and adds its encrypted forms.
    #[wasm_bindgen(js_name = onEncrypt)]
    pub fn on_encrypt(&self, materials: &mut EncryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(self.0.on_encrypt(&provider, materials.unshared()?).map_err(Fault::from)?)
    }

    /// Looks for the data key.
    #[wasm_bindgen(js_name = onDecrypt)]
    pub fn on_decrypt(&self, materials: &mut DecryptionMaterials) -> Result<(), JsValue> {
        let provider = materials.provider.clone();
        Ok(materials.search(|materials, attempts| self.0.on_decrypt(&provider, materials, attempts))?)
    }
}
