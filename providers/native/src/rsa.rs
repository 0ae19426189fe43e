//! RSA encryption with keys of 2048 to 8192 bits (RFC 8017), by AWS-LC: in constant time, blinded.
//!
//! The blinding and the seeds of OAEP come from AWS-LC's own generator, which the operating system seeds and which notices a
//! fork.

use crate::Refused;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
        OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey,
    },
};
use zeroize::Zeroizing;

/// The hash function of OAEP, of its label, which is empty, and of its mask generation function alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OaepHash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl OaepHash {
    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
            Self::Sha384 => &OAEP_SHA384_MGF1SHA384,
            Self::Sha512 => &OAEP_SHA512_MGF1SHA512,
        }
    }
}

/// A prepared public key.
pub struct PublicKey(OaepPublicEncryptingKey);

impl PublicKey {
    /// Takes a DER `SubjectPublicKeyInfo`. What comes after it is not looked at.
    pub fn from_der(spki: &[u8]) -> Result<Self, Refused> {
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| Refused)?;
        OaepPublicEncryptingKey::new(key).map(Self).map_err(|_| Refused)
    }

    /// The length of the modulus in bits.
    pub fn bits(&self) -> usize {
        self.0.key_size_bits()
    }

    /// Encrypts with OAEP. Fails where `data` is longer than the modulus less two hashes and two bytes.
    pub fn encrypt(&self, hash: OaepHash, data: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut ciphertext = vec![0; self.0.ciphertext_size()];
        let length = self.0.encrypt(hash.algorithm(), data, &mut ciphertext, None).map_err(|_| Refused)?.len();
        ciphertext.truncate(length);
        Ok(ciphertext)
    }
}

/// A prepared private key. AWS-LC wipes it on drop.
pub struct PrivateKey {
    key: PrivateDecryptingKey,
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
}

impl PrivateKey {
    /// Takes a DER PKCS #8 `PrivateKeyInfo`, and checks that its numbers belong together. What comes after it is not
    /// looked at.
    pub fn from_der(pkcs8: &[u8]) -> Result<Self, Refused> {
        let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| Refused)?;
        let oaep = OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| Refused)?;
        let pkcs1 = Pkcs1PrivateDecryptingKey::new(key.clone()).map_err(|_| Refused)?;
        Ok(Self { key, oaep, pkcs1 })
    }

    /// Decrypts with OAEP.
    pub fn decrypt_oaep(&self, hash: OaepHash, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut plaintext = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let decrypted = self.oaep.decrypt(hash.algorithm(), ciphertext, &mut plaintext, None);
        let length = decrypted.map_err(|_| Refused)?.len();
        plaintext.truncate(length);
        Ok(plaintext)
    }

    /// Decrypts with PKCS #1 v1.5. Whether it fails, and how long it takes, must stay hidden from whoever may choose
    /// ciphertexts (Bleichenbacher 1998).
    pub fn decrypt_pkcs1(&self, ciphertext: &[u8]) -> Result<Zeroizing<Vec<u8>>, Refused> {
        let mut plaintext = Zeroizing::new(vec![0; self.pkcs1.min_output_size()]);
        let length = self.pkcs1.decrypt(ciphertext, &mut plaintext).map_err(|_| Refused)?.len();
        plaintext.truncate(length);
        Ok(plaintext)
    }

    /// The public key that belongs to it, a DER `SubjectPublicKeyInfo`.
    pub fn public_key(&self) -> Result<Vec<u8>, Refused> {
        let spki: PublicKeyX509Der<'_> = self.key.public_key().as_der().map_err(|_| Refused)?;
        Ok(spki.as_ref().to_vec())
    }
}
