//! The material of symmetric encryption keys: 256 bits, from which each message has a key of its own.

use super::MaterialRecord;
use crate::{
    crypto::{Provider, Sealer},
    key::{KeyId, MaterialId},
};

/// The label under which a material derives the keys of its messages.
const MESSAGE_LABEL: &[u8] = b"PocketKMS CiphertextBlob 1";

/// The material of a symmetric encryption key, prepared for use.
pub(crate) struct SymmetricMaterial {
    pub(crate) id: MaterialId,
    pub(crate) sealer: Sealer,
}

impl SymmetricMaterial {
    /// `None` for another length than 256 bits.
    pub(super) fn open(provider: &Provider, key: &KeyId, record: &MaterialRecord) -> Option<Self> {
        let bytes = record.material().try_into().ok()?;
        Some(Self { id: MaterialId::of(provider, key, record), sealer: Sealer::new(provider, bytes, MESSAGE_LABEL) })
    }
}
