//! The stores in memory, by the suite of all stores.

use pocketkms::Store;
use pocketkms_tests::{
    store::Shared,
    store_suite::{self, Fixture},
};

struct Memory(Shared);

impl Fixture for Memory {
    fn open(&self) -> Box<dyn Store> {
        Box::new(self.0.clone())
    }
}

#[test]
fn a_store_in_memory_does_what_every_store_must() {
    store_suite::run(|| Box::new(Memory(Shared::new())));
    store_suite::run(|| Box::new(Memory(Shared::volatile())));
}
