//! The key derivation function in counter mode of NIST SP 800-108 Rev. 1, section 4.1, with HMAC-SHA-256.
//!
//! Our own, since the field's crate for it offers no prepared keys, and preparing costs as much as deriving.

use super::MacKey;

/// The length of HMAC-SHA-256's output.
const BLOCK: usize = 32;

/// Derives `out` from a prepared HMAC-SHA-256 key: `HMAC(key, [i] || label || 0x00 || context || [L])` for i = 1, 2, …
///
/// `[i]` and `[L]`, the length of `out` in bits, are 32 bits big endian. The label has no zero byte, so that it and
/// the context cannot be told apart in two ways.
pub(crate) fn derive(key: &dyn MacKey, label: &[u8], context: &[&[u8]; 2], out: &mut [u8]) {
    let bits = u32::try_from(out.len() * 8).unwrap_or(u32::MAX).to_be_bytes();
    let [first, second] = *context;
    for (counter, block) in (1_u32..).zip(out.chunks_mut(BLOCK)) {
        key.mac(&[&counter.to_be_bytes(), label, &[0], first, second, &bits], block);
    }
}
