//! A vault: a store, the key that seals its records, and what the host passes in.

use super::{
    Cache, Change, CommitError, Damage, Effect, MarkerKey, Record, RecordName, RootKey, Store, Transaction,
    name::VAULT,
    root_key,
    sealing::{RecordSealer, Sealed},
};
use crate::{
    clock::{Clock, Timestamp},
    crypto::{Provider, Sealer},
    error::{Error, ErrorKind, Result},
    sync::RwLock,
};
use alloc::{boxed::Box, string::ToString, sync::Arc, vec, vec::Vec};

/// The label under which the vault key seals snapshots.
pub(super) const SNAPSHOT_LABEL: &[u8] = b"PocketKMS Snapshot 1";

/// An open vault.
pub(crate) struct Vault {
    pub(super) store: Box<dyn Store>,
    pub(super) cache: Cache,
    pub(super) damage: Damage,
    pub(crate) provider: Provider,
    clock: Arc<dyn Clock>,
    pub(super) key: RwLock<Arc<VaultKey>>,
    next_deletion: RwLock<NextDeletion>,
}

/// The earliest scheduled deletion that is known of.
#[derive(Clone, Copy, Default)]
struct NextDeletion {
    date: Option<Timestamp>,
    /// How many were noted: by it a look into the store knows whether one was scheduled meanwhile.
    notes: u64,
}

/// The vault key, and the header record that it came from.
pub(super) struct VaultKey {
    pub(super) sealer: RecordSealer,
    pub(super) snapshots: Sealer,
    pub(super) markers: MarkerKey,
    /// Every commit expects this revision, so that nothing is ever sealed under a vault key that was replaced.
    pub(super) revision: u64,
}

impl VaultKey {
    fn new(provider: &Provider, key: &[u8; 32], revision: u64) -> Self {
        Self {
            sealer: RecordSealer::new(provider, key),
            snapshots: Sealer::new(provider, key, SNAPSHOT_LABEL),
            markers: MarkerKey::new(provider, key),
            revision,
        }
    }
}

impl Vault {
    /// Makes a vault in a store that has none.
    pub(crate) fn create(
        store: Box<dyn Store>,
        provider: Provider,
        clock: Arc<dyn Clock>,
        root: &RootKey,
    ) -> Result<Self> {
        let (key, header) = root_key::create(&provider, root)?;
        let change =
            Change { name: VAULT.to_string(), expected: None, effect: Effect::Put(Sealed::from_stored(&header)) };
        store.commit(vec![change]).map_err(|error| match error {
            CommitError::Conflict => Error::new(ErrorKind::AlreadyExists, "the store holds a vault already: open it"),
            CommitError::Failed(error) => error.into(),
        })?;
        Ok(Self::new(store, provider, clock, key.expose(), 1))
    }

    /// Opens the vault that a store holds.
    pub(crate) fn open(
        store: Box<dyn Store>,
        provider: Provider,
        clock: Arc<dyn Clock>,
        root: &RootKey,
    ) -> Result<Self> {
        let header = store
            .get(VAULT)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the store holds no vault: create one first"))?;
        let key = root_key::open(&provider, root, header.value.as_bytes())?;
        let vault = Self::new(store, provider, clock, key.expose(), header.revision);
        vault.refresh_next_deletion()?;
        Ok(vault)
    }

    pub(super) fn new(
        store: Box<dyn Store>,
        provider: Provider,
        clock: Arc<dyn Clock>,
        key: &[u8; 32],
        revision: u64,
    ) -> Self {
        let key = VaultKey::new(&provider, key, revision);
        Self {
            store,
            cache: Cache::new(),
            damage: Damage::default(),
            provider,
            clock,
            key: RwLock::new(Arc::new(key)),
            next_deletion: RwLock::new(NextDeletion::default()),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn begin(&self) -> Transaction<'_> {
        Transaction::new(self)
    }

    pub(super) fn key(&self) -> Arc<VaultKey> {
        Arc::clone(&self.key.read())
    }

    /// An error where another process replaced the vault key, after which nothing can be read or written with this one.
    /// Where this process replaced it, the operation runs again with the new one.
    pub(super) fn check_key(&self, key: &VaultKey) -> Result<()> {
        let header = self.store.get(VAULT)?.ok_or_else(gone)?;
        // In this order: whoever replaces it in this process writes the store first.
        if header.revision == key.revision || self.key().revision != key.revision { Ok(()) } else { Err(replaced()) }
    }

    /// When the next scheduled deletion falls due.
    pub(crate) fn next_deletion(&self) -> Option<Timestamp> {
        self.next_deletion.read().date
    }

    /// A deletion was scheduled. One that is cancelled is left noted: looking for it in vain does no harm.
    pub(super) fn note_deletion(&self, date: Timestamp) {
        let mut next = self.next_deletion.write();
        next.date = earlier(next.date, Some(date));
        next.notes = next.notes.wrapping_add(1);
    }

    /// Looks it up anew: at opening, and after deletions were carried out.
    pub(crate) fn refresh_next_deletion(&self) -> Result<()> {
        let notes = self.next_deletion.read().notes;
        let first = self.first_deletion()?;
        let mut next = self.next_deletion.write();
        // One that was noted since the look is kept, too.
        next.date = if next.notes == notes { first } else { earlier(next.date, first) };
        Ok(())
    }

    /// The date of the first entry of the index that can be carried out: keys that are known to be damaged cannot be deleted,
    /// and are not tried again at each operation.
    fn first_deletion(&self) -> Result<Option<Timestamp>> {
        let mut after: Option<RecordName> = None;
        loop {
            let next = self.store.scan(super::name::DELETIONS, after.as_ref().map(RecordName::as_str), 1)?;
            let Some(entry) = next.into_iter().next().map(|record| RecordName::from(record.name)) else {
                return Ok(None);
            };
            match (entry.deletion_date(), entry.deleted_key()) {
                (Some(date), Some(key)) if !self.damage.has(key.as_str()) => return Ok(Some(date)),
                _ => after = Some(entry),
            }
        }
    }

    /// Seals the whole vault under another root key, with a new vault key: who has the old root key and an old copy
    /// learns nothing of what comes after. User data is not touched.
    pub(crate) fn change_root_key(&self, root: &RootKey) -> Result<()> {
        let mut key = self.key.write();
        let records = self.store.scan("", None, usize::MAX)?;
        let header = records.iter().find(|record| record.name == VAULT).ok_or_else(gone)?;
        if header.revision != key.revision {
            return Err(replaced());
        }
        let (new_key, new_header) = root_key::replace(&self.provider, root, header.value.as_bytes())?;
        let new_key = VaultKey::new(&self.provider, new_key.expose(), header.revision + 1);

        let mut changes = Vec::with_capacity(records.len());
        for record in records {
            let effect = if record.name == VAULT {
                Effect::Put(Sealed::from_stored(&new_header))
            } else {
                match key.sealer.open(&self.provider, &record.name, record.revision, &record.value) {
                    Ok(value) => Effect::Put(new_key.sealer.seal(
                        &self.provider,
                        &record.name,
                        record.revision + 1,
                        value.expose(),
                    )?),
                    // It stays as it is, and damaged: it opens under the new vault key as little as under the old one.
                    Err(error) if error.kind() == ErrorKind::RecordCorrupted => {
                        let relabelled = record.value.with_this_version();
                        let left = match &relabelled {
                            Some(value) => {
                                Record { revision: record.revision + 1, value: value.clone(), ..record.clone() }
                            }
                            None => record.clone(),
                        };
                        self.damage.note(&left, &error);
                        relabelled.map_or(Effect::Keep, Effect::Put)
                    }
                    // A newer version's, which could not be opened afterwards.
                    Err(error) => return Err(error),
                }
            };
            changes.push(Change { name: record.name, expected: Some(record.revision), effect });
        }
        self.store.commit(changes).map_err(|error| match error {
            CommitError::Conflict => {
                Error::new(ErrorKind::Conflict, "the vault changed while its root key was being replaced: try again")
            }
            CommitError::Failed(error) => error.into(),
        })?;
        self.cache.clear();
        *key = Arc::new(new_key);
        Ok(())
    }
}

/// The earlier of two dates, where there are any.
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

fn gone() -> Error {
    Error::new(ErrorKind::NotFound, "the vault is gone from the store")
}

/// Another process may replace the root key: then this one's vault key no longer fits the header.
pub(super) fn replaced() -> Error {
    Error::new(ErrorKind::WrongRootKey, "the vault's root key was replaced by another process: open it again")
}
