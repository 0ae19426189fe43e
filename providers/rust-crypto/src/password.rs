//! Argon2id.

use crate::RustCrypto;
use alloc::vec::Vec;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use pocketkms_primitives::{Argon2Cost, Error, PasswordHash, Result, stack::clear_after_long};
use zeroize::Zeroize;

impl PasswordHash for RustCrypto {
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost, key: &mut [u8; 32]) -> Result<()> {
        let refused = |_| Error::Argon2Cost(cost);
        if !cost.is_within_limits() {
            return Err(Error::Argon2Cost(cost));
        }
        let Argon2Cost { memory_kib, passes, lanes } = cost;
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(refused)?;
        // Our own memory, so that it can be wiped: it is a function of the passphrase. Its size may come from a file's
        // header, so that there may be too little of it.
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count()).map_err(|_| Error::Memory)?;
        memory.resize(params.block_count(), Block::default());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let result = clear_after_long(|| argon2.hash_password_into_with_memory(passphrase, salt, key, &mut memory));
        memory.iter_mut().for_each(Zeroize::zeroize);
        result.map_err(refused)
    }
}
