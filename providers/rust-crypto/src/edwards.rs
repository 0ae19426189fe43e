//! Ed25519, by `ed25519-dalek`: in constant time.

use crate::RustCrypto;
use alloc::boxed::Box;
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use pocketkms_primitives::{
    AuthenticationFailed, Ed25519, Ed25519Mode, Ed25519PrivateKey, Error, Result, stack::clear_after_long,
};
use sha2::{Digest, Sha512};

impl Ed25519 for RustCrypto {
    fn private_key(&self, seed: &[u8; 32]) -> Result<Box<dyn Ed25519PrivateKey>> {
        Ok(clear_after_long(|| Box::new(PrivateKey(SigningKey::from_bytes(seed)))))
    }

    fn verify(
        &self,
        public_key: &[u8; 32],
        mode: Ed25519Mode,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| AuthenticationFailed)?;
        let signature = Signature::from_slice(signature).map_err(|_| AuthenticationFailed)?;
        match mode {
            Ed25519Mode::Pure => key.verify(message, &signature),
            Ed25519Mode::Prehashed => key.verify_prehashed(Sha512::new_with_prefix(message), None, &signature),
        }
        .map_err(|_| AuthenticationFailed)
    }
}

/// Its crate wipes it on drop.
struct PrivateKey(SigningKey);

impl Ed25519PrivateKey for PrivateKey {
    fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    fn sign(&self, mode: Ed25519Mode, message: &[u8]) -> Result<[u8; 64]> {
        clear_after_long(|| match mode {
            Ed25519Mode::Pure => self.0.try_sign(message),
            Ed25519Mode::Prehashed => self.0.sign_prehashed(Sha512::new_with_prefix(message), None),
        })
        .map(|signature| signature.to_bytes())
        .map_err(|_| Error::Ed25519PrivateKey)
    }
}
