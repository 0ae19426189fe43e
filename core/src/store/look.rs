//! Looking at what others did to the vault, and when it was used.

use super::{
    Cause, OpenVault, RecordName, Transaction,
    name::{DELETIONS, REMOVALS},
    unless_damaged,
};
use crate::{clock::Timestamp, error::Result};

impl OpenVault {
    /// How many changes the vault has seen.
    pub(crate) fn revision(&self) -> Result<u64> {
        self.read(|transaction| transaction.revision())
    }

    /// Looks at what others did, if it is a day ago that this was done.
    pub(crate) fn look_daily(&self) -> Result<()> {
        if !self.schedule.wants_a_look(self.now()) {
            return Ok(());
        }
        self.look()?;
        self.keep_time();
        Ok(())
    }

    /// Writes down that the vault is used now, if that was not done for a day.
    pub(super) fn keep_time(&self) {
        if self.watch.keeps_time() {
            // A store that takes no writes now does not keep anybody from reading.
            let _ = self.transact(Cause::Time, None, |transaction: &mut Transaction<'_>| {
                transaction.keep_time()?;
                Ok(())
            });
        }
    }

    /// Looks up the next deletion, and the time that others used the vault at.
    pub(crate) fn look(&self) -> Result<()> {
        self.look_at_deletions()?;
        if self.watch.keeps_time() {
            // Damage there is reported to anyone who changes something. Until it is mended the time is in doubt.
            if let Some(current) = unless_damaged(self.read(|transaction| transaction.generation()))? {
                self.watch.learn(current.generation.time());
            }
        }
        Ok(())
    }

    /// Looks up the next deletion, and whether one is to be finished.
    pub(crate) fn look_at_deletions(&self) -> Result<()> {
        self.schedule.look(self.now(), || {
            let first = self.first_deletion()?;
            Ok((first, !self.store.scan(REMOVALS, None, 1)?.is_empty()))
        })
    }

    /// The date of the first entry of the index that can be carried out: keys that are known to be damaged cannot be deleted,
    /// and are not tried again at each operation.
    fn first_deletion(&self) -> Result<Option<Timestamp>> {
        let mut after: Option<RecordName> = None;
        loop {
            let next = self.store.scan(DELETIONS, after.as_ref().map(RecordName::as_str), 1)?;
            let Some(entry) = next.into_iter().next().map(|record| RecordName::from(record.name)) else {
                return Ok(None);
            };
            match (entry.deletion_date(), entry.deleted_key()) {
                (Some(date), Some(key)) if !self.is_known_as_damaged(key.as_str())? => return Ok(Some(date)),
                _ => after = Some(entry),
            }
        }
    }
}
