//! From the caller's thread into the store.

use super::{
    super::{Cause, OpenVault, Transaction, fetched::waiting, locked, outcome::timeout},
    Traces,
};
use crate::{
    audit::{Batch, Came, Event},
    error::{Error, Result},
};
use alloc::vec::Vec;
use core::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// How many commits one flush makes at most: more than wait, unless others go on to call.
const MOST_COMMITS: usize = 16;

/// Ends what one thread does at a time.
struct Ended<'a>(&'a AtomicBool);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl Transaction<'_> {
    /// Whether calls are recorded at all.
    pub(crate) fn is_audited(&self) -> bool {
        self.vault.is_audited()
    }

    /// Whether the vault has an audit trail, whether or not this handle records in it.
    pub(crate) fn has_trail(&self) -> Result<bool> {
        Ok(self.generation()?.generation.audit().is_some())
    }

    /// Whether the transaction changes a record, as far as it is computed.
    pub(crate) fn writes(&self) -> bool {
        !self.writes.is_empty() || self.header.is_some()
    }

    /// Records what this does. Where it changes a record, the event is in the same commit. If not, the event waits for others, unless
    /// the host wants it stored first.
    pub(crate) fn record(&mut self, event: Event) {
        if self.is_audited() {
            // One, mostly.
            self.events.reserve_exact(1);
            self.events.push(event);
        }
    }

    /// What was found by the vault key of this transaction; an error, which has it run again, where another process replaced that
    /// meanwhile, since what does not open may only be newer.
    pub(in crate::store) fn unless_outdated<T>(&self, found: T) -> Result<T> {
        if self.is_outdated() { Err(timeout()) } else { Ok(found) }
    }

    /// Lets the events of what changed nothing wait for others.
    pub(in crate::store) fn pass_on_events(&mut self) -> Result<()> {
        // In a store that is waited for the operation may be run again: only a run that counts has happened.
        if !self.events.is_empty() && self.vault.counts()? {
            let came = self.vault.ring.push(&mut self.events, self.now);
            // Whoever locked the vault has stored what waited, and this may have come too late for that.
            if self.vault.is_locked() {
                return Err(locked());
            }
            self.is_due = self.vault.is_due(came);
        }
        Ok(())
    }
}

impl OpenVault {
    /// Whether calls are recorded at all.
    pub(crate) fn is_audited(&self) -> bool {
        !self.audit.is_off()
    }

    /// Whether an event is stored in a commit of the call that it is of, also where that changes nothing.
    pub(in crate::store) fn stores_first(&self) -> bool {
        // A host that is waited for stores what waits with the next call, which would be too late.
        self.audit.is_strict() || (self.fetched.is_some() && self.audit.waits_for_nothing())
    }

    /// Records a call that failed, when its transaction is over. An error where the event has to be stored first, and cannot be.
    pub(crate) fn record_failed(&self, event: Event) -> Result<()> {
        if !self.is_audited() {
            return Ok(());
        }
        let is_due = self.counts()? && self.is_due(self.ring.push(&mut Vec::from([event]), self.now()));
        if self.stores_first() {
            return self.flush_audit();
        }
        if is_due && self.fetched.is_none() {
            self.flush_waiting();
        }
        Ok(())
    }

    /// Whether they are to be stored at once. If not, the host hears when the first of them comes.
    fn is_due(&self, came: Came) -> bool {
        if came == Came::First {
            self.announce();
        }
        came == Came::Due
    }

    /// Tells the host that events wait, and how long they may.
    fn announce(&self) {
        if let Some(announce) = &self.events_waiting {
            announce(self.ring.patience());
        }
    }

    /// How long events that wait may; nothing where none do.
    pub(crate) fn events_wait(&self) -> Option<Duration> {
        (!self.ring.is_empty()).then(|| self.ring.patience())
    }

    /// Stores the events that wait; those, too, that another thread is storing.
    pub(crate) fn flush_audit(&self) -> Result<()> {
        let turn = self.flushing.wait();
        let stored = self.store_waiting();
        drop(turn);
        self.show_stored();
        stored
    }

    /// While no other thread does. Nothing is shown meanwhile: a sink may call the vault, and have to wait for this.
    fn store_waiting(&self) -> Result<()> {
        for _ in 0..MOST_COMMITS {
            let flushed = self.transact_until_done(Cause::Time, None, |transaction: &mut Transaction<'_>| {
                transaction.batch = self.ring.take();
                let is_there = transaction.batch.is_some();
                if let Some(id) = transaction.batch.as_ref().and_then(Batch::doubtful)
                    && transaction.generation()?.generation.has(id)
                {
                    // It was not known whether they were stored: they were.
                    transaction.batch.take().iter().for_each(Batch::is_stored);
                }
                Ok(is_there)
            });
            if self.fetched.as_ref().is_some_and(super::super::Fetched::is_waiting) {
                return Err(flushed.err().unwrap_or_else(waiting));
            }
            let (is_there, _) = flushed.inspect_err(|_| {
                self.ring.failed(self.now());
                self.announce();
            })?;
            if !is_there {
                break;
            }
        }
        Ok(())
    }

    /// The same where they have waited long enough, at the beginning of an operation, if its store has to be waited for: one that answers
    /// at once takes them at the end. That they cannot be stored is no reason to fail.
    pub(crate) fn flush_audit_if_due(&self) {
        if self.fetched.is_some() && self.ring.is_due(self.now()) {
            self.flush_waiting();
        }
    }

    /// The same at once, unless another thread does it: where the store is slow, calls do not queue up behind it. They do where the room for
    /// what waits runs out, so that threads which are faster than the store lose nothing; and where each event is stored before its
    /// call returns. A vault that lives in memory forgets the oldest events for it.
    pub(in crate::store) fn flush_waiting(&self) {
        let waits = self.audit.waits_for_nothing() || self.ring.is_crowded();
        let is_first = !self.is_flushing.swap(true, Ordering::AcqRel);
        if !is_first && !waits {
            return;
        }
        let turn = self.flushing.wait();
        let flushed = is_first.then(|| Ended(&self.is_flushing));
        // Another thread may have stored them, or found that the store takes none.
        if self.ring.is_due(self.now()) {
            let _ = self.store_waiting();
        }
        drop(flushed);
        drop(turn);
        self.shorten_in_memory();
    }

    fn shorten_in_memory(&self) {
        if self.store.is_durable() || self.fetched.is_some() {
            return;
        }
        let current = self.key().and_then(|key| self.generation(&key));
        if current.is_ok_and(|current| self.is_trail_too_long(current.generation.audit()))
            && !self.is_shortening.swap(true, Ordering::AcqRel)
        {
            let _shortened = Ended(&self.is_shortening);
            self.keep_trail_short();
        }
    }

    /// The same before something is read that should have all of them. An error where the store has not answered yet.
    pub(in crate::store) fn flush_first(&self) -> Result<()> {
        match self.flush_audit() {
            Err(error) if self.is_waiting() => Err(error),
            _ => Ok(()),
        }
    }

    /// What is stored, for a host that watches.
    pub(in crate::store) fn note_stored(&self, traces: &Traces) {
        self.trail_bytes.fetch_add(traces.length(), Ordering::Relaxed);
        if let Some(shown) = &self.shown {
            shown.add(traces.lines());
        }
    }

    /// Shows the host what was stored since. In a store that is waited for it is shown when the run is over, since what the host calls is no
    /// part of it.
    pub(in crate::store) fn show_stored(&self) {
        let Some(shown) = self.shown.as_ref().filter(|shown| !shown.is_empty()) else { return };
        match &self.fetched {
            Some(fetched) => fetched.show_later(shown),
            None => shown.show(),
        }
    }

    /// Before the vault is gone.
    pub(crate) fn flush_last(&self) {
        if self.fetched.is_some() || (self.ring.is_empty() && self.shown.as_ref().is_none_or(|shown| shown.is_empty()))
        {
            return;
        }
        // A handle that a forked process inherited cannot use its store, and its locks may be held by threads that are not there.
        let works: Result<u64, Error> = self.store.generation().map_err(Error::from);
        if works.is_ok() {
            let _ = self.flush_audit();
        }
    }
}

impl Drop for OpenVault {
    fn drop(&mut self) {
        self.flush_last();
    }
}
