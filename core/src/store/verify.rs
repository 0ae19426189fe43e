//! Which records are damaged: those that were met, and all.

use super::{DamagedRecord, OpenVault, name::VAULT, pages::Pages, trail::is_among, unless_damaged};
use crate::error::Result;
use alloc::vec::Vec;

/// How many records are read at once to look through a vault, or a copy of it.
pub(super) const BATCH: usize = 1000;

impl OpenVault {
    /// Whether a record was found damaged, and no one has put a copy back since.
    pub(super) fn is_known_as_damaged(&self, name: &str) -> Result<bool> {
        let noted = self.damage.noted(name);
        Ok(noted.is_some() && self.store.get(name)? == noted)
    }

    /// What calls found damaged, and still is, by the names of the records.
    pub(crate) fn damaged(&self) -> Result<Vec<DamagedRecord>> {
        for name in self.damage.names() {
            // One that a copy was put back of, or that was deleted, is no longer damaged.
            self.damage.forget_unless(&name, self.store.get(&name)?.as_ref());
        }
        Ok(self.damage.all())
    }

    /// Opens every record, and compares it with what the trail says. Returns those that do not open, or are not as it says.
    pub(crate) fn verify(&self) -> Result<Vec<DamagedRecord>> {
        self.flush_first()?;
        self.read(|transaction| {
            for records in Pages::new(&*self.store, "", BATCH) {
                for record in records?.iter().filter(|record| record.name != VAULT) {
                    unless_damaged(transaction.open(record))?;
                }
            }
            let mut damaged = self.damaged()?;
            let by_trail = self.check_by_trail(transaction)?;
            // What does not open is reported once.
            damaged.extend(by_trail.into_iter().filter(|found| !is_among(&damaged, &found.name)).collect::<Vec<_>>());
            damaged.sort_by(|one, other| one.name.cmp(&other.name));
            transaction.unless_outdated(damaged)
        })
    }
}
