//! RSA encryption and signatures with keys of 2048 to 8192 bits (RFC 8017), by AWS-LC: in constant time, blinded.
//!
//! The primes of new keys, the blinding, the seeds of OAEP and the salts of PSS come from AWS-LC's own generator, which the
//! operating system seeds and which notices a fork. What a key has to look like is decided in one place for all providers: it
//! is parsed as `pocketkms-rust-crypto` does, and then handed to AWS-LC.

use crate::Native;
use aws_lc_rs::{
    digest::{self, Digest},
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    error::Unspecified,
    rsa::{
        KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
        OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
        PrivateDecryptingKey, PublicEncryptingKey,
    },
    signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256,
        RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
        RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, RsaKeyPair, RsaParameters,
        RsaSignatureEncoding, UnparsedPublicKey,
    },
};
use pocketkms_primitives::{
    AuthenticationFailed, Error, Hash, OaepHash, Random, Result, Rsa, RsaPadding, RsaPrivateKey, RsaPublicKey,
    RsaScheme, stack::clear_after_long,
};
use pocketkms_rust_crypto::rsa::{parse_private_key, parse_public_key};

impl Rsa for Native {
    fn generate(&self, bits: usize, _: &dyn Random) -> Result<Vec<u8>> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            _ => return Err(Error::RsaBits(bits)),
        };
        // It fails where there is no randomness, or no memory.
        let key = clear_after_long(|| {
            let document: Pkcs8V1Der<'_> = PrivateDecryptingKey::generate(size)?.as_der()?;
            Ok(document.as_ref().to_vec())
        });
        key.map_err(|_: Unspecified| Error::Entropy)
    }

    fn public_key(&self, spki: &[u8]) -> Result<Box<dyn RsaPublicKey>> {
        parse_public_key(spki)?;
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| Error::RsaPublicKey)?;
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| Error::RsaPublicKey)?;
        Ok(Box::new(PublicKey { key, spki: spki.to_vec() }))
    }

    fn private_key(&self, pkcs8: &[u8]) -> Result<Box<dyn RsaPrivateKey>> {
        parse_private_key(pkcs8)?;
        // It checks that the numbers belong together.
        let key = clear_after_long(|| {
            let key = PrivateDecryptingKey::from_pkcs8(pkcs8)?;
            let oaep = OaepPrivateDecryptingKey::new(key.clone())?;
            let pkcs1 = Pkcs1PrivateDecryptingKey::new(key.clone())?;
            let signing = RsaKeyPair::from_pkcs8(pkcs8)?;
            Ok(PrivateKey { key, oaep, pkcs1, signing })
        });
        key.map(|key| Box::new(key) as _).map_err(|_: Unspecified| Error::RsaPrivateKey)
    }
}

struct PublicKey {
    key: OaepPublicEncryptingKey,
    spki: Vec<u8>,
}

impl RsaPublicKey for PublicKey {
    fn encrypt(&self, hash: OaepHash, data: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        let Self { key, spki: _ } = self;
        let mut ciphertext = vec![0; key.ciphertext_size()];
        let length = clear_after_long(|| {
            key.encrypt(algorithm(hash), data, &mut ciphertext, None).map(|ciphertext| ciphertext.len())
        });
        let bits = key.key_size_bits();
        ciphertext.truncate(length.map_err(|_| Error::RsaLength { bits, hash, length: data.len() })?);
        Ok(ciphertext)
    }

    fn verify(
        &self,
        scheme: RsaScheme,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> Result<(), AuthenticationFailed> {
        let verify = || {
            let key = UnparsedPublicKey::new(verification(scheme, hash)?, &self.spki);
            key.verify_digest(&imported(hash, digest)?, signature)
        };
        verify().map_err(|_| AuthenticationFailed)
    }
}

/// AWS-LC wipes it on drop.
struct PrivateKey {
    key: PrivateDecryptingKey,
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
    signing: RsaKeyPair,
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

    fn sign(&self, scheme: RsaScheme, hash: Hash, digest: &[u8], _: &dyn Random) -> Result<Vec<u8>> {
        let digest = imported(hash, digest).map_err(|_| Error::DigestLength)?;
        let encoding = encoding(scheme, hash).map_err(|_| Error::DigestLength)?;
        let mut signature = vec![0; self.modulus_length()];
        let signed = clear_after_long(|| self.signing.sign_digest(encoding, &digest, &mut signature));
        signed.map_err(|_| Error::RsaPrivateKey)?;
        Ok(signature)
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

fn encoding(scheme: RsaScheme, hash: Hash) -> Result<&'static RsaSignatureEncoding, Unspecified> {
    match (scheme, hash) {
        (RsaScheme::Pss, Hash::Sha256) => Ok(&RSA_PSS_SHA256),
        (RsaScheme::Pss, Hash::Sha384) => Ok(&RSA_PSS_SHA384),
        (RsaScheme::Pss, Hash::Sha512) => Ok(&RSA_PSS_SHA512),
        (RsaScheme::Pkcs1, Hash::Sha256) => Ok(&RSA_PKCS1_SHA256),
        (RsaScheme::Pkcs1, Hash::Sha384) => Ok(&RSA_PKCS1_SHA384),
        (RsaScheme::Pkcs1, Hash::Sha512) => Ok(&RSA_PKCS1_SHA512),
        (_, Hash::Sha224) => Err(Unspecified),
    }
}

fn verification(scheme: RsaScheme, hash: Hash) -> Result<&'static RsaParameters, Unspecified> {
    match (scheme, hash) {
        (RsaScheme::Pss, Hash::Sha256) => Ok(&RSA_PSS_2048_8192_SHA256),
        (RsaScheme::Pss, Hash::Sha384) => Ok(&RSA_PSS_2048_8192_SHA384),
        (RsaScheme::Pss, Hash::Sha512) => Ok(&RSA_PSS_2048_8192_SHA512),
        (RsaScheme::Pkcs1, Hash::Sha256) => Ok(&RSA_PKCS1_2048_8192_SHA256),
        (RsaScheme::Pkcs1, Hash::Sha384) => Ok(&RSA_PKCS1_2048_8192_SHA384),
        (RsaScheme::Pkcs1, Hash::Sha512) => Ok(&RSA_PKCS1_2048_8192_SHA512),
        (_, Hash::Sha224) => Err(Unspecified),
    }
}

/// A digest as AWS-LC takes it, if it is as long as the hash.
fn imported(hash: Hash, digest: &[u8]) -> Result<Digest, Unspecified> {
    let algorithm = match hash {
        Hash::Sha224 => return Err(Unspecified),
        Hash::Sha256 => &digest::SHA256,
        Hash::Sha384 => &digest::SHA384,
        Hash::Sha512 => &digest::SHA512,
    };
    Digest::import_less_safe(digest, algorithm)
}
