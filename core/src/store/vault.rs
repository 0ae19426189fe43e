//! A vault: a store, the key that seals its records, and what the host passes in.

use super::{
    Cache, Change, ClockTrust, Damage, Effect, Fetched, Record, RecordName, Store,
    allowance::Allowance,
    answers::ClusterKey,
    freshness::{Freshness, Look, Sight},
    generation::{Current, Generation},
    group::Group,
    name::{GENERATION, VAULT},
    saved::Saved,
    schedule::Schedule,
    sealing::parse,
    seen::Seen,
    unless_damaged,
    vault_key::{Slot, VaultKey, rolled_back},
    watch::Watch,
};
use crate::{
    attestation::AttestationRoots,
    audit::{Audit, EventsWaiting, Ring, Shown, Sink},
    clock::{Clock, Monotonic, Timestamp},
    crypto::Provider,
    error::{Error, ErrorKind, Result, Untrusted},
    key::{Due, KeyRecord},
    key_store::{Clusters, XksTransport},
    quota::Throttle,
    sync::{Queue, RwLock},
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::sync::atomic::{AtomicBool, AtomicUsize};

/// Where a vault's clock stops: the longest rotation period before the end of the year 9999. So every date that is
/// counted from now lies within that year, and no waiting period is cut short by its end.
const LATEST_NOW: i64 = Timestamp::MAX.as_millis() - 2560 * crate::clock::DAY_MILLIS;

/// What the host passes in.
pub(crate) struct Host {
    pub(crate) provider: Provider,
    pub(crate) clock: Arc<dyn Clock>,
    /// By which a store's lease is counted.
    pub(crate) monotonic: Option<Arc<dyn Monotonic>>,
    /// How far the clock is relied on; where nothing is said, the store and the clock decide.
    pub(crate) trust: Option<ClockTrust>,
    /// The store itself, where it has to be waited for.
    pub(crate) fetched: Option<Fetched>,
    /// Whether calls are recorded, and when.
    pub(crate) audit: Audit,
    /// The state that the vault must be in, or come after.
    pub(crate) expected_head: Option<String>,
    /// What is shown the events that were stored.
    pub(crate) sink: Option<Sink>,
    /// What hears that events wait, and how long they may.
    pub(crate) events_waiting: Option<EventsWaiting>,
    /// What may be behind custom key stores.
    pub(crate) clusters: Clusters,
    /// Whom the host trusts to say what an enclave is.
    pub(crate) attestation_roots: Arc<AttestationRoots>,
    /// What reaches external key store proxies.
    pub(crate) xks: Option<Arc<dyn XksTransport>>,
}

/// An open vault.
pub(crate) struct OpenVault {
    pub(super) store: Box<dyn Store>,
    pub(super) cache: Cache,
    pub(super) freshness: Freshness,
    pub(super) damage: Damage,
    pub(super) seen: Seen,
    pub(crate) provider: Provider,
    clock: Arc<dyn Clock>,
    pub(super) key: RwLock<Slot>,
    /// Those of this process who are about to change something.
    pub(super) writers: Queue,
    /// What they are about to change.
    pub(super) group: Group,
    pub(super) watch: Watch,
    pub(super) schedule: Schedule,
    pub(super) saved: Saved,
    /// The store itself, where it has to be waited for.
    pub(super) fetched: Option<Fetched>,
    pub(super) audit: Audit,
    /// The events that wait to be stored.
    pub(super) ring: Arc<Ring>,
    pub(super) expected_head: Option<String>,
    /// What is shown the events that were stored.
    pub(super) shown: Option<Arc<Shown>>,
    pub(super) events_waiting: Option<EventsWaiting>,
    /// The thread that stores the events that wait, and those that wait for it.
    pub(super) flushing: Queue,
    /// Whether a thread does.
    pub(super) is_flushing: AtomicBool,
    /// Whether a thread removes the oldest of them, of a vault that lives in memory.
    pub(super) is_shortening: AtomicBool,
    /// What the host allows of each kind of resource, and when a grant becomes effective.
    pub(crate) allowance: RwLock<Allowance>,
    /// What the host allows of requests.
    pub(crate) throttle: Throttle,
    /// What may be behind custom key stores.
    pub(crate) clusters: Clusters,
    /// How many events there have to be before a trail that could not be shortened is shortened.
    pub(super) shortened_at: AtomicUsize,
    /// About how many bytes the trail has of a vault that lives in memory, as far as this handle wrote it.
    pub(super) trail_bytes: AtomicUsize,
    pub(crate) attestation_roots: Arc<AttestationRoots>,
    /// What reaches external key store proxies.
    pub(crate) xks: Option<Arc<dyn XksTransport>>,
    /// Keys in clusters whose KMS keys are gone, until they are deleted.
    pub(super) ended: RwLock<Vec<ClusterKey>>,
}

impl OpenVault {
    pub(super) fn new(store: Box<dyn Store>, host: Host, key: VaultKey) -> Self {
        let Host {
            provider,
            clock,
            monotonic,
            trust,
            fetched,
            audit,
            expected_head,
            sink,
            events_waiting,
            clusters,
            attestation_roots,
            xks,
        } = host;
        let lasts = store.is_durable() && !clock.is_turned();
        let trust = trust.unwrap_or(if lasts { ClockTrust::System } else { ClockTrust::Trusted });
        Self {
            freshness: Freshness::new(&*store, monotonic),
            store,
            cache: Cache::new(),
            damage: Damage::default(),
            seen: Seen::new(),
            provider,
            clock,
            key: RwLock::new(Slot::Open(Arc::new(key))),
            writers: Queue::default(),
            group: Group::default(),
            watch: Watch::new(trust),
            schedule: Schedule::default(),
            saved: Saved::default(),
            fetched,
            audit,
            ring: Arc::new(Ring::new(audit)),
            expected_head,
            shown: sink.map(Shown::to),
            events_waiting,
            flushing: Queue::default(),
            is_flushing: AtomicBool::default(),
            is_shortening: AtomicBool::default(),
            shortened_at: AtomicUsize::default(),
            allowance: RwLock::default(),
            throttle: Throttle::default(),
            clusters,
            trail_bytes: AtomicUsize::default(),
            attestation_roots,
            xks,
            ended: RwLock::default(),
        }
    }

    /// The time by the host's clock, which stops before the years that dates can hold are over.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().min(Timestamp::from_millis(LATEST_NOW))
    }

    /// The vault key, unless the vault is locked.
    pub(super) fn key(&self) -> Result<Arc<VaultKey>> {
        match &*self.key.read() {
            Slot::Open(key) => Ok(Arc::clone(key)),
            Slot::Locked { .. } => Err(locked()),
        }
    }

    /// Follows what another process did to the record `vault`: new root keys, a new vault key. An error where it took away the
    /// root key that this vault was opened with.
    pub(super) fn check_key(&self, key: &VaultKey) -> Result<()> {
        let header = self.store.get(VAULT)?.ok_or_else(gone)?;
        // In this order: code that replaces it in this process writes the store first.
        if header.revision == key.revision || self.key()?.revision != key.revision {
            return Ok(());
        }
        let followed = key.follow(&self.provider, &header)?;
        self.set_key(Arc::new(followed));
        Ok(())
    }

    /// A record, under the name that was asked for, whatever the store says. Its seal covers the name: else the store could answer
    /// with another record.
    pub(super) fn stored(&self, name: &RecordName) -> Result<Option<Record>> {
        let record = self.store.get(name.as_str())?;
        Ok(record.map(|record| Record { name: name.as_str().to_string(), ..record }))
    }

    /// The error of a record that does not open, which is noted as damaged; but not where another process changed the vault key: then
    /// the operation begins again.
    pub(super) fn unless_followed(&self, key: &VaultKey, record: &Record, error: Error) -> Error {
        if let Err(replaced) = self.check_key(key) {
            return replaced;
        }
        if self.key().is_ok_and(|now| now.revision == key.revision) {
            self.damage.note(record, &error);
        }
        error
    }

    /// From now on this one, unless a later one is known already.
    pub(super) fn set_key(&self, new: Arc<VaultKey>) {
        let mut key = self.key.write();
        if let Slot::Open(now) = &mut *key
            && new.revision > now.revision
        {
            *now = new;
        }
    }

    /// The state of the vault that an operation sees which begins now.
    pub(super) fn sight(&self) -> Result<Sight> {
        let begun = match self.freshness.look() {
            Look::Known(sight) => return Ok(sight),
            Look::Due(begun) => begun,
        };
        let generation = self.store.generation()?;
        // A host that fetches may come back with what it read before the latest commit.
        if self.fetched.is_none()
            && let Some(known) = begun.finds_earlier(generation)
        {
            return Err(rolled_back(GENERATION, generation, known));
        }
        if begun.finds_changes(generation) {
            // Before it counts as seen, so that every call finds out.
            self.check_key(&*self.key()?)?;
            if !self.check_generation()? {
                // A number that no one vouches for. What is known stays as it is, and what is read now is not relied on later.
                return Ok(Sight { generation: 0, since: u64::MAX, moment: 0 });
            }
        }
        Ok(self.freshness.found(begun, generation).unwrap_or_else(|| {
            self.cache.clear();
            Sight { generation, since: generation, moment: 0 }
        }))
    }

    /// Whether the record of the generation opens. A vault that a newer version has changed in a way that this one must keep out
    /// of is refused: the record says so, by a member that this version does not know. So is a vault that was put back.
    fn check_generation(&self) -> Result<bool> {
        let key = self.key()?;
        match self.generation(&key) {
            Ok(_) => Ok(true),
            Err(error) if matches!(error.kind(), ErrorKind::UnsupportedVersion | ErrorKind::RolledBack) => Err(error),
            // Damage there stops no one from reading.
            Err(_) => Ok(false),
        }
    }

    /// The next call looks at what others changed, whatever the store's lease.
    pub(crate) fn refresh(&self) {
        self.freshness.expire();
    }

    /// The generation as the store has it now.
    pub(super) fn generation(&self, key: &VaultKey) -> Result<Current> {
        let record = self.store.get(GENERATION)?.ok_or_else(|| missing(GENERATION))?;
        let current = self.open_generation(key, record.clone());
        let current = current.map_err(|error| self.unless_followed(key, &record, error))?;
        if self.seen.is_followed_by(&current) {
            return Ok(current);
        }
        Err(Error::new(ErrorKind::RolledBack, "the store was put back from a copy, and changed since")
            .explain("the record 'generation' names other commits than it did before"))
    }

    /// Refuses a record, sealed as it should be, of which a later revision was seen before the operation began.
    pub(super) fn check_age(&self, key: &VaultKey, record: &Record, sight: Sight) -> Result<()> {
        let Record { name, revision, .. } = record;
        let known = self.seen.newer(name, *revision, sight.moment).filter(|_| self.fetched.is_none());
        let Some(known) = known else { return Ok(()) };
        // What the generation's seal vouches for, and not the bare number.
        let current = match self.generation(key) {
            Err(error) if self.key().is_ok_and(|now| now.revision != key.revision) => return Err(error),
            current => unless_damaged(current)?,
        };
        if current.is_some_and(|current| known.may_be_replaced_by(*revision, current.revision)) {
            return Ok(());
        }
        let error = Error::new(ErrorKind::RecordCorrupted, "a record of the vault was altered, moved or rolled back");
        let had = known.revision.map_or_else(|| "was deleted".to_string(), |known| format!("had {known}"));
        let name = Untrusted(name);
        let error = error.explain(format!("the record '{name}' has revision {revision}, and {had}: it was put back"));
        self.damage.note(record, &error);
        Err(error)
    }

    /// The generation in its record, however the vault key may have changed since.
    pub(super) fn open_generation(&self, key: &VaultKey, record: Record) -> Result<Current> {
        let name = RecordName::from(GENERATION);
        let revision = record.revision;
        if let Some(generation) = self.cache.get(&name, &record, 0) {
            return Ok(Current { revision, generation });
        }
        let ticket = self.cache.ticket();
        let value = key.sealer.open(&self.provider, GENERATION, revision, &record.value)?;
        let generation = Arc::new(parse::<Generation>(&name, &value)?);
        self.cache.put(ticket, name, record, 0, &generation);
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

    /// Whether something that the caller changed, or that was deleted, is in no saved snapshot, and in no store that lasts.
    pub(crate) fn needs_saving(&self) -> bool {
        !self.store.is_durable() && !self.saved.is_complete()
    }

    /// Whether material that falls due has to be the same in every copy of the vault.
    pub(crate) fn lives_in_copies(&self) -> bool {
        !self.store.is_durable()
    }

    /// What is due at a key. At a time that is in doubt nothing is removed. A schedule beyond its period was set when the clock
    /// was wrong; it begins again, but not in a copy, since each copy would begin at another time.
    pub(crate) fn due(&self, key: &KeyRecord, now: Timestamp) -> Due {
        match key.due(now) {
            Due::Deletion | Due::Expiry if !self.watch.believes(now) => Due::Nothing,
            Due::Nothing if self.watch.keeps_time() && !self.lives_in_copies() => key.due_repair(now),
            due => due,
        }
    }

    /// Whether something is left of a deleted key, as far as is known.
    pub(crate) fn has_removals(&self) -> bool {
        self.schedule.has_removals()
    }

    /// Whether a deletion may be due.
    pub(crate) fn has_due_deletion(&self) -> bool {
        self.schedule.due(|| self.now()).is_some_and(|now| self.watch.believes(now))
    }

    /// Whether a deletion is due by a time that is in doubt.
    pub(crate) fn has_doubtful_deletion(&self) -> bool {
        self.schedule.due(|| self.now()).is_some_and(|now| !self.watch.believes(now))
    }

    /// Whether deletions wait for the host to say that the time is right.
    pub(crate) fn is_time_in_doubt(&self) -> bool {
        !self.watch.believes(self.now())
    }
}

/// The error for a record without which the vault is not whole.
pub(crate) fn missing(name: &str) -> Error {
    Error::new(ErrorKind::RecordCorrupted, "a record of the vault is gone from the store")
        .explain(format!("the record '{name}'"))
}

/// The error of whatever needs a vault that is locked.
pub(crate) fn locked() -> Error {
    Error::new(ErrorKind::VaultLocked, "the vault is locked: unlock it with a root key")
}

pub(super) fn gone() -> Error {
    Error::new(ErrorKind::NotFound, "the vault is gone from the store")
}
