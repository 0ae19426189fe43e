//! The cache of data keys, asked before the keyrings are.

use super::{
    keyring::Keyring,
    materials::{DecryptionMaterials, EncryptionMaterials},
};
use crate::{
    convert::{read, time},
    fault::Fault,
};
use pocketkms::{
    ManualClock, Timestamp,
    envelope::{CacheOptions, CacheSlot, Cached, CachingMaterialsManager},
};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// A cache in front of keyrings.
#[wasm_bindgen]
pub struct Cache {
    manager: CachingMaterialsManager,
    clock: ManualClock,
}

/// Where materials that are missing belong.
#[wasm_bindgen]
pub struct CachePlace(CacheSlot);

#[wasm_bindgen]
impl Cache {
    /// With these limits; those that are left out have defaults.
    #[wasm_bindgen(constructor)]
    pub fn new(keyring: &Keyring, limits: &JsValue) -> Result<Self, JsValue> {
        let clock = ManualClock::new(Timestamp::from_millis(0));
        let limits: CacheOptions = read(limits, "limits")?;
        let manager = CachingMaterialsManager::new(keyring.shared(), Arc::new(clock.clone()), limits.into());
        Ok(Self { manager: manager.map_err(Fault::from)?, clock })
    }

    /// Forgets every entry.
    pub fn clear(&self) {
        self.manager.clear();
    }

    /// Fills the materials from the cache; or says where they belong.
    pub fn encryption(&self, materials: &mut EncryptionMaterials, now: f64) -> Result<Option<CachePlace>, JsValue> {
        self.clock.set(time(now));
        let cached = self.manager.cached_encryption_materials(&materials.provider, materials.request());
        match cached.map_err(Fault::from)? {
            Cached::Found(found) => materials.set(found),
            Cached::Missing(slot) => return Ok(Some(CachePlace(slot))),
        }
        Ok(None)
    }

    /// Keeps materials that keyrings have filled.
    #[wasm_bindgen(js_name = keepEncryption)]
    pub fn keep_encryption(&self, slot: &CachePlace, materials: &EncryptionMaterials) -> Result<(), JsValue> {
        self.manager.keep_encryption_materials(&slot.0, materials.share()?);
        Ok(())
    }

    /// Fills the materials from the cache; or says where they belong.
    pub fn decryption(&self, materials: &mut DecryptionMaterials, now: f64) -> Option<CachePlace> {
        self.clock.set(time(now));
        match self.manager.cached_decryption_materials(&materials.provider, materials.request()) {
            Cached::Found(found) => {
                materials.set(found);
                None
            }
            Cached::Missing(slot) => Some(CachePlace(slot)),
        }
    }

    /// Keeps materials in which the data key was found.
    #[wasm_bindgen(js_name = keepDecryption)]
    pub fn keep_decryption(&self, slot: &CachePlace, materials: &DecryptionMaterials) {
        self.manager.keep_decryption_materials(&slot.0, materials.get());
    }
}
