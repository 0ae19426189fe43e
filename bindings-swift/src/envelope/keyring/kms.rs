//! Data keys under KMS keys: of a vault, or of a KMS elsewhere.

use super::Keyring;
use crate::{
    Kms,
    envelope::foreign::{ForeignClient, KmsClient},
};
use pocketkms::envelope::KmsKeyring;
use std::sync::Arc;

/// Which keys a discovery keyring may ask to decrypt.
#[derive(Clone, uniffi::Record)]
pub struct DiscoveryFilter {
    /// The partition: `aws`.
    pub partition: String,
    /// The accounts.
    pub account_ids: Vec<String>,
}

impl From<DiscoveryFilter> for pocketkms::envelope::DiscoveryFilter {
    fn from(DiscoveryFilter { partition, account_ids }: DiscoveryFilter) -> Self {
        Self { partition, account_ids }
    }
}

fn with_tokens(keyring: KmsKeyring, grant_tokens: Option<Vec<String>>) -> Keyring {
    Keyring::from_core(match grant_tokens {
        Some(tokens) => keyring.grant_tokens(tokens),
        None => keyring,
    })
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
        Self::from_core(KmsKeyring::discovery(Arc::new(kms.0.clone()), filter.map(Into::into)))
    }

    /// Keys of a KMS elsewhere, which the app asks: AWS's, through AWS's own SDK. Keys are named by their ARNs, or nothing
    /// is found again when decrypting. `multiRegionAware` takes multi-Region keys for the same as their replicas in other
    /// Regions. That a key was rotated or disabled there is seen by a cache of data keys only when it forgets.
    #[uniffi::constructor(default(additional_keys = [], multi_region_aware = false, grant_tokens = None))]
    pub fn kms_client(
        client: Arc<dyn KmsClient>,
        generator: &str,
        additional_keys: Vec<String>,
        multi_region_aware: bool,
        grant_tokens: Option<Vec<String>>,
    ) -> Self {
        let additional: Vec<_> = additional_keys.iter().map(String::as_str).collect();
        let keyring = KmsKeyring::new(Arc::new(ForeignClient(client)), generator, &additional);
        with_tokens(if multi_region_aware { keyring.multi_region_aware() } else { keyring }, grant_tokens)
    }

    /// Decrypts with whichever key of a KMS elsewhere encrypted the data key, as far as the filter allows. With the client's
    /// Region it asks for keys of that Region only, and there for the replicas of multi-Region keys of others. Cannot
    /// encrypt.
    #[uniffi::constructor(default(filter = None, region = None, grant_tokens = None))]
    pub fn kms_client_discovery(
        client: Arc<dyn KmsClient>,
        filter: Option<DiscoveryFilter>,
        region: Option<String>,
        grant_tokens: Option<Vec<String>>,
    ) -> Self {
        let (client, filter) = (Arc::new(ForeignClient(client)), filter.map(Into::into));
        let keyring = match region {
            Some(region) => KmsKeyring::multi_region_discovery(client, &region, filter),
            None => KmsKeyring::discovery(client, filter),
        };
        with_tokens(keyring, grant_tokens)
    }
}
