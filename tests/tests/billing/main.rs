//! What the use of a vault costs, and when its keys were last used: both come of what is counted of the audit trail.

mod bills;
mod counting;
mod estimates;
mod last_usage;

use pocketkms::{
    ErrorKind, ManualClock, Result, Timestamp,
    api::{Bill, BillItem, BillRequest},
};
use pocketkms_tests::vault::{Opened, START, error};

/// So many hours after the month began that every test begins in: November 2023, which has 720.
const HOURS_BEFORE: i64 = (13 * 24) + 22;

fn hour(number: i64) -> Timestamp {
    const HOUR: i64 = 3_600_000;
    Timestamp::from_millis(START.as_millis() / HOUR * HOUR + (number - HOURS_BEFORE) * HOUR)
}

fn bill_of(vault: &Opened, month: &str) -> Bill {
    vault.vault.bill(&BillRequest { month: month.into(), ..Default::default() }).expect("a bill")
}

/// The bill of November, asked when it is over.
fn november(vault: &Opened, clock: &ManualClock) -> Bill {
    clock.set(hour(720).max(pocketkms::Clock::now(clock)));
    bill_of(vault, "2023-11")
}

fn quantity(bill: &Bill, item: BillItem) -> u64 {
    bill.lines.iter().find(|line| line.item == item).map_or(0, |line| line.quantity)
}

fn amount(bill: &Bill, item: BillItem) -> u64 {
    bill.lines.iter().find(|line| line.item == item).map_or(0, |line| line.micro_dollars)
}

#[track_caller]
fn refused<T>(result: Result<T>, kind: ErrorKind) {
    assert_eq!(error(result).kind(), kind);
}
