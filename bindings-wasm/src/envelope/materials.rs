//! Materials, while keyrings fill them, one after the other.

use super::options::length;
use crate::{
    convert::{bytes, host::object, read, write},
    fault::{Fault, Thrown},
};
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Provider, Secret,
    api::Blob,
    envelope::{
        self, AlgorithmSuite, Attempts, CallbackKeyring, DataKeyWrapper, DecryptionMaterialsRequest, EncryptedDataKey,
        EncryptionMaterialsRequest, Keyring, Rewrapped, Rewrapping, WrappedDataKey,
    },
};
use std::sync::Arc;
use wasm_bindgen::prelude::*;

/// What a message is to be encrypted with.
#[wasm_bindgen]
pub struct EncryptionMaterials {
    pub(super) provider: Provider,
    materials: Materials,
    request: EncryptionMaterialsRequest,
    frame_length: Option<u32>,
    /// The longest frames that the client reads again.
    longest_frame: u32,
}

/// The materials, and the lengths of a frame and of the plaintext.
type Parts = (Arc<envelope::EncryptionMaterials>, Option<u32>, Option<u64>);

/// Of a new message, or of one that keeps its data key.
enum Materials {
    New(Arc<envelope::EncryptionMaterials>),
    Rewrapping(Box<Rewrapping>),
}

impl EncryptionMaterials {
    pub(super) fn new(
        client: &envelope::EncryptionClient,
        request: EncryptionMaterialsRequest,
        frame_length: Option<u32>,
    ) -> Result<Self, JsValue> {
        let (provider, longest_frame) = (client.provider().clone(), client.max_frame_length());
        let materials = envelope::EncryptionMaterials::new(&provider, request.clone()).map_err(Fault::from)?;
        let materials = Materials::New(Arc::new(materials));
        Ok(Self { provider, materials, request, frame_length, longest_frame })
    }

    pub(super) fn rewrapping(provider: &Provider, rewrapping: Rewrapping) -> Self {
        let materials = rewrapping.materials();
        let request = EncryptionMaterialsRequest {
            algorithm_suite: materials.algorithm_suite(),
            encryption_context: materials.encryption_context().clone(),
            required_encryption_context_keys: materials.required_encryption_context_keys().to_vec(),
            plaintext_length: None,
        };
        let materials = Materials::Rewrapping(Box::new(rewrapping));
        Self { provider: provider.clone(), materials, request, frame_length: None, longest_frame: u32::MAX }
    }

    /// For a keyring to fill.
    pub(super) fn unshared(&mut self) -> Result<&mut envelope::EncryptionMaterials, Fault> {
        match &mut self.materials {
            Materials::New(materials) => Arc::get_mut(materials).ok_or_else(misused),
            Materials::Rewrapping(rewrapping) => Ok(rewrapping.materials_mut()),
        }
    }

    pub(super) fn get(&self) -> &envelope::EncryptionMaterials {
        match &self.materials {
            Materials::New(materials) => materials,
            Materials::Rewrapping(rewrapping) => rewrapping.materials(),
        }
    }

    /// What they were asked for with.
    pub(super) fn request(&self) -> &EncryptionMaterialsRequest {
        &self.request
    }

    /// Of a new message, to be shared.
    pub(super) fn share(&self) -> Result<&Arc<envelope::EncryptionMaterials>, Fault> {
        match &self.materials {
            Materials::New(materials) => Ok(materials),
            Materials::Rewrapping(_) => Err(misused()),
        }
    }

    /// Takes those of another message.
    pub(super) fn set(&mut self, found: Arc<envelope::EncryptionMaterials>) {
        self.materials = Materials::New(found);
    }

    /// Of a new message, to begin it.
    pub(super) fn into_parts(self) -> Result<Parts, Fault> {
        match self.materials {
            Materials::New(materials) => Ok((materials, self.frame_length, self.request.plaintext_length)),
            Materials::Rewrapping(_) => Err(misused()),
        }
    }
}

/// The half in JavaScript took a step that is none.
fn misused() -> Fault {
    Fault::misuse("the materials are in use")
}

#[wasm_bindgen]
impl EncryptionMaterials {
    /// The algorithm suite.
    #[wasm_bindgen(getter, js_name = algorithmSuite)]
    pub fn algorithm_suite(&self) -> String {
        self.get().algorithm_suite().as_str().into()
    }

    /// What the data key is bound to.
    #[wasm_bindgen(getter, js_name = encryptionContext)]
    pub fn encryption_context(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.get().encryption_context())?)
    }

    /// The length of the data key.
    #[wasm_bindgen(getter, js_name = dataKeyLength)]
    pub fn data_key_length(&self) -> usize {
        self.get().algorithm_suite().data_key_length()
    }

    /// The length of a frame.
    #[wasm_bindgen(getter, js_name = frameLength)]
    pub fn frame_length(&self) -> u32 {
        self.frame_length.unwrap_or(envelope::DEFAULT_FRAME_LENGTH)
    }

    /// Another length of a frame, where the caller gave none, and as far as the client allows it.
    #[wasm_bindgen(setter, js_name = frameLength)]
    pub fn set_frame_length(&mut self, length: u32) {
        self.frame_length.get_or_insert(length.min(self.longest_frame));
    }

    /// The length of the plaintext, found out since.
    #[wasm_bindgen(setter, js_name = plaintextLength)]
    pub fn set_plaintext_length(&mut self, plaintext_length: f64) {
        self.request.plaintext_length = length(Some(plaintext_length));
    }

    /// A copy of the data key, which is made if there is none yet.
    #[wasm_bindgen(js_name = dataKey)]
    pub fn data_key(&mut self) -> Result<JsValue, JsValue> {
        let provider = self.provider.clone();
        let data_key = self.unshared()?.data_key_or_random(&provider).map_err(Fault::from)?;
        Ok(bytes(data_key.expose())?)
    }

    /// Takes what a callback wrapped the data key to.
    #[wasm_bindgen(js_name = addWrapped)]
    pub fn add_wrapped(&mut self, provider_id: &str, info: &JsValue, ciphertext: &JsValue) -> Result<(), JsValue> {
        let (info, ciphertext): (Blob, Blob) = (read(info, "providerInfo")?, read(ciphertext, "ciphertext")?);
        let wrapped = WrappedDataKey { provider_info: info.into_vec(), ciphertext: ciphertext.into_vec() };
        let keyring = CallbackKeyring::new(provider_id, Arc::new(Wrapped(wrapped))).map_err(Fault::from)?;
        let provider = self.provider.clone();
        Ok(keyring.on_encrypt(&provider, self.unshared()?).map_err(Fault::from)?)
    }

    /// Ends a rewrapping: the new header and how long the old one is, or the sidecar.
    #[wasm_bindgen(js_name = finishRewrapping)]
    pub fn finish_rewrapping(self) -> Result<JsValue, JsValue> {
        let Materials::Rewrapping(rewrapping) = self.materials else { return Err(misused().into()) };
        Ok(match rewrapping.finish().map_err(Fault::from)? {
            Rewrapped::Header { bytes: header, replaces } => {
                object([("header", bytes(&header)?), ("replaces", replaces.into())])
            }
            Rewrapped::Sidecar(sidecar) => object([("sidecar", bytes(&sidecar)?)]),
        })
    }
}

/// What a callback answered, for the core's keyring to check and to take.
struct Wrapped(WrappedDataKey);

impl DataKeyWrapper for Wrapped {
    fn wrap_data_key(&self, _: &Secret, _: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey, Error> {
        Ok(self.0.clone())
    }

    fn unwrap_data_key(&self, _: &EncryptedDataKey, _: &EncryptionContext, _: AlgorithmSuite) -> Result<Secret, Error> {
        Err(Error::new(ErrorKind::UnsupportedOperation, "the callback answers later"))
    }
}

/// The search for the data key of a message.
#[wasm_bindgen]
pub struct DecryptionMaterials {
    pub(super) provider: Provider,
    request: DecryptionMaterialsRequest,
    materials: Arc<envelope::DecryptionMaterials>,
    failures: Vec<(usize, Error)>,
}

impl DecryptionMaterials {
    pub(super) fn new(provider: &Provider, request: DecryptionMaterialsRequest) -> Result<Self, JsValue> {
        let materials = Arc::new(envelope::DecryptionMaterials::new(&request).map_err(Fault::from)?);
        Ok(Self { provider: provider.clone(), request, materials, failures: Vec::new() })
    }

    /// Lets a keyring look for the data key.
    pub(super) fn search(
        &mut self,
        keyring: impl FnOnce(&mut envelope::DecryptionMaterials, &mut Attempts<'_>) -> Result<(), Error>,
    ) -> Result<(), Fault> {
        let Self { request, materials, failures, .. } = self;
        let materials = Arc::get_mut(materials).ok_or_else(misused)?;
        let mut attempts = Attempts::resume(&request.encrypted_data_keys, std::mem::take(failures));
        let result = keyring(materials, &mut attempts);
        *failures = attempts.into_failures();
        Ok(result?)
    }

    /// How many failures are noted.
    pub(super) fn noted(&self) -> usize {
        self.failures.len()
    }

    /// Forgets the failures from the one of that number on.
    pub(super) fn forget_from(&mut self, number: usize) {
        self.failures.truncate(number);
    }

    /// The materials with their data key, or the error that lists why there is none.
    pub(super) fn into_found(self) -> Result<Arc<envelope::DecryptionMaterials>, Fault> {
        if self.materials.data_key().is_none() {
            let attempts = Attempts::resume(&self.request.encrypted_data_keys, self.failures);
            return Err(attempts.into_error().into());
        }
        Ok(self.materials)
    }

    /// What they were asked for with.
    pub(super) fn request(&self) -> &DecryptionMaterialsRequest {
        &self.request
    }

    pub(super) fn get(&self) -> &Arc<envelope::DecryptionMaterials> {
        &self.materials
    }

    /// Takes those of the cache.
    pub(super) fn set(&mut self, found: Arc<envelope::DecryptionMaterials>) {
        self.materials = found;
    }
}

#[wasm_bindgen]
impl DecryptionMaterials {
    /// The algorithm suite.
    #[wasm_bindgen(getter, js_name = algorithmSuite)]
    pub fn algorithm_suite(&self) -> String {
        self.materials.algorithm_suite().as_str().into()
    }

    /// What the data key is bound to.
    #[wasm_bindgen(getter, js_name = encryptionContext)]
    pub fn encryption_context(&self) -> Result<JsValue, JsValue> {
        Ok(write(self.materials.encryption_context())?)
    }

    /// The length of the data key.
    #[wasm_bindgen(getter, js_name = dataKeyLength)]
    pub fn data_key_length(&self) -> usize {
        self.materials.algorithm_suite().data_key_length()
    }

    /// The data key in its encrypted forms.
    #[wasm_bindgen(getter, js_name = encryptedDataKeys)]
    pub fn encrypted_data_keys(&self) -> Result<JsValue, JsValue> {
        Ok(write(&self.request.encrypted_data_keys)?)
    }

    /// Whether the data key was found.
    #[wasm_bindgen(getter)]
    pub fn found(&self) -> bool {
        self.materials.data_key().is_some()
    }

    /// Takes what an encrypted data key was decrypted to. That it cannot be it is noted.
    #[wasm_bindgen(js_name = setDataKey)]
    pub fn set_data_key(&mut self, index: usize, data_key: &JsValue) -> Result<(), JsValue> {
        let data_key: Secret = read(data_key, "the data key")?;
        Ok(self.search(|materials, attempts| {
            if let Err(error) = materials.set_data_key(data_key) {
                attempts.failed(index, error);
            }
            Ok(())
        })?)
    }

    /// Notes why an encrypted data key was not decrypted: what was thrown, in words and itself.
    pub fn failed(&mut self, index: usize, thrown: &JsValue, reason: String) {
        let error = Error::new(ErrorKind::KeyUnavailable, "").explain(reason);
        self.failures.push((index, error.with_origin(Thrown::new(thrown).to_origin())));
    }
}
