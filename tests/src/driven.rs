//! A vault over a store that has to be waited for: each operation in steps, which forgets what it fetched as often as it may.

use pocketkms::{
    Result, RootKey, Store, Vault, VaultBuilder,
    steps::{Fetched, Step, Steps},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What drives operations over a store.
#[derive(Clone)]
pub struct Driver {
    /// What was fetched.
    pub fetched: Fetched,
    store: Arc<dyn Store>,
    reads: Arc<AtomicUsize>,
    /// Whether something is kept from one operation to the next.
    lease: bool,
}

impl Driver {
    /// Over a store. Without a lease each operation fetches all that it needs.
    pub fn new(store: impl Store + 'static, lease: bool) -> Self {
        Self { fetched: Fetched::new(), store: Arc::new(store), reads: Arc::default(), lease }
    }

    /// Makes a vault.
    pub fn create(&self, builder: VaultBuilder, root: &RootKey) -> Result<Vault> {
        let mut opening = builder.over(&self.fetched);
        self.run(|| opening.create(root))
    }

    /// Opens a vault.
    pub fn open(&self, builder: VaultBuilder, root: &RootKey) -> Result<Vault> {
        let mut opening = builder.over(&self.fetched);
        self.run(|| opening.open(root))
    }

    /// Carries out an operation.
    pub fn run<T>(&self, operation: impl FnMut() -> Result<T>) -> Result<T> {
        if !self.lease {
            self.fetched.forget();
        }
        self.go_on(&mut Steps::new(), operation)
    }

    /// Goes on with an operation that lacked something, until it is done or lacks something else.
    pub fn go_on<T>(&self, steps: &mut Steps, mut operation: impl FnMut() -> Result<T>) -> Result<T> {
        loop {
            match self.step(steps, &mut operation) {
                Step::Done(answer) => return answer,
                Step::Commit(changes) => self.fetched.committed(steps, self.store.commit(changes)),
                Step::Read(_) => {}
            }
        }
    }

    /// Takes an operation one step further, and reads what it needs.
    pub fn step<T>(&self, steps: &mut Steps, operation: impl FnMut() -> Result<T>) -> Step<Result<T>> {
        let step = self.fetched.step(steps, operation);
        if let Step::Read(wanted) = &step {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let found = wanted.iter().map(|wanted| wanted.clone().read(&*self.store)).collect();
            self.fetched.found(steps, found);
        }
        step
    }

    /// How often something was read so far.
    pub fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}
