//! What opens a vault.

use crate::KmsError;
use pocketkms::Secret;

/// What opens a vault. Keep it outside of the vault: who has both has every key.
#[derive(uniffi::Object)]
pub struct RootKey(pub(crate) pocketkms::RootKey);

/// The cost of a passphrase hash (Argon2id, RFC 9106): what an attacker pays for each guess, and an honest user once.
#[derive(Clone, Copy, uniffi::Record)]
pub struct Argon2Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

#[uniffi::export]
impl RootKey {
    /// 32 random bytes, kept by the host: in the Keychain or under a key of the Android Keystore.
    #[uniffi::constructor]
    pub fn from_bytes(bytes: &Secret) -> Result<Self, KmsError> {
        Ok(Self(pocketkms::RootKey::from_bytes(bytes.expose())?))
    }

    /// A passphrase, as UTF-8. By default its hash costs 64 MiB and 3 passes; an existing vault keeps the cost that it
    /// was made with. That stands in its header, which anyone who can write the file can forge: above `maxCost` (256 MiB, 10
    /// passes and 16 lanes by default, or `cost` where it is more) opening is refused before anything is spent.
    #[uniffi::constructor(default(cost = None, max_cost = None))]
    pub fn from_passphrase(
        passphrase: Secret,
        cost: Option<Argon2Cost>,
        max_cost: Option<Argon2Cost>,
    ) -> Result<Self, KmsError> {
        let key = match cost {
            None => pocketkms::RootKey::from_passphrase(passphrase)?,
            Some(cost) => pocketkms::RootKey::from_passphrase_with_cost(passphrase, cost.into())?,
        };
        Ok(Self(match max_cost {
            None => key,
            Some(max) => key.with_max_cost(max.into())?,
        }))
    }
}

impl From<Argon2Cost> for pocketkms::Argon2Cost {
    fn from(Argon2Cost { memory_kib, passes, lanes }: Argon2Cost) -> Self {
        Self { memory_kib, passes, lanes }
    }
}
