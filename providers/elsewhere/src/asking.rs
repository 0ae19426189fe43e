//! The side that asks. It checks nothing by itself: what is wrong with an argument, the other side says.

use crate::{bytes::Wiped, calls, channel::Channel};
use alloc::{boxed::Box, vec::Vec};
use pocketkms_primitives::{
    AuthenticationFailed, Curve, Ed25519, Ed25519Mode, Ed25519PrivateKey, EllipticCurves, Error, Hash, MlDsa,
    MlDsaMessage, MlDsaPrivateKey, MlDsaSet, MlKem, MlKemPrivateKey, MlKemSet, OaepHash, Random, Result, Rsa,
    RsaPadding, RsaPrivateKey, RsaPublicKey, RsaScheme, Sm2, Sm2Message,
};

/// How often a key is drawn. Each is one with a probability of at least one half: a source that never gives one is broken.
const DRAWS: usize = 128;

/// The asymmetric primitives on the other side of a channel. Keys are made with the randomness of this side, but for those of RSA; what
/// signatures, encryption and the primes of RSA need is the other side's.
pub struct Elsewhere<C: 'static>(pub &'static C);

/// A key that the other side has prepared. It is wiped there when this is dropped.
struct Prepared(&'static dyn Channel, calls::Number);

impl Drop for Prepared {
    fn drop(&mut self) {
        // Where no one is there any more, there is no key either.
        let _ = calls::release(self.0, self.1);
    }
}

/// Draws bits until they are a key (FIPS 186-5, appendix A.2.2).
fn draw(random: &dyn Random, key: &mut [u8], mut is_one: impl FnMut(&mut [u8]) -> Result<bool>) -> Result<()> {
    for _ in 0..DRAWS {
        random.fill(key)?;
        if is_one(key)? {
            return Ok(());
        }
    }
    Err(Error::Entropy)
}

/// Puts a secret where it is wanted.
fn fill(out: &mut [u8], secret: &Wiped) -> Result<()> {
    if out.len() != secret.len() {
        return Err(Error::BufferLength);
    }
    out.copy_from_slice(secret);
    Ok(())
}

/// The same at the beginning of a place that is longer.
fn begin(out: &mut [u8], secret: &Wiped) -> Result<usize, AuthenticationFailed> {
    out.get_mut(..secret.len()).ok_or(AuthenticationFailed)?.copy_from_slice(secret);
    Ok(secret.len())
}

impl<C: Channel> EllipticCurves for Elsewhere<C> {
    fn generate(&self, curve: Curve, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        if private_key.len() != curve.field_length() {
            return Err(Error::BufferLength);
        }
        draw(random, private_key, |key| {
            if let (Curve::P521, [first, ..]) = (curve, &mut *key) {
                *first &= 1;
            }
            match calls::curve_public_key(self.0, curve, key) {
                Err(Error::CurvePrivateKey(_)) => Ok(false),
                answer => answer.map(|_| true),
            }
        })
    }

    fn public_key(&self, curve: Curve, private_key: &[u8]) -> Result<Vec<u8>> {
        calls::curve_public_key(self.0, curve, private_key)
    }

    fn compress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        calls::curve_compress(self.0, curve, public_key)
    }

    fn decompress(&self, curve: Curve, public_key: &[u8]) -> Result<Vec<u8>> {
        calls::curve_decompress(self.0, curve, public_key)
    }

    fn agree(&self, curve: Curve, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        fill(secret, &calls::curve_agree(self.0, curve, private_key, public_key)?)
    }

    fn sign(&self, curve: Curve, private_key: &[u8], digest: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        calls::curve_sign(self.0, curve, private_key, digest)
    }

    fn verify(
        &self,
        curve: Curve,
        public_key: &[u8],
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        calls::curve_verify(self.0, curve, public_key, digest, signature)
    }
}

impl<C: Channel> Ed25519 for Elsewhere<C> {
    fn private_key(&self, seed: &[u8; 32]) -> Result<Box<dyn Ed25519PrivateKey>> {
        let (number, public_key) = calls::ed25519_prepare(self.0, seed)?;
        Ok(Box::new(Key { prepared: Prepared(self.0, number), public_key }))
    }

    fn verify(
        &self,
        public_key: &[u8; 32],
        mode: Ed25519Mode,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        calls::ed25519_verify(self.0, public_key, mode, message, signature)
    }
}

impl<C: Channel> MlDsa for Elsewhere<C> {
    fn private_key(&self, set: MlDsaSet, seed: &[u8; 32]) -> Result<Box<dyn MlDsaPrivateKey>> {
        let (number, public_key) = calls::ml_dsa_prepare(self.0, set, seed)?;
        Ok(Box::new(Key { prepared: Prepared(self.0, number), public_key }))
    }

    fn verify(
        &self,
        set: MlDsaSet,
        public_key: &[u8],
        message: MlDsaMessage<'_>,
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        calls::ml_dsa_verify(self.0, set, public_key, message, signature)
    }
}

impl<C: Channel> MlKem for Elsewhere<C> {
    fn private_key(&self, set: MlKemSet, seed: &[u8; 64]) -> Result<Box<dyn MlKemPrivateKey>> {
        let (number, public_key) = calls::ml_kem_prepare(self.0, set, seed)?;
        Ok(Box::new(Key { prepared: Prepared(self.0, number), public_key }))
    }

    fn encapsulate(&self, set: MlKemSet, public_key: &[u8], _: &dyn Random, secret: &mut [u8; 32]) -> Result<Vec<u8>> {
        let (ciphertext, shared) = calls::ml_kem_encapsulate(self.0, set, public_key)?;
        fill(secret, &shared)?;
        Ok(ciphertext)
    }
}

impl<C: Channel> Rsa for Elsewhere<C> {
    fn generate(&self, bits: usize, _: &dyn Random) -> Result<Vec<u8>> {
        // The caller wipes what it is given.
        calls::rsa_generate(self.0, bits).map(|mut key| core::mem::take(&mut *key))
    }

    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        let number = calls::rsa_prepare_public(self.0, spki)?;
        Ok(Box::new(PublicKey(Prepared(self.0, number))))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        let (number, (modulus_length, spki)) = calls::rsa_prepare_private(self.0, pkcs8)?;
        Ok(Box::new(PrivateKey { prepared: Prepared(self.0, number), modulus_length, spki }))
    }
}

impl<C: Channel> Sm2 for Elsewhere<C> {
    fn generate(&self, random: &dyn Random, private_key: &mut [u8]) -> Result<()> {
        if private_key.len() != 32 {
            return Err(Error::BufferLength);
        }
        draw(random, private_key, |key| match calls::sm2_public_key(self.0, key) {
            Err(Error::Sm2PrivateKey) => Ok(false),
            answer => answer.map(|_| true),
        })
    }

    fn public_key(&self, private_key: &[u8]) -> Result<Vec<u8>> {
        calls::sm2_public_key(self.0, private_key)
    }

    fn agree(&self, private_key: &[u8], public_key: &[u8], secret: &mut [u8]) -> Result<()> {
        fill(secret, &calls::sm2_agree(self.0, private_key, public_key)?)
    }

    fn sign(&self, private_key: &[u8], message: Sm2Message<'_>, _: &dyn Random) -> Result<Vec<u8>> {
        calls::sm2_sign(self.0, private_key, message)
    }

    fn verify(&self, public_key: &[u8], message: Sm2Message<'_>, signature: &[u8]) -> Result<(), AuthenticationFailed> {
        calls::sm2_verify(self.0, public_key, message, signature)
    }

    fn encrypt(&self, public_key: &[u8], message: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        calls::sm2_encrypt(self.0, public_key, message)
    }

    fn decrypt(
        &self,
        private_key: &[u8],
        ciphertext: &[u8],
        message: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        begin(message, &calls::sm2_decrypt(self.0, private_key, ciphertext)?)
    }
}

/// A private key of which the public one is known.
struct Key<P> {
    prepared: Prepared,
    public_key: P,
}

impl Ed25519PrivateKey for Key<[u8; 32]> {
    fn public_key(&self) -> [u8; 32] {
        self.public_key
    }

    fn sign(&self, mode: Ed25519Mode, message: &[u8]) -> Result<[u8; 64]> {
        calls::ed25519_sign(self.prepared.0, self.prepared.1, mode, message)
    }
}

impl MlDsaPrivateKey for Key<Vec<u8>> {
    fn public_key(&self) -> Vec<u8> {
        self.public_key.clone()
    }

    fn sign(&self, message: MlDsaMessage<'_>, _: &dyn Random) -> Result<Vec<u8>> {
        calls::ml_dsa_sign(self.prepared.0, self.prepared.1, message)
    }
}

impl MlKemPrivateKey for Key<Vec<u8>> {
    fn public_key(&self) -> Vec<u8> {
        self.public_key.clone()
    }

    fn decapsulate(&self, ciphertext: &[u8], secret: &mut [u8; 32]) -> Result<()> {
        fill(secret, &calls::ml_kem_decapsulate(self.prepared.0, self.prepared.1, ciphertext)?)
    }
}

struct PublicKey(Prepared);

impl RsaPublicKey for PublicKey {
    fn encrypt(&self, hash: OaepHash, data: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        calls::rsa_encrypt(self.0.0, self.0.1, hash, data)
    }

    fn verify(
        &self,
        scheme: RsaScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        calls::rsa_verify(self.0.0, self.0.1, scheme, hash, digest, signature)
    }
}

struct PrivateKey {
    prepared: Prepared,
    modulus_length: usize,
    spki: Vec<u8>,
}

impl RsaPrivateKey for PrivateKey {
    fn modulus_length(&self) -> usize {
        self.modulus_length
    }

    fn decrypt(
        &self,
        padding: RsaPadding,
        ciphertext: &[u8],
        _: &dyn Random,
        plaintext: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        begin(plaintext, &calls::rsa_decrypt(self.prepared.0, self.prepared.1, padding, ciphertext)?)
    }

    fn sign(&self, scheme: RsaScheme, hash: Hash, digest: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        calls::rsa_sign(self.prepared.0, self.prepared.1, scheme, hash, digest)
    }

    fn public_key(&self) -> Result<Vec<u8>> {
        Ok(self.spki.clone())
    }
}
