//! Key material: the secret behind a KMS key. A key has one that encrypts, and keeps every former one to decrypt.

use super::{KeyId, MaterialId};
use crate::crypto::{Provider, Sealer};

/// The label under which a material derives the keys of its messages.
const MESSAGE_LABEL: &[u8] = b"PocketKMS CiphertextBlob 1";
/// The label under which a material derives its own id.
const ID_LABEL: &[u8] = b"PocketKMS Key Material Id 1";

/// The material of a symmetric encryption key, prepared for use. It is wiped on drop.
pub(crate) struct Material {
    pub(crate) id: MaterialId,
    pub(crate) sealer: Sealer,
}

impl Material {
    /// Prepares 256 random or imported bits.
    pub(crate) fn new(provider: &Provider, key: &KeyId, bytes: &[u8; 32]) -> Self {
        Self { id: MaterialId::of(provider, key, bytes), sealer: Sealer::new(provider, bytes, MESSAGE_LABEL) }
    }
}

impl MaterialId {
    /// The id of a material. An output of the derivation function tells nothing of its key.
    pub(crate) fn of(provider: &Provider, key: &KeyId, bytes: &[u8; 32]) -> Self {
        Self(Sealer::new(provider, bytes, ID_LABEL).fingerprint(key.as_bytes()))
    }
}
