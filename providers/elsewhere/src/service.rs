//! The side that is asked.

use crate::{
    bytes::Wiped,
    calls::{self, Calls, Number},
    errors::NotThere,
    keys::{Key, Keys},
};
use alloc::{vec, vec::Vec};
use pocketkms_primitives::{
    Asymmetric, AuthenticationFailed, Curve, Ed25519, Ed25519Mode, EllipticCurves, Hash, MlDsa, MlDsaMessage, MlDsaSet,
    MlKem, MlKemSet, OaepHash, Random, Result, Rsa, RsaPadding, RsaScheme, Sm2, Sm2Message,
};
use zeroize::Zeroizing;

/// Primitives, with a source of randomness, and the keys that were prepared with them.
pub struct Service<P, R> {
    primitives: P,
    random: R,
    keys: Keys,
}

impl<P: Asymmetric, R: Random> Service<P, R> {
    /// With no keys yet.
    pub fn new(primitives: P, random: R) -> Self {
        Self { primitives, random, keys: Keys::default() }
    }

    /// Does what it is asked for. Nothing where these bytes ask for nothing.
    pub fn call(&mut self, request: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        calls::answer(self, request)
    }
}

/// So many bytes that are a secret, once `write` has written them.
fn secret<E>(length: usize, write: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Wiped, E> {
    let mut secret = Zeroizing::new(vec![0; length]);
    write(&mut secret)?;
    Ok(secret)
}

/// The same where as many of them are one as `write` says. The rest is cut off: its length is nobody's concern.
fn beginning<E>(length: usize, write: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Result<Wiped, E> {
    let mut secret = Zeroizing::new(vec![0; length]);
    let used = write(&mut secret)?;
    secret.truncate(used);
    Ok(secret)
}

/// The prepared key of that number and kind.
macro_rules! key {
    ($service:ident, $kind:ident, $number:ident) => {
        match $service.keys.get($number) {
            Some(Key::$kind(key)) => key,
            _ => return Err(NotThere.into()),
        }
    };
}

impl<P: Asymmetric, R: Random> Calls for Service<P, R> {
    fn curve_public_key(&mut self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>> {
        EllipticCurves::public_key(&self.primitives, curve, private_key)
    }

    fn curve_compress(&mut self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        self.primitives.compress(curve, public_key)
    }

    fn curve_decompress(&mut self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        self.primitives.decompress(curve, public_key)
    }

    fn curve_agree(&mut self, curve: Curve, private_key: &[u8], public_key: &[u8]) -> Result<Wiped> {
        secret(curve.field_length(), |shared| {
            EllipticCurves::agree(&self.primitives, curve, private_key, public_key, shared)
        })
    }

    fn curve_sign(&mut self, curve: Curve, private_key: &[u8], digest: &[u8]) -> Result<Vec<u8>> {
        EllipticCurves::sign(&self.primitives, curve, private_key, digest, &self.random)
    }

    fn curve_verify(
        &mut self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        EllipticCurves::verify(&self.primitives, curve, public_key, digest, signature)
    }

    fn ed25519_prepare(&mut self, seed: &[u8; 32]) -> Result<(Number, [u8; 32])> {
        let key = Ed25519::private_key(&self.primitives, seed)?;
        let public_key = key.public_key();
        Ok((self.keys.keep(Key::Ed25519(key)), public_key))
    }

    fn ed25519_sign(&mut self, key: Number, mode: Ed25519Mode, message: &[u8]) -> Result<[u8; 64]> {
        key!(self, Ed25519, key).sign(mode, message)
    }

    fn ed25519_verify(
        &mut self,
        public_key: &[u8; 32],
        mode: Ed25519Mode,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        Ed25519::verify(&self.primitives, public_key, mode, message, signature)
    }

    fn ml_dsa_prepare(&mut self, set: MlDsaSet, seed: &[u8; 32]) -> Result<(Number, Vec<u8>)> {
        let key = MlDsa::private_key(&self.primitives, set, seed)?;
        let public_key = key.public_key();
        Ok((self.keys.keep(Key::MlDsa(key)), public_key))
    }

    fn ml_dsa_sign(&mut self, key: Number, message: MlDsaMessage<'_>) -> Result<Vec<u8>> {
        key!(self, MlDsa, key).sign(message, &self.random)
    }

    fn ml_dsa_verify(
        &mut self,
        set: MlDsaSet,
        public_key: &[u8],
        message: MlDsaMessage<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        MlDsa::verify(&self.primitives, set, public_key, message, signature)
    }

    fn ml_kem_prepare(&mut self, set: MlKemSet, seed: &[u8; 64]) -> Result<(Number, Vec<u8>)> {
        let key = MlKem::private_key(&self.primitives, set, seed)?;
        let public_key = key.public_key();
        Ok((self.keys.keep(Key::MlKem(key)), public_key))
    }

    fn ml_kem_encapsulate(&mut self, set: MlKemSet, public_key: &[u8]) -> Result<(Vec<u8>, Wiped)> {
        let mut shared = Zeroizing::new([0; 32]);
        let ciphertext = self.primitives.encapsulate(set, public_key, &self.random, &mut shared)?;
        Ok((ciphertext, Zeroizing::new(shared.to_vec())))
    }

    fn ml_kem_decapsulate(&mut self, key: Number, ciphertext: &[u8]) -> Result<Wiped> {
        let mut shared = Zeroizing::new([0; 32]);
        key!(self, MlKem, key).decapsulate(ciphertext, &mut shared)?;
        Ok(Zeroizing::new(shared.to_vec()))
    }

    fn rsa_generate(&mut self, bits: usize) -> Result<Wiped> {
        Rsa::generate(&self.primitives, bits, &self.random).map(Zeroizing::new)
    }

    fn rsa_prepare_public(&mut self, spki: &[u8]) -> Result<Number> {
        let key = Rsa::public_key(&self.primitives, spki)?;
        Ok(self.keys.keep(Key::RsaPublic(key)))
    }

    fn rsa_prepare_private(&mut self, pkcs8: &[u8]) -> Result<(Number, (usize, Vec<u8>))> {
        let key = Rsa::private_key(&self.primitives, pkcs8)?;
        let public = (key.modulus_length(), key.public_key()?);
        Ok((self.keys.keep(Key::RsaPrivate(key)), public))
    }

    fn rsa_encrypt(&mut self, key: Number, hash: OaepHash, data: &[u8]) -> Result<Vec<u8>> {
        key!(self, RsaPublic, key).encrypt(hash, data, &self.random)
    }

    fn rsa_verify(
        &mut self,
        key: Number,
        scheme: RsaScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        key!(self, RsaPublic, key).verify(scheme, hash, digest, signature)
    }

    fn rsa_decrypt(
        &mut self,
        key: Number,
        padding: RsaPadding,
        ciphertext: &[u8],
    ) -> Result<Wiped, AuthenticationFailed> {
        let key = key!(self, RsaPrivate, key);
        beginning(key.modulus_length(), |plaintext| key.decrypt(padding, ciphertext, &self.random, plaintext))
    }

    fn rsa_sign(&mut self, key: Number, scheme: RsaScheme, hash: Hash, digest: &[u8]) -> Result<Vec<u8>> {
        key!(self, RsaPrivate, key).sign(scheme, hash, digest, &self.random)
    }

    fn sm2_public_key(&mut self, private_key: &[u8]) -> Result<Vec<u8>> {
        Sm2::public_key(&self.primitives, private_key)
    }

    fn sm2_agree(&mut self, private_key: &[u8], public_key: &[u8]) -> Result<Wiped> {
        secret(32, |shared| Sm2::agree(&self.primitives, private_key, public_key, shared))
    }

    fn sm2_sign(&mut self, private_key: &[u8], message: Sm2Message<'_>) -> Result<Vec<u8>> {
        Sm2::sign(&self.primitives, private_key, message, &self.random)
    }

    fn sm2_verify(
        &mut self,
        public_key: &[u8],
        message: Sm2Message<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        Sm2::verify(&self.primitives, public_key, message, signature)
    }

    fn sm2_encrypt(&mut self, public_key: &[u8], message: &[u8]) -> Result<Vec<u8>> {
        self.primitives.encrypt(public_key, message, &self.random)
    }

    fn sm2_decrypt(&mut self, private_key: &[u8], ciphertext: &[u8]) -> Result<Wiped, AuthenticationFailed> {
        beginning(ciphertext.len(), |message| self.primitives.decrypt(private_key, ciphertext, message))
    }

    fn release(&mut self, key: Number) -> Result<()> {
        self.keys.release(key);
        Ok(())
    }
}
