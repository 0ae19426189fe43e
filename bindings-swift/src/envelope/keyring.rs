//! Keyrings: one type, with a constructor for each kind.

use super::wrapper::{DataKeyWrapper, Foreign};
use crate::{Kms, KmsError, ManualClock};
use pocketkms::{
    Clock, Provider, Secret, SystemClock,
    envelope::{
        CacheLimits, CachingMaterialsManager, CallbackKeyring, EcdhCurveSpec, KmsKeyring, MaterialsManager,
        MultiKeyring, PaddingScheme, RawAesKeyring, RawEcdhKeyring, RawEcdhSchema, RawRsaKeyring,
    },
};
use std::{sync::Arc, time::Duration};

/// What encrypts the data keys of messages, and finds them again.
#[derive(uniffi::Object)]
pub struct Keyring {
    pub(crate) manager: Arc<dyn MaterialsManager>,
    /// Absent for a cache, which is no part of another keyring.
    keyring: Option<Arc<dyn pocketkms::envelope::Keyring>>,
}

impl Keyring {
    fn from_core(keyring: impl pocketkms::envelope::Keyring + 'static) -> Self {
        let keyring: Arc<dyn pocketkms::envelope::Keyring> = Arc::new(keyring);
        Self { manager: Arc::new(Arc::clone(&keyring)), keyring: Some(keyring) }
    }

    /// For where a cache will not do.
    pub(super) fn as_part(&self) -> Result<Arc<dyn pocketkms::envelope::Keyring>, KmsError> {
        self.keyring.clone().ok_or_else(|| {
            let message =
                "a caching keyring cannot be part of another one, nor a destination: put the cache around the whole";
            pocketkms::Error::new(pocketkms::ErrorKind::Validation, message).into()
        })
    }
}

/// Which keys a discovery keyring may ask to decrypt.
#[derive(Clone, uniffi::Record)]
pub struct DiscoveryFilter {
    /// The partition: `aws`.
    pub partition: String,
    /// The accounts.
    pub account_ids: Vec<String>,
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Keyring {
    /// Keys of a vault. The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them
    /// can decrypt it. They are named by key id, key ARN, alias name or alias ARN.
    #[uniffi::constructor(default(additional_keys = []))]
    pub fn kms(kms: &Kms, generator: &str, additional_keys: Vec<String>) -> Self {
        let additional: Vec<_> = additional_keys.iter().map(String::as_str).collect();
        Self::from_core(kms.0.keyring(generator, &additional))
    }

    /// Decrypts with whichever key of the vault encrypted the data key, as far as the caller may use it and the filter
    /// allows. Cannot encrypt.
    #[uniffi::constructor(default(filter = None))]
    pub fn kms_discovery(kms: &Kms, filter: Option<DiscoveryFilter>) -> Self {
        let filter = filter.map(|DiscoveryFilter { partition, account_ids }| pocketkms::envelope::DiscoveryFilter {
            partition,
            account_ids,
        });
        Self::from_core(KmsKeyring::discovery(Arc::new(kms.0.clone()), filter))
    }

    /// AWS's hierarchical keyring: data keys under a branch key of the vault, so that rotating or leaving a KMS key re-wraps a
    /// few branch keys instead of every message. An opened branch key is kept in memory for `ttlMillis`; a rotation or a
    /// disabled KMS key is seen at once all the same.
    #[uniffi::constructor]
    pub fn hierarchical(kms: &Kms, branch_key_identifier: &str, ttl_millis: u64) -> Result<Self, KmsError> {
        Ok(Self::from_core(kms.0.hierarchical_keyring(branch_key_identifier, Duration::from_millis(ttl_millis))?))
    }

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
    /// "Marvin" 2023): use it where nobody else chooses what is decrypted, best once, to encrypt the messages anew.
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

    /// A new key pair for each message: only the recipient can decrypt, and nobody is authenticated as the sender.
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

    /// Data keys that the app wraps and unwraps. With the provider id `aws-kms`, a key ARN as the provider information and
    /// what that key's `Encrypt` answered as the ciphertext, AWS's own SDKs open the message.
    #[uniffi::constructor]
    pub fn callback(provider_id: &str, wrapper: Arc<dyn DataKeyWrapper>) -> Result<Self, KmsError> {
        Ok(Self::from_core(CallbackKeyring::new(provider_id, Arc::new(Foreign(wrapper)))?))
    }

    /// Encrypts the data key under each of several keyrings; any one of them finds it again. The generator makes the data
    /// key; without one the keyring can only decrypt.
    #[uniffi::constructor(default(children = []))]
    pub fn multi(generator: Option<Arc<Self>>, children: Vec<Arc<Self>>) -> Result<Self, KmsError> {
        let generator = generator.map(|generator| generator.as_part()).transpose()?;
        let children = children.iter().map(|child| child.as_part()).collect::<Result<_, _>>()?;
        Ok(Self::from_core(MultiKeyring::new(generator, children)?))
    }

    /// AWS's caching materials manager: one data key for several messages of the same keyring, context and suite. It
    /// trades: messages that share a data key fall together if that key is found out. By default at most 100 entries, each
    /// for a minute, 1,000 messages and 1 GiB. A rotation or a disabled key is seen at once.
    #[uniffi::constructor(default(
        max_entries = None,
        max_age_millis = None,
        max_messages = None,
        max_bytes = None,
        clock = None
    ))]
    pub fn caching(
        keyring: &Self,
        max_entries: Option<u32>,
        max_age_millis: Option<u64>,
        max_messages: Option<u64>,
        max_bytes: Option<u64>,
        clock: Option<Arc<ManualClock>>,
    ) -> Result<Self, KmsError> {
        let default = CacheLimits::default();
        let limits = CacheLimits {
            max_entries: max_entries.map_or(default.max_entries, |entries| entries as usize),
            max_age: max_age_millis.map_or(default.max_age, Duration::from_millis),
            max_messages: max_messages.unwrap_or(default.max_messages),
            max_bytes: max_bytes.unwrap_or(default.max_bytes),
        };
        let clock: Arc<dyn Clock> = match clock {
            Some(clock) => Arc::new(clock.0.clone()),
            None => Arc::new(SystemClock),
        };
        let manager = CachingMaterialsManager::new(keyring.as_part()?, clock, limits)?;
        Ok(Self { manager: Arc::new(manager), keyring: None })
    }
}
