//! The material of ML-KEM keys: the seed of FIPS 203.

use super::{MaterialRecord, pair::KeyPair};
use crate::{
    crypto::{MlKemPrivateKey, MlKemSet, Provider, pkcs8, spki},
    error::Result,
    key::KeySpec,
    secret::{Secret, SecretArray},
};
use alloc::{boxed::Box, vec::Vec};

/// The parameter set of a key; `None` for a key that is not of ML-KEM.
fn set(spec: KeySpec) -> Option<MlKemSet> {
    match spec {
        KeySpec::MlKem512 => Some(MlKemSet::MlKem512),
        KeySpec::MlKem768 => Some(MlKemSet::MlKem768),
        KeySpec::MlKem1024 => Some(MlKemSet::MlKem1024),
        _ => None,
    }
}

/// The algorithm of the keys of a parameter set.
fn identifier(set: MlKemSet) -> spki::ObjectIdentifier {
    match set {
        MlKemSet::MlKem512 => spki::ML_KEM_512,
        MlKemSet::MlKem768 => spki::ML_KEM_768,
        MlKemSet::MlKem1024 => spki::ML_KEM_1024,
    }
}

/// The algorithm of a key; `None` for one of another kind.
pub(super) fn algorithm(spec: KeySpec) -> Option<spki::ObjectIdentifier> {
    set(spec).map(identifier)
}

/// The material of an ML-KEM key, prepared for use.
pub(crate) struct MlKemMaterial {
    set: MlKemSet,
    seed: Secret,
    private_key: Box<dyn MlKemPrivateKey>,
    public_key: Vec<u8>,
}

impl MlKemMaterial {
    /// `None` for another length than that of a seed.
    pub(super) fn open(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        let set = set(spec)?;
        let private_key = provider.ml_kem.private_key(set, record.material().try_into().ok()?).ok()?;
        let public_key = private_key.public_key();
        Some(Self { set, seed: Secret::copy_of(record.material()), private_key, public_key })
    }
}

impl KeyPair for MlKemMaterial {
    fn public_key(&self, _: &Provider) -> Result<Vec<u8>> {
        Ok(spki::of(&[identifier(self.set)], &self.public_key))
    }

    fn private_key(&self, _: &Provider) -> Result<Secret> {
        Ok(pkcs8::of_seed(identifier(self.set), &self.seed))
    }

    fn encapsulate(&self, provider: &Provider) -> Result<(Vec<u8>, Secret)> {
        let (ciphertext, secret) = provider.encapsulate(self.set, &self.public_key)?;
        Ok((ciphertext, Secret::copy_of(secret.expose())))
    }

    fn decapsulate(&self, ciphertext: &[u8]) -> Option<Secret> {
        let mut secret = SecretArray::zeroed();
        self.private_key.decapsulate(ciphertext, secret.expose_mut()).ok()?;
        Some(Secret::copy_of(secret.expose()))
    }
}
