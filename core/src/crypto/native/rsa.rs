//! RSA encryption.
//!
//! What a key has to look like is decided in one place for all providers: it is parsed as the one in pure Rust does, and then
//! handed to AWS-LC.

use super::Native;
use crate::{
    crypto::{
        OaepHash, Random, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey, Unauthentic, clear_after_long,
        rust_crypto::rsa::{message_too_long, no_private_key, no_public_key, parse_private_key, parse_public_key},
    },
    error::Result,
    secret::Secret,
};
use alloc::{boxed::Box, vec::Vec};
use pocketkms_native::{Refused, rsa};

impl From<OaepHash> for rsa::OaepHash {
    fn from(hash: OaepHash) -> Self {
        match hash {
            OaepHash::Sha1 => Self::Sha1,
            OaepHash::Sha256 => Self::Sha256,
            OaepHash::Sha384 => Self::Sha384,
            OaepHash::Sha512 => Self::Sha512,
        }
    }
}

impl Rsa for Native {
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        parse_public_key(spki)?;
        let key = rsa::PublicKey::from_der(spki).map_err(|Refused| no_public_key())?;
        Ok(Box::new(key))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        parse_private_key(pkcs8)?;
        let key = clear_after_long(|| rsa::PrivateKey::from_der(pkcs8)).map_err(|Refused| no_private_key())?;
        Ok(Box::new(key))
    }
}

impl RsaPublicKey for rsa::PublicKey {
    fn encrypt(&self, hash: OaepHash, data: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        clear_after_long(|| self.encrypt(hash.into(), data))
            .map_err(|Refused| message_too_long(self.bits(), hash, data.len()))
    }
}

impl RsaPrivateKey for rsa::PrivateKey {
    fn decrypt(&self, padding: RsaPadding, ciphertext: &[u8], _: &dyn Random) -> Result<Secret, Unauthentic> {
        let decrypted = clear_after_long(|| match padding {
            RsaPadding::Oaep(hash) => self.decrypt_oaep(hash.into(), ciphertext),
            RsaPadding::Pkcs1 => self.decrypt_pkcs1(ciphertext),
        });
        decrypted.map(|plaintext| Secret::copy_of(&plaintext)).map_err(|Refused| Unauthentic)
    }

    fn public_key(&self) -> Result<Vec<u8>> {
        self.public_key().map_err(|Refused| no_private_key())
    }
}
