//! Rewrapping: moving a stored message to another key, or to the newest material of its key, without its body.
//!
//! Only the header is read. Its data key is decrypted, verified against the header, and encrypted again. Where that goes
//! depends on the message:
//!
//! - Version 1, unsigned: into a new header, to be written in place of the old one. It is authenticated under the same
//!   derived key, and so under a fresh random IV.
//! - Version 2, or signed: into a [sidecar](super::sidecar), to be kept beside the message, which stays as it is.
//!
//! Rewrapping takes no access away: who kept the old header, or the old sidecar, and may use the old key still finds the
//! data key. Where that must end, the message is re-encrypted ([`Reencryptor`](super::Reencryptor)).

use super::{
    client::{DecryptOptions, EncryptionClient},
    header::{EncryptedDataKey, MessageHeader, ReadHeader, header_tag},
    keyring::Keyring,
    materials::{DecryptionMaterials, EncryptionMaterials, MaterialsManager},
    opening::whole,
    sidecar,
};
use crate::{
    context::EncryptionContext,
    crypto::{AeadKey, NONCE_LENGTH, Provider},
    error::{Error, ErrorKind, Result},
    shape::structures,
};
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};

structures! {
    /// How a message is to be rewrapped; each part has a default. A message with a sidecar gets a new sidecar.
    #[derive(Clone, Debug, Default)]
    pub struct RewrapOptions {
        /// What is asked of the message, as when decrypting it.
        pub decrypt: flattened(DecryptOptions),
        /// Makes a sidecar even where the header could be replaced: for stores in which the front of an object cannot be replaced without
        /// writing all of it.
        pub sidecar_only: default(bool),
    }

    /// How many messages are to be rewrapped: as one, but that each has its own sidecar.
    #[derive(Clone, Debug, Default)]
    pub struct RewrapBatchOptions {
        /// Pairs given again, for each message. Those that a message stores must be equal; the others are authenticated with it.
        pub encryption_context: default(EncryptionContext),
        /// The names of pairs that must be among them.
        pub required_encryption_context_keys: default(Vec<String>),
        /// Makes sidecars even where the header could be replaced.
        pub sidecar_only: default(bool),
    }
}

impl From<RewrapBatchOptions> for RewrapOptions {
    fn from(options: RewrapBatchOptions) -> Self {
        let RewrapBatchOptions { encryption_context, required_encryption_context_keys, sidecar_only } = options;
        let decrypt =
            DecryptOptions { encryption_context, required_encryption_context_keys, ..DecryptOptions::default() };
        Self { decrypt, sidecar_only }
    }
}

/// The result of rewrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewrapped {
    /// A new header, to be written in place of the old one. The body follows as it is.
    Header {
        /// The new header.
        bytes: Vec<u8>,
        /// The length of the old header.
        replaces: usize,
    },
    /// A sidecar, to be kept beside the message in place of the one it may have, and given whenever it is decrypted
    /// ([`DecryptOptions::sidecar`]). The message stays as it is.
    Sidecar(Vec<u8>),
}

impl EncryptionClient {
    /// Moves a message to the keys of `destination`, without its body. `header` are the first bytes of the message, its
    /// whole header at least ([`inspect`](Self::inspect) says how many that are).
    ///
    /// The data key is encrypted under the message's whole encryption context: pairs that the message does not store
    /// must be given again.
    pub fn rewrap(
        &self,
        source: &dyn MaterialsManager,
        destination: &dyn Keyring,
        options: &RewrapOptions,
        header: &[u8],
    ) -> Result<Rewrapped> {
        let request = self.decryption_materials_request(&options.decrypt, header)?;
        let materials = source.decryption_materials(&self.provider, &request)?;
        let mut rewrapping = self.rewrapping(materials, options, header)?;
        destination.on_encrypt(&self.provider, &mut rewrapping.materials)?;
        rewrapping.finish()
    }

    /// As [`rewrap`](Self::rewrap), with the data key already decrypted, and encrypted by the caller: for who does so by
    /// other means, or asynchronously. See [`decryption_materials_request`](Self::decryption_materials_request).
    pub fn rewrapping(
        &self,
        source: Arc<DecryptionMaterials>,
        options: &RewrapOptions,
        header: &[u8],
    ) -> Result<Rewrapping> {
        let read = self.read_whole_header(&options.decrypt, header)?;
        // Nothing is encrypted again before it is certain that it is this message's data key.
        let (_, key) = read.unlock(&self.provider, header, &source)?;
        let header = header.get(..read.length).unwrap_or_default().into();
        let materials = EncryptionMaterials::for_rewrapping(&source)?;
        let sidecar_only = options.sidecar_only;
        Ok(Rewrapping { client: self.clone(), read, header, key, source, materials, sidecar_only })
    }

    /// Whether rewrapping with this destination would change which keys and materials a message uses. `front` are the
    /// first bytes of the message, its whole header at least. Nothing is decrypted. A KMS is asked for the permission to encrypt
    /// with the encryption context that the message stores.
    ///
    /// A keyring that cannot say answers that it would. So does one of AWS KMS as long as the key is another, and never
    /// for a new material of the same key, which AWS's ciphertexts do not show.
    pub fn needs_rewrap(&self, destination: &dyn Keyring, front: &[u8], sidecar: Option<&[u8]>) -> Result<bool> {
        let read = whole(self.read_with_sidecar(front, sidecar), front)?;
        let mut keys: Vec<&EncryptedDataKey> = read.encrypted_data_keys().iter().collect();
        let complete = destination.take_current(&self.provider, &mut keys, &read.header.encryption_context)?;
        Ok(!complete || !keys.is_empty())
    }
}

/// A message whose data key was found, to be encrypted under other keys.
pub struct Rewrapping {
    client: EncryptionClient,
    read: ReadHeader,
    header: Vec<u8>,
    key: Box<dyn AeadKey>,
    source: Arc<DecryptionMaterials>,
    materials: EncryptionMaterials,
    sidecar_only: bool,
}

impl Rewrapping {
    /// The data key, and the encryption context to encrypt it under.
    pub fn materials(&self) -> &EncryptionMaterials {
        &self.materials
    }

    /// The same, for keyrings to add its encrypted forms.
    pub fn materials_mut(&mut self) -> &mut EncryptionMaterials {
        &mut self.materials
    }

    /// Adds the data key in encrypted form.
    pub fn add_encrypted_data_key(&mut self, key: EncryptedDataKey) {
        self.materials.add_encrypted_data_key(key);
    }

    /// Makes the new header or the sidecar.
    pub fn finish(self) -> Result<Rewrapped> {
        let Self { client: EncryptionClient { provider, limits, .. }, read, header, key, source, .. } = &self;
        let data_key = self.materials.complete()?;
        // A keyring that puts another data key in its place would make the message unreadable.
        if !source.data_key().is_some_and(|found| found.constant_time_eq(data_key)) {
            return Err(Error::new(ErrorKind::Validation, "the destination's keyring encrypted another data key"));
        }
        let keys = self.materials.encrypted_data_keys();
        if keys.len() > usize::from(limits.max_encrypted_data_keys) {
            let (count, limit) = (keys.len(), limits.max_encrypted_data_keys);
            let message = format!("{count} encrypted data keys are more than this client's limit of {limit}");
            return Err(Error::new(ErrorKind::LimitExceeded, message));
        }
        let suite = read.header.algorithm_suite;
        // The one place that decides this. Version 2: see `sidecar`.
        let rewritable = suite.message_version() == 1 && !suite.is_signed();
        if !rewritable || self.sidecar_only || read.sidecar.is_some() {
            return Ok(Rewrapped::Sidecar(sidecar::write(provider, &read.header, read.bytes(header), data_key, keys)?));
        }
        let header = MessageHeader { encrypted_data_keys: keys.to_vec(), ..read.header.clone() };
        let iv = fresh_iv(provider, &read.iv)?;
        let mut bytes = header.write()?;
        let tag = header_tag(&**key, &iv, &bytes, source.unstored_encryption_context())?;
        bytes.extend_from_slice(&iv);
        bytes.extend_from_slice(&tag);
        Ok(Rewrapped::Header { bytes, replaces: read.length })
    }
}

/// A random IV for a header that is authenticated under the same key as the one it replaces, and as the frames.
///
/// It must be none that was used under that key: the old header's, zero, or a frame's, which is its number. Chance
/// makes one of those with a probability below 2^-63, so one that comes is a sign of randomness that fails.
fn fresh_iv(provider: &Provider, old: &[u8; NONCE_LENGTH]) -> Result<[u8; NONCE_LENGTH]> {
    let mut iv = [0; NONCE_LENGTH];
    provider.fill_random(&mut iv)?;
    if iv == *old || iv.starts_with(&[0; NONCE_LENGTH - 4]) {
        return Err(Error::new(ErrorKind::Entropy, "the source of randomness repeats itself: nothing was changed"));
    }
    Ok(iv)
}
