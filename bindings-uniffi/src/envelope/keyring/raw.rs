//! Wrapping keys that the app holds itself.

use super::Keyring;
use crate::KmsError;
use pocketkms::{
    Provider, Secret,
    envelope::{EcdhCurveSpec, PaddingScheme, RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring},
};

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Keyring {
    /// AWS's raw AES keyring: a wrapping key of 16, 24 or 32 bytes. Namespace and name find it again and are stored in
    /// the message; AWS keeps the namespace `aws-kms` for itself.
    #[uniffi::constructor]
    pub fn raw_aes(namespace: &str, name: &str, wrapping_key: &Secret) -> Result<Self, KmsError> {
        Ok(Self::from_core(RawAesKeyring::new(&Provider::default(), namespace, name, wrapping_key)?))
    }

    /// AWS's raw RSA keyring: a public key to encrypt (PEM or DER, `SubjectPublicKeyInfo`), a private key to decrypt (PEM
    /// or DER, PKCS #8), or both. PKCS #1 v1.5 is refused: see `rawRsaPkcs1DespitePaddingOracles`.
    #[uniffi::constructor(default(public_key = None, private_key = None))]
    pub fn raw_rsa(
        namespace: &str,
        name: &str,
        padding_scheme: PaddingScheme,
        public_key: Option<Vec<u8>>,
        private_key: Option<Secret>,
    ) -> Result<Self, KmsError> {
        let (public_key, private_key) = (public_key.as_deref(), private_key.as_ref());
        let provider = Provider::default();
        Ok(Self::from_core(RawRsaKeyring::new(&provider, namespace, name, padding_scheme, public_key, private_key)?))
    }

    /// Decrypts old messages whose data keys were padded as in PKCS #1 v1.5. The padding is broken wherever an attacker
    /// can have messages of his own making decrypted and sees whether that failed, and how fast (Bleichenbacher 1998,
    /// "Marvin" 2023): use it where no one else chooses what is decrypted, best once, to re-encrypt the messages.
    #[uniffi::constructor]
    pub fn raw_rsa_pkcs1_despite_padding_oracles(
        namespace: &str,
        name: &str,
        private_key: &Secret,
    ) -> Result<Self, KmsError> {
        let provider = Provider::default();
        Ok(Self::from_core(RawRsaKeyring::pkcs1_despite_padding_oracles(&provider, namespace, name, private_key)?))
    }

    /// AWS's raw ECDH keyring with the static keys of both parties: the own private key (PEM or DER, PKCS #8) and the other
    /// party's public key (PEM or DER, `SubjectPublicKeyInfo`). Both can encrypt, and both can decrypt.
    #[uniffi::constructor]
    pub fn raw_ecdh(
        curve_spec: EcdhCurveSpec,
        sender_private_key: &Secret,
        recipient_public_key: Vec<u8>,
    ) -> Result<Self, KmsError> {
        let recipient_public_key = &recipient_public_key;
        let schema = RawEcdhSchema::RawPrivateKeyToStaticPublicKey { sender_private_key, recipient_public_key };
        Ok(Self::from_core(RawEcdhKeyring::new(&Provider::default(), schema, curve_spec)?))
    }

    /// A new key pair for each message: only the recipient can decrypt, and no one is authenticated as the sender.
    #[uniffi::constructor]
    pub fn raw_ecdh_ephemeral(curve_spec: EcdhCurveSpec, recipient_public_key: Vec<u8>) -> Result<Self, KmsError> {
        let recipient_public_key = &recipient_public_key;
        let schema = RawEcdhSchema::EphemeralPrivateKeyToStaticPublicKey { recipient_public_key };
        Ok(Self::from_core(RawEcdhKeyring::new(&Provider::default(), schema, curve_spec)?))
    }

    /// Decrypts what any sender encrypted for one's own public key. Cannot encrypt.
    #[uniffi::constructor]
    pub fn raw_ecdh_discovery(curve_spec: EcdhCurveSpec, recipient_private_key: &Secret) -> Result<Self, KmsError> {
        let schema = RawEcdhSchema::PublicKeyDiscovery { recipient_private_key };
        Ok(Self::from_core(RawEcdhKeyring::new(&Provider::default(), schema, curve_spec)?))
    }
}
