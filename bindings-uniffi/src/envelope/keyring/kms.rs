//! Data keys under KMS keys: of a vault, or of another KMS.

use super::Keyring;
use crate::{
    Kms, KmsError,
    envelope::foreign::{ForeignClient, KmsClient},
};
use pocketkms::envelope::{DiscoveryFilter, KmsDiscoveryOptions, KmsKeyring, KmsKeyringOptions};
use std::sync::Arc;

fn of_keys(
    client: Arc<dyn pocketkms::envelope::KmsClient>,
    generator: &str,
    additional_keys: &[String],
    options: KmsKeyringOptions,
) -> Keyring {
    let additional: Vec<_> = additional_keys.iter().map(String::as_str).collect();
    Keyring::from_core(KmsKeyring::new(client, generator, &additional).options(options))
}

macro_rules! of_keys {
    ($options:ident $doc:literal $($argument_doc:literal $argument:ident: $type:ty,)*) => {
        #[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
        #[uniffi::export]
        impl Keyring {
            /// Keys of a vault. The generator makes and encrypts the data key, the additional keys encrypt it, too; each of them
            /// can decrypt it. They are named by key id, key ARN, alias name or alias ARN. `multiRegionAware` takes multi-Region keys
            /// for the same as their replicas in other Regions.
            #[uniffi::constructor(default(additional_keys = [], $($argument = None),*))]
            pub fn kms(
                kms: &Kms,
                generator: &str,
                additional_keys: Vec<String>,
                $($argument: Option<$type>),*
            ) -> Self {
                of_keys(Arc::new(kms.0.clone()), generator, &additional_keys, $options { $($argument),* })
            }

            /// Keys of another KMS, which the app asks: AWS's, through AWS's own SDK. Keys are named by their ARNs, or nothing is found
            /// again when decrypting. `multiRegionAware` takes multi-Region keys for the same as their replicas in other Regions. That
            /// a key was rotated or disabled there is seen by a cache of data keys only when it forgets.
            #[uniffi::constructor(default(additional_keys = [], $($argument = None),*))]
            pub fn kms_client(
                client: Arc<dyn KmsClient>,
                generator: &str,
                additional_keys: Vec<String>,
                $($argument: Option<$type>),*
            ) -> Self {
                let client = Arc::new(ForeignClient(client));
                of_keys(client, generator, &additional_keys, $options { $($argument),* })
            }
        }
    };
}

pocketkms::kms_keyring_arguments!(of_keys);

macro_rules! discovery {
    ($options:ident $doc:literal $($argument_doc:literal $argument:ident: $type:ty,)*) => {
        #[uniffi::export]
        impl Keyring {
            /// Decrypts with whichever key of the vault encrypted the data key, as far as the caller may use it and the filter
            /// allows. `multiRegionAware` asks for keys of the caller's Region only (or of `region`), and there for the replicas of
            /// multi-Region keys of others. Cannot encrypt.
            #[uniffi::constructor(default(filter = None, $($argument = None),*))]
            pub fn kms_discovery(
                kms: &Kms,
                filter: Option<DiscoveryFilter>,
                $($argument: Option<$type>),*
            ) -> Result<Self, KmsError> {
                let kms = Arc::new(kms.0.clone());
                Ok(Self::from_core(KmsKeyring::discovery_with(kms, filter, $options { $($argument),* })?))
            }

            /// Decrypts with whichever key of another KMS encrypted the data key, as far as the filter allows. With the client's Region
            /// it asks for keys of that Region only, and there for the replicas of multi-Region keys of others; `multiRegionAware`
            /// without a Region is a `ValidationException`. Cannot encrypt.
            #[uniffi::constructor(default(filter = None, $($argument = None),*))]
            pub fn kms_client_discovery(
                client: Arc<dyn KmsClient>,
                filter: Option<DiscoveryFilter>,
                $($argument: Option<$type>),*
            ) -> Result<Self, KmsError> {
                let client = Arc::new(ForeignClient(client));
                Ok(Self::from_core(KmsKeyring::discovery_with(client, filter, $options { $($argument),* })?))
            }
        }
    };
}

pocketkms::kms_discovery_arguments!(discovery);
