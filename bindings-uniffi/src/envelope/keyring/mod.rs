//! Keyrings: one type, with a constructor for each kind.

mod hierarchical;
mod kms;
mod raw;

use super::foreign::{DataKeyWrapper, ForeignWrapper};
use crate::{KmsError, ManualClock, seconds::duration};
use pocketkms::{
    Clock, SystemClock,
    envelope::{CacheOptions, CachingMaterialsManager, CallbackKeyring, MaterialsManager, MultiKeyring},
};
use std::sync::Arc;

/// What encrypts the data keys of messages, and finds them again.
#[derive(uniffi::Object)]
pub struct Keyring {
    pub(crate) manager: Arc<dyn MaterialsManager>,
    /// Absent for a cache, which is no part of another keyring.
    part: Option<Arc<dyn pocketkms::envelope::Keyring>>,
    cache: Option<Arc<CachingMaterialsManager>>,
}

impl Keyring {
    fn from_core(keyring: impl pocketkms::envelope::Keyring + 'static) -> Self {
        let keyring: Arc<dyn pocketkms::envelope::Keyring> = Arc::new(keyring);
        Self { manager: Arc::new(Arc::clone(&keyring)), part: Some(keyring), cache: None }
    }

    /// For where a cache will not do.
    pub(super) fn as_part(&self) -> Result<Arc<dyn pocketkms::envelope::Keyring>, KmsError> {
        self.part.clone().ok_or_else(|| {
            let message =
                "a caching keyring cannot be part of another one, nor a destination: put the cache around the whole";
            pocketkms::Error::new(pocketkms::ErrorKind::Validation, message).into()
        })
    }
}

macro_rules! caching {
    ($options:ident $doc:literal $($argument_doc:literal $argument:ident: $type:ty,)*) => {
        #[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
        #[uniffi::export]
        impl Keyring {
            /// AWS's caching materials manager: one data key for several messages of the same keyring, context and suite. It
            /// trades: messages that share a data key fall together if that key is found out. By default at most 100 entries, each
            /// for a minute (`maxAge` is in seconds), 1,000 messages and 1 GiB. A rotation or a disabled key takes effect immediately.
            #[uniffi::constructor(default($($argument = None,)* clock = None))]
            pub fn caching(
                keyring: &Self,
                $($argument: Option<$type>,)*
                clock: Option<Arc<ManualClock>>,
            ) -> Result<Self, KmsError> {
                keyring.cached($options { $($argument),* }, clock)
            }
        }
    };
}

pocketkms::cache_arguments!(caching);

impl Keyring {
    fn cached(&self, options: CacheOptions, clock: Option<Arc<ManualClock>>) -> Result<Self, KmsError> {
        if let Some(age) = options.max_age {
            duration("maxAge", age)?;
        }
        let manager = CachingMaterialsManager::new(self.as_part()?, clock_or_system(clock), options.into())?;
        let cache = Arc::new(manager);
        Ok(Self { manager: Arc::clone(&cache) as _, part: None, cache: Some(cache) })
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
    /// what that key's `Encrypt` returned as the ciphertext, AWS's own SDKs open the message.
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

    /// Forgets all data keys that a caching keyring keeps. Of any other keyring it does nothing.
    pub fn clear(&self) {
        if let Some(cache) = &self.cache {
            cache.clear();
        }
    }
}
