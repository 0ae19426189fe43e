//! Another root key: a new vault key, under which every record is sealed again.

use super::{
    Change, CommitError, Effect, Record, RootKey, Sealed, Vault,
    generation::{CommitId, Generation},
    name::{GENERATION, VAULT},
    outcome, root_key,
    transaction::parse,
    vault::{VaultKey, gone, missing, replaced},
};
use crate::{
    error::{ErrorKind, Result},
    secret::{Secret, SecretArray},
    sync::Backoff,
};
use alloc::{sync::Arc, vec::Vec};

impl Vault {
    /// Seals the whole vault under another root key, with a new vault key: anyone who has the old root key and an old copy
    /// learns nothing of what comes after. User data is not touched.
    pub(crate) fn change_root_key(&self, root: &RootKey) -> Result<()> {
        let header = self.store.get(VAULT)?.ok_or_else(gone)?;
        let (new_key, new_header) = root_key::replace(&self.provider, root, header.value.as_bytes())?;
        let new_header = Sealed::from_stored(&new_header);
        let _turn = self.writers.wait();
        let mut backoff = Backoff::default();
        while !self.reseal(&new_key, &new_header)? {
            if !self.pause(&mut backoff) {
                return Err(outcome::timeout());
            }
        }
        self.cache.clear();
        self.saved.note();
        Ok(())
    }

    /// Says whether it was done; if not, others changed something meanwhile.
    fn reseal(&self, new_key: &SecretArray<32>, new_header: &Sealed) -> Result<bool> {
        // Held until the end, so that nobody of this process seals with the old key or reads with the wrong one.
        let mut key = self.key.write();
        let records = self.store.scan("", None, usize::MAX)?;
        let header = records.iter().find(|record| record.name == VAULT).ok_or_else(gone)?;
        if header.revision != key.revision {
            return Err(replaced());
        }
        let new_key = VaultKey::new(&self.provider, new_key.expose(), header.revision.saturating_add(1));
        let id = CommitId::random(&self.provider)?;
        let generation = records.iter().find(|record| record.name == GENERATION).ok_or_else(|| missing(GENERATION))?;
        let before = self.open_generation(&key, generation.clone())?;
        let mut changes = Vec::with_capacity(records.len());
        for record in records {
            let effect = match self.resealed(&key, &new_key, &record, new_header, id) {
                Ok(value) => Effect::Put(value),
                // It stays as it is, and damaged: it opens under the new vault key as little as under the old one.
                Err(error) if error.kind() == ErrorKind::RecordCorrupted => {
                    let relabelled = record.value.with_this_version();
                    let left = match &relabelled {
                        Some(value) => Record {
                            revision: record.revision.saturating_add(1),
                            value: value.clone(),
                            ..record.clone()
                        },
                        None => record.clone(),
                    };
                    self.damage.note(&left, &error);
                    relabelled.map_or(Effect::Keep, Effect::Put)
                }
                // A newer version's, which could not be opened afterwards.
                Err(error) => return Err(error),
            };
            changes.push(Change { name: record.name, expected: Some(record.revision), effect });
        }
        match self.store.commit(changes) {
            Ok(()) => {}
            Err(CommitError::Conflict) => return Ok(false),
            Err(CommitError::Failed(error)) => return Err(error.into()),
            Err(CommitError::Unknown(error)) => {
                // The new generation is sealed under the new vault key and does not open with the old one, but the header
                // shows who made it. One that is neither the old nor the new one is another process's, which may have come
                // before or after.
                let is_ours = |_| {
                    let header = self.store.get(VAULT)?;
                    let unchanged = header.as_ref().is_some_and(|header| header.revision == key.revision);
                    let ours = header.is_some_and(|header| header.value == *new_header);
                    Ok((ours || unchanged).then_some(ours))
                };
                self.settle_outcome(&key, &before, error, is_ours)?;
            }
        }
        *key = Arc::new(new_key);
        Ok(true)
    }

    fn resealed(
        &self,
        key: &VaultKey,
        new_key: &VaultKey,
        record: &Record,
        new_header: &Sealed,
        id: CommitId,
    ) -> Result<Sealed> {
        let Record { name, revision, value } = record;
        if name == VAULT {
            return Ok(new_header.clone());
        }
        let mut value = key.sealer.open(&self.provider, name, *revision, value)?;
        if name == GENERATION {
            let generation: Generation = parse(&GENERATION.into(), &value)?;
            let time = self.watch.record(generation.time(), self.now());
            value = Secret::from(generation.followed_by(id, time).to_bytes()?);
        }
        new_key.sealer.seal(&self.provider, name, revision.saturating_add(1), value.expose())
    }
}
