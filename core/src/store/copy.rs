//! Looking through a copy of the vault that another store holds.

use super::{
    Damage, DamagedRecord, OpenVault, Store, name::VAULT, pages::Pages, unless_damaged, vault::missing, verify::BATCH,
};
use crate::error::{Error, ErrorKind, Result};
use alloc::vec::Vec;

impl OpenVault {
    /// Opens every record of a copy of this vault, and returns those that do not open.
    pub(crate) fn verify_copy(&self, copy: &dyn Store) -> Result<Vec<DamagedRecord>> {
        let key = self.newest_key()?;
        let (mine, its) = (self.store.get(VAULT)?, copy.get(VAULT)?.ok_or_else(|| missing(VAULT))?);
        if mine.as_ref() != Some(&its) || its.revision != key.revision {
            return Err(Error::new(
                ErrorKind::Conflict,
                "the vault's root keys were changed while it was copied: retry",
            ));
        }
        // In the store, too: a copy that no one can open is none.
        if its.value.as_bytes() != key.header_bytes(&self.provider) {
            return Err(Error::new(
                ErrorKind::RecordCorrupted,
                "a record of the vault was altered, moved or rolled back",
            )
            .explain("the record 'vault' is not as this handle knows it"));
        }
        let damage = Damage::default();
        for records in Pages::new(copy, "", BATCH) {
            for record in records?.iter().filter(|record| record.name != VAULT) {
                let opened = key.sealer.open(&self.provider, &record.name, record.revision, &record.value);
                unless_damaged(opened.inspect_err(|error| damage.note(record, error)))?;
            }
        }
        Ok(damage.all())
    }

    /// The store, where it is of that type.
    pub(crate) fn store_as<S: Store>(&self) -> Option<&S> {
        (&*self.store as &dyn core::any::Any).downcast_ref()
    }
}
