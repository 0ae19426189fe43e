//! For how many hours of a month a key is charged.

use crate::{
    clock::{HOUR_MILLIS, Month, Timestamp},
    key::{DeletedKeyRecord, KeyManagerType, KeyRecord, PendingDeletion},
};
use alloc::vec::Vec;

/// When a key is charged.
pub(crate) struct Life {
    created: Timestamp,
    /// When its deletion was scheduled: from then on it costs nothing. Of one that was cancelled nothing is left.
    ended: Option<Timestamp>,
    /// When it was rotated, the first time and the second.
    rotations: Vec<Timestamp>,
}

impl Life {
    /// That of a key; nothing of one that AWS manages, which is free.
    pub(crate) fn of(key: &KeyRecord, rotations: Vec<Timestamp>) -> Option<Self> {
        let ended = key.deletion.as_ref().and_then(PendingDeletion::scheduled);
        (key.manager == KeyManagerType::Customer).then_some(Self { created: key.created, ended, rotations })
    }

    pub(super) fn of_deleted(key: &DeletedKeyRecord) -> Self {
        Self { created: key.created(), ended: Some(key.ended()), rotations: key.rotations() }
    }

    /// What is kept of it when the key is deleted, and the month in which it was charged last.
    pub(crate) fn deleted(self, now: Timestamp) -> (DeletedKeyRecord, Month) {
        let ended = self.ended.unwrap_or(now);
        (DeletedKeyRecord::new(self.created, ended, &self.rotations), Month::of(ended))
    }

    /// The hours of the month, up to `now`, in which the key was there: one that has begun counts.
    pub(super) fn key_hours(&self, month: Month, now: Timestamp) -> u64 {
        self.hours_since(self.created, month, now)
    }

    /// The same of each of its first rotations, together.
    pub(super) fn rotation_hours(&self, month: Month, now: Timestamp, charged: usize) -> u64 {
        let dates = self.rotations.iter().take(charged);
        // A replica has the materials of rotations from before it was made.
        dates.map(|date| self.hours_since((*date).max(self.created), month, now)).sum()
    }

    fn hours_since(&self, since: Timestamp, month: Month, now: Timestamp) -> u64 {
        let begin = since.max(month.start());
        let end = self.ended.unwrap_or(Timestamp::MAX).min(month.end()).min(now);
        if end < begin || begin >= month.end() {
            return 0;
        }
        let first = begin.as_millis().div_euclid(HOUR_MILLIS);
        let last = end.as_millis().div_euclid(HOUR_MILLIS);
        let is_begun = i64::from(end.as_millis() != last.saturating_mul(HOUR_MILLIS));
        // What began and ended at the same full hour was there in that hour.
        let hours = last.saturating_add(is_begun).saturating_sub(first).max(i64::from(since >= month.start()));
        u64::try_from(hours).unwrap_or(0)
    }
}
