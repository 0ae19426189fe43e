//! Sources of randomness that are known beforehand, or fail.

use pocketkms::{EntropyError, Provider, Random};
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The operating system's randomness, until it fails.
///
/// Clones share the plan, so keep one to say when.
#[derive(Clone, Default)]
pub struct Failing(Arc<Plan>);

#[derive(Default)]
struct Plan {
    calls: AtomicUsize,
    failure: Mutex<Option<Failure>>,
}

/// When randomness fails, in calls from the moment it was set so, counted from 0.
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    /// Once.
    At(usize),
    /// Then, and at every later call.
    From(usize),
}

impl Failing {
    /// One that works until it is set to fail.
    pub fn new() -> Self {
        Self::default()
    }

    /// The primitives with this source.
    pub fn provider(&self) -> Provider {
        Provider::rust_crypto(Arc::new(self.clone()))
    }

    /// Fails then; or never any more.
    pub fn plan(&self, failure: Option<Failure>) {
        *self.0.failure.lock().expect("no test panics in here") = failure;
        self.0.calls.store(0, Ordering::SeqCst);
    }

    /// Works during a call that is not the one under test, and does not count it.
    pub fn spare<T>(&self, call: impl FnOnce() -> T) -> T {
        let failure = self.0.failure.lock().expect("no test panics in here").take();
        let result = call();
        self.plan(failure);
        result
    }

    /// How often it was asked since it was last set.
    pub fn calls(&self) -> usize {
        self.0.calls.load(Ordering::SeqCst)
    }
}

impl Random for Failing {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        let call = self.0.calls.fetch_add(1, Ordering::SeqCst);
        let failure = *self.0.failure.lock().expect("no test panics in here");
        if failure.is_some_and(|failure| match failure {
            Failure::At(at) => call == at,
            Failure::From(first) => call >= first,
        }) {
            return Err(EntropyError);
        }
        pocketkms::OsRandom.fill(bytes)
    }
}

/// Bytes that follow from a seed and a number alone, so that two processes can know the same secret without sending it
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

/// The bytes of a script, and then the operating system's.
///
/// Each draw that the script is for must be as long as was written down.
#[derive(Clone, Debug)]
pub struct Scripted(Arc<Mutex<VecDeque<Vec<u8>>>>);

impl Scripted {
    /// One for these draws.
    pub fn new(draws: impl IntoIterator<Item = Vec<u8>>) -> Self {
        Self(Arc::new(Mutex::new(draws.into_iter().collect())))
    }

    /// The primitives with this source.
    pub fn provider(&self) -> Provider {
        Provider::rust_crypto(Arc::new(self.clone()))
    }
}

impl Random for Scripted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyError> {
        match self.0.lock().expect("no test panics in here").pop_front() {
            Some(draw) if draw.len() == bytes.len() => bytes.copy_from_slice(&draw),
            Some(_) => return Err(EntropyError),
            None => pocketkms::OsRandom.fill(bytes)?,
        }
        Ok(())
    }
}
