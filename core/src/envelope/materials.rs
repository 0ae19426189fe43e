//! Cryptographic materials, and what supplies them: the data key, its encrypted forms, the keys of the signature.

use super::{context, header::EncryptedDataKey, kept::Retire, suite::AlgorithmSuite};
use crate::{
    context::EncryptionContext,
    crypto::Provider,
    envelope::failure::invalid_message,
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{
    format,
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use base64::{Engine, prelude::BASE64_STANDARD};

/// What a message is to be encrypted with, as far as the caller says it.
#[derive(Clone, Debug)]
pub struct EncryptionMaterialsRequest {
    /// The algorithm suite.
    pub algorithm_suite: AlgorithmSuite,
    /// The encryption context.
    pub encryption_context: EncryptionContext,
    /// The names of the pairs that are authenticated, but not stored in the message.
    pub required_encryption_context_keys: Vec<String>,
    /// How long the plaintext is, where that is known.
    pub plaintext_length: Option<u64>,
}

/// What a message is encrypted with.
pub struct EncryptionMaterials {
    algorithm_suite: AlgorithmSuite,
    encryption_context: EncryptionContext,
    required_encryption_context_keys: Vec<String>,
    data_key: Option<Secret>,
    encrypted_data_keys: Vec<EncryptedDataKey>,
    signing_key: Option<Secret>,
}

impl EncryptionMaterials {
    /// Materials without a data key, for keyrings to fill. For a signed suite a pair of signature keys is made, and the
    /// public one goes into the encryption context.
    pub fn new(provider: &Provider, request: EncryptionMaterialsRequest) -> Result<Self> {
        let EncryptionMaterialsRequest {
            algorithm_suite,
            mut encryption_context,
            required_encryption_context_keys,
            plaintext_length: _,
        } = request;
        context::check(&encryption_context, &required_encryption_context_keys)?;
        let signing_key = match algorithm_suite.signature() {
            Some((curve, _)) => {
                let private_key = provider.generate_private_key(curve)?;
                let public_key = provider.curves.public_key(curve, private_key.expose())?;
                encryption_context.insert(context::PUBLIC_KEY.into(), BASE64_STANDARD.encode(public_key));
                Some(private_key)
            }
            None => None,
        };
        Ok(Self {
            algorithm_suite,
            encryption_context,
            required_encryption_context_keys,
            data_key: None,
            encrypted_data_keys: Vec::new(),
            signing_key,
        })
    }

    /// Materials with the data key of a message that exists, for keyrings to encrypt once more. The signature's public
    /// key is in the message's context; nothing is signed again.
    pub(crate) fn for_rewrapping(source: &DecryptionMaterials) -> Result<Self> {
        let data_key = source.data_key.as_ref().ok_or_else(no_data_key)?;
        Ok(Self {
            algorithm_suite: source.algorithm_suite,
            encryption_context: EncryptionContext::clone(&source.encryption_context),
            required_encryption_context_keys: source.unstored_encryption_context.keys().cloned().collect(),
            data_key: Some(Secret::copy_of(data_key.expose())),
            encrypted_data_keys: Vec::new(),
            signing_key: None,
        })
    }

    /// The algorithm suite.
    pub fn algorithm_suite(&self) -> AlgorithmSuite {
        self.algorithm_suite
    }

    /// All pairs of the encryption context, stored or not: what a keyring binds the data key to.
    pub fn encryption_context(&self) -> &EncryptionContext {
        &self.encryption_context
    }

    /// The names of the pairs that are authenticated, but not stored in the message.
    pub fn required_encryption_context_keys(&self) -> &[String] {
        &self.required_encryption_context_keys
    }

    /// The data key, once a keyring has set it.
    pub fn data_key(&self) -> Option<&Secret> {
        self.data_key.as_ref()
    }

    /// The data key in its encrypted forms.
    pub fn encrypted_data_keys(&self) -> &[EncryptedDataKey] {
        &self.encrypted_data_keys
    }

    /// Sets the data key. It must have the suite's length, and can be set once.
    pub fn set_data_key(&mut self, data_key: Secret) -> Result<()> {
        set_data_key(&mut self.data_key, data_key, self.algorithm_suite)
    }

    /// The data key; a random one is made if there is none yet.
    pub fn data_key_or_random(&mut self, provider: &Provider) -> Result<&Secret> {
        if self.data_key.is_none() {
            let mut data_key = Secret::zeroed(self.algorithm_suite.data_key_length());
            provider.fill_random(data_key.expose_mut())?;
            self.data_key = Some(data_key);
        }
        self.data_key.as_ref().ok_or_else(no_data_key)
    }

    /// Adds the data key in encrypted form.
    pub fn add_encrypted_data_key(&mut self, key: EncryptedDataKey) {
        self.encrypted_data_keys.push(key);
    }

    pub(crate) fn signing_key(&self) -> Option<&Secret> {
        self.signing_key.as_ref()
    }

    /// The data key, if the materials are complete.
    pub(crate) fn complete(&self) -> Result<&Secret> {
        self.data_key.as_ref().filter(|_| !self.encrypted_data_keys.is_empty()).ok_or_else(no_data_key)
    }
}

/// What the header of a message says, to find its data key.
#[derive(Clone, Debug)]
pub struct DecryptionMaterialsRequest {
    /// The algorithm suite.
    pub algorithm_suite: AlgorithmSuite,
    /// The pairs that the message stores.
    pub encryption_context: EncryptionContext,
    /// The pairs that the caller gives again.
    pub reproduced_encryption_context: EncryptionContext,
    /// The names of pairs that the caller must have given again.
    pub required_encryption_context_keys: Vec<String>,
    /// The data key in its encrypted forms.
    pub encrypted_data_keys: Vec<EncryptedDataKey>,
}

/// What a message is decrypted with.
pub struct DecryptionMaterials {
    algorithm_suite: AlgorithmSuite,
    encryption_context: Arc<EncryptionContext>,
    unstored_encryption_context: EncryptionContext,
    data_key: Option<Secret>,
    verification_key: Option<Vec<u8>>,
}

impl DecryptionMaterials {
    /// Materials without a data key, for keyrings to fill.
    pub fn new(request: &DecryptionMaterialsRequest) -> Result<Self> {
        let DecryptionMaterialsRequest {
            algorithm_suite,
            encryption_context: stored,
            reproduced_encryption_context: reproduced,
            required_encryption_context_keys,
            encrypted_data_keys: _,
        } = request;
        if let Some(name) = required_encryption_context_keys.iter().find(|name| !reproduced.contains_key(*name)) {
            return Err(Error::new(
                ErrorKind::Validation,
                format!("the required encryption context key '{name}' must be given again to decrypt"),
            ));
        }
        let verification_key = match (stored.get(context::PUBLIC_KEY), algorithm_suite.signature()) {
            (Some(text), Some(_)) => Some(
                BASE64_STANDARD.decode(text).map_err(|_| invalid_message("the message's public key is not base64"))?,
            ),
            (None, None) => None,
            // A suite that signs, in place of one that does not, or the other way round.
            (Some(_), None) => {
                return Err(invalid_message("the message has a public key, but its suite signs nothing"));
            }
            (None, Some(_)) => return Err(invalid_message("the message is signed, but has no public key")),
        };
        let (_, unstored) = context::split(reproduced, &stored.keys().cloned().collect::<Vec<_>>());
        Ok(Self {
            algorithm_suite: *algorithm_suite,
            encryption_context: Arc::new(context::merge(stored, reproduced)?),
            unstored_encryption_context: unstored,
            data_key: None,
            verification_key,
        })
    }

    /// The algorithm suite.
    pub fn algorithm_suite(&self) -> AlgorithmSuite {
        self.algorithm_suite
    }

    /// All pairs of the encryption context, stored or given again: what a keyring bound the data key to.
    pub fn encryption_context(&self) -> &EncryptionContext {
        &self.encryption_context
    }

    /// The data key, once a keyring has found it.
    pub fn data_key(&self) -> Option<&Secret> {
        self.data_key.as_ref()
    }

    /// Sets the data key. It must have the suite's length, and can be set once.
    pub fn set_data_key(&mut self, data_key: Secret) -> Result<()> {
        set_data_key(&mut self.data_key, data_key, self.algorithm_suite)
    }

    /// The same, for what outlives the data key.
    pub(crate) fn shared_encryption_context(&self) -> Arc<EncryptionContext> {
        Arc::clone(&self.encryption_context)
    }

    /// The pairs that the message authenticates, but does not store.
    pub(crate) fn unstored_encryption_context(&self) -> &EncryptionContext {
        &self.unstored_encryption_context
    }

    pub(crate) fn verification_key(&self) -> Option<&[u8]> {
        self.verification_key.as_deref()
    }
}

fn set_data_key(slot: &mut Option<Secret>, data_key: Secret, suite: AlgorithmSuite) -> Result<()> {
    if data_key.len() != suite.data_key_length() {
        return Err(Error::new(
            ErrorKind::Validation,
            format!(
                "the data key has {} bytes; the algorithm suite {suite} needs {}",
                data_key.len(),
                suite.data_key_length()
            ),
        ));
    }
    if slot.is_some() {
        return Err(Error::new(ErrorKind::Validation, "the materials have a data key already"));
    }
    *slot = Some(data_key);
    Ok(())
}

fn no_data_key() -> Error {
    Error::new(ErrorKind::Validation, "no keyring gave a data key and its encrypted form: nothing can be encrypted")
}

/// Supplies the materials of messages: AWS's cryptographic materials manager. Every keyring is one.
pub trait MaterialsManager: Send + Sync {
    /// The materials to encrypt a message with.
    fn encryption_materials(
        &self,
        provider: &Provider,
        request: EncryptionMaterialsRequest,
    ) -> Result<Arc<EncryptionMaterials>>;

    /// The materials to decrypt a message with.
    fn decryption_materials(
        &self,
        provider: &Provider,
        request: &DecryptionMaterialsRequest,
    ) -> Result<Arc<DecryptionMaterials>>;

    /// The secrets of a stream that uses such materials: a vault that they came from takes them away when it is locked.
    fn on_lock(&self, stream: &Weak<dyn Retire>) {
        let _ = stream;
    }
}
