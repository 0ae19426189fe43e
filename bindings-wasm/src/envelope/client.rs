//! The settings of a client, and the beginning of a message.

use super::{
    materials::EncryptionMaterials,
    options::{client_options, decrypt_options, encrypt_options, length},
    planner::EncryptionPlanner,
    stream::{Decryptor, Encryptor},
    values::message_info,
};
use crate::fault::Fault;
use pocketkms::{
    Provider,
    envelope::{self, DecryptOptions, Inspection, Transform},
};
use wasm_bindgen::prelude::*;

/// Encrypts and decrypts messages.
#[wasm_bindgen]
pub struct EncryptionClient(envelope::EncryptionClient);

#[wasm_bindgen]
impl EncryptionClient {
    /// With these options.
    #[wasm_bindgen(constructor)]
    pub fn new(options: &JsValue) -> Result<Self, JsValue> {
        let (commitment_policy, limits) = client_options(options)?;
        let client = envelope::EncryptionClient::new(Provider::default());
        Ok(Self(client.commitment_policy(commitment_policy).limits(limits)))
    }

    /// What keyrings are to fill for a message with these options.
    pub fn materials(&self, options: &JsValue, plaintext_length: Option<f64>) -> Result<EncryptionMaterials, JsValue> {
        let options = encrypt_options(options, length(plaintext_length))?;
        let frame_length = options.frame_length;
        let request = self.0.encryption_request(options).map_err(Fault::from)?;
        EncryptionMaterials::new(self.0.provider(), request, frame_length)
    }

    /// Starts a message that is encrypted here.
    pub fn encryptor(&self, materials: EncryptionMaterials) -> Result<Encryptor, JsValue> {
        let (materials, frame_length, plaintext_length) = materials.into_parts();
        let encryptor = self.0.encryptor_with(materials, frame_length, plaintext_length);
        Ok(Encryptor::new(encryptor.map_err(Fault::from)?))
    }

    /// Starts a message that WebCrypto encrypts.
    pub fn planner(&self, materials: EncryptionMaterials) -> Result<EncryptionPlanner, JsValue> {
        let (materials, frame_length, plaintext_length) = materials.into_parts();
        let planner = self.0.encryption_planner(materials, frame_length, plaintext_length);
        Ok(EncryptionPlanner(planner.map_err(Fault::from)?))
    }

    /// What a message says of itself, of which these are the first bytes; or how many of them it takes, at least, to tell.
    /// If there are no more than these, it is truncated.
    pub fn inspect(&self, front: &[u8], whole: bool) -> Result<JsValue, JsValue> {
        match self.0.inspect(front).map_err(Fault::from)? {
            Inspection::Complete(info) => Ok(message_info(&info)?),
            Inspection::Incomplete { needed } if !whole => Ok(needed.into()),
            Inspection::Incomplete { .. } => {
                let mut decryptor = self.0.decryptor_without_materials(DecryptOptions::default());
                decryptor.update_vec(front).and_then(|_| decryptor.finish()).map_err(Fault::from)?;
                Ok(JsValue::UNDEFINED)
            }
        }
    }

    /// Starts to decrypt a message.
    pub fn decryptor(&self, options: &JsValue) -> Result<Decryptor, JsValue> {
        Ok(Decryptor::new(self.0.decryptor_without_materials(decrypt_options(options)?)))
    }
}
