//! From quantities to amounts.

use super::prices::{Price, Prices};
use crate::api::{BillItem, BillLine};
use alloc::{collections::BTreeMap, vec::Vec};

/// How much there was of each item.
#[derive(Default)]
pub(super) struct Quantities(BTreeMap<&'static str, u64>);

impl Quantities {
    pub(super) fn add(&mut self, item: BillItem, quantity: u64) {
        let sum = self.0.entry(item.as_str()).or_default();
        *sum = sum.saturating_add(quantity);
    }

    fn of(&self, item: BillItem) -> u64 {
        self.0.get(item.as_str()).copied().unwrap_or(0)
    }

    /// The items that there were any of, in the order of a bill.
    pub(super) fn items(&self) -> impl Iterator<Item = (BillItem, u64)> {
        BillItem::ALL.iter().map(|item| (*item, self.of(*item))).filter(|(_, quantity)| *quantity > 0)
    }

    /// The lines of a bill, and its sum in micro-dollars.
    pub(super) fn charge(&self, prices: &Prices, hours: u32) -> (Vec<BillLine>, u64) {
        let hours = u128::from(hours.max(1));
        let mut sum = 0_u128;
        let mut lines = Vec::new();
        for (item, quantity) in self.items() {
            let charged = quantity.saturating_sub(prices.free(item));
            // In micro-dollars times the hours of the month, so that nothing is rounded yet.
            let exact = match prices.price(item) {
                Price::Month(price) => u128::from(price).saturating_mul(u128::from(charged)),
                Price::Each(price) => u128::from(price).saturating_mul(u128::from(charged)).saturating_mul(hours),
            };
            sum = sum.saturating_add(exact);
            lines.push(BillLine { item, quantity, charged, micro_dollars: rounded(exact, hours) });
        }
        (lines, rounded(sum, hours))
    }
}

/// A quotient, rounded half up.
fn rounded(exact: u128, hours: u128) -> u64 {
    u64::try_from(exact.saturating_add(hours / 2) / hours).unwrap_or(u64::MAX)
}
