//! Whether anyone is kept from writing a vault.

use pocketkms::{Change, CommitError, Kms, Record, Store, StoreError, api::CreateKeyRequest};
use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// How long another writer may take before it counts as kept from writing: for ever, as far as a test is concerned.
const LONG: Duration = Duration::from_secs(60);

/// A store that knows whether it is reserved for one writer.
#[derive(Clone)]
pub struct Reservable {
    store: Arc<dyn Store>,
    is_reserved: Arc<AtomicBool>,
}

impl Reservable {
    /// Around a store.
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), is_reserved: Arc::default() }
    }
}

impl Store for Reservable {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.store.commit(changes)
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    fn reserve(&self) -> Result<(), StoreError> {
        self.is_reserved.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn release(&self) {
        self.is_reserved.store(false, Ordering::SeqCst);
    }
}

/// What is outside of a vault and is called by it: at each call another thread makes a key, which nobody keeps it from.
#[derive(Clone)]
pub struct Bystander {
    is_reserved: Arc<AtomicBool>,
    kms: Arc<OnceLock<Kms>>,
    calls: Arc<AtomicUsize>,
}

impl Bystander {
    /// One that knows the vault's store.
    pub fn of(store: &Reservable) -> Self {
        Self { is_reserved: Arc::clone(&store.is_reserved), kms: Arc::default(), calls: Arc::default() }
    }

    /// From now on it writes by that client.
    pub fn begin(&self, kms: &Kms) {
        assert!(self.kms.set(kms.clone()).is_ok(), "it has a client");
    }

    /// How often it has written since the last time.
    pub fn writes(&self) -> usize {
        self.calls.swap(0, Ordering::SeqCst)
    }

    /// To be called at each call.
    ///
    /// # Panics
    /// If anyone keeps it from writing.
    pub fn write(&self) {
        let Some(kms) = self.kms.get().cloned() else { return };
        assert!(!self.is_reserved.load(Ordering::SeqCst), "the store is reserved while somebody outside is asked");
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || done.send(kms.create_key(CreateKeyRequest::default()).is_ok()));
        assert_eq!(
            is_done.recv_timeout(LONG),
            Ok(true),
            "others are kept from writing while somebody outside is asked"
        );
        self.calls.fetch_add(1, Ordering::SeqCst);
    }
}
