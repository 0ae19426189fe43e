//! Data keys encrypted under an RSA key that the caller holds.
//!
//! The format (AWS Encryption SDK specification, "Raw RSA keyring"): provider id = key namespace, provider information
//! = key name, ciphertext = the data key encrypted with RSA. Nothing in it is authenticated: anyone who has the public
//! key can make a message that opens.

use super::{Attempts, Keyring, Purpose, encoded};
use crate::{
    crypto::{OaepHash, Provider, RsaPadding, RsaPrivateKey, RsaPublicKey},
    envelope::{
        failure::invalid_message,
        header::EncryptedDataKey,
        materials::{DecryptionMaterials, EncryptionMaterials},
    },
    error::{Error, ErrorKind, Result},
    secret::Secret,
    shape::enumerations,
};
use alloc::{boxed::Box, string::String, vec::Vec};

enumerations! {
    /// How a raw RSA keyring pads a data key. The hash function of OAEP is that of its mask generation function, too.
    pub enum PaddingScheme {
        /// PKCS #1 v1.5 (RFC 8017, section 7.2): only to decrypt old messages, and only where that was asked for by name.
        Pkcs1 = "PKCS1",
        /// OAEP with SHA-1 and MGF1 with SHA-1 (RFC 8017, section 7.1).
        OaepSha1Mgf1 = "OAEP_SHA1_MGF1",
        /// OAEP with SHA-256 and MGF1 with SHA-256.
        OaepSha256Mgf1 = "OAEP_SHA256_MGF1",
        /// OAEP with SHA-384 and MGF1 with SHA-384.
        OaepSha384Mgf1 = "OAEP_SHA384_MGF1",
        /// OAEP with SHA-512 and MGF1 with SHA-512.
        OaepSha512Mgf1 = "OAEP_SHA512_MGF1",
    }
}

impl PaddingScheme {
    /// The hash function of OAEP.
    fn oaep(self) -> Option<OaepHash> {
        match self {
            Self::Pkcs1 => None,
            Self::OaepSha1Mgf1 => Some(OaepHash::Sha1),
            Self::OaepSha256Mgf1 => Some(OaepHash::Sha256),
            Self::OaepSha384Mgf1 => Some(OaepHash::Sha384),
            Self::OaepSha512Mgf1 => Some(OaepHash::Sha512),
        }
    }
}

/// AWS's raw RSA keyring: encrypts data keys with a public key, and decrypts them with the private one.
///
/// Keys have 2048 to 8192 bits. Each is given as PEM or DER: the public key as a `SubjectPublicKeyInfo` (PEM label
/// `PUBLIC KEY`), the private one as a PKCS #8 `PrivateKeyInfo` (PEM label `PRIVATE KEY`).
pub struct RawRsaKeyring {
    namespace: String,
    name: String,
    public_key: Option<(Box<dyn RsaPublicKey>, OaepHash)>,
    private_key: Option<(Box<dyn RsaPrivateKey>, RsaPadding)>,
}

impl RawRsaKeyring {
    /// With a public key to encrypt, a private key to decrypt, or both. Namespace and name find the key again and are
    /// stored in the message; AWS keeps the namespace `aws-kms` for itself.
    ///
    /// Refuses [`PaddingScheme::Pkcs1`]: see [`RawRsaKeyring::pkcs1_despite_padding_oracles`].
    pub fn new(
        provider: &Provider,
        namespace: &str,
        name: &str,
        padding_scheme: PaddingScheme,
        public_key: Option<&[u8]>,
        private_key: Option<&Secret>,
    ) -> Result<Self> {
        super::check_namespace(namespace)?;
        let hash = padding_scheme.oaep().ok_or_else(|| {
            invalid(
                "PKCS #1 v1.5 is refused: anyone who can ask whether a message decrypts can decrypt any message with it \
                 (Bleichenbacher, Marvin). Encrypt with OAEP; to decrypt old messages all the same, ask for \
                 `pkcs1_despite_padding_oracles`",
            )
        })?;
        let public_der = public_key.map(encoded::public_key).transpose()?;
        let private_key = private_key.map(encoded::private_key).transpose()?;
        let private_key = private_key.map(|key| provider.rsa.private_key(key.expose())).transpose()?;
        match (&public_der, &private_key) {
            (None, None) => return Err(invalid("a raw RSA keyring needs a public key, a private key or both")),
            // What such a keyring encrypts, it could not decrypt.
            (Some(public), Some(private)) if !encoded::same_public_key(public, &private.public_key()?) => {
                return Err(invalid("the public key and the private key are not of the same pair"));
            }
            _ => {}
        }
        let public_key = public_der.map(|der| provider.rsa.public_key(&der)).transpose()?;
        Ok(Self {
            namespace: namespace.into(),
            name: name.into(),
            public_key: public_key.map(|key| (key, hash)),
            private_key: private_key.map(|key| (key, RsaPadding::Oaep(hash))),
        })
    }

    /// Decrypts old messages whose data keys were padded as in PKCS #1 v1.5. Cannot encrypt.
    ///
    /// The padding is broken wherever an attacker can have messages of his own making decrypted and sees, by an error, by
    /// the time it takes or by what happens next, whether the padding was right: some thousands to millions of such
    /// questions decrypt any message (Bleichenbacher 1998; "Marvin" 2023). No library can hide that, since a message
    /// with wrong padding fails earlier than one with a wrong data key. Use this where no one else chooses what is
    /// decrypted, best once, to re-encrypt the messages under another keyring.
    pub fn pkcs1_despite_padding_oracles(
        provider: &Provider,
        namespace: &str,
        name: &str,
        private_key: &Secret,
    ) -> Result<Self> {
        super::check_namespace(namespace)?;
        let private_key = provider.rsa.private_key(encoded::private_key(private_key)?.expose())?;
        Ok(Self {
            namespace: namespace.into(),
            name: name.into(),
            public_key: None,
            private_key: Some((private_key, RsaPadding::Pkcs1)),
        })
    }

    /// The data key, with one error for whatever is wrong: a length that is not the suite's may come of a wrong padding
    /// that was answered with made-up bytes, and must look like one that was answered with a failure.
    fn decrypt(&self, provider: &Provider, key: &EncryptedDataKey, length: usize) -> Result<Secret> {
        let Some((private_key, padding)) = &self.private_key else {
            return Err(invalid("the keyring has no private key: it only encrypts"));
        };
        let data_key = provider.rsa_decrypt(&**private_key, *padding, &key.ciphertext).ok();
        data_key.filter(|data_key| data_key.len() == length).ok_or_else(|| {
            invalid_message("another private key or padding scheme, or the encrypted data key was altered")
        })
    }
}

impl Keyring for RawRsaKeyring {
    fn on_encrypt(&self, provider: &Provider, materials: &mut EncryptionMaterials) -> Result<()> {
        let Some((public_key, hash)) = &self.public_key else {
            return Err(invalid("the raw RSA keyring has no public key: it only decrypts"));
        };
        let data_key = materials.data_key_or_random(provider)?;
        let ciphertext = public_key.encrypt(*hash, data_key.expose(), &*provider.random)?;
        materials.add_encrypted_data_key(EncryptedDataKey {
            provider_id: self.namespace.clone(),
            provider_info: self.name.clone().into_bytes(),
            ciphertext,
        });
        Ok(())
    }

    fn on_decrypt(
        &self,
        provider: &Provider,
        materials: &mut DecryptionMaterials,
        attempts: &mut Attempts<'_>,
    ) -> Result<()> {
        attempts.try_each(materials, |key, materials| {
            let own = key.provider_id == self.namespace && key.provider_info == self.name.as_bytes();
            own.then(|| self.decrypt(provider, key, materials.algorithm_suite().data_key_length()))
        });
        Ok(())
    }

    fn fingerprint(&self, _: &Provider, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        // As with the raw AES keyring: the keys never change in the lifetime of the keyring.
        Ok(Some([self.namespace.as_bytes(), &[0], self.name.as_bytes()].concat()))
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::Validation, message)
}
