//! Several keyrings in one.

use super::{Attempts, Keyring, Purpose, any_usable};
use crate::{
    context::EncryptionContext,
    crypto::Provider,
    envelope::{
        header::EncryptedDataKey,
        kept::Retire,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
};
use alloc::{
    sync::{Arc, Weak},
    vec::Vec,
};

/// Encrypts the data key under each of several keyrings; any one of them finds it again.
pub struct MultiKeyring {
    generator: Option<Arc<dyn Keyring>>,
    children: Vec<Arc<dyn Keyring>>,
}

impl MultiKeyring {
    /// The generator makes the data key; without one the keyring can only decrypt.
    pub fn new(generator: Option<Arc<dyn Keyring>>, children: Vec<Arc<dyn Keyring>>) -> Result<Self> {
        if generator.is_none() && children.is_empty() {
            return Err(Error::new(ErrorKind::Validation, "a multi-keyring needs a generator or a child keyring"));
        }
        Ok(Self { generator, children })
    }

    /// Refuses to encrypt where none makes the data key: for who asks keyrings that answer later, one after the other.
    pub fn check_generator(has_generator: bool, materials: &EncryptionMaterials) -> Result<()> {
        if has_generator || materials.data_key().is_some() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Validation,
            "the multi-keyring has no generator to make the data key: it can only decrypt",
        ))
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Keyring>> {
        self.generator.iter().chain(&self.children)
    }
}

impl Keyring for MultiKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        Self::check_generator(self.generator.is_some(), materials)?;
        self.all().try_for_each(|keyring| keyring.on_encrypt(provider, materials))
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        for keyring in self.all() {
            keyring.on_decrypt(provider, materials, attempts)?;
            if materials.data_key().is_some() {
                break;
            }
        }
        Ok(())
    }

    fn on_close(&self, cache: &Weak<dyn Retire>) {
        self.all().for_each(|keyring| keyring.on_close(cache));
    }

    fn take_current(
        &self,
        provider: &Provider,
        keys: &mut Vec<&EncryptedDataKey>,
        encryption_context: &EncryptionContext,
    ) -> Result<bool> {
        for keyring in self.all() {
            if !keyring.take_current(provider, keys, encryption_context)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Those of all. To encrypt, each must have one; to decrypt, one that may be used is enough.
    fn fingerprint(&self, provider: &Provider, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        let mut parts = Vec::new();
        let mut purpose = purpose;
        for keyring in self.all() {
            let part = keyring.fingerprint(provider, purpose);
            // The first one makes the data key, where no one did before.
            if let Purpose::Encrypt { has_data_key, .. } = &mut purpose {
                *has_data_key = true;
            }
            match part {
                Ok(None) => return Ok(None),
                Err(error) if matches!(purpose, Purpose::Encrypt { .. }) => return Err(error),
                part => parts.push(part.map(Option::unwrap_or_default)),
            }
        }
        any_usable(parts).map(Some)
    }
}
