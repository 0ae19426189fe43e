//! The digests that RSA and ECDSA sign.

use super::pair::{Signed, unsuited};
use crate::{
    crypto::{Hash, Provider, RsaScheme},
    error::{Error, ErrorKind, Result},
    key::{MessageType, SigningAlgorithmSpec},
    secret::Secret,
};
use alloc::format;

/// The hash of an algorithm that signs digests; `None` for others.
fn hash(algorithm: SigningAlgorithmSpec) -> Option<Hash> {
    use SigningAlgorithmSpec as Algorithm;
    match algorithm {
        Algorithm::RsassaPssSha256 | Algorithm::RsassaPkcs1V15Sha256 | Algorithm::EcdsaSha256 => Some(Hash::Sha256),
        Algorithm::RsassaPssSha384 | Algorithm::RsassaPkcs1V15Sha384 | Algorithm::EcdsaSha384 => Some(Hash::Sha384),
        Algorithm::RsassaPssSha512 | Algorithm::RsassaPkcs1V15Sha512 | Algorithm::EcdsaSha512 => Some(Hash::Sha512),
        Algorithm::Sm2dsa | Algorithm::MlDsaShake256 | Algorithm::Ed25519Sha512 | Algorithm::Ed25519PhSha512 => None,
    }
}

/// The scheme of an algorithm of RSA; `None` for others.
pub(super) fn rsa_scheme(algorithm: SigningAlgorithmSpec) -> Option<RsaScheme> {
    use SigningAlgorithmSpec as Algorithm;
    match algorithm {
        Algorithm::RsassaPssSha256 | Algorithm::RsassaPssSha384 | Algorithm::RsassaPssSha512 => Some(RsaScheme::Pss),
        Algorithm::RsassaPkcs1V15Sha256 | Algorithm::RsassaPkcs1V15Sha384 | Algorithm::RsassaPkcs1V15Sha512 => {
            Some(RsaScheme::Pkcs1)
        }
        _ => None,
    }
}

/// The digest of what is given, by the hash of the algorithm: as secret as the message.
pub(super) fn digest(provider: &Provider, signed: Signed<'_>) -> Result<(Hash, Secret)> {
    let Signed { algorithm, message_type, message } = signed;
    let hash = hash(algorithm).ok_or_else(unsuited)?;
    let digest = match message_type {
        MessageType::Raw => {
            let mut hasher = provider.digest.start(hash);
            hasher.update(message.expose());
            Secret::from(hasher.finish())
        }
        MessageType::Digest if message.len() == hash.length() => Secret::copy_of(message.expose()),
        MessageType::Digest => return Err(wrong_length(algorithm)),
        MessageType::ExternalMu => return Err(incompatible(algorithm, message_type)),
    };
    Ok((hash, digest))
}

/// A digest that has not the length of the algorithm's.
pub(super) fn wrong_length(algorithm: SigningAlgorithmSpec) -> Error {
    Error::new(ErrorKind::Validation, format!("Digest is invalid length for algorithm {algorithm}."))
}

/// A type of message that the algorithm does not take.
pub(super) fn incompatible(algorithm: SigningAlgorithmSpec, message_type: MessageType) -> Error {
    let message = format!("MessageType {message_type} is not compatible with algorithm {algorithm}.");
    Error::new(ErrorKind::Validation, message)
}
