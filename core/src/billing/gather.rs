//! What there was in a month of a vault.

use super::{life::Life, month, prices::Prices, sum::Quantities};
use crate::{
    api::{Bill, BillItem, BillRequest, BillUsage},
    audit::Requests,
    clock::{Month, Timestamp},
    error::Result,
    key::{AccountId, DeletedKeyRecord, KeyRecord, Region, RotationRecord},
    shape,
    store::{KEYS, RecordName, Transaction, unless_damaged},
};
use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use serde::de::DeserializeOwned;

/// How many keys are read at once.
const PAGE: usize = 250;
/// How many rotations of a key are charged at most.
const ROTATIONS: u32 = 2;

/// By Region.
type Usage = BTreeMap<String, Quantities>;

/// The bill of an account for a month, as far as it has passed, after the trail was counted.
pub(crate) fn bill(transaction: &mut Transaction<'_>, caller: &AccountId, request: &BillRequest) -> Result<Bill> {
    shape::check(request)?;
    let of_month = month(&request.month)?;
    let account = request.account_id.as_deref().map_or_else(|| Ok(caller.clone()), str::parse)?;
    let prices = Prices::of(request.prices.as_ref());
    let mut usage = Usage::new();
    add_keys(transaction, &account, of_month, &prices, &mut usage)?;
    add_deleted_keys(transaction, &account, of_month, &prices, &mut usage)?;
    add_requests(transaction, &account, of_month, &mut usage)?;
    let mut all = Quantities::default();
    let mut by_region = Vec::new();
    for (region, quantities) in &usage {
        for (item, quantity) in quantities.items() {
            all.add(item, quantity);
            by_region.push(BillUsage { region: region.clone(), item, quantity });
        }
    }
    let hours = of_month.hours();
    let (lines, total_micro_dollars) = all.charge(&prices, hours);
    Ok(Bill {
        month: Some(of_month.to_string()),
        account_id: Some(account.to_string()),
        hours,
        lines,
        usage: by_region,
        total_micro_dollars,
    })
}

fn add_life(usage: &mut Usage, region: &str, life: &Life, month: Month, now: Timestamp, prices: &Prices) {
    let quantities = usage.entry(region.to_string()).or_default();
    quantities.add(BillItem::Keys, life.key_hours(month, now));
    quantities.add(BillItem::Rotations, life.rotation_hours(month, now, prices.charged_rotations));
}

/// The keys that are there.
fn add_keys(
    transaction: &mut Transaction<'_>,
    account: &AccountId,
    month: Month,
    prices: &Prices,
    usage: &mut Usage,
) -> Result<()> {
    let now = transaction.now();
    let of_account = |key: &KeyRecord| key.account == *account;
    each(transaction, KEYS, None, of_account, |transaction, _, key| {
        let dates = rotations(transaction, key)?;
        if let Some(life) = Life::of(key, dates) {
            add_life(usage, key.region.as_str(), &life, month, now, prices);
        }
        Ok(())
    })
}

/// Does something with each record under a prefix that is kept, page by page.
fn each<T: DeserializeOwned>(
    transaction: &mut Transaction<'_>,
    prefix: &str,
    mut after: Option<String>,
    keep: impl Fn(&T) -> bool,
    mut work: impl FnMut(&mut Transaction<'_>, &RecordName, &T) -> Result<()>,
) -> Result<()> {
    loop {
        let page = transaction.list(prefix, after.as_deref(), PAGE, &keep)?;
        for (name, record) in &page {
            work(transaction, name, record)?;
        }
        if page.len() < PAGE {
            return Ok(());
        }
        after = page.last().map(|(name, _)| name.as_str().to_string());
    }
}

/// When a key was rotated first, and for the second time.
pub(crate) fn rotations(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Vec<Timestamp>> {
    let mut dates = Vec::new();
    // How many a multi-Region key has stands elsewhere: they are looked for.
    let materials = if key.shares_material() { u32::MAX } else { key.materials };
    for number in 1..materials.min(ROTATIONS + 1) {
        let name = RecordName::rotation(&key.material_place(), &key.id, number);
        if let Some(rotation) = unless_damaged(transaction.peek::<RotationRecord>(name))?.flatten() {
            dates.push(rotation.date);
        }
    }
    Ok(dates)
}

/// The keys that are gone, and were still charged in the month or later.
fn add_deleted_keys(
    transaction: &mut Transaction<'_>,
    account: &AccountId,
    month: Month,
    prices: &Prices,
    usage: &mut Usage,
) -> Result<()> {
    let now = transaction.now();
    let prefix = RecordName::deleted_keys_of(account);
    // What comes before the month in the order of the names ended before it.
    let after = Some([&*prefix, &*month.to_string()].concat());
    each(
        transaction,
        &prefix,
        after,
        |_: &DeletedKeyRecord| true,
        |_, name, key| {
            let region = name.after(&prefix).and_then(|rest| rest.split('/').nth(1)).unwrap_or_default();
            if region.parse::<Region>().is_ok() {
                add_life(usage, region, &Life::of_deleted(key), month, now, prices);
            }
            Ok(())
        },
    )
}

fn add_requests(transaction: &mut Transaction<'_>, account: &AccountId, month: Month, usage: &mut Usage) -> Result<()> {
    let counted = transaction.get::<Requests>(RecordName::requests(account, &month.to_string()))?;
    for (region, items) in counted.iter().flat_map(|counted| &counted.requests) {
        let quantities = usage.entry(region.clone()).or_default();
        for item in BillItem::ALL {
            quantities.add(*item, items.get(item.as_str()).copied().unwrap_or(0));
        }
    }
    Ok(())
}
