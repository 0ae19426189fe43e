//! The material of Ed25519 keys: the seed of RFC 8032.

use super::{
    MaterialRecord,
    digest::{incompatible, wrong_length},
    pair::{KeyPair, Signed, unsuited},
};
use crate::{
    crypto::{AuthenticationFailed, Ed25519Mode, Ed25519PrivateKey, Provider, pkcs8, spki},
    error::Result,
    key::{MessageType, SigningAlgorithmSpec},
    secret::Secret,
};
use alloc::{boxed::Box, vec::Vec};

/// The material of an Ed25519 key, prepared for use.
pub(crate) struct EdwardsMaterial {
    seed: Secret,
    private_key: Box<dyn Ed25519PrivateKey>,
    public_key: [u8; 32],
}

impl EdwardsMaterial {
    /// `None` for another length than that of a seed.
    pub(super) fn open(provider: &Provider, record: &MaterialRecord) -> Option<Self> {
        let private_key = provider.ed25519.private_key(record.material().try_into().ok()?).ok()?;
        let public_key = private_key.public_key();
        Some(Self { seed: Secret::copy_of(record.material()), private_key, public_key })
    }
}

impl KeyPair for EdwardsMaterial {
    fn public_key(&self, _: &Provider) -> Result<Vec<u8>> {
        Ok(spki::of(&[spki::ED25519], &self.public_key))
    }

    fn private_key(&self, _: &Provider) -> Result<Secret> {
        Ok(pkcs8::of_ed25519(&self.seed))
    }

    fn sign(&self, _: &Provider, signed: Signed<'_>) -> Result<Vec<u8>> {
        Ok(self.private_key.sign(mode(signed)?, signed.message.expose())?.to_vec())
    }

    fn verify(
        &self,
        provider: &Provider,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<Result<(), AuthenticationFailed>> {
        let mode = mode(signed)?;
        Ok(provider.ed25519.verify(&self.public_key, mode, signed.message.expose(), signature))
    }
}

/// "`ED25519_SHA_512` signing algorithm requires KMS `MessageType:RAW`", "`ED25519_PH_SHA_512` […] `MessageType:DIGEST`", and of that:
/// "KMS still performs the SHA-512 prehash […]. This means the input is hashed twice" (Sign).
fn mode(signed: Signed<'_>) -> Result<Ed25519Mode> {
    let Signed { algorithm, message_type, message } = signed;
    match (algorithm, message_type) {
        (SigningAlgorithmSpec::Ed25519Sha512, MessageType::Raw) => Ok(Ed25519Mode::Pure),
        (SigningAlgorithmSpec::Ed25519PhSha512, MessageType::Digest) if message.len() == 64 => {
            Ok(Ed25519Mode::Prehashed)
        }
        (SigningAlgorithmSpec::Ed25519PhSha512, MessageType::Digest) => Err(wrong_length(algorithm)),
        (SigningAlgorithmSpec::Ed25519Sha512 | SigningAlgorithmSpec::Ed25519PhSha512, _) => {
            Err(incompatible(algorithm, message_type))
        }
        _ => Err(unsuited()),
    }
}
