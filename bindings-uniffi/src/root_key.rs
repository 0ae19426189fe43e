//! What opens a vault.

use crate::{KmsError, seconds};
use pocketkms::{Argon2Cost, Error, Secret, SystemMonotonic};
use pocketkms_roots::HostRootKey;
use std::sync::Arc;

/// What opens a vault. Keep it outside of the vault: anyone who has both has every key.
#[derive(uniffi::Object)]
pub struct RootKey(pub(crate) pocketkms::RootKey);

/// A key elsewhere that wraps a vault's wrapping key: a key of AWS KMS or of another vault, of the Secure Enclave or of the Android Keystore.
/// It is called on the thread that makes or opens a vault or changes its root keys, and may wait there. What it throws is thrown by that
/// call, as it is.
#[uniffi::export(with_foreign)]
pub trait KeyWrapper: Send + Sync {
    /// Encrypts 32 bytes. What it returns stands in the vault's header, in at most 4,096 bytes.
    fn wrap(&self, key: Secret) -> Result<Vec<u8>, KmsError>;

    /// Decrypts what `wrap` returned.
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Secret, KmsError>;
}

/// The core's view of it.
struct ForeignWrapper(Arc<dyn KeyWrapper>);

impl pocketkms::KeyWrapper for ForeignWrapper {
    fn wrap(&self, key: &Secret) -> Result<Vec<u8>, Error> {
        self.0.wrap(Secret::copy_of(key.expose())).map_err(Error::from)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<Secret, Error> {
        self.0.unwrap(wrapped.to_vec()).map_err(Error::from)
    }
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl RootKey {
    /// 32 random bytes, kept by the host: in the Keychain or under a key of the Android Keystore.
    #[uniffi::constructor]
    pub fn from_bytes(bytes: &Secret) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_bytes(bytes.expose())?))
    }

    /// 32 new random bytes. Keep `toBytes` of it.
    #[uniffi::constructor]
    pub fn generate() -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::generate(&pocketkms::Provider::default())?))
    }

    /// A recovery key as it was written down: `Vault.addRecoveryKey` showed it. Upper and lower case, spaces and hyphens do not matter, nor
    /// do look-alikes (O and 0; I, L and 1; U and V); a checksum finds other mistakes.
    #[uniffi::constructor]
    pub fn from_recovery_key(text: &str) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_recovery_key(text)?))
    }

    /// The root key in an environment variable: 64 hexadecimal digits or base64. Anyone who may look at the process sees its environment, and
    /// so do the processes that it starts: a file is better where there is a choice.
    #[uniffi::constructor]
    pub fn from_env(name: String) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_env(name)?))
    }

    /// The root key in a file: 64 hexadecimal digits, base64, or 32 raw bytes. A file that others can read or write is refused: its mode is
    /// 0600 or less, and it belongs to the user of the process or to root. A secret that Docker, Kubernetes or systemd mounts
    /// (tmpfs or ramfs, read-only) counts whatever its mode. Symbolic links are followed.
    #[uniffi::constructor]
    pub fn from_file(path: String) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_file(path)?))
    }

    /// A key elsewhere, which an object of the app asks. The name distinguishes it from others, and stands readable in the vault's header: the
    /// key's ARN, its alias in a keystore. A vault needs a root key beside it that a person can keep: a device or a service may be
    /// gone one day.
    #[uniffi::constructor]
    pub fn from_callback(name: String, wrapper: Arc<dyn KeyWrapper>) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_callback(&name, ForeignWrapper(wrapper))?))
    }

    /// The 32 bytes of a root key that is made of bytes, to keep them where `fromBytes` finds them again.
    pub fn to_bytes(&self) -> Result<Secret, KmsError> {
        Ok(self.0.to_bytes()?)
    }

    /// A passphrase, as UTF-8. By default its hash costs 64 MiB and 3 passes; an existing vault keeps the cost that it
    /// was made with. That stands in its header, which anyone who can write the file can forge: above `maxCost` (256 MiB, 10
    /// passes and 16 lanes by default, or `cost` where it is more) opening is refused before anything is spent.
    ///
    /// Instead of a cost, `seconds` says how long the hash is to take on this device, about: the cost is measured when a vault is made or
    /// the root key is added, at least 19 MiB and 2 passes, and at most `maxCost`.
    #[uniffi::constructor(default(cost = None, max_cost = None, seconds = None))]
    pub fn from_passphrase(
        passphrase: Secret,
        cost: Option<Argon2Cost>,
        max_cost: Option<Argon2Cost>,
        seconds: Option<f64>,
    ) -> Result<Self, KmsError> {
        let key = match cost {
            None => pocketkms::RootKey::from_passphrase(passphrase)?,
            Some(cost) => pocketkms::RootKey::from_passphrase_with_cost(passphrase, cost)?,
        };
        let key = match max_cost {
            None => key,
            Some(max) => key.with_max_cost(max)?,
        };
        Ok(Self(match seconds {
            None => key,
            Some(seconds) => {
                let target = seconds::duration("seconds", seconds)?;
                key.calibrated_to(target, Arc::new(SystemMonotonic::default()))?
            }
        }))
    }
}
