//! Ed25519 (RFC 8032), by AWS-LC. Ed25519ph, which it does not offer, is in pure Rust, in constant time as well.

use crate::Native;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use pocketkms_primitives::{
    AuthenticationFailed, Ed25519, Ed25519Mode, Ed25519PrivateKey, Error, Result, stack::clear_after_long,
};
use pocketkms_rust_crypto::RustCrypto;

impl Ed25519 for Native {
    fn private_key(&self, seed: &[u8; 32]) -> Result<Box<dyn Ed25519PrivateKey>> {
        let key = clear_after_long(|| Ed25519KeyPair::from_seed_unchecked(seed));
        let key = key.map_err(|_| Error::Ed25519PrivateKey)?;
        Ok(Box::new(PrivateKey { key, prehashed: RustCrypto.private_key(seed)? }))
    }

    fn verify(
        &self,
        public_key: &[u8; 32],
        mode: Ed25519Mode,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        match mode {
            Ed25519Mode::Pure => {
                let key = UnparsedPublicKey::new(&ED25519, public_key);
                key.verify(message, signature).map_err(|_| AuthenticationFailed)
            }
            Ed25519Mode::Prehashed => RustCrypto.verify(public_key, mode, message, signature),
        }
    }
}

/// AWS-LC and the crate wipe it on drop.
struct PrivateKey {
    key: Ed25519KeyPair,
    prehashed: Box<dyn Ed25519PrivateKey>,
}

impl Ed25519PrivateKey for PrivateKey {
    fn public_key(&self) -> [u8; 32] {
        self.prehashed.public_key()
    }

    fn sign(&self, mode: Ed25519Mode, message: &[u8]) -> Result<[u8; 64]> {
        match mode {
            Ed25519Mode::Pure => {
                let signature = clear_after_long(|| self.key.try_sign(message));
                let signature = signature.map_err(|_| Error::Ed25519PrivateKey)?;
                signature.as_ref().try_into().map_err(|_| Error::Ed25519PrivateKey)
            }
            Ed25519Mode::Prehashed => self.prehashed.sign(mode, message),
        }
    }
}
