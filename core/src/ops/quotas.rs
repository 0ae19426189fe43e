//! Resource quotas (AWS KMS Developer Guide, "Resource quotas"), as far as the host set no others.

use crate::{api::ResourceQuotas, store::Transaction};

/// A quota: the host's number, or AWS's.
pub(super) fn quota(transaction: &Transaction<'_>, of: impl FnOnce(&ResourceQuotas) -> Option<u32>, aws: u32) -> u32 {
    of(&transaction.vault().allowance.read().quotas).unwrap_or(aws)
}

/// When a grant becomes effective that is made at that time, if that is later.
pub(super) fn effective(transaction: &Transaction<'_>, created: i64) -> Option<i64> {
    let delay = i64::from(transaction.vault().allowance.read().grant_delay_seconds).saturating_mul(1000);
    (delay > 0).then(|| created.saturating_add(delay))
}
