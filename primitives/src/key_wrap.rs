//! Wrapped keys.

use crate::AuthenticationFailed;

/// By how much a wrapped key is longer than the key and its padding.
const OVERHEAD: usize = 8;

/// AES key wrap with padding (RFC 5649, NIST SP 800-38F "KWP"), as the world hands over private keys. It is for unwrapping
/// only: what PocketKMS keeps it seals.
pub trait KeyWrap: Send + Sync {
    /// Unwraps to the beginning of `key`, which is [`unwrapped_length`](Self::unwrapped_length) long, and returns the length. The
    /// wrapping key has 16, 24 or 32 bytes. Where it fails, `key` holds nothing of it.
    fn unwrap(&self, wrapping_key: &[u8], wrapped: &[u8], key: &mut [u8]) -> Result<usize, AuthenticationFailed>;

    /// How long a key can be at most that is wrapped in so many bytes.
    fn unwrapped_length(&self, wrapped: usize) -> usize {
        wrapped.saturating_sub(OVERHEAD)
    }
}
