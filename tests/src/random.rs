//! Sources of randomness that are known beforehand, or fail.

use pocketkms::{EntropyError, Provider, Random};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// The operating system's randomness, until it fails.
///
/// Clones share the count, so keep one to say when.
#[derive(Clone, Default)]
pub struct Failing(Arc<Count>);

struct Count {
    calls: AtomicUsize,
    fails_at: AtomicUsize,
}

impl Default for Count {
    fn default() -> Self {
        Self { calls: AtomicUsize::new(0), fails_at: AtomicUsize::new(usize::MAX) }
    }
}

impl Failing {
    /// One that works until it is told to fail.
    pub fn new() -> Self {
        Self::default()
    }

    /// The primitives with this source.
    pub fn provider(&self) -> Provider {
        Provider::rust_crypto(Arc::new(self.clone()))
    }

    /// Fails at the call number `nth` from now on, counted from 0, and at every later one.
    pub fn fail_at(&self, nth: usize) {
        self.0.calls.store(0, Ordering::SeqCst);
        self.0.fails_at.store(nth, Ordering::SeqCst);
    }

    /// Works again.
    pub fn recover(&self) {
        self.fail_at(usize::MAX);
    }

    /// Works during a call that is not the one under test, and does not count it.
    pub fn recover_for<T>(&self, call: impl FnOnce() -> T) -> T {
        let fails_at = self.0.fails_at.swap(usize::MAX, Ordering::SeqCst);
        let result = call();
        self.fail_at(fails_at);
        result
    }

    /// How often it was asked since it was last told anything.
    pub fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }
}

impl Random for Failing {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        if self.0.calls.fetch_add(1, Ordering::SeqCst) >= self.0.fails_at.load(Ordering::SeqCst) {
            return Err(EntropyError);
        }
        pocketkms::OsRandom.fill(bytes)
    }
}

/// Bytes that follow from a seed and a number alone, so that two processes can know the same secret without telling it
/// to each other, and without either having it in its memory before it is used.
pub fn replay(seed: u64, number: u64, bytes: &mut [u8]) {
    for (position, byte) in (0_u64..).zip(bytes) {
        // SplitMix64, whose every output looks like chance; one byte of it is enough.
        let mut mixed = seed
            .wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_add(position.wrapping_mul(0xd1b5_4a32_d192_ed03));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        *byte = mixed.to_be_bytes()[0];
    }
}
