//! Messages that are encrypted and decrypted here: small ones, and where WebCrypto has no cipher for them.

use super::{materials::DecryptionMaterials, planner::DecryptionPlanner};
use crate::{
    asymmetric::provider,
    convert::{bytes, read, write},
    fault::Fault,
};
use pocketkms::{
    EncryptionContext, Secret,
    envelope::{self, MessageHeader, Transform},
};
use wasm_bindgen::prelude::*;

/// A message being encrypted.
#[wasm_bindgen]
pub struct Encryptor(envelope::Encryptor);

impl Encryptor {
    pub(super) fn new(encryptor: envelope::Encryptor) -> Self {
        Self(encryptor)
    }
}

#[wasm_bindgen]
impl Encryptor {
    /// The message's header.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.0.header())?)
    }

    /// Takes plaintext, gives what is complete of the message.
    pub fn update(&mut self, plaintext: &JsValue) -> Result<JsValue, JsValue> {
        let plaintext: Secret = read(plaintext, "the plaintext")?;
        Ok(bytes(&self.0.update_vec(plaintext.expose()).map_err(Fault::from)?)?)
    }

    /// The message's end.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        Ok(bytes(&self.0.finish().map_err(Fault::from)?)?)
    }
}

/// A message being decrypted.
#[wasm_bindgen]
pub struct Decryptor(envelope::Decryptor<'static>);

impl Decryptor {
    pub(super) fn new(decryptor: envelope::Decryptor<'static>) -> Self {
        Self(decryptor)
    }

    /// The header and the encryption context, once they are verified.
    pub(super) fn verified(&self) -> Option<(&MessageHeader, &EncryptionContext)> {
        Some((self.0.header()?, self.0.encryption_context()?))
    }
}

#[wasm_bindgen]
impl Decryptor {
    /// The message's header, once it has come. Nothing in it is to be trusted before the materials were set.
    #[wasm_bindgen(getter)]
    pub fn header(&self) -> Result<JsValue, JsValue> {
        Ok(self.0.header().map_or(Ok(JsValue::UNDEFINED), write)?)
    }

    /// The encryption context, once the header is verified.
    #[wasm_bindgen(getter, js_name = encryptionContext)]
    pub fn encryption_context(&self) -> Result<JsValue, JsValue> {
        Ok(self.0.encryption_context().map_or(Ok(JsValue::UNDEFINED), write)?)
    }

    /// What keyrings are to fill, once the header has come.
    pub fn materials(&self) -> Result<Option<DecryptionMaterials>, JsValue> {
        let request = self.0.materials_request();
        request.map(|request| DecryptionMaterials::new(&provider(), request)).transpose()
    }

    /// Goes on to the body, which is decrypted here.
    #[wasm_bindgen(js_name = setMaterials)]
    pub fn set_materials(&mut self, materials: DecryptionMaterials) -> Result<(), JsValue> {
        Ok(self.0.set_materials(materials.into_found()?).map_err(Fault::from)?)
    }

    /// Goes on to the body, which WebCrypto decrypts.
    #[wasm_bindgen(js_name = intoPlanner)]
    pub fn into_planner(self, materials: DecryptionMaterials) -> Result<DecryptionPlanner, JsValue> {
        Ok(DecryptionPlanner(self.0.into_planner(materials.into_found()?).map_err(Fault::from)?))
    }

    /// Takes what comes of the message, gives what plaintext is verified.
    pub fn update(&mut self, message: &JsValue) -> Result<JsValue, JsValue> {
        let message: pocketkms::api::Blob = read(message, "the message")?;
        let mut plaintext = Secret::zeroed(self.0.update_length(message.len()));
        let length = self.0.update(&message, plaintext.expose_mut()).map_err(Fault::from)?;
        Ok(bytes(plaintext.expose().get(..length).unwrap_or_default())?)
    }

    /// Ends the message.
    pub fn finish(&mut self) -> Result<(), JsValue> {
        self.0.finish().map_err(Fault::from)?;
        Ok(())
    }
}
