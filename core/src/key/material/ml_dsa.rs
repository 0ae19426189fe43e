//! The material of ML-DSA keys: the seed of FIPS 204.

use super::{
    MaterialRecord,
    digest::{incompatible, wrong_length},
    pair::{KeyPair, Signed, unsuited},
};
use crate::{
    crypto::{AuthenticationFailed, MlDsaMessage, MlDsaPrivateKey, MlDsaSet, Provider, pkcs8, spki},
    error::Result,
    key::{KeySpec, MessageType, SigningAlgorithmSpec},
    secret::Secret,
};
use alloc::{boxed::Box, vec::Vec};

/// The parameter set of a key; `None` for a key that is not of ML-DSA.
fn set(spec: KeySpec) -> Option<MlDsaSet> {
    match spec {
        KeySpec::MlDsa44 => Some(MlDsaSet::MlDsa44),
        KeySpec::MlDsa65 => Some(MlDsaSet::MlDsa65),
        KeySpec::MlDsa87 => Some(MlDsaSet::MlDsa87),
        _ => None,
    }
}

/// The algorithm of the keys of a parameter set.
fn identifier(set: MlDsaSet) -> spki::ObjectIdentifier {
    match set {
        MlDsaSet::MlDsa44 => spki::ML_DSA_44,
        MlDsaSet::MlDsa65 => spki::ML_DSA_65,
        MlDsaSet::MlDsa87 => spki::ML_DSA_87,
    }
}

/// The algorithm of a key; `None` for one of another kind.
pub(super) fn algorithm(spec: KeySpec) -> Option<spki::ObjectIdentifier> {
    set(spec).map(identifier)
}

/// The material of an ML-DSA key, prepared for use.
pub(crate) struct MlDsaMaterial {
    set: MlDsaSet,
    seed: Secret,
    private_key: Box<dyn MlDsaPrivateKey>,
    public_key: Vec<u8>,
}

impl MlDsaMaterial {
    /// `None` for another length than that of a seed.
    pub(super) fn open(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        let set = set(spec)?;
        let private_key = provider.ml_dsa.private_key(set, record.material().try_into().ok()?).ok()?;
        let public_key = private_key.public_key();
        Some(Self { set, seed: Secret::copy_of(record.material()), private_key, public_key })
    }
}

impl KeyPair for MlDsaMaterial {
    fn public_key(&self, _: &Provider) -> Result<Vec<u8>> {
        Ok(spki::of(&[identifier(self.set)], &self.public_key))
    }

    fn private_key(&self, _: &Provider) -> Result<Secret> {
        Ok(pkcs8::of_seed(identifier(self.set), &self.seed))
    }

    fn sign(&self, provider: &Provider, signed: Signed<'_>) -> Result<Vec<u8>> {
        Ok(self.private_key.sign(message(signed)?, &*provider.random)?)
    }

    fn verify(
        &self,
        provider: &Provider,
        signed: Signed<'_>,
        signature: &[u8],
    ) -> Result<Result<(), AuthenticationFailed>> {
        Ok(provider.ml_dsa.verify(self.set, &self.public_key, message(signed)?, signature))
    }
}

/// "When the value of `MessageType` is `EXTERNAL_MU` the length of the Message value must be 64 bytes" (Sign). There is no digest:
/// ML-DSA hashes message and public key together.
fn message(signed: Signed<'_>) -> Result<MlDsaMessage<'_>> {
    let Signed { algorithm, message_type, message } = signed;
    match (algorithm, message_type) {
        (SigningAlgorithmSpec::MlDsaShake256, MessageType::Raw) => Ok(MlDsaMessage::Raw(message.expose())),
        (SigningAlgorithmSpec::MlDsaShake256, MessageType::ExternalMu) => {
            let mu = message.expose().try_into().map_err(|_| wrong_length(algorithm))?;
            Ok(MlDsaMessage::Mu(mu))
        }
        (SigningAlgorithmSpec::MlDsaShake256, MessageType::Digest) => Err(incompatible(algorithm, message_type)),
        _ => Err(unsuited()),
    }
}
