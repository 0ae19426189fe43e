//! Request quotas by the type of the key, and resource quotas, as far as the host set no others (AWS KMS Developer Guide, "Quotas").

use crate::{
    access::{Caller, Question},
    api::ResourceQuotas,
    clock::Timestamp,
    error::Result,
    key::KeyRecord,
    quota::Family,
    store::{OpenVault, Transaction},
};

/// A quota: the host's number, or AWS's.
pub(super) fn quota(transaction: &Transaction<'_>, of: impl FnOnce(&ResourceQuotas) -> Option<u32>, aws: u32) -> u32 {
    of(&transaction.vault().allowance.read().quotas).unwrap_or(aws)
}

/// When a grant becomes effective that is made at that time, if that is later.
pub(super) fn effective(transaction: &Transaction<'_>, created: i64) -> Option<i64> {
    let delay = i64::from(transaction.vault().allowance.read().grant_delay_seconds).saturating_mul(1000);
    (delay > 0).then(|| created.saturating_add(delay))
}

/// Counts a request against its quota, once however often it is carried out.
pub(crate) fn count(vault: &OpenVault, caller: &Caller, family: Family, now: Timestamp) -> Result<()> {
    if vault.counts()? { vault.throttle.take(caller.account(), caller.region(), family, now) } else { Ok(()) }
}

/// Counts the request, if it was not yet, by the key that it names. It is the first to look for it: so the key is read once, and
/// the quota is asked before anything else about it.
pub(super) fn count_by_key(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key: Option<&KeyRecord>,
) -> Result<()> {
    if !transaction.is_uncounted {
        return Ok(());
    }
    // Before a permit nothing may depend on another account's keys.
    let spec = key.filter(|key| key.account == *question.caller.account()).map(|key| key.spec);
    let family = Family::of(question.operation, spec, None);
    count(transaction.vault(), question.caller, family, transaction.now())?;
    transaction.is_uncounted = false;
    Ok(())
}
