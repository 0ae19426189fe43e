//! What an operation has from outside of the vault, from a cluster or a proxy: each answer is asked for once, however often the
//! operation is computed, and never while the vault keeps others from writing.
//!
//! An answer counts for what it was asked for, and for the place at which it was: an operation that is computed again, since others
//! came before its commit, asks the same again and is given the same. What has not been answered yet is asked without the turn among the
//! writers (`commit.rs`). A key that was made outside for a record which could not be stored is deleted when the operation has failed.

use super::{
    OpenVault, RecordName, Transaction,
    answers::{ClusterKey, Fate, MadeKey, Outside, settle},
    fetched::waiting,
    group::Commit,
    transaction::Cause,
};
use crate::{
    error::{Error, ErrorKind, Result, Untrusted},
    secret::Secret,
};
use alloc::{boxed::Box, format, string::String, sync::Arc, vec::Vec};
use core::{any::Any, cell::RefCell};

/// Whether an operation had to ask for something while others were kept from writing, and so has to be computed without that.
fn must_ask() -> Error {
    Error::new(ErrorKind::KmsInternal, "what is outside of the vault is asked without keeping others from writing")
}

impl Transaction<'_> {
    /// Works with what the operation has from outside.
    fn outside<T>(&self, work: impl FnOnce(&mut Outside) -> T) -> Option<T> {
        match (&self.vault.fetched, self.outside) {
            (Some(fetched), _) => fetched.with_outside(work),
            (None, Some(outside)) => Some(work(&mut outside.borrow_mut())),
            (None, None) => None,
        }
    }

    /// What an operation makes of these parts: once, however often it is computed. The parts and how many were kept before say which one it is.
    pub(crate) fn kept<T: Any + Send + Sync>(
        &self,
        parts: &[&[u8]],
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        let place = self.outside(|outside| {
            outside.asked += 1;
            outside.asked
        });
        let digest = self.digest(place.unwrap_or_default(), parts);
        let known = self.outside(|outside| outside.answer(&digest)).flatten();
        if let Some(known) = known.and_then(|known| known.downcast().ok()) {
            return Ok(known);
        }
        let answer = Arc::new(make()?);
        let kept: Arc<dyn Any + Send + Sync> = Arc::<T>::clone(&answer);
        self.outside(|outside| outside.answers.push((digest, kept)));
        Ok(answer)
    }

    /// The answer of somebody outside. The parts are all that it depends on, secrets included. An error where the run is to be given up:
    /// who is asked must not be asked for nothing, nor keep others waiting.
    pub(crate) fn ask<T: Any + Send + Sync>(&mut self, parts: &[&[u8]], call: impl FnOnce() -> T) -> Result<Arc<T>> {
        // A host that is waited for has all that the operation looks at, before anyone outside is asked.
        if self.vault.is_waiting() {
            return Err(waiting());
        }
        let is_held = self.turn.is_some();
        let mut must = false;
        let answer = self.kept(parts, || {
            must = is_held;
            if is_held { Err(must_ask()) } else { self.vault.unless_waiting(call()) }
        });
        self.must_ask |= must;
        answer
    }

    /// Lengths and bytes: no parts look like others.
    fn digest(&self, place: u64, parts: &[&[u8]]) -> Secret {
        let lengths: Vec<_> = parts.iter().map(|part| part.len().to_be_bytes()).collect();
        let place = place.to_be_bytes();
        let mut all: Vec<&[u8]> = Vec::with_capacity(1 + 2 * parts.len());
        all.push(&place);
        for (part, length) in parts.iter().zip(&lengths) {
            all.extend([&length[..], part]);
        }
        Secret::copy_of(&self.provider().digest.sha256(&all))
    }

    /// Random bytes for an id that is no secret: the same each time that the operation is computed, so that a record of that name is
    /// looked for once, and what is made outside has the name that it is asked for by.
    pub(crate) fn draw_id(&self, id: &mut [u8]) -> Result<()> {
        let provider = self.provider();
        let drawn = self.outside(|outside| outside.draw_id(id, |id| provider.fill_random(id)));
        drawn.unwrap_or(Err(waiting()))
    }

    /// Notes that a key was made in a cluster for a KMS key that this writes.
    pub(crate) fn made_outside(&self, record: RecordName, key: ClusterKey) {
        self.outside(|outside| {
            let known = outside.made.iter_mut().find(|made| made.record == record && made.key.id == key.id);
            match known {
                Some(made) => (made.key, made.fate) = (key, Fate::Used),
                None => outside.made.push(MadeKey { key, record, fate: Fate::Used }),
            }
        });
    }

    /// Deletes a key in a cluster when this is stored.
    pub(crate) fn deletes_outside(&mut self, key: ClusterKey) {
        self.ended.push(key);
    }

    /// Before the changes are made.
    pub(super) fn stake_made(&self) {
        self.outside(|outside| outside.is_at_stake = !outside.made.is_empty());
    }

    /// After an attempt to store what keys were made for. Where it failed, the record says whether it did: a store that answered may not
    /// have been heard. Whatever may have a record stays.
    pub(super) fn look_after_made(&mut self, outcome: &Result<Commit>) {
        if self.vault.is_waiting() {
            return;
        }
        let is_done = matches!(outcome, Ok(Commit::Done));
        if is_done {
            self.vault.delete_outside_later(&mut self.ended);
        }
        let is_unknown = matches!(outcome, Err(error) if error.kind() == ErrorKind::OutcomeUnknown);
        let used = self.outside(|outside| {
            let used = outside.made.iter().filter(|made| matches!(made.fate, Fate::Used));
            used.map(|made| (made.record.clone(), made.key.id.clone())).collect::<Vec<_>>()
        });
        let fate = |(record, id): (RecordName, String)| {
            if is_done {
                return Fate::Stays(None);
            }
            match self.vault.store.get(record.as_str()) {
                Ok(None) if !is_unknown => Fate::Used,
                Ok(Some(_)) => Fate::Stays(None),
                _ => Fate::Stays(Some(format!(
                    "the key '{}' stays in the AWS CloudHSM cluster: whether the KMS key that it was made for is stored is not \
                     known",
                    Untrusted(&id)
                ))),
            }
        };
        let fates: Vec<_> = used.unwrap_or_default().into_iter().map(fate).collect();
        if self.vault.is_waiting() {
            // The look has still to be answered.
            return;
        }
        self.outside(|outside| {
            outside.is_at_stake = false;
            let used = outside.made.iter_mut().filter(|made| matches!(made.fate, Fate::Used));
            used.zip(fates).for_each(|(made, fate)| made.fate = fate);
        });
    }
}

impl OpenVault {
    /// Keys whose KMS keys are gone. They are deleted when no one is kept from writing.
    fn delete_outside_later(&self, keys: &mut Vec<ClusterKey>) {
        if !keys.is_empty() {
            self.ended.write().append(keys);
        }
    }

    /// "KMS makes a best effort to delete the associated key material from the associated CloudHSM cluster" (`ScheduleKeyDeletion`).
    pub(super) fn delete_outside(&self) {
        if self.ended.read().is_empty() {
            return;
        }
        let keys = core::mem::take(&mut *self.ended.write());
        keys.iter().for_each(ClusterKey::delete);
    }

    /// What a caller's operation has from outside when a run of it begins, where its host is not waited for by steps (`fetched`).
    pub(super) fn outside_so_far(&self, cause: Cause) -> Outside {
        let kept = if cause == Cause::Caller { self.provider.runs.take() } else { None };
        kept.and_then(|kept| kept.downcast().ok()).map_or_else(Outside::default, |outside| *outside)
    }

    /// Ends an operation, unless it is only this run of it that ends.
    pub(super) fn settle_outside<T>(&self, cause: Cause, outside: &RefCell<Outside>, result: Result<T>) -> Result<T> {
        let made = match &self.fetched {
            // The host brings what it lacks, and runs it again.
            None if cause == Cause::Caller && self.provider.runs.lacks() => {
                self.provider.runs.keep(Box::new(core::mem::take(&mut *outside.borrow_mut())));
                return result;
            }
            None => core::mem::take(&mut outside.borrow_mut().made),
            Some(_) if cause != Cause::Caller || self.is_waiting() => return result,
            // Not under the lock of what was fetched.
            Some(fetched) => fetched.with_outside(|outside| core::mem::take(&mut outside.made)).unwrap_or_default(),
        };
        settle(made, result)
    }
}
