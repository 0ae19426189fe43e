//! Looking through a copy of the vault that another store holds.

use super::{Damage, DamagedRecord, OpenVault, Store, name::VAULT, unless_damaged, vault::missing};
use crate::error::{Error, ErrorKind, Result};
use alloc::{string::String, vec::Vec};

/// How many records are read at once.
const BATCH: usize = 1000;

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
        let (damage, mut after) = (Damage::default(), None::<String>);
        loop {
            let records = copy.scan("", after.as_deref(), BATCH)?;
            let Some(last) = records.last() else { return Ok(damage.all()) };
            after = Some(last.name.clone());
            for record in records.iter().filter(|record| record.name != VAULT) {
                let opened = key.sealer.open(&self.provider, &record.name, record.revision, &record.value);
                unless_damaged(opened.inspect_err(|error| damage.note(record, error)))?;
            }
        }
    }

    /// The store, where it is of that type.
    pub(crate) fn store_as<S: Store>(&self) -> Option<&S> {
        (&*self.store as &dyn core::any::Any).downcast_ref()
    }
}
