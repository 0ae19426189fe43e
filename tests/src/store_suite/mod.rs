//! What every store must do, whatever it is built on. A test of a store is this:
//!
//! ```
//! use pocketkms_tests::{store::Shared, store_suite::{self, Fixture}};
//!
//! struct Memory(Shared);
//!
//! impl Fixture for Memory {
//!     fn open(&self) -> Box<dyn pocketkms::Store> {
//!         Box::new(self.0.clone())
//!     }
//! }
//!
//! store_suite::records(|| Box::new(Memory(Shared::new())));
//! ```

mod faults;
mod freshness;
mod order;
mod revisions;
mod together;

pub use faults::sight;

use pocketkms::{Change, Effect, Record, Sealed, Store};

/// An empty place for records, and handles on it.
pub trait Fixture: Send + Sync {
    /// A handle on the place, as another process would open it. Those that were opened before go on.
    fn open(&self) -> Box<dyn Store>;
}

/// A case of the suite, and what it is called where it fails.
type Case = (&'static str, fn(&dyn Fixture));

/// All that is asked of a store.
pub fn run(new: impl Fn() -> Box<dyn Fixture>) {
    records(&new);
    vaults(&new);
}

/// What the trait says of records, without a vault.
pub fn records(new: impl Fn() -> Box<dyn Fixture>) {
    each([revisions::CASES, order::CASES, together::CASES].concat(), new);
}

/// What a vault in the store must outlast.
pub fn vaults(new: impl Fn() -> Box<dyn Fixture>) {
    each([faults::CASES, freshness::CASES].concat(), new);
}

fn each(cases: Vec<Case>, new: impl Fn() -> Box<dyn Fixture>) {
    for (name, case) in cases {
        println!("store suite: {name}");
        case(&*new());
    }
}

/// A change that writes a record.
fn put(name: &str, expected: Option<u64>, value: &[u8]) -> Change {
    Change { name: name.into(), expected, effect: Effect::Put(Sealed::from_stored(value)) }
}

/// A change that expects a record and leaves it.
fn keep(name: &str, expected: Option<u64>) -> Change {
    Change { name: name.into(), expected, effect: Effect::Keep }
}

/// A change that removes a record.
fn delete(name: &str, expected: Option<u64>) -> Change {
    Change { name: name.into(), expected, effect: Effect::Delete }
}

/// All records of a store.
fn all(store: &dyn Store) -> Vec<Record> {
    store.scan("", None, 10_000).unwrap()
}

/// Name, revision and value of each.
fn contents(records: &[Record]) -> Vec<(&str, u64, &[u8])> {
    records.iter().map(|record| (&*record.name, record.revision, record.value.as_bytes())).collect()
}
