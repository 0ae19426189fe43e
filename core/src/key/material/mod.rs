//! Key material: the secret behind a KMS key. A key has one that is used, and keeps every former one to decrypt.

mod curve;
mod digest;
mod edwards;
mod hmac;
mod import;
mod ml_dsa;
mod ml_kem;
mod pair;
mod record;
mod rsa;
mod sm2;
mod symmetric;

use curve::CurveMaterial;
use edwards::EdwardsMaterial;
pub(crate) use hmac::HmacMaterial;
use ml_dsa::MlDsaMaterial;
use ml_kem::MlKemMaterial;
pub(crate) use pair::{KeyPair, Signed};
pub(crate) use record::MaterialRecord;
use rsa::RsaMaterial;
use sm2::Sm2Material;
pub(crate) use symmetric::SymmetricMaterial;

use super::{KeyId, KeySpec, MaterialId};
use crate::crypto::{Hash, Provider, clear_after, kdf};
use alloc::boxed::Box;
use zeroize::Zeroizing;

/// The label under which a material derives its own id.
const ID_LABEL: &[u8] = b"PocketKMS Key Material Id 1";

/// What is hashed before the id of a key in a cluster.
const CLUSTER_LABEL: &[u8] = b"PocketKMS Cluster Key 1";

/// A key material, prepared for use. It is wiped on drop.
pub(crate) enum Material {
    Symmetric(SymmetricMaterial),
    Hmac(HmacMaterial),
    Pair(Box<dyn KeyPair>),
}

impl Material {
    /// Prepares the material of a key; `None` if it does not fit a key of that spec.
    pub(crate) fn open(provider: &Provider, key: &KeyId, spec: KeySpec, record: &MaterialRecord) -> Option<Self> {
        if !record.fits(spec) {
            return None;
        }
        Some(match record.kind() {
            record::Kind::Symmetric => Self::Symmetric(SymmetricMaterial::open(provider, key, record)?),
            record::Kind::Hmac => Self::Hmac(HmacMaterial::open(provider, spec, record)?),
            _ => Self::Pair(open_pair(provider, spec, record)?),
        })
    }

    /// For a key that encrypts symmetrically.
    pub(crate) fn symmetric(&self) -> Option<&SymmetricMaterial> {
        match self {
            Self::Symmetric(material) => Some(material),
            Self::Hmac(_) | Self::Pair(_) => None,
        }
    }

    /// For a key that makes MACs.
    pub(crate) fn hmac(&self) -> Option<&HmacMaterial> {
        match self {
            Self::Hmac(material) => Some(material),
            Self::Symmetric(_) | Self::Pair(_) => None,
        }
    }

    /// For an asymmetric key.
    pub(crate) fn pair(&self) -> Option<&dyn KeyPair> {
        match self {
            Self::Pair(pair) => Some(&**pair),
            Self::Symmetric(_) | Self::Hmac(_) => None,
        }
    }
}

/// Prepares the material of an asymmetric key; `None` if it does not fit a key of that spec.
pub(crate) fn open_pair(provider: &Provider, spec: KeySpec, record: &MaterialRecord) -> Option<Box<dyn KeyPair>> {
    if !record.fits(spec) {
        return None;
    }
    Some(match record.kind() {
        record::Kind::Symmetric | record::Kind::Hmac => return None,
        record::Kind::Curve => Box::new(CurveMaterial::open(provider, spec, record)?),
        record::Kind::Edwards => Box::new(EdwardsMaterial::open(provider, record)?),
        record::Kind::MlDsa => Box::new(MlDsaMaterial::open(provider, spec, record)?),
        record::Kind::MlKem => Box::new(MlKemMaterial::open(provider, spec, record)?),
        record::Kind::Rsa => Box::new(RsaMaterial::open(provider, spec, record)?),
        record::Kind::Sm2 => Box::new(Sm2Material::open(provider, record)?),
    })
}

impl MaterialId {
    /// The id of a material. An output of the derivation function reveals nothing about its key.
    pub(crate) fn of(provider: &Provider, key: &KeyId, record: &MaterialRecord) -> Self {
        if record.kind() == record::Kind::Symmetric {
            return Self::derive(provider, key, record.material());
        }
        // The material of an HMAC key makes MACs of whatever a caller wants, so the id must not be one of them.
        let digest = clear_after(|| Zeroizing::new(provider.digest.sha256(&[record.as_bytes()])));
        Self::derive(provider, key, &*digest)
    }

    /// The id of a material that is in the cluster of a custom key store, and is known by its id there alone.
    pub(crate) fn in_cluster(provider: &Provider, key: &KeyId, id: &str) -> Self {
        Self::derive(provider, key, &provider.digest.sha256(&[CLUSTER_LABEL, id.as_bytes()]))
    }

    fn derive(provider: &Provider, key: &KeyId, secret: &[u8]) -> Self {
        let mut id = [0; 32];
        clear_after(|| {
            let prepared = provider.mac.key(Hash::Sha256, secret);
            kdf::derive(&*prepared, Hash::Sha256, ID_LABEL, &[key.as_bytes(), &[]], &mut id);
        });
        Self(id)
    }
}
