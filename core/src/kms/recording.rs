//! Every call leaves an event in the audit trail: with its commit where it changes something, else through the trail's window.

use super::Kms;
use crate::{
    access::Caller,
    api::Operation,
    audit::{Call, Event, Touched},
    error::{Error, ErrorKind, Result},
    shape::Value,
    store::{Answer, Cause, OpenVault, Transaction, known, locked},
};
use alloc::{boxed::Box, sync::Arc};
use core::{
    any::{Any, TypeId},
    cell::RefCell,
};

/// Records a call that succeeded; `with_answer` adds the answer.
pub(super) fn record(
    transaction: &mut Transaction<'_>,
    call: Call,
    caller: &Arc<Caller>,
    request: Value<'_>,
    with_answer: impl FnOnce(Event) -> Event,
) {
    if !transaction.is_audited() {
        return;
    }
    let touched = core::mem::take(&mut transaction.touched);
    let event = with_answer(Event::call(transaction.now(), call, caller, request)).about(touched);
    transaction.record(event);
}

/// Adds an answer to the event of its call.
pub(super) type WithAnswer<'a> = &'a dyn Fn(Event, &Answer) -> Event;

/// What is carried out, whichever call it is: what records it is compiled once, and not for each.
pub(super) struct Asked<'a> {
    pub(super) call: Call,
    pub(super) request: Value<'a>,
    /// The type of the answer.
    pub(super) kind: TypeId,
    /// Asked before anything is looked up.
    pub(super) admit: &'a dyn Fn(&OpenVault) -> Result<()>,
    pub(super) work: &'a dyn Fn(&mut Transaction<'_>) -> Result<Answer>,
    /// Adds the answer to the event of a call that succeeded; a call without has none.
    pub(super) with_answer: Option<WithAnswer<'a>>,
}

impl Kms {
    /// Carries out a call and records what came of it. `admit` is asked before anything is looked up.
    pub(super) fn recorded<T: Any + Send + Sync>(
        &self,
        call: Call,
        request: Value<'_>,
        admit: impl Fn(&OpenVault) -> Result<()>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
        with_answer: impl Fn(Event, &T) -> Event,
    ) -> Result<T> {
        let work = |transaction: &mut Transaction<'_>| Ok(Box::new(work(transaction)?) as Answer);
        let with_answer = |event, answer: &Answer| match answer.downcast_ref() {
            Some(answer) => with_answer(event, answer),
            None => event,
        };
        let (kind, with_answer) = (TypeId::of::<T>(), Some(&with_answer as WithAnswer<'_>));
        known(self.carry_out(&Asked { call, request, kind, admit: &admit, work: &work, with_answer })?)
    }

    /// Carries out what AWS KMS is not asked for, such as whether a data key of a cache may be used: it is recorded if it fails, and is
    /// no call else.
    pub(super) fn recorded_if_refused<T: Any + Send + Sync>(
        &self,
        call: Call,
        request: Value<'_>,
        work: impl Fn(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let work = |transaction: &mut Transaction<'_>| Ok(Box::new(work(transaction)?) as Answer);
        let kind = TypeId::of::<T>();
        known(self.carry_out(&Asked { call, request, kind, admit: &|_| Ok(()), work: &work, with_answer: None })?)
    }

    /// Records an operation whose request could not be read as one.
    pub(crate) fn note_refused(&self, operation: Operation, error: &Error) {
        // The caller is answered what is wrong with the request, whatever becomes of the event.
        let _ = self.record_failed(Call::Kms(operation), Value::Nothing, Touched::default(), error);
    }

    pub(super) fn carry_out(&self, asked: &Asked<'_>) -> Result<Answer> {
        let &Asked { call, request, kind, admit, work, with_answer } = asked;
        // What a run of the work came upon before it failed.
        let touched = RefCell::new(Touched::default());
        let work = |transaction: &mut Transaction<'_>| {
            let answer = work(transaction);
            match (&answer, with_answer) {
                (Ok(answer), Some(with_answer)) => {
                    record(transaction, call, &self.caller, request, |event| with_answer(event, answer));
                }
                (Ok(_), None) => {}
                (Err(_), _) => {
                    touched.replace(core::mem::take(&mut transaction.touched));
                }
            }
            answer
        };
        let operation = match call {
            Call::Kms(operation) => operation,
            // They are carried out by this one, with others around it.
            Call::BranchKey(_) => Operation::Decrypt,
            Call::Parcel(_) => Operation::ReplicateKey,
        };
        let performed = || {
            self.caller.check_session(|| self.handle.now())?;
            let vault = self.handle.open_vault()?;
            if vault.is_locked() {
                // What was committed before is answered: it has happened.
                return vault.committed_answer(Cause::Caller, kind).unwrap_or_else(|| Err(locked()));
            }
            admit(&vault)?;
            Self::perform(&vault, operation, kind, &work)
        };
        performed().or_else(|error| {
            self.record_failed(call, request, touched.take(), &error)?;
            Err(error)
        })
    }

    /// An error where the answer has to wait for the event.
    fn record_failed(&self, call: Call, request: Value<'_>, touched: Touched, error: &Error) -> Result<()> {
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
