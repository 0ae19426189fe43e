//! The root keys of a vault, and its vault key.

use crate::{
    convert::{read, write},
    fault::Fault,
    root_key::{RootKey, RootKeys},
    vault::Vault,
};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Vault {
    /// The root keys that open the vault.
    #[wasm_bindgen(js_name = rootKeys)]
    pub fn root_keys(&self) -> Result<JsValue, JsValue> {
        Ok(write(&self.vault.root_keys().map_err(Fault::from)?)?)
    }

    /// Another root key; its id.
    #[wasm_bindgen(js_name = addRootKey)]
    pub fn add_root_key(&self, root: &RootKey, label: &JsValue) -> Result<String, JsValue> {
        let label: String = read(label, "the label")?;
        Ok(self.vault.add_root_key(&root.0, &label).map_err(Fault::from)?)
    }

    /// A new recovery key.
    #[wasm_bindgen(js_name = addRecoveryKey)]
    pub fn add_recovery_key(&self, label: &JsValue) -> Result<JsValue, JsValue> {
        let label: String = read(label, "the label")?;
        // Straight into JavaScript's memory: here the text is wiped with the key.
        Ok(write(&self.vault.add_recovery_key(&label).map_err(Fault::from)?)?)
    }

    /// Removes a root key.
    #[wasm_bindgen(js_name = removeRootKey)]
    pub fn remove_root_key(&self, id: &JsValue) -> Result<(), JsValue> {
        let id: String = read(id, "the id of the root key")?;
        Ok(self.vault.remove_root_key(&id).map_err(Fault::from)?)
    }

    /// Puts a root key in the place of another; its id.
    #[wasm_bindgen(js_name = replaceRootKey)]
    pub fn replace_root_key(&self, id: &JsValue, root: &RootKey) -> Result<String, JsValue> {
        let id: String = read(id, "the id of the root key")?;
        Ok(self.vault.replace_root_key(&id, &root.0).map_err(Fault::from)?)
    }

    /// Rotates the vault key.
    #[wasm_bindgen(js_name = rotateVaultKey)]
    pub fn rotate_vault_key(&self, roots: &RootKeys) -> Result<(), JsValue> {
        let roots: Vec<_> = roots.0.iter().collect();
        Ok(self.vault.rotate_vault_key(&roots).map_err(Fault::from)?)
    }

    /// Goes on with a rotation; whether there was one.
    #[wasm_bindgen(js_name = finishRotation)]
    pub fn finish_rotation(&self) -> Result<bool, JsValue> {
        Ok(self.vault.finish_rotation().map_err(Fault::from)?)
    }

    /// Rotates the vault key, and takes every root key away but this new one.
    pub fn shred(&self, root: &RootKey) -> Result<(), JsValue> {
        Ok(self.vault.shred(&root.0).map_err(Fault::from)?)
    }
}
