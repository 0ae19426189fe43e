//! A vault: a store, the key that seals its records, and what the host passes in.

use super::{
    Cache, Change, Damage, Effect, MarkerKey, Record, RecordName, RootKey, Store, Transaction,
    generation::{CommitId, Current, Generation},
    name::{CALLER, DELETIONS, GENERATION, VAULT},
    outcome, root_key,
    saved::Saved,
    schedule::Schedule,
    sealing::{RecordSealer, Sealed},
    transaction::{Cause, parse},
    unless_damaged,
    watch::Watch,
};
use crate::{
    clock::{Clock, ClockTrust, Timestamp},
    crypto::{Provider, Sealer},
    error::{Error, ErrorKind, Result},
    key::{CallerRecord, Due, KeyRecord},
    sync::{Queue, RwLock},
};
use alloc::{boxed::Box, string::ToString, sync::Arc};

/// The label under which the vault key seals snapshots.
pub(super) const SNAPSHOT_LABEL: &[u8] = b"PocketKMS Snapshot 1";

/// Where a vault's clock stops: the longest rotation period before the end of the year 9999. So every date that is
/// counted from now lies within that year, and no waiting period is cut short by its end.
const LATEST_NOW: i64 = Timestamp::MAX.as_millis() - 2560 * crate::clock::DAY_MILLIS;

/// What the host passes in.
pub(crate) struct Host {
    pub(crate) provider: Provider,
    pub(crate) clock: Arc<dyn Clock>,
    /// How far the clock is relied on; where nothing is said, the store and the clock decide.
    pub(crate) trust: Option<ClockTrust>,
}

/// An open vault.
pub(crate) struct Vault {
    pub(super) store: Box<dyn Store>,
    pub(super) cache: Cache,
    pub(super) damage: Damage,
    pub(crate) provider: Provider,
    clock: Arc<dyn Clock>,
    pub(super) key: RwLock<Arc<VaultKey>>,
    /// Those of this process who are about to change something.
    pub(super) writers: Queue,
    pub(super) watch: Watch,
    pub(super) schedule: Schedule,
    pub(super) saved: Saved,
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
    pub(super) fn new(provider: &Provider, key: &[u8; 32], revision: u64) -> Self {
        Self {
            sealer: RecordSealer::new(provider, key),
            snapshots: Sealer::new(provider, key, SNAPSHOT_LABEL),
            markers: MarkerKey::new(provider, key),
            revision,
        }
    }
}

impl Vault {
    /// Makes a vault in a store that has none, for the caller that it is to remember.
    pub(crate) fn create(store: Box<dyn Store>, host: Host, root: &RootKey, caller: &CallerRecord) -> Result<Self> {
        let (key, header) = root_key::create(&host.provider, root)?;
        let header = Sealed::from_stored(&header);
        let vault = Self::new(store, host, key.expose(), 1);
        vault.watch.confirm(vault.now());
        let generation = Generation::first(CommitId::random(&vault.provider)?, vault.now());
        let caller = serde_json::to_vec(caller).map_err(|error| {
            Error::new(ErrorKind::KmsInternal, "a record cannot be written").explain(error.to_string())
        })?;
        let key = vault.key();
        let put = |name: &str, value: &[u8]| {
            Ok::<_, Error>(Change {
                name: name.to_string(),
                expected: None,
                effect: Effect::Put(key.sealer.seal(&vault.provider, name, 1, value)?),
            })
        };
        let changes = [
            Change { name: VAULT.to_string(), expected: None, effect: Effect::Put(header.clone()) },
            put(GENERATION, &generation.to_bytes()?)?,
            put(CALLER, &caller)?,
        ];
        let is_ours = || Ok(vault.store.get(VAULT)?.is_some_and(|stored| stored.value == header));
        if !outcome::create(&vault, &changes, is_ours)? {
            return Err(Error::new(ErrorKind::AlreadyExists, "the store holds a vault already: open it"));
        }
        vault.saved.note();
        Ok(vault)
    }

    /// Opens the vault that a store holds.
    pub(crate) fn open(store: Box<dyn Store>, host: Host, root: &RootKey) -> Result<Self> {
        let header = store
            .get(VAULT)?
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "the store holds no vault: create one first"))?;
        let key = root_key::open(&host.provider, root, header.value.as_bytes())?;
        let vault = Self::new(store, host, key.expose(), header.revision);
        vault.look()?;
        vault.keep_time();
        Ok(vault)
    }

    pub(super) fn new(store: Box<dyn Store>, host: Host, key: &[u8; 32], revision: u64) -> Self {
        let Host { provider, clock, trust } = host;
        let lasts = store.is_durable() && !clock.is_turned();
        let trust = trust.unwrap_or(if lasts { ClockTrust::System } else { ClockTrust::Trusted });
        let key = VaultKey::new(&provider, key, revision);
        Self {
            store,
            cache: Cache::new(),
            damage: Damage::default(),
            provider,
            clock,
            key: RwLock::new(Arc::new(key)),
            writers: Queue::default(),
            watch: Watch::new(trust),
            schedule: Schedule::default(),
            saved: Saved::default(),
        }
    }

    /// The time by the host's clock, which stops before the years that dates can hold are over.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().min(Timestamp::from_millis(LATEST_NOW))
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

    /// The generation as the store has it now.
    pub(super) fn generation(&self, key: &VaultKey) -> Result<Current> {
        let record = self.store.get(GENERATION)?.ok_or_else(|| missing(GENERATION))?;
        self.open_generation(key, record.clone()).map_err(|error| {
            self.check_key(key).err().unwrap_or_else(|| {
                self.damage.note(&record, &error);
                error
            })
        })
    }

    /// The generation in its record, however the vault key may have changed since.
    pub(super) fn open_generation(&self, key: &VaultKey, record: Record) -> Result<Current> {
        let name = RecordName::from(GENERATION);
        let revision = record.revision;
        if let Some(generation) = self.cache.get(&name, &record) {
            return Ok(Current { revision, generation });
        }
        let value = key.sealer.open(&self.provider, GENERATION, revision, &record.value)?;
        let generation = Arc::new(parse::<Generation>(&name, &value)?);
        self.cache.put(name, record, &generation);
        Ok(Current { revision, generation })
    }

    /// The change that makes `generation` the one after that of the revision `before`, or the first one after 0.
    pub(super) fn seal_generation(&self, key: &VaultKey, before: u64, generation: &Generation) -> Result<Change> {
        let value = key.sealer.seal(&self.provider, GENERATION, before.saturating_add(1), &generation.to_bytes()?)?;
        Ok(Change {
            name: GENERATION.to_string(),
            expected: (before > 0).then_some(before),
            effect: Effect::Put(value),
        })
    }

    /// How many changes the vault has seen.
    pub(crate) fn revision(&self) -> Result<u64> {
        self.read(|transaction| transaction.revision())
    }

    /// Whether something that the caller changed is in no snapshot, and in no store that lasts.
    pub(crate) fn needs_saving(&self) -> bool {
        !self.store.is_durable() && !self.saved.is_complete()
    }

    /// Whether material that falls due has to be the same in every copy of the vault.
    pub(crate) fn lives_in_copies(&self) -> bool {
        !self.store.is_durable()
    }

    /// What is due at a key. At a time that is in doubt no deletion is. A schedule beyond its period was set when the clock
    /// was wrong; it begins again, but not in a copy, since each copy would begin at another time.
    pub(crate) fn due(&self, key: &KeyRecord, now: Timestamp) -> Due {
        match key.due(now) {
            Due::Deletion if !self.watch.believes(now) => Due::Nothing,
            Due::Nothing if self.watch.keeps_time() && !self.lives_in_copies() => key.due_repair(now),
            due => due,
        }
    }

    /// Whether a deletion may be due.
    pub(crate) fn has_due_deletion(&self) -> bool {
        let now = self.now();
        self.schedule.is_due(now) && self.watch.believes(now)
    }

    /// Whether deletions wait for the host to say that the time is right.
    pub(crate) fn is_time_in_doubt(&self) -> bool {
        !self.watch.believes(self.now())
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
    fn keep_time(&self) {
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

    /// Looks up the next deletion.
    pub(crate) fn look_at_deletions(&self) -> Result<()> {
        self.schedule.look(self.now(), || self.first_deletion())
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

    /// Whom the vault was made for.
    pub(crate) fn remembered_caller(&self) -> Result<Arc<CallerRecord>> {
        self.read(|transaction| transaction.get::<CallerRecord>(CALLER.into())?.ok_or_else(|| missing(CALLER)))
    }
}

/// The error for a record without which the vault is not whole.
pub(crate) fn missing(name: &str) -> Error {
    Error::new(ErrorKind::RecordCorrupted, "a record of the vault is gone from the store")
        .explain(alloc::format!("the record '{name}'"))
}

pub(super) fn gone() -> Error {
    Error::new(ErrorKind::NotFound, "the vault is gone from the store")
}

/// Another process may replace the root key: then this one's vault key no longer fits the header.
pub(super) fn replaced() -> Error {
    Error::new(ErrorKind::WrongRootKey, "the vault's root key was replaced by another process: open it again")
}
