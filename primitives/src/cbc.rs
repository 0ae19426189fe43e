//! AES in CBC mode.

use alloc::vec::Vec;

/// AES-256-CBC with padding to whole blocks (NIST SP 800-38A, RFC 5652, section 6.3). It is for encrypting only, in forms that others
/// prescribe: nothing authenticates such a ciphertext, so that what PocketKMS reads itself has none.
pub trait Cbc: Send + Sync {
    /// The ciphertext, one block at most longer than the message. An initialization vector is drawn at random for each.
    fn encrypt(&self, key: &[u8; 32], iv: &[u8; 16], message: &[u8]) -> Vec<u8>;
}
