//! Keyrings: what encrypts the data key of a message, and finds it again.

mod arn;
mod callback;
mod encoded;
mod hierarchical;
mod kms;
mod multi;
mod raw_aes;
mod raw_ecdh;
mod raw_rsa;

pub use callback::{CallbackKeyring, DataKeyWrapper, WrappedDataKey};
pub use hierarchical::{BranchKeyIdSupplier, BranchKeyMaterials, BranchKeySource, HierarchicalKeyring};
pub use kms::{KmsClient, KmsKeyring};
pub use multi::MultiKeyring;
pub use raw_aes::RawAesKeyring;
pub use raw_ecdh::{EcdhCurveSpec, RawEcdhKeyring, RawEcdhSchema};
pub use raw_rsa::{PaddingScheme, RawRsaKeyring};

use super::{
    header::EncryptedDataKey,
    kept::Retire,
    materials::{
        DecryptionMaterials, DecryptionMaterialsRequest, EncryptionMaterials, EncryptionMaterialsRequest,
        MaterialsManager,
    },
};
use crate::{
    context::EncryptionContext,
    crypto::Provider,
    error::{Error, ErrorKind, Result, TriedKey, Untrusted},
    secret::Secret,
};
use alloc::{
    format,
    string::String,
    sync::{Arc, Weak},
    vec::Vec,
};
use core::fmt::Write;

/// Encrypts and decrypts data keys under one or more wrapping keys.
pub trait Keyring: Send + Sync {
    /// Makes the data key if the materials have none, and adds its encrypted forms.
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()>;

    /// Looks for the data key among the encrypted ones. That one cannot be decrypted is no error: it is noted in
    /// `attempts`, and the next is tried.
    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()>;

    /// What the keyring would use now for a message of that encryption context, for the cache of data keys: changes when a
    /// key rotates or another key is chosen, fails when a key may not be used any more. All that the keyring's answer depends
    /// on belongs in here, but for what is in the request itself. `None` keeps its messages out of any cache.
    fn fingerprint(&self, provider: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>>;

    /// A cache or a stream that keeps what this keyring makes, once: a vault that is closed or locked tells it so then. A keyring
    /// of other keyrings passes it on.
    fn on_close(&self, cache: &Weak<dyn Retire>) {
        let _ = cache;
    }

    /// Takes out of the list those encrypted data keys that it would make now for that encryption context: one for each of its
    /// keys, under the key's newest material. Answers whether there was one for each. Nothing is decrypted: this only says which
    /// stored messages need no rewrapping. A keyring that cannot say answers `false`.
    fn take_current(
        &self,
        provider: &Provider,
        keys: &mut Vec<&EncryptedDataKey>,
        encryption_context: &EncryptionContext,
    ) -> Result<bool> {
        let _ = (provider, keys, encryption_context);
        Ok(false)
    }
}

/// Takes the first one out of the list that is such.
pub(crate) fn take_first(keys: &mut Vec<&EncryptedDataKey>, is_such: impl Fn(&EncryptedDataKey) -> bool) -> bool {
    let found = keys.iter().position(|key| is_such(key));
    found.map(|index| keys.remove(index)).is_some()
}

/// What cached materials are to be used for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To encrypt.
    Encrypt {
        /// The pairs that the caller gave. The public key of a signed message is not among them: it is made with the
        /// materials.
        encryption_context: &'a EncryptionContext,
        /// Whether another keyring makes the data key, and this one encrypts it.
        has_data_key: bool,
    },
    /// To decrypt a message.
    Decrypt {
        /// Its data key in its encrypted forms.
        encrypted_data_keys: &'a [EncryptedDataKey],
        /// All pairs, stored in the message or given again.
        encryption_context: &'a EncryptionContext,
    },
}

impl<'a> Purpose<'a> {
    /// The encryption context of the message.
    pub const fn encryption_context(&self) -> &'a EncryptionContext {
        match self {
            Self::Encrypt { encryption_context, .. } | Self::Decrypt { encryption_context, .. } => encryption_context,
        }
    }
}

/// The fingerprint of several keys of which one that may be used is enough: what each of them answers, and which of them
/// refuse. An error where none may be used.
pub(crate) fn any_usable(parts: impl IntoIterator<Item = Result<Vec<u8>>>) -> Result<Vec<u8>> {
    let (mut whole, mut usable, mut refusal) = (Vec::new(), false, None);
    for part in parts {
        match part {
            Ok(part) => {
                usable = true;
                whole.push(1);
                whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
                whole.extend_from_slice(&part);
            }
            Err(error) if error.is_cancellation() => return Err(error),
            Err(error) => {
                whole.push(0);
                refusal = Some(error);
            }
        }
    }
    refusal.filter(|_| !usable).map_or(Ok(whole), Err)
}

/// A keyring behind a pointer is one, too.
impl<K: Keyring + ?Sized> Keyring for Arc<K> {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        (**self).on_encrypt(provider, materials)
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        (**self).on_decrypt(provider, materials, attempts)
    }

    fn fingerprint(&self, provider: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        (**self).fingerprint(provider, purpose)
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        (**self).on_close(cache);
    }

    fn take_current(
        &self,
        provider: &Provider,
        keys: &mut Vec<&EncryptedDataKey>,
        encryption_context: &EncryptionContext,
    ) -> Result<bool> {
        (**self).take_current(provider, keys, encryption_context)
    }
}

/// The encrypted data keys of a message, and why each of them was not decrypted so far.
pub struct Attempts<'a> {
    keys: &'a [EncryptedDataKey],
    failures: Vec<(usize, Error)>,
}

impl<'a> Attempts<'a> {
    /// None tried yet.
    pub fn new(keys: &'a [EncryptedDataKey]) -> Self {
        Self { keys, failures: Vec::new() }
    }

    /// Some tried already: for who asks keyrings that answer later, one after the other.
    pub fn resume(keys: &'a [EncryptedDataKey], failures: Vec<(usize, Error)>) -> Self {
        Self { keys, failures }
    }

    /// What was noted so far: indexes and reasons.
    pub fn into_failures(self) -> Vec<(usize, Error)> {
        self.failures
    }

    /// The encrypted data keys.
    pub fn keys(&self) -> &'a [EncryptedDataKey] {
        self.keys
    }

    /// Notes why the key of that index was not decrypted.
    pub fn failed(&mut self, index: usize, reason: Error) {
        self.failures.push((index, reason));
    }

    /// Whether an app's own code ended the work.
    fn is_cancelled(&self) -> bool {
        self.failures.iter().any(|(_, reason)| reason.is_cancellation())
    }

    /// Tries each key that `unwrap` takes for its own, until one gives the data key. `unwrap` answers `None` for a key
    /// that is not its own.
    pub fn try_each(
        &mut self,
        materials: &mut DecryptionMaterials,
        mut unwrap: impl FnMut(&EncryptedDataKey, &DecryptionMaterials) -> Option<Result<Secret>>,
    ) {
        for (index, key) in self.keys.iter().enumerate() {
            if materials.data_key().is_some() || self.is_cancelled() {
                return;
            }
            let Some(result) = unwrap(key, materials) else { continue };
            if let Err(error) = result.and_then(|data_key| materials.set_data_key(data_key)) {
                self.failed(index, error);
            }
        }
    }

    /// The error whose explanation lists each encrypted data key and why it was not decrypted ([`Error::attempts`]). Its
    /// causes are what was noted, in the order of the keys.
    ///
    /// If a vault was closed, or an app's own code ended the work, which concerns no single data key, that is the error.
    pub fn into_error(mut self) -> Error {
        let is_of_all = |reason: &Error| {
            reason.is_cancellation() || matches!(reason.kind(), ErrorKind::VaultClosed | ErrorKind::VaultLocked)
        };
        if let Some(index) = self.failures.iter().position(|(_, reason)| is_of_all(reason)) {
            return self.failures.swap_remove(index).1;
        }
        let mut tried: Vec<_> = self.keys.iter().map(tried_key).collect();
        for (index, reason) in self.failures {
            if let Some(key) = tried.get_mut(index) {
                key.errors.push(reason);
            }
        }
        let error = Error::new(ErrorKind::UnableToDecryptDataKey, "").with_attempts(tried);
        let mut list = format!("none of the {} encrypted data keys could be decrypted:", self.keys.len());
        let mut reported = None;
        for attempt in error.attempts() {
            let reason = attempt.error.map(Error::report);
            let reason = reason.as_deref().unwrap_or("no keyring is for this provider and key");
            let (number, provider, key) =
                (attempt.index + 1, Untrusted(attempt.provider_id), Untrusted(attempt.key_name));
            // Writing to a String cannot fail. What several keyrings said of one key stands together.
            let _ = if reported.replace(number) == Some(number) {
                write!(list, "; {reason}")
            } else {
                write!(list, "\n  {number}. provider '{provider}', key '{key}': {reason}")
            };
        }
        error.explain(list)
    }
}

fn tried_key(key: &EncryptedDataKey) -> TriedKey {
    let key_name = printable(&key.provider_info);
    let is_arn = key.provider_id == KMS_PROVIDER_ID && arn::KeyArn::parse(&key_name).is_ok();
    TriedKey {
        provider_id: key.provider_id.clone(),
        key_arn: is_arn.then(|| key_name.clone()),
        key_name,
        errors: Vec::new(),
    }
}

/// The front of a provider information that is text: the key's name or ARN. What a raw keyring appends is not.
pub(crate) fn printable(info: &[u8]) -> String {
    let end = info.iter().position(u8::is_ascii_control).unwrap_or(info.len());
    String::from_utf8_lossy(info.get(..end).unwrap_or_default()).into_owned()
}

/// The provider id of data keys under KMS keys.
pub(crate) const KMS_PROVIDER_ID: &str = "aws-kms";

/// Checks the namespace of a raw keyring.
fn check_namespace(namespace: &str) -> Result<()> {
    if namespace.starts_with(KMS_PROVIDER_ID) {
        return Err(Error::new(
            ErrorKind::Validation,
            format!("the key namespace '{namespace}' is AWS's own: choose one that does not begin with 'aws-kms'"),
        ));
    }
    Ok(())
}

/// AWS's default materials manager: a keyring, asked for each message.
impl<K: Keyring + ?Sized> MaterialsManager for K {
    fn encryption_materials(
        &self,
        provider: &Provider,
        request: EncryptionMaterialsRequest,
    ) -> Result<Arc<EncryptionMaterials>> {
        let mut materials = EncryptionMaterials::new(provider, request)?;
        self.on_encrypt(provider, &mut materials)?;
        materials.complete()?;
        Ok(Arc::new(materials))
    }

    fn decryption_materials(
        &self,
        provider: &Provider,
        request: &DecryptionMaterialsRequest,
    ) -> Result<Arc<DecryptionMaterials>> {
        let mut materials = DecryptionMaterials::new(request)?;
        let mut attempts = Attempts::new(&request.encrypted_data_keys);
        self.on_decrypt(provider, &mut materials, &mut attempts)?;
        if materials.data_key().is_none() {
            return Err(attempts.into_error());
        }
        Ok(Arc::new(materials))
    }

    fn on_lock(&self, stream: &Weak<dyn Retire>) {
        self.on_close(stream);
    }
}
