//! AES key wrap with padding.

use crate::RustCrypto;
use aes_kw::{KeyInit, KwpAes128, KwpAes192, KwpAes256};
use pocketkms_primitives::{AuthenticationFailed, KeyWrap, stack::clear_after};

/// Two blocks of 64 bits: what holds less than one block of a key was wrapped by nobody.
const SHORTEST: usize = 16;

/// Unwraps by the cipher of that length.
macro_rules! unwrap_by {
    ($cipher:ty, $wrapping_key:expr, $wrapped:expr, $key:expr) => {{
        let cipher = <$cipher>::new_from_slice($wrapping_key).map_err(|_| AuthenticationFailed)?;
        cipher.unwrap_key($wrapped, $key).map(<[u8]>::len).map_err(|_| AuthenticationFailed)
    }};
}

impl KeyWrap for RustCrypto {
    fn unwrap(&self, wrapping_key: &[u8], wrapped: &[u8], key: &mut [u8]) -> Result<usize, AuthenticationFailed> {
        if wrapped.len() < SHORTEST {
            return Err(AuthenticationFailed);
        }
        clear_after(|| match wrapping_key.len() {
            16 => unwrap_by!(KwpAes128, wrapping_key, wrapped, key),
            24 => unwrap_by!(KwpAes192, wrapping_key, wrapped, key),
            32 => unwrap_by!(KwpAes256, wrapping_key, wrapped, key),
            _ => Err(AuthenticationFailed),
        })
    }
}
