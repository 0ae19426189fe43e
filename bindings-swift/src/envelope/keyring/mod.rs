//! Keyrings: one type, with a constructor for each kind.

mod hierarchical;
mod kms;
mod raw;

pub use kms::DiscoveryFilter;

use super::foreign::{DataKeyWrapper, ForeignWrapper};
use crate::{KmsError, ManualClock};
use pocketkms::{
    Clock, SystemClock,
    envelope::{CacheLimits, CachingMaterialsManager, CallbackKeyring, MaterialsManager, MultiKeyring},
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

/// The operating system's clock, where no other is given.
fn clock_or_system(clock: Option<Arc<ManualClock>>) -> Arc<dyn Clock> {
    match clock {
        Some(clock) => Arc::new(clock.0.clone()),
        None => Arc::new(SystemClock),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Keyring {
    /// Data keys that the app wraps and unwraps. With the provider id `aws-kms`, a key ARN as the provider information and
    /// what that key's `Encrypt` answered as the ciphertext, AWS's own SDKs open the message.
    #[uniffi::constructor]
    pub fn callback(provider_id: &str, wrapper: Arc<dyn DataKeyWrapper>) -> Result<Self, KmsError> {
        Ok(Self::from_core(CallbackKeyring::new(provider_id, Arc::new(ForeignWrapper(wrapper)))?))
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
        let manager = CachingMaterialsManager::new(keyring.as_part()?, clock_or_system(clock), limits)?;
        Ok(Self { manager: Arc::new(manager), keyring: None })
    }
}
