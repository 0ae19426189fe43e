//! The material of SM2 keys: a private key, and the public one that follows from it.

use super::{
    MaterialRecord,
    digest::{incompatible, wrong_length},
    pair::{KeyPair, Signed, unsuited},
};
use crate::{
    crypto::{AuthenticationFailed, Provider, Sm2Message, pkcs8, spki},
    error::Result,
    key::{EncryptionAlgorithmSpec, MessageType, SigningAlgorithmSpec},
    secret::Secret,
};
use alloc::vec::Vec;

/// "SM2PKE: 1024 bytes" (Encrypt).
const LONGEST_MESSAGE: usize = 1024;

/// The material of an SM2 key, prepared for use.
pub(crate) struct Sm2Material {
    private_key: Secret,
    /// Uncompressed.
    public_key: Vec<u8>,
}

impl Sm2Material {
    /// `None` for bytes that are no private key.
    pub(super) fn open(provider: &Provider, record: &MaterialRecord) -> Option<Self> {
        let private_key = Secret::copy_of(record.material());
        let public_key = provider.sm2.public_key(private_key.expose()).ok()?;
        Some(Self { private_key, public_key })
    }
}

impl KeyPair for Sm2Material {
    fn public_key(&self, _: &Provider) -> Result<Vec<u8>> {
        Ok(spki::of(&[spki::EC_PUBLIC_KEY, spki::SM2], &self.public_key))
    }

    fn private_key(&self, _: &Provider) -> Result<Secret> {
        Ok(pkcs8::of_curve(spki::SM2, &self.private_key, &self.public_key))
    }

    fn sign(&self, provider: &Provider, signed: Signed<'_>) -> Result<Vec<u8>> {
        Ok(provider.sm2.sign(self.private_key.expose(), message(signed)?, &*provider.random)?)
    }

    fn verify(
        &self,
        provider: &Provider,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<Result<(), AuthenticationFailed>> {
        Ok(provider.sm2.verify(&self.public_key, message(signed)?, signature))
    }

    fn agree(&self, provider: &Provider, spki: &[u8]) -> Option<Secret> {
        provider.sm2_agree(&self.private_key, spki::point(spki::SM2, spki)?).ok()
    }

    fn longest_message(&self, algorithm: EncryptionAlgorithmSpec) -> usize {
        if algorithm == EncryptionAlgorithmSpec::Sm2pke { LONGEST_MESSAGE } else { 0 }
    }

    fn encrypt(&self, provider: &Provider, algorithm: EncryptionAlgorithmSpec, message: &Secret) -> Result<Vec<u8>> {
        if algorithm != EncryptionAlgorithmSpec::Sm2pke {
            return Err(unsuited());
        }
        Ok(provider.sm2.encrypt(&self.public_key, message.expose(), &*provider.random)?)
    }

    fn decrypt(
        &self,
        provider: &Provider,
        algorithm: EncryptionAlgorithmSpec,
        ciphertext: &[u8],
    ) -> Result<Secret, AuthenticationFailed> {
        if algorithm != EncryptionAlgorithmSpec::Sm2pke {
            return Err(AuthenticationFailed);
        }
        provider.sm2_decrypt(&self.private_key, ciphertext)
    }
}

/// "SM2DSA uses the SM3 hashing algorithm" (Sign): of a message with the signer's distinguishing id and public key before it, so that
/// a digest is not SM3 of the message alone.
fn message(signed: Signed<'_>) -> Result<Sm2Message<'_>> {
    let Signed { algorithm, message_type, message } = signed;
    match (algorithm, message_type) {
        (SigningAlgorithmSpec::Sm2dsa, MessageType::Raw) => Ok(Sm2Message::Raw(message.expose())),
        (SigningAlgorithmSpec::Sm2dsa, MessageType::Digest) => {
            Ok(Sm2Message::Digest(message.expose().try_into().map_err(|_| wrong_length(algorithm))?))
        }
        (SigningAlgorithmSpec::Sm2dsa, MessageType::ExternalMu) => Err(incompatible(algorithm, message_type)),
        _ => Err(unsuited()),
    }
}
