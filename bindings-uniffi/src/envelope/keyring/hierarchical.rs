//! Data keys under branch keys: of a vault, or of a store of the app. Rotating or leaving a KMS key re-wraps a few branch keys
//! instead of every message.

use super::{Keyring, clock_or_system};
use crate::{
    Kms, KmsError, ManualClock,
    envelope::foreign::{BranchKeyIdSupplier, BranchKeySource, ForeignSource, ForeignSupplier},
    seconds::duration,
};
use pocketkms::envelope::HierarchicalKeyring;
use std::sync::Arc;

/// How many opened branch keys are kept.
fn entries(max_entries: Option<u32>) -> usize {
    max_entries.map_or(HierarchicalKeyring::DEFAULT_MAX_ENTRIES, |entries| entries as usize)
}

fn source(source: Arc<dyn BranchKeySource>, clock: Option<Arc<ManualClock>>) -> Arc<ForeignSource> {
    Arc::new(ForeignSource(source, clock_or_system(clock)))
}

#[allow(clippy::needless_pass_by_value, reason = "UniFFI hands these over")]
#[uniffi::export]
impl Keyring {
    /// AWS's hierarchical keyring with a branch key of the vault. An opened branch key is kept in memory for `ttl` seconds, and
    /// at most `maxEntries` of them (1,000 by default); a rotation or a disabled KMS key takes effect immediately all the
    /// same.
    #[uniffi::constructor(default(max_entries = None))]
    pub fn hierarchical(
        kms: &Kms,
        branch_key_identifier: &str,
        ttl: f64,
        max_entries: Option<u32>,
    ) -> Result<Self, KmsError> {
        let (kms, ttl) = (Arc::new(kms.0.clone()), duration("ttl", ttl)?);
        Ok(Self::from_core(HierarchicalKeyring::new(kms, branch_key_identifier, ttl, entries(max_entries))?))
    }

    /// As `hierarchical`, with a branch key of the vault that the supplier chooses for each message.
    #[uniffi::constructor(default(max_entries = None))]
    pub fn hierarchical_by_supplier(
        kms: &Kms,
        supplier: Arc<dyn BranchKeyIdSupplier>,
        ttl: f64,
        max_entries: Option<u32>,
    ) -> Result<Self, KmsError> {
        let (kms, ttl) = (Arc::new(kms.0.clone()), duration("ttl", ttl)?);
        let supplier = Arc::new(ForeignSupplier(supplier));
        Ok(Self::from_core(HierarchicalKeyring::with_supplier(kms, supplier, ttl, entries(max_entries))?))
    }

    /// As `hierarchical`, with a branch key of the app's own store. A rotation is seen when `ttl` has passed, or as soon as the
    /// store's `branchKeyState` changes.
    #[uniffi::constructor(default(max_entries = None, clock = None))]
    pub fn hierarchical_of_source(
        source: Arc<dyn BranchKeySource>,
        branch_key_identifier: &str,
        ttl: f64,
        max_entries: Option<u32>,
        clock: Option<Arc<ManualClock>>,
    ) -> Result<Self, KmsError> {
        let (source, ttl) = (self::source(source, clock), duration("ttl", ttl)?);
        Ok(Self::from_core(HierarchicalKeyring::new(source, branch_key_identifier, ttl, entries(max_entries))?))
    }

    /// As `hierarchicalOfSource`, with a branch key that the supplier chooses for each message.
    #[uniffi::constructor(default(max_entries = None, clock = None))]
    pub fn hierarchical_of_source_by_supplier(
        source: Arc<dyn BranchKeySource>,
        supplier: Arc<dyn BranchKeyIdSupplier>,
        ttl: f64,
        max_entries: Option<u32>,
        clock: Option<Arc<ManualClock>>,
    ) -> Result<Self, KmsError> {
        let (source, ttl) = (self::source(source, clock), duration("ttl", ttl)?);
        let supplier = Arc::new(ForeignSupplier(supplier));
        Ok(Self::from_core(HierarchicalKeyring::with_supplier(source, supplier, ttl, entries(max_entries))?))
    }
}
