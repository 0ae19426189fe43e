//! The store of a host that must wait for its own: a database of the browser, which answers by events.
//!
//! The core computes at once, or not at all. So an operation runs over what the host has [`Fetched`]: where something is missing, the
//! run is given up, the host fetches it, and the operation runs again from its beginning. Nothing of an answer is seen before its
//! changes are stored, and so nothing is lost by that. When it comes to a commit, the answer and the changes are put aside
//! (`store/parked.rs`) until the host has made it. All rules are those of any other store, since it is the same code.

mod journal;
mod steps;
mod view;

pub use steps::{ReadRequest, Step, Steps};

use super::{Change, CommitError, Record, Store, StoreError, answers::Outside, generation::CommitId, name::GENERATION};
use crate::{
    audit::Shown,
    error::{Error, ErrorKind, Result},
    sync::{Queue, RwLock},
};
use alloc::{boxed::Box, string::ToString, sync::Arc, vec::Vec};
use core::any::{Any, TypeId};
use journal::Answer;
use steps::Mode;
use view::View;

/// What a host has fetched of a store that it must wait for: the store of a vault that is driven in [`Steps`]. Clones are the same.
///
/// ```
/// use pocketkms::{MemoryStore, RootKey, Store, Vault, api::CreateKeyRequest, steps::*};
///
/// // In place of it: a store that answers later.
/// let store = MemoryStore::new();
/// let drive = |steps: &mut Steps, fetched: &Fetched, step: Step<()>| match step {
///     Step::Read(wanted) => fetched.found(steps, wanted.into_iter().map(|wanted| wanted.read(&store)).collect()),
///     Step::Commit(changes) => fetched.committed(steps, store.commit(changes)),
///     Step::Done(()) => {}
/// };
///
/// let fetched = Fetched::new();
/// let root = RootKey::from_bytes(&[7; 32])?;
/// let mut opening = Vault::builder().over(&fetched);
/// let mut steps = Steps::new();
/// let vault = loop {
///     match fetched.step(&mut steps, || opening.create(&root)).split() {
///         Ok(vault) => break vault?,
///         Err(step) => drive(&mut steps, &fetched, step),
///     }
/// };
///
/// let kms = vault.client();
/// let mut steps = Steps::new();
/// let key = loop {
///     match fetched.step(&mut steps, || kms.create_key(CreateKeyRequest::default())).split() {
///         Ok(key) => break key?,
///         Err(step) => drive(&mut steps, &fetched, step),
///     }
/// };
/// // It is in the store.
/// let other = Vault::builder().open(store, &root)?;
/// assert_eq!(other.client().list_keys(Default::default())?.keys[0].key_id, key.key_metadata.key_id);
/// # Ok::<(), pocketkms::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Fetched(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: RwLock<State>,
    /// Who is to be shown events when the run is over.
    shown: RwLock<Vec<Arc<Shown>>>,
    /// Operations run one after the other, and may be under way beside each other.
    runs: Queue,
}

#[derive(Default)]
struct State {
    view: View,
    /// Those of the operation that runs.
    steps: Option<Steps>,
}

impl Fetched {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the record `generation` as the store has it now. Unless it is as before, all that was fetched is forgotten. A host
    /// calls this before an operation when its last look is longer ago than its lease, which is at most a second, and when it
    /// hears that another process changed something.
    pub fn check(&self, generation: Option<Record>) {
        self.0.state.write().view.put(GENERATION.to_string(), generation);
    }

    /// Forgets all that was fetched.
    pub fn forget(&self) {
        self.0.state.write().view.clear();
    }

    /// Runs an operation as far as it gets. Until it is done, the host does what the step says, and runs the same operation again.
    pub fn step<T>(&self, steps: &mut Steps, mut operation: impl FnMut() -> Result<T>) -> Step<Result<T>> {
        let turn = self.0.runs.wait();
        let result = loop {
            self.begin(steps);
            let result = operation();
            match self.end_run(steps) {
                Step::Done(true) => break result,
                Step::Done(false) => {}
                Step::Read(wanted) => return Step::Read(wanted),
                Step::Commit(changes) => return Step::Commit(changes),
            }
        };
        // A sink may run operations of its own.
        drop(turn);
        self.show();
        Step::Done(result)
    }

    /// Begins to run an operation, for a host that cannot hand over a closure; what it does until [`end`](Self::end) is that operation.
    pub fn begin(&self, steps: &mut Steps) {
        steps.begin_run();
        let former = self.0.state.write().steps.replace(core::mem::take(steps));
        // Of a run that was not ended; not under the lock, since what it made elsewhere goes with it.
        drop(former);
    }

    /// Ends a run. Only after `Done(true)` its result counts; after `Done(false)` the operation is run again at once.
    pub fn end(&self, steps: &mut Steps) -> Step<bool> {
        let step = self.end_run(steps);
        if matches!(step, Step::Done(true)) {
            self.show();
        }
        step
    }

    fn end_run(&self, steps: &mut Steps) -> Step<bool> {
        let mut state = self.0.state.write();
        *steps = state.steps.take().unwrap_or_default();
        if let Some(changes) = steps.outgoing.take() {
            return Step::Commit(changes);
        }
        if !steps.wanted.is_empty() {
            // What is fetched now is no older than this.
            if !state.view.has_generation() && !steps.wants(GENERATION) {
                steps.wanted.insert(0, ReadRequest::Record(GENERATION.to_string()));
            }
            return Step::Read(core::mem::take(&mut steps.wanted));
        }
        if core::mem::take(&mut steps.again) {
            return Step::Done(false);
        }
        state.view.shrink();
        Step::Done(true)
    }

    /// Takes what the host read. Where reading failed, the operation fails with that when it needs it.
    pub fn found(&self, steps: &mut Steps, found: Vec<(ReadRequest, Result<Vec<Record>, StoreError>)>) {
        let mut state = self.0.state.write();
        for (wanted, records) in found {
            match (wanted, records) {
                (ReadRequest::Record(name), records) if steps.asked.as_ref() == Some(&name) => {
                    let record = records.map(|records| records.into_iter().next());
                    if let Ok(record) = &record {
                        state.view.put(name.clone(), record.clone());
                    }
                    steps.journal.push(Answer::Record(name, record.map_err(Into::into)));
                }
                (ReadRequest::Record(name), Ok(records)) => state.view.put(name, records.into_iter().next()),
                (ReadRequest::Scan { prefix, after, limit }, Ok(records)) => {
                    state.view.put_scan((prefix, after, limit), records);
                }
                (_, Err(error)) => steps.read_failure = Some(error.into()),
            }
        }
    }

    /// Takes what became of the commit.
    pub fn committed(&self, steps: &mut Steps, result: Result<(), CommitError>) {
        if let (Ok(()), Some(changes)) = (&result, steps.committing.take()) {
            self.0.state.write().view.apply(&changes);
        }
        steps.journal.push(Answer::Commit(result.map_err(Into::into)));
    }
}

/// The vault's side.
impl Fetched {
    /// Has events shown when the run is over.
    pub(in crate::store) fn show_later(&self, shown: &Arc<Shown>) {
        self.0.shown.write().push(Arc::clone(shown));
    }

    fn show(&self) {
        let shown = core::mem::take(&mut *self.0.shown.write());
        for shown in &shown {
            shown.show();
        }
    }

    /// Works with the steps of the operation that runs.
    fn with<T>(&self, work: impl FnOnce(&mut Steps, &mut View) -> T) -> Option<T> {
        let State { view, steps } = &mut *self.0.state.write();
        steps.as_mut().map(|steps| work(steps, view))
    }

    /// Runs what makes a commit, from the answers that it had so far; nothing where it asked for the next.
    pub(in crate::store) fn journaled<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
        let begun = self.with(|steps, _| steps.begin_commit());
        if begun != Some(true) {
            return Ok(None);
        }
        let result = work();
        if self.with(|steps, _| steps.end_commit()) == Some(true) {
            return Ok(None);
        }
        result.map(Some)
    }

    /// Puts an answer aside until its changes are made; not where another is, or the run is to be given up. With the error that ends the
    /// run.
    pub(in crate::store) fn park(&self, parked: impl Any + Send + Sync) -> Error {
        let ended = self.with(|steps, _| {
            if steps.parked.is_none() && steps.wanted.is_empty() {
                steps.parked = Some(Box::new(parked));
                steps.again = true;
            }
        });
        ended.map_or_else(|| not_driven().into(), |()| waiting())
    }

    /// Whether the run is to be given up, whatever it came to.
    pub(crate) fn is_waiting(&self) -> bool {
        self.with(|steps, _| !steps.wanted.is_empty() || steps.outgoing.is_some() || steps.again).unwrap_or(false)
    }

    pub(in crate::store) fn put_back(&self, parked: impl Any + Send + Sync) {
        self.with(|steps, _| steps.parked = Some(Box::new(parked)));
    }

    pub(in crate::store) fn take_parked<T: Any>(&self) -> Option<Box<T>> {
        self.with(|steps, _| steps.parked.take())??.downcast().ok()
    }

    /// Others came between. Says whether it is to be tried again.
    pub(in crate::store) fn conflicts(&self) -> bool {
        let again = self.with(|steps, view| {
            view.clear();
            steps.count_conflict()
        });
        again.unwrap_or(false)
    }

    /// Notes how a caller's commit ended.
    pub(in crate::store) fn conclude(&self, outcome: Result<Box<dyn Any + Send + Sync>>) {
        self.with(|steps, _| {
            steps.answer = Some(outcome);
            steps.again = true;
        });
    }

    /// Notes how a commit of what fell due ended.
    pub(in crate::store) fn conclude_due(&self, outcome: Result<()>) {
        self.with(|steps, _| {
            steps.time_failure = outcome.err();
            steps.again = true;
        });
    }

    /// The answer whose changes are made, or why they could not be made; once.
    pub(in crate::store) fn take_answer(&self, kind: TypeId) -> Option<Result<Box<dyn Any + Send + Sync>>> {
        self.with(|steps, _| match steps.answer.take()? {
            Ok(answer) if (*answer).type_id() == kind => {
                steps.again = false;
                steps.outside.forget();
                Some(Ok(answer))
            }
            Ok(other) => {
                steps.answer = Some(Ok(other));
                None
            }
            Err(error) => {
                steps.again = false;
                Some(Err(error))
            }
        })?
    }

    /// Why what fell due cannot be done, if that was tried.
    pub(in crate::store) fn time_failure(&self) -> Option<Error> {
        self.with(|steps, _| steps.time_failure.as_ref().map(Error::again))?
    }

    /// Works with what the operation has from outside.
    pub(in crate::store) fn with_outside<T>(&self, work: impl FnOnce(&mut Outside) -> T) -> Option<T> {
        self.with(|steps, _| work(&mut steps.outside))
    }

    /// The id of a commit, the same each time that its code runs.
    pub(in crate::store) fn commit_id(&self, draw: impl Fn() -> Result<CommitId>) -> Result<CommitId> {
        self.with(|steps, _| steps.journal.id(&draw)).unwrap_or_else(draw)
    }

    /// How far the operation of several commits is that runs.
    pub(in crate::store) fn take_progress<T: Any + Send + Sync>(&self) -> Option<Box<T>> {
        self.with(|steps, _| steps.progress.take()?.downcast().ok())?
    }

    pub(in crate::store) fn keep_progress<T: Any + Send + Sync>(&self, progress: T) {
        self.with(|steps, _| steps.progress = Some(Box::new(progress)));
    }

    /// The place of the part of an operation that begins.
    pub(in crate::store) fn next_part(&self) -> Option<usize> {
        self.with(|steps, _| steps.next_part())
    }

    /// What a part came to in a run before.
    pub(in crate::store) fn part_done<T: Any + Send + Sync>(&self, place: usize) -> Option<Arc<T>> {
        self.with(|steps, _| steps.part_done(place))??.downcast().ok()
    }

    pub(in crate::store) fn keep_part(&self, place: usize, result: Arc<dyn Any + Send + Sync>) {
        self.with(|steps, _| steps.keep_part(place, result));
    }

    /// Whether something is to be counted now, and was not in a run before.
    pub(in crate::store) fn counts(&self) -> bool {
        self.with(|steps, _| steps.counts()).unwrap_or(true)
    }

    /// Whether it is worth waiting.
    pub(in crate::store) fn pause(&self) -> bool {
        self.with(|steps, _| steps.journal.pause()).unwrap_or(false)
    }
}

impl Store for Fetched {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        let answer = self.with(|steps, view| {
            if steps.mode == Mode::Commit {
                if let Some(answer) = steps.journal.record(name) {
                    return answer;
                }
                // Until something was committed, what was fetched before is as good.
                if let Some(record) = view.get(name).filter(|_| !steps.journal.has_committed()) {
                    steps.journal.push(Answer::Record(name.to_string(), Ok(record.clone())));
                    let _ = steps.journal.record(name);
                    return Ok(record);
                }
                steps.asked = Some(name.to_string()).filter(|_| steps.journal.has_committed());
            } else if let Some(record) = view.get(name) {
                return Ok(record);
            }
            Err(steps.miss(ReadRequest::Record(name.to_string())))
        });
        answer.unwrap_or_else(|| Err(not_driven()))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        let (prefix, after) = (prefix.to_string(), after.map(ToString::to_string));
        let answer = self.with(|steps, view| {
            let scan = (prefix, after, limit);
            view.scan(&scan).ok_or_else(|| {
                let (prefix, after, limit) = scan;
                steps.miss(ReadRequest::Scan { prefix, after, limit })
            })
        });
        answer.unwrap_or_else(|| Err(not_driven()))
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        Change::check_bounds(&changes).map_err(CommitError::Failed)?;
        let answer = self.with(|steps, _| {
            if steps.mode != Mode::Commit {
                return Err(CommitError::Failed(StoreError::other(
                    "this cannot be done in a store that has to be waited for",
                )));
            }
            steps.journal.commit().unwrap_or_else(|| {
                steps.committing = Some(changes.clone());
                steps.outgoing = Some(changes);
                Err(CommitError::Failed(StoreError::other(WAITING)))
            })
        });
        answer.unwrap_or_else(|| Err(CommitError::Failed(not_driven())))
    }
}

const WAITING: &str = "the store has not answered yet";

/// The error that ends a run, which no one sees.
pub(crate) fn waiting() -> Error {
    Error::new(ErrorKind::Store, WAITING)
}

fn not_driven() -> StoreError {
    StoreError::other("the vault's store has to be waited for: call Fetched::step")
}
