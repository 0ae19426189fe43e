//! Keyrings from the keys of a request.

use crate::{Result, request::Key};
use pocketkms::{
    Provider, Secret,
    envelope::{Keyring, MultiKeyring, PaddingScheme, RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring},
};
use std::sync::Arc;

/// Kept: the same few keyrings come thousands of times, and RSA keys are checked again each time they are read.
pub(crate) struct Keyrings {
    pub(crate) provider: Provider,
    kept: Vec<(Vec<Key>, Arc<dyn Keyring>)>,
}

impl Keyrings {
    pub(crate) fn new(provider: Provider) -> Self {
        Self { provider, kept: Vec::new() }
    }

    pub(crate) fn get(&mut self, keys: &[Key]) -> Result<Arc<dyn Keyring>> {
        if let Some((_, keyring)) = self.kept.iter().find(|(known, _)| known == keys) {
            return Ok(keyring.clone());
        }
        let mut singles = keys.iter().map(|key| single(&self.provider, key)).collect::<Result<Vec<_>>>()?;
        let keyring = if let [only] = &*singles {
            only.clone()
        } else {
            let children = singles.split_off(singles.len().min(1));
            Arc::new(MultiKeyring::new(singles.pop(), children)?)
        };
        self.kept.push((keys.to_vec(), keyring.clone()));
        Ok(keyring)
    }
}

fn single(provider: &Provider, key: &Key) -> Result<Arc<dyn Keyring>> {
    Ok(match key {
        Key::Aes { namespace, name, key } => {
            Arc::new(RawAesKeyring::new(provider, namespace, name, &Secret::copy_of(&key.0))?)
        }
        Key::Ecdh { schema, curve, public, private } => {
            let (private, public) = (Secret::copy_of(private.as_bytes()), public.as_bytes());
            let schema = match &**schema {
                "static" => RawEcdhSchema::RawPrivateKeyToStaticPublicKey {
                    sender_private_key: &private,
                    recipient_public_key: public,
                },
                "ephemeral" => RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key: public },
                _ => RawEcdhSchema::PublicKeyDiscovery { recipient_private_key: &private },
            };
            Arc::new(RawEcdhKeyring::new(provider, schema, *curve)?)
        }
        Key::Rsa { namespace, name, padding, public, private } => {
            let scheme: PaddingScheme = serde_json::from_value(padding.as_str().into())?;
            let private = Secret::copy_of(private.as_bytes());
            Arc::new(match scheme {
                PaddingScheme::Pkcs1 => {
                    RawRsaKeyring::pkcs1_despite_padding_oracles(provider, namespace, name, &private)?
                }
                _ => RawRsaKeyring::new(provider, namespace, name, scheme, Some(public.as_bytes()), Some(&private))?,
            })
        }
    })
}
