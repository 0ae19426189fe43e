//! The material of RSA keys: a private key in PKCS #8, parsed once and prepared.

use super::{
    MaterialRecord,
    digest::{digest, rsa_scheme},
    pair::{KeyPair, Signed, unsuited},
    record::rsa_bits,
};
use crate::{
    crypto::{AuthenticationFailed, OaepHash, Provider, RsaPadding, RsaPrivateKey, RsaPublicKey},
    error::Result,
    key::{EncryptionAlgorithmSpec, KeySpec},
    secret::Secret,
};
use alloc::{boxed::Box, vec::Vec};

/// The material of an RSA key, prepared for use.
pub(crate) struct RsaMaterial {
    pkcs8: Secret,
    private_key: Box<dyn RsaPrivateKey>,
    public_key: Box<dyn RsaPublicKey>,
    spki: Vec<u8>,
}

impl RsaMaterial {
    /// `None` for bytes that are no private key of that length.
    pub(super) fn open(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        let pkcs8 = Secret::copy_of(record.material());
        let private_key = provider.rsa.private_key(pkcs8.expose()).ok()?;
        if private_key.modulus_length() * 8 != rsa_bits(spec)? {
            return None;
        }
        let spki = private_key.public_key().ok()?;
        let public_key = provider.rsa.public_key(&spki).ok()?;
        Some(Self { pkcs8, private_key, public_key, spki })
    }
}

impl KeyPair for RsaMaterial {
    fn public_key(&self, _: &Provider) -> Result<Vec<u8>> {
        Ok(self.spki.clone())
    }

    fn private_key(&self, _: &Provider) -> Result<Secret> {
        Ok(Secret::copy_of(self.pkcs8.expose()))
    }

    fn sign(&self, provider: &Provider, signed: Signed<'_>) -> Result<Vec<u8>> {
        let scheme = rsa_scheme(signed.algorithm).ok_or_else(unsuited)?;
        let (hash, digest) = digest(provider, signed)?;
        Ok(self.private_key.sign(scheme, hash, digest.expose(), &*provider.random)?)
    }

    fn verify(
        &self,
        provider: &Provider,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<Result<(), AuthenticationFailed>> {
        let scheme = rsa_scheme(signed.algorithm).ok_or_else(unsuited)?;
        let (hash, digest) = digest(provider, signed)?;
        Ok(self.public_key.verify(scheme, hash, digest.expose(), signature))
    }

    /// RFC 8017, section 7.1.1: as long as the modulus, less two hashes and two bytes.
    fn longest_message(&self, algorithm: EncryptionAlgorithmSpec) -> usize {
        let hash_length = match oaep(algorithm) {
            Some(OaepHash::Sha1) => 20,
            Some(_) => 32,
            None => return 0,
        };
        self.private_key.modulus_length().saturating_sub(2 * hash_length + 2)
    }

    fn encrypt(&self, provider: &Provider, algorithm: EncryptionAlgorithmSpec, message: &Secret) -> Result<Vec<u8>> {
        let hash = oaep(algorithm).ok_or_else(unsuited)?;
        Ok(self.public_key.encrypt(hash, message.expose(), &*provider.random)?)
    }

    fn decrypt(
        &self,
        provider: &Provider,
        algorithm: EncryptionAlgorithmSpec,
        ciphertext: &[u8],
    ) -> Result<Secret, AuthenticationFailed> {
        let hash = oaep(algorithm).ok_or(AuthenticationFailed)?;
        provider.rsa_decrypt(&*self.private_key, RsaPadding::Oaep(hash), ciphertext)
    }
}

/// The hash of an algorithm of OAEP; `None` for others.
fn oaep(algorithm: EncryptionAlgorithmSpec) -> Option<OaepHash> {
    match algorithm {
        EncryptionAlgorithmSpec::RsaesOaepSha1 => Some(OaepHash::Sha1),
        EncryptionAlgorithmSpec::RsaesOaepSha256 => Some(OaepHash::Sha256),
        EncryptionAlgorithmSpec::SymmetricDefault | EncryptionAlgorithmSpec::Sm2pke => None,
    }
}
