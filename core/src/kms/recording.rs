//! Every call leaves an event in the audit trail: with its commit where it changes something, else through the trail's window.

use super::Kms;
use crate::{
    access::Caller,
    api::Operation,
    audit::{Call, Event, Touched},
    error::{Error, ErrorKind, Result},
    store::{OpenVault, Transaction},
};
use alloc::sync::Arc;
use core::{any::Any, cell::RefCell};
use serde::Serialize;

/// Records a call that succeeded; `with_answer` adds the answer.
pub(super) fn record(
    transaction: &mut Transaction<'_>,
    call: Call,
    caller: &Arc<Caller>,
    request: &impl Serialize,
    with_answer: impl FnOnce(Event) -> Event,
) {
    if !transaction.is_audited() {
        return;
    }
    let touched = core::mem::take(&mut transaction.touched);
    let event = with_answer(Event::call(transaction.now(), call, caller, request)).about(touched);
    transaction.record(event);
}

impl Kms {
    /// Carries out a call and records what came of it. `admit` is asked before anything is looked up.
    pub(super) fn recorded<T: Any + Send + Sync>(
        &self,
        call: Call,
        request: &impl Serialize,
        admit: impl FnOnce(&OpenVault) -> Result<()>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
        with_answer: impl Fn(Event, &T) -> Event,
    ) -> Result<T> {
        let work = |transaction: &mut Transaction<'_>| {
            let answer = work(transaction)?;
            record(transaction, call, &self.caller, request, |event| with_answer(event, &answer));
            Ok(answer)
        };
        self.watched(call, request, admit, work)
    }

    /// Carries out what AWS KMS is not asked for, such as whether a data key of a cache may be used: it is recorded if it fails, and is
    /// no call else.
    pub(super) fn recorded_if_refused<T: Any + Send + Sync>(
        &self,
        call: Call,
        request: &impl Serialize,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.watched(call, request, |_| Ok(()), work)
    }

    /// Records an operation whose request could not be read as one.
    pub(crate) fn note_refused(&self, operation: Operation, error: &Error) {
        // The caller is answered what is wrong with the request, whatever becomes of the event.
        let _ = self.record_failed(Call::Kms(operation), &(), Touched::default(), error);
    }

    fn watched<T: Any + Send + Sync>(
        &self,
        call: Call,
        request: &impl Serialize,
        admit: impl FnOnce(&OpenVault) -> Result<()>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        // What a run of the work came upon before it failed.
        let touched = RefCell::new(Touched::default());
        let work = |transaction: &mut Transaction<'_>| {
            let answer = work(transaction);
            if answer.is_err() {
                touched.replace(core::mem::take(&mut transaction.touched));
            }
            answer
        };
        let operation = match call {
            Call::Kms(operation) => operation,
            // They are carried out by this one, with others around it.
            Call::BranchKey(_) => Operation::Decrypt,
            Call::Parcel(_) => Operation::ReplicateKey,
        };
        let carry_out = || {
            self.caller.check_session(|| self.handle.now())?;
            let vault = self.handle.vault()?;
            admit(&vault)?;
            Self::perform(&vault, operation, work)
        };
        match carry_out() {
            Ok(answer) => Ok(answer),
            Err(error) => {
                self.record_failed(call, request, touched.into_inner(), &error)?;
                Err(error)
            }
        }
    }

    /// An error where the answer has to wait for the event.
    fn record_failed(&self, call: Call, request: &impl Serialize, touched: Touched, error: &Error) -> Result<()> {
        let Ok(vault) = self.handle.vault() else { return Ok(()) };
        if !vault.is_audited() || vault.is_waiting() || is_of_the_store(error.kind()) {
            return Ok(());
        }
        let event = Event::call(vault.now(), call, &self.caller, request).about(touched).failed(error);
        vault.record_failed(event)
    }
}

/// What failed because the store did, so that no event can be stored either.
fn is_of_the_store(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::VaultClosed
            | ErrorKind::Store
            | ErrorKind::StoreFull
            | ErrorKind::StoreReadOnly
            | ErrorKind::StoreDamaged
            | ErrorKind::OutcomeUnknown
            | ErrorKind::RolledBack
    )
}
