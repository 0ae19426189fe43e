//! Stores that can be looked into, tampered with, and made to fail.

use pocketkms::{Change, CommitError, MemoryStore, Record, Sealed, Store, StoreError};
use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A store in memory that several vaults can share, and a test can look into.
#[derive(Clone, Default)]
pub struct Shared {
    records: Arc<Mutex<Arc<MemoryStore>>>,
    volatile: bool,
}

impl Shared {
    /// An empty store, as a database is one: what was committed is there for good.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store of a vault that lives in its snapshots.
    pub fn volatile() -> Self {
        Self { volatile: true, ..Self::default() }
    }

    /// Everything that is in it, in the order of the names.
    pub fn records(&self) -> Vec<Record> {
        self.scan("", None, usize::MAX).expect("memory does not fail")
    }

    /// The names of all records but those of the audit trail, which each commit adds to, and what deleted keys are charged for.
    pub fn names(&self) -> Vec<String> {
        let names = self.records().into_iter().map(|record| record.name);
        names.filter(|name| !name.starts_with("audit/") && !name.starts_with("deleted-key/")).collect()
    }

    /// All records but those that each commit writes: the generation and the audit trail.
    pub fn kept(&self) -> Vec<Record> {
        let is_kept = |record: &Record| record.name != "generation" && !record.name.starts_with("audit/");
        self.records().into_iter().filter(is_kept).collect()
    }

    /// The names of the audit trail's records.
    pub fn entries(&self) -> Vec<String> {
        self.records().into_iter().map(|record| record.name).filter(|name| name.starts_with("audit/")).collect()
    }

    /// Puts other records in place of all, as someone with access to the database could.
    pub fn replace(&self, records: Vec<Record>) {
        *self.lock() = Arc::new(records.into_iter().collect());
    }

    /// Changes one record behind the vault's back.
    pub fn tamper(&self, name: &str, change: impl FnOnce(&mut Record)) {
        let mut records = self.records();
        change(records.iter_mut().find(|record| record.name == name).expect("a record of that name"));
        self.replace(records);
    }

    /// Changes the bytes of one record behind the vault's back.
    pub fn tamper_bytes(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        self.tamper(name, |record| {
            let mut bytes = record.value.as_bytes().to_vec();
            change(&mut bytes);
            record.value = Sealed::from_stored(&bytes);
        });
    }

    /// A store of its own with the same records.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self { volatile: self.volatile, ..Self::default() };
        copy.replace(self.records());
        copy
    }

    fn lock(&self) -> MutexGuard<'_, Arc<MemoryStore>> {
        self.records.lock().expect("no test panics in here")
    }

    fn store(&self) -> Arc<MemoryStore> {
        Arc::clone(&self.lock())
    }
}

impl Store for Shared {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store().get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store().scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.store().commit(changes)
    }

    fn is_durable(&self) -> bool {
        !self.volatile
    }
}

/// A store that counts what is asked of it, whatever becomes of it. Clones share the counts.
#[derive(Clone)]
pub struct Counted {
    store: Arc<dyn Store>,
    counts: Arc<[AtomicUsize; 3]>,
}

impl Default for Counted {
    fn default() -> Self {
        Self::new(Shared::new())
    }
}

impl Counted {
    /// Around a store.
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), counts: Arc::default() }
    }

    /// How many commits there were so far.
    pub fn commits(&self) -> usize {
        self.counts[0].load(Ordering::SeqCst)
    }

    /// How often records were read.
    pub fn reads(&self) -> usize {
        self.counts[1].load(Ordering::SeqCst)
    }

    /// How often the generation was asked for.
    pub fn looks(&self) -> usize {
        self.counts[2].load(Ordering::SeqCst)
    }

    fn count(&self, what: usize) {
        self.counts[what].fetch_add(1, Ordering::SeqCst);
    }
}

impl Store for Counted {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.count(1);
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.count(1);
        self.store.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.count(0);
        self.store.commit(changes)
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    fn generation(&self) -> Result<u64, StoreError> {
        self.count(2);
        self.store.generation()
    }

    fn lease(&self) -> Duration {
        self.store.lease()
    }
}

/// A store with a lease.
pub struct Leased {
    /// The store itself.
    pub store: Box<dyn Store>,
    /// Its lease.
    pub lease: Duration,
}

impl Store for Leased {
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

    fn generation(&self) -> Result<u64, StoreError> {
        self.store.generation()
    }

    fn lease(&self) -> Duration {
        self.lease
    }
}

/// A store in which something happens between two steps of an operation, as another process could make it happen.
#[derive(Clone, Default)]
pub struct Interposed {
    store: Shared,
    event: Arc<Mutex<Option<Event>>>,
}

type Event = (Moment, Box<dyn FnOnce() + Send>);

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Everything is read, nothing is written yet.
    BeforeCommit,
    /// The first record of a range was looked for, and the answer is on its way.
    AfterLook,
}

impl Interposed {
    /// Around a store; nothing happens yet.
    pub fn new(store: Shared) -> Self {
        Self { store, event: Arc::default() }
    }

    /// Happens once, at the next such moment.
    pub fn at(&self, moment: Moment, event: impl FnOnce() + Send + 'static) {
        *self.event.lock().expect("no test panics in here") = Some((moment, Box::new(event)));
    }

    fn passes(&self, moment: Moment) {
        let event = self.event.lock().expect("no test panics in here").take_if(|(at, _)| *at == moment);
        if let Some((_, event)) = event {
            event();
        }
    }
}

impl Store for Interposed {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.store.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let seen = self.store.scan(prefix, after, limit);
        if limit == 1 {
            self.passes(Moment::AfterLook);
        }
        seen
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.passes(Moment::BeforeCommit);
        self.store.commit(changes)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The commit is refused; nothing was changed.
    CommitRefused,
    /// The commit happens, but the answer is lost on the way, and the store says that it does not know.
    AnswerLost,
    /// Once, the commit is lost on the way, and the store says that it does not know.
    RequestLost,
    /// Once, the commit meets a change by another.
    Conflict,
    /// Every commit meets one.
    ConflictAlways,
    /// Once, the commit happens, and the driver, which did not hear of it, repeats it and meets its own change. Then a record
    /// cannot be read.
    RepeatedThenGetFails,
    /// The same, and no record can be read any more.
    RepeatedThenSilent,
    /// A single record cannot be read.
    GetFails,
    /// A range of records cannot be read.
    ScanFails,
}

impl Fault {
    /// Those that a vault gets over when its call is made again.
    pub const ONCE: [Self; 6] =
        [Self::CommitRefused, Self::AnswerLost, Self::RequestLost, Self::Conflict, Self::GetFails, Self::ScanFails];
}

/// A store that fails on request. Clones share the plan.
#[derive(Clone)]
pub struct Faulty {
    store: Arc<dyn Store>,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    fault: Option<Fault>,
    /// How many calls of the kind that fails still go well.
    spared: usize,
    happened: bool,
    /// How many records cannot be read.
    gets_failing: usize,
}

impl Faulty {
    /// Around a store; nothing fails yet.
    pub fn new(store: impl Store + 'static) -> Self {
        Self { store: Arc::new(store), plan: Arc::default() }
    }

    /// The fault happens after `spared` calls of its kind.
    pub fn plan(&self, fault: Fault, spared: usize) {
        *self.lock() = Plan { fault: Some(fault), spared, ..Plan::default() };
    }

    /// Nothing fails any more. Says whether anything did.
    pub fn recover(&self) -> bool {
        std::mem::take(&mut *self.lock()).happened
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().expect("no test panics in here")
    }

    /// The fault, if it is one of these and its time has come.
    fn strikes(&self, kinds: &[Fault]) -> Option<Fault> {
        let mut plan = self.lock();
        let fault = plan.fault.filter(|fault| kinds.contains(fault))?;
        if plan.spared > 0 {
            plan.spared -= 1;
            return None;
        }
        plan.happened = true;
        if matches!(fault, Fault::Conflict | Fault::RequestLost) {
            plan.fault = None;
        }
        Some(fault)
    }
}

/// What a store that fails says.
pub const OUT_OF_ORDER: &str = "the disk is on fire";

fn out_of_order() -> StoreError {
    StoreError::other(OUT_OF_ORDER)
}

impl Store for Faulty {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        let mut plan = self.lock();
        if plan.gets_failing > 0 {
            plan.gets_failing -= 1;
            return Err(out_of_order());
        }
        drop(plan);
        self.strikes(&[Fault::GetFails]).map_or_else(|| self.store.get(name), |_| Err(out_of_order()))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let scan = || self.store.scan(prefix, after, limit);
        self.strikes(&[Fault::ScanFails]).map_or_else(scan, |_| Err(out_of_order()))
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let kinds = [
            Fault::CommitRefused,
            Fault::AnswerLost,
            Fault::RequestLost,
            Fault::Conflict,
            Fault::ConflictAlways,
            Fault::RepeatedThenGetFails,
            Fault::RepeatedThenSilent,
        ];
        match self.strikes(&kinds) {
            Some(Fault::Conflict | Fault::ConflictAlways) => Err(CommitError::Conflict),
            Some(Fault::AnswerLost) => {
                self.store.commit(changes)?;
                Err(CommitError::Unknown(out_of_order()))
            }
            Some(fault @ (Fault::RepeatedThenGetFails | Fault::RepeatedThenSilent)) => {
                self.store.commit(changes)?;
                let is_once = fault == Fault::RepeatedThenGetFails;
                *self.lock() =
                    Plan { happened: true, gets_failing: if is_once { 1 } else { usize::MAX }, ..Plan::default() };
                Err(CommitError::Conflict)
            }
            Some(Fault::RequestLost) => Err(CommitError::Unknown(out_of_order())),
            Some(_) => Err(CommitError::Failed(out_of_order())),
            None => self.store.commit(changes),
        }
    }

    fn is_durable(&self) -> bool {
        self.store.is_durable()
    }

    fn lease(&self) -> Duration {
        self.store.lease()
    }
}
