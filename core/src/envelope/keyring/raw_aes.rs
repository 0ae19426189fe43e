//! Data keys encrypted under an AES key that the caller holds.

use super::{Attempts, Keyring, Purpose};
use crate::{
    context::EncryptionContext,
    crypto::{AeadKey, NONCE_LENGTH, Provider, TAG_LENGTH},
    envelope::{
        context::serialize,
        failure::invalid_message,
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use alloc::{boxed::Box, format, string::String, vec::Vec};

/// What stands between the key name and the IV in the provider information: the lengths of the tag in bits and of the
/// IV in bytes.
const LENGTHS: [u8; 8] = [0, 0, 0, 128, 0, 0, 0, 12];

/// AWS's raw AES keyring: encrypts data keys with AES-GCM under a wrapping key of 128, 192 or 256 bits.
pub struct RawAesKeyring {
    namespace: String,
    name: String,
    key: Box<dyn AeadKey>,
}

impl RawAesKeyring {
    /// Under a key of 16, 24 or 32 bytes. Namespace and name find it again and are stored in the message; AWS keeps
    /// the namespace `aws-kms` for itself.
    pub fn new(provider: &Provider, namespace: &str, name: &str, wrapping_key: &Secret) -> Result<Self> {
        super::check_namespace(namespace)?;
        if ![16, 24, 32].contains(&wrapping_key.len()) {
            return Err(Error::new(
                ErrorKind::Validation,
                format!("an AES wrapping key has 16, 24 or 32 bytes; this one has {}", wrapping_key.len()),
            ));
        }
        let key = provider.aead.key(wrapping_key.expose())?;
        Ok(Self { namespace: namespace.into(), name: name.into(), key })
    }
}

impl Keyring for RawAesKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        let aad = serialize(materials.encryption_context())?;
        let mut iv = [0; NONCE_LENGTH];
        provider.fill_random(&mut iv)?;
        let data_key = materials.data_key_or_random(provider)?;
        let mut ciphertext = Vec::with_capacity(data_key.len() + TAG_LENGTH);
        ciphertext.resize(data_key.len(), 0);
        let tag = self.key.seal_into(&iv, &aad, data_key.expose(), &mut ciphertext)?;
        ciphertext.extend_from_slice(&tag);
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: self.namespace.clone(),
            provider_info: [self.name.as_bytes(), &LENGTHS, &iv].concat(),
            ciphertext,
        });
        Ok(())
    }

    fn on_decrypt(&self, _: &Provider, materials: &mut DecryptionMaterials, attempts: &mut Attempts<'_>) -> Result<()> {
        attempts.try_each(materials, |key, materials| Some(self.open(key, self.iv_of(key)?, materials)));
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        // The key itself is not part of it: it never changes in the lifetime of a keyring, nor does a cache outlive it.
        Ok(Some([self.namespace.as_bytes(), &[0], self.name.as_bytes()].concat()))
    }

    fn take_current(&self, _: &Provider, keys: &mut Vec<&EncryptedDataKey>, _: &EncryptionContext) -> Result<bool> {
        Ok(super::take_first(keys, |key| self.iv_of(key).is_some()))
    }
}

impl RawAesKeyring {
    /// The IV, if the data key is this keyring's.
    fn iv_of(&self, key: &EncryptedDataKey) -> Option<[u8; NONCE_LENGTH]> {
        let own = key.provider_id == self.namespace;
        let rest = own.then(|| key.provider_info.strip_prefix(self.name.as_bytes())?.strip_prefix(&LENGTHS))??;
        rest.try_into().ok()
    }

    fn open(&self, key: &EncryptedDataKey, iv: [u8; NONCE_LENGTH], materials: &DecryptionMaterials) -> Result<Secret> {
        let aad = serialize(materials.encryption_context())?;
        let (ciphertext, tag) = key
            .ciphertext
            .split_last_chunk::<TAG_LENGTH>()
            .ok_or_else(|| invalid_message("the encrypted data key is shorter than its tag"))?;
        let mut data_key = Secret::zeroed(ciphertext.len());
        self.key.open_into(&iv, &aad, ciphertext, tag, data_key.expose_mut()).map_err(|_| {
            invalid_message("another wrapping key, another encryption context, or the encrypted data key was altered")
        })?;
        Ok(data_key)
    }
}
