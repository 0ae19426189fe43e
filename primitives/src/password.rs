//! Passphrases.

use crate::{Argon2Cost, Result};

/// Keys from passphrases.
pub trait PasswordHash: Send + Sync {
    /// Writes the 256-bit key of Argon2id version 0x13 (RFC 9106) to `key`.
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost, key: &mut [u8; 32]) -> Result<()>;
}
