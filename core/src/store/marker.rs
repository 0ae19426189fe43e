//! The key that authenticates the markers of truncated lists, so that one counts for the very list that gave it.

use crate::crypto::{Provider, Sealer};
use alloc::vec::Vec;

const LABEL: &[u8] = b"PocketKMS Marker 1";

/// The length of a marker's tag.
pub(crate) const MARKER_TAG_LENGTH: usize = 16;

/// A key of the vault key's own, so that a marker outlasts the process, and not a change of the root key.
pub(super) struct MarkerKey(Sealer);

impl MarkerKey {
    pub(super) fn new(provider: &Provider, vault_key: &[u8; 32]) -> Self {
        Self(Sealer::new(provider, vault_key, LABEL))
    }

    /// The tag of a position in the list that `list` describes.
    pub(super) fn tag(&self, provider: &Provider, list: &[&str], position: &str) -> [u8; MARKER_TAG_LENGTH] {
        // Each part with its length, so that no two lists read the same.
        let mut scope = Vec::new();
        for part in list {
            scope.extend_from_slice(&(part.len() as u64).to_be_bytes());
            scope.extend_from_slice(part.as_bytes());
        }
        let digest = provider.digest.sha256(&[&scope]);
        let fingerprint = self.0.fingerprint(&[&digest, position.as_bytes()].concat());
        let mut tag = [0; MARKER_TAG_LENGTH];
        tag.iter_mut().zip(fingerprint).for_each(|(byte, of)| *byte = of);
        tag
    }
}
