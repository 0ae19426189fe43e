//! From the data key to the key of the cipher, and to the commitment.

use super::suite::{AlgorithmSuite, KeyDerivation};
use crate::{
    crypto::{Expansion, Hash, Provider, clear_after},
    error::Result,
    secret::Secret,
};
use alloc::vec::Vec;

/// What is derived of a data key for one message.
pub(crate) struct MessageKeys {
    /// The key of the cipher.
    pub(crate) key: Secret,
    /// What commits to the data key.
    pub(crate) commitment: Option<[u8; 32]>,
}

impl MessageKeys {
    /// Derives them as the suite says; `data_key` has the suite's length.
    pub(crate) fn derive(
        provider: &Provider,
        suite: AlgorithmSuite,
        message_id: &[u8],
        data_key: &Secret,
    ) -> Result<Self> {
        // HKDF leaves what it derives in the frames of its HMAC.
        clear_after(|| Self::derive_here(provider, suite, message_id, data_key))
    }

    fn derive_here(provider: &Provider, suite: AlgorithmSuite, message_id: &[u8], data_key: &Secret) -> Result<Self> {
        let id = suite.id().to_be_bytes();
        let mut key = Secret::zeroed(suite.data_key_length());
        let mut commitment = None;
        match suite.key_derivation() {
            KeyDerivation::None => key = Secret::copy_of(data_key.expose()),
            KeyDerivation::Hkdf(hash) => {
                let info: Vec<u8> = [&id, message_id].concat();
                clear_after(|| provider.kdf.hkdf(hash, data_key.expose(), &[], &info, key.expose_mut()))?;
            }
            KeyDerivation::Committing => {
                let mut commits = [0; 32];
                let key_info = [&id[..], b"DERIVEKEY"].concat();
                // The commitment's info lacks the suite's number, unlike the key's.
                let mut outputs: [Expansion<'_>; 2] = [(&key_info, key.expose_mut()), (b"COMMITKEY", &mut commits)];
                clear_after(|| provider.kdf.hkdf_each(Hash::Sha512, data_key.expose(), message_id, &mut outputs))?;
                commitment = Some(commits);
            }
        }
        Ok(Self { key, commitment })
    }
}
