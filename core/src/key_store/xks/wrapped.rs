//! What an external key manager makes of a plaintext: AES-GCM, by its rules.

/// Its parts.
#[derive(Clone, Copy)]
pub(crate) struct Wrapped<'a> {
    /// The proxy's own, and empty where it gave none.
    pub(crate) metadata: &'a [u8],
    pub(crate) initialization_vector: &'a [u8],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) authentication_tag: &'a [u8; 16],
}

impl Wrapped<'_> {
    /// The most bytes of metadata.
    pub(crate) const MAX_METADATA: usize = 20;

    /// Whether the lengths are those that the specification allows.
    pub(crate) fn has_valid_lengths(&self) -> bool {
        self.metadata.len() <= Self::MAX_METADATA && matches!(self.initialization_vector.len(), 12 | 16)
    }
}
