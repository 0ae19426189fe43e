//! Argon2id.

use super::{RustCrypto, internal};
use crate::{
    crypto::{Argon2Cost, PasswordHash},
    error::Result,
    secret::SecretArray,
};
use alloc::vec::Vec;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use zeroize::Zeroize;

impl PasswordHash for RustCrypto {
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost) -> Result<SecretArray<32>> {
        let Argon2Cost { memory_kib, passes, lanes } = cost.checked()?;
        let refused = |_| internal("Argon2id refuses these parameters");
        let params = Params::new(memory_kib, passes, lanes, Some(32)).map_err(refused)?;
        // Our own memory, so that it can be wiped: it is a function of the passphrase. Its size may come from a file's
        // header, so that there may be too little of it.
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(params.block_count())
            .map_err(|_| internal("there is too little memory for the passphrase's Argon2id cost"))?;
        memory.resize(params.block_count(), Block::default());
        let mut key = SecretArray::zeroed();
        let result = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
            passphrase,
            salt,
            key.expose_mut(),
            &mut memory,
        );
        memory.iter_mut().for_each(Zeroize::zeroize);
        result.map_err(refused).map(|()| key)
    }
}
