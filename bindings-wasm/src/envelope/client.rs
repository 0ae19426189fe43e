//! The settings of a client, and the beginning of a message.

use super::{
    keyring::Keyring,
    materials::{DecryptionMaterials, EncryptionMaterials},
    options::{decrypt_options, encrypt_options, length, range_options, reencrypt_options, rewrap_options},
    planner::{DecryptionPlanner, EncryptionPlanner},
    range::RangeReader,
    stream::{Decryptor, Encryptor},
};
use crate::{
    asymmetric::provider,
    convert::{read, write},
    fault::Fault,
};
use pocketkms::{
    EncryptionContext,
    api::Blob,
    envelope::{self, DecryptOptions, Inspection, MessageHeader, Transform},
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
        let client = envelope::EncryptionClient::new(provider());
        Ok(Self(client.options(read(options, "options")?)))
    }

    /// What keyrings are to fill for a message with these options.
    pub fn materials(&self, options: &JsValue, plaintext_length: Option<f64>) -> Result<EncryptionMaterials, JsValue> {
        let options = encrypt_options(options, length(plaintext_length))?;
        let frame_length = options.frame_length;
        let request = self.0.encryption_request(options).map_err(Fault::from)?;
        EncryptionMaterials::new(&self.0, request, frame_length)
    }

    /// Starts a message that is encrypted here.
    pub fn encryptor(&self, materials: EncryptionMaterials) -> Result<Encryptor, JsValue> {
        let (materials, frame_length, plaintext_length) = materials.into_parts()?;
        let encryptor = self.0.encryptor_with(materials, frame_length, plaintext_length);
        Ok(Encryptor::new(encryptor.map_err(Fault::from)?))
    }

    /// Starts a message that WebCrypto encrypts.
    pub fn planner(&self, materials: EncryptionMaterials) -> Result<EncryptionPlanner, JsValue> {
        let (materials, frame_length, plaintext_length) = materials.into_parts()?;
        let planner = self.0.encryption_planner(materials, frame_length, plaintext_length);
        Ok(EncryptionPlanner(planner.map_err(Fault::from)?))
    }

    /// What a message says of itself, of which these are the first bytes; or how many of them it takes, at least, to say it.
    /// If there are no more than these, it is truncated.
    pub fn inspect(&self, front: &JsValue, whole: bool) -> Result<JsValue, JsValue> {
        let front = &blob(front, "the message")?;
        match self.0.inspect(front).map_err(Fault::from)? {
            Inspection::Complete(info) => Ok(write(&info)?),
            Inspection::Incomplete { needed } if !whole => Ok(needed.into()),
            Inspection::Incomplete { .. } => {
                let mut decryptor = self.0.decryptor_without_materials(DecryptOptions::default());
                decryptor.update_vec(front).and_then(|_| decryptor.finish()).map_err(Fault::from)?;
                Ok(JsValue::UNDEFINED)
            }
        }
    }

    /// What a sidecar says of itself.
    #[wasm_bindgen(js_name = inspectSidecar)]
    pub fn inspect_sidecar(&self, sidecar: &JsValue) -> Result<JsValue, JsValue> {
        let sidecar = blob(sidecar, "the sidecar")?;
        Ok(write(&self.0.inspect_sidecar(&sidecar).map_err(Fault::from)?)?)
    }

    /// What keyrings are to fill to rewrap the message that begins with these bytes; `Ranges` to read parts of it.
    #[wasm_bindgen(js_name = sourceMaterials)]
    pub fn source_materials(
        &self,
        options: &JsValue,
        ranges: bool,
        front: &JsValue,
    ) -> Result<DecryptionMaterials, JsValue> {
        let decrypt = if ranges { range_options(options, 0.0)?.decrypt } else { rewrap_options(options)?.decrypt };
        let request =
            self.0.decryption_materials_request(&decrypt, &blob(front, "the message")?).map_err(Fault::from)?;
        DecryptionMaterials::new(self.0.provider(), request)
    }

    /// What other keyrings are to fill then.
    pub fn rewrapping(
        &self,
        source: DecryptionMaterials,
        options: &JsValue,
        front: &JsValue,
    ) -> Result<EncryptionMaterials, JsValue> {
        let front = blob(front, "the message")?;
        let rewrapping = self.0.rewrapping(source.into_found()?, &rewrap_options(options)?, &front);
        Ok(EncryptionMaterials::rewrapping(self.0.provider(), rewrapping.map_err(Fault::from)?))
    }

    /// Whether rewrapping would change anything.
    #[wasm_bindgen(js_name = needsRewrap)]
    pub fn needs_rewrap(&self, destination: &Keyring, front: &JsValue, options: &JsValue) -> Result<bool, JsValue> {
        let sidecar = rewrap_options(options)?.decrypt.sidecar;
        Ok(self
            .0
            .needs_rewrap(&destination.shared(), &blob(front, "the message")?, sidecar.as_deref())
            .map_err(Fault::from)?)
    }

    /// Reads parts of a message of that length.
    #[wasm_bindgen(js_name = rangeReader)]
    pub fn range_reader(
        &self,
        source: DecryptionMaterials,
        options: &JsValue,
        message_length: f64,
        front: &JsValue,
    ) -> Result<RangeReader, JsValue> {
        let options = range_options(options, message_length)?;
        let reader = self.0.range_reader_with(&source.into_found()?, &options, &blob(front, "the message")?);
        Ok(RangeReader(reader.map_err(Fault::from)?))
    }

    /// Starts to decrypt a message that is to be re-encrypted.
    pub fn reencryptor(&self, options: &JsValue) -> Result<Decryptor, JsValue> {
        let options = reencrypt_options(options)?;
        Ok(Decryptor::new(self.0.decryptor_without_materials(options.decrypt)))
    }

    /// What keyrings are to fill for a new message in place of one that is decrypted here, once its header is verified.
    pub fn reencryption(&self, decryptor: &Decryptor, options: &JsValue) -> Result<EncryptionMaterials, JsValue> {
        let (header, context) = decryptor.verified().ok_or_else(|| Fault::misuse("the header is not verified yet"))?;
        self.reencrypted(options, header, context)
    }

    /// What keyrings are to fill for a new message in place of one that WebCrypto decrypts.
    #[wasm_bindgen(js_name = plannedReencryption)]
    pub fn planned_reencryption(
        &self,
        planner: &DecryptionPlanner,
        options: &JsValue,
    ) -> Result<EncryptionMaterials, JsValue> {
        self.reencrypted(options, planner.0.header(), planner.0.encryption_context())
    }

    /// Starts to decrypt a message.
    pub fn decryptor(&self, options: &JsValue) -> Result<Decryptor, JsValue> {
        Ok(Decryptor::new(self.0.decryptor_without_materials(decrypt_options(options)?)))
    }
}

impl EncryptionClient {
    fn reencrypted(
        &self,
        options: &JsValue,
        header: &MessageHeader,
        context: &EncryptionContext,
    ) -> Result<EncryptionMaterials, JsValue> {
        let options = reencrypt_options(options)?.encrypt(header, context);
        let frame_length = options.frame_length;
        let request = self.0.encryption_request(options).map_err(Fault::from)?;
        EncryptionMaterials::new(&self.0, request, frame_length)
    }
}

/// Bytes, for which there may be no memory.
fn blob(bytes: &JsValue, name: &'static str) -> Result<Blob, Fault> {
    read(bytes, name)
}
