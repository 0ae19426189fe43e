//! RSA encryption with keys of 2048 to 8192 bits (RFC 8017), by AWS-LC: in constant time, blinded.
//!
//! The blinding and the seeds of OAEP come from AWS-LC's own generator, which the operating system seeds and which notices a
//! fork. What a key has to look like is decided in one place for all providers: it is parsed as `pocketkms-rust-crypto` does,
//! and then handed to AWS-LC.

use crate::Native;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    error::Unspecified,
    rsa::{
        OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512, OaepAlgorithm,
        OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey,
    },
};
use pocketkms_primitives::{
    AuthenticationFailed, Error, OaepHash, Random, Result, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    stack::clear_after_long,
};
use pocketkms_rust_crypto::rsa::{parse_private_key, parse_public_key};

impl Rsa for Native {
    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        parse_public_key(spki)?;
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| Error::RsaPublicKey)?;
        Ok(Box::new(PublicKey(OaepPublicEncryptingKey::new(key).map_err(|_| Error::RsaPublicKey)?)))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        parse_private_key(pkcs8)?;
        // It checks that the numbers belong together.
        let key = clear_after_long(|| {
            let key = PrivateDecryptingKey::from_pkcs8(pkcs8)?;
            let oaep = OaepPrivateDecryptingKey::new(key.clone())?;
            let pkcs1 = Pkcs1PrivateDecryptingKey::new(key.clone())?;
            Ok(PrivateKey { key, oaep, pkcs1 })
        });
        key.map(|key| Box::new(key) as _).map_err(|_: Unspecified| Error::RsaPrivateKey)
    }
}

struct PublicKey(OaepPublicEncryptingKey);

impl RsaPublicKey for PublicKey {
    fn encrypt(&self, hash: OaepHash, data: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        let Self(key) = self;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let length = clear_after_long(|| {
            key.encrypt(algorithm(hash), data, &mut ciphertext, None).map(|ciphertext| ciphertext.len())
        });
        let bits = key.key_size_bits();
        ciphertext.truncate(length.map_err(|_| Error::RsaLength { bits, hash, length: data.len() })?);
        Ok(ciphertext)
    }
}

/// AWS-LC wipes it on drop.
struct PrivateKey {
    key: PrivateDecryptingKey,
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
}

impl RsaPrivateKey for PrivateKey {
    fn modulus_length(&self) -> usize {
        self.key.key_size_bytes()
    }

    fn decrypt(
        &self,
        padding: RsaPadding,
        ciphertext: &[u8],
        _: &dyn Random,
        plaintext: &mut [u8],
    ) -> Result<usize, AuthenticationFailed> {
        clear_after_long(|| match padding {
            RsaPadding::Oaep(hash) => self.oaep.decrypt(algorithm(hash), ciphertext, plaintext, None),
            RsaPadding::Pkcs1 => self.pkcs1.decrypt(ciphertext, plaintext),
        })
        .map(|plaintext| plaintext.len())
        .map_err(|_| AuthenticationFailed)
    }

    fn public_key(&self) -> Result<Vec<u8>> {
        let spki: Result<PublicKeyX509Der<'_>, Unspecified> = self.key.public_key().as_der();
        Ok(spki.map_err(|_| Error::RsaPrivateKey)?.as_ref().to_vec())
    }
}

fn algorithm(hash: OaepHash) -> &'static OaepAlgorithm {
    match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        OaepHash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        OaepHash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    }
}
