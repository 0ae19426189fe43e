//! Outcome before effect: an operation reads, computes its answer and collects its changes; then all of them are
//! committed at once; only then is the answer seen.

use super::{
    MARKER_TAG_LENGTH, OpenVault, Record, RecordName, Sealed,
    answers::{ClusterKey, Outside},
    freshness::Sight,
    generation::Current,
    names::{Names, PAGE},
    sealing::{parse, unreadable},
    trail::Cut,
    unless_damaged,
    vault_key::VaultKey,
};
use crate::{
    audit::{Batch, Event, Lines, Touched},
    clock::Timestamp,
    crypto::{Provider, Sealer},
    error::{Error, ErrorKind, Result, Untrusted},
    key::{KeyRecord, Material, MaterialRecord, OriginType, RotationSecrets},
    secret::Secret,
    sync::{RwLock, Turn},
};
use alloc::{format, string::ToString, sync::Arc, vec::Vec};
use core::{any::Any, cell::RefCell};
use serde::{Serialize, de::DeserializeOwned};

/// What an operation read, and what it is about to change.
///
/// It sees the store as it was, not its own changes: an operation computes first and changes last.
#[allow(clippy::struct_excessive_bools, reason = "each is a question of its own, and none excludes another")]
pub(crate) struct Transaction<'v> {
    pub(super) vault: &'v OpenVault,
    pub(super) key: Arc<VaultKey>,
    pub(super) now: Timestamp,
    /// The state of the vault before anything was read.
    pub(super) sight: Sight,
    pub(super) cause: Cause,
    /// The turn among the writers of this process, where it was waited for before computing.
    pub(super) turn: Option<&'v Turn<'v>>,
    pub(super) reads: Vec<(RecordName, Option<u64>)>,
    pub(super) writes: Vec<(RecordName, Write)>,
    /// The record `vault` as it is to be, where this changes it.
    pub(super) header: Option<Arc<VaultKey>>,
    pub(super) time: Time,
    /// The keys that the operation has come upon, for its event.
    pub(crate) touched: Touched,
    /// Whether the operation's request has still to be counted against its quota.
    pub(crate) is_uncounted: bool,
    /// What is to be in the trail of it.
    pub(super) events: Vec<Event>,
    /// Events of other calls, which waited.
    pub(super) batch: Option<Batch>,
    /// What is to be known of entries of the trail that it removes.
    pub(super) cut: Option<Cut>,
    /// The events as they are stored, where the commit is computed more than once.
    pub(super) lines: RwLock<Option<Lines>>,
    /// Whether it was found that events have waited long enough.
    pub(super) is_due: bool,
    /// What the operation has from outside; the host's part of it where it has to be waited for.
    pub(super) outside: Option<&'v RefCell<Outside>>,
    /// Whether it has to ask for something while it keeps others from writing, and so cannot go on.
    pub(super) must_ask: bool,
    /// Keys in clusters that are deleted when this is stored.
    pub(super) ended: Vec<ClusterKey>,
    /// Whether it rests on what is not there, or on how much there is: nothing may be changed until it is stored.
    pub(super) rests_on_everything: bool,
}

pub(super) enum Write {
    Put(Secret),
    /// As it is, sealed: what does not open and stays so.
    PutSealed(Sealed),
    Delete,
}

/// Why the vault is being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Somebody asked for it.
    Caller,
    /// Time passed. Another copy of the vault comes to the same.
    Time,
}

/// What a transaction does to the vault's idea of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// Writes it down beside its changes.
    Beside,
    /// Writes it down although nothing else changes.
    Keep,
    /// Makes it the time that is right.
    Confirm,
}

impl<'v> Transaction<'v> {
    pub(super) fn begin(
        vault: &'v OpenVault,
        cause: Cause,
        turn: Option<&'v Turn<'v>>,
        outside: &'v RefCell<Outside>,
    ) -> Result<Self> {
        {
            let mut outside = outside.borrow_mut();
            outside.begin_run();
            outside.compute_again();
        }
        // In this order: what others did to the vault key is followed there.
        let moment = vault.seen.moment();
        let sight = Sight { moment, ..vault.sight()? };
        let (key, now) = (vault.key()?, vault.now());
        let (reads, writes) = (Vec::new(), Vec::new());
        Ok(Self {
            vault,
            key,
            now,
            sight,
            cause,
            turn,
            reads,
            writes,
            header: None,
            time: Time::Beside,
            events: Vec::new(),
            batch: None,
            cut: None,
            lines: RwLock::new(None),
            is_due: false,
            outside: Some(outside),
            must_ask: false,
            ended: Vec::new(),
            rests_on_everything: false,
            touched: Touched::default(),
            is_uncounted: false,
        })
    }

    /// The time at which the operation happens, the same for all of it.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The tag of a position in a list, for the marker that leads there.
    pub(crate) fn marker_tag(&self, list: &[&str], position: &str) -> [u8; MARKER_TAG_LENGTH] {
        self.key.markers.tag(self.provider(), list, position)
    }

    /// The vault, for changes that come before this one.
    pub(crate) fn vault(&self) -> &'v OpenVault {
        self.vault
    }

    /// The turn that changes which come before this one need not wait for.
    pub(crate) fn turn(&self) -> Option<&'v Turn<'v>> {
        self.turn
    }

    /// A key of the vault key's own for a purpose, which the label names. What it sealed opens until the vault key is rotated.
    pub(crate) fn sealer(&self, label: &'static [u8]) -> Sealer {
        Sealer::new(self.provider(), self.key.current.expose(), label)
    }

    /// Wipes the materials of a key that others removed from the store, should they still be in memory.
    pub(crate) fn wipe_missing(&self, key: &KeyRecord) {
        for id in key.missing_materials() {
            self.vault.cache.drop_gone(&RecordName::material(&key.material_place(), &key.id, id.reference()));
        }
    }

    /// How many changes the vault has seen.
    pub(crate) fn revision(&self) -> Result<u64> {
        self.generation().map(|current| current.revision)
    }

    /// The generation as the store has it now.
    pub(super) fn generation(&self) -> Result<Current> {
        self.vault.generation(&self.key)
    }

    /// The vault's primitives.
    pub(crate) fn provider(&self) -> &'v Provider {
        &self.vault.provider
    }

    /// Metadata: a record that holds JSON.
    pub(crate) fn get<T: DeserializeOwned + Send + Sync + 'static>(
        &mut self,
        name: RecordName,
    ) -> Result<Option<Arc<T>>> {
        self.read(name, |name, value| parse(name, &value))
    }

    /// The same, only looked at: a commit does not expect it to stay as it is.
    pub(crate) fn peek<T: DeserializeOwned + Send + Sync + 'static>(
        &mut self,
        name: RecordName,
    ) -> Result<Option<Arc<T>>> {
        let read = self.reads.len();
        let value = self.get(name);
        self.reads.truncate(read);
        value
    }

    /// A key material, ready to seal and open blobs.
    pub(crate) fn get_material(&mut self, name: RecordName, key: &KeyRecord) -> Result<Option<Arc<Material>>> {
        // A material never changes, since its name is a function of it, and goes only with its key's record (of a multi-Region
        // key: what they share), which every operation reads first. So one that was opened is good without asking the store again;
        // but not one that was imported, which is deleted by itself.
        if key.origin != OriginType::External
            && let Some(material) = self.vault.cache.get_unchanging(&name)
        {
            return Ok(Some(material));
        }
        let provider = self.provider();
        self.read(name, |name, value| {
            let record = MaterialRecord::read(value).ok_or_else(|| unreadable(name, &"its kind is new"))?;
            let material = Material::open(provider, &key.id, key.spec, &record);
            material.ok_or_else(|| unreadable(name, &"it is no material for the key's spec"))
        })
    }

    /// What a key's due materials are derived from.
    pub(crate) fn get_rotation_secrets(&mut self, name: RecordName) -> Result<Option<Arc<RotationSecrets>>> {
        self.read(name, |name, value| {
            RotationSecrets::read(value.expose()).ok_or_else(|| unreadable(name, &"its length is new"))
        })
    }

    /// A secret that is no key material: a password.
    pub(crate) fn get_secret(&mut self, name: RecordName) -> Result<Option<Arc<Secret>>> {
        self.read(name, |_, value| Ok(value))
    }

    fn read<T: Any + Send + Sync>(
        &mut self,
        name: RecordName,
        parse: impl FnOnce(&RecordName, Secret) -> Result<T>,
    ) -> Result<Option<Arc<T>>> {
        if let Some((revision, value)) = self.vault.cache.get_seen(&name, self.sight.since) {
            self.reads.push((name, Some(revision)));
            return Ok(Some(value));
        }
        if name.is_mostly_absent() && self.vault.cache.is_absent(&name, self.sight.since) {
            self.reads.push((name, None));
            return Ok(None);
        }
        let ticket = self.vault.cache.ticket();
        let Some(record) = self.vault.stored(&name)? else {
            self.vault.cache.drop_gone(&name);
            if name.is_mostly_absent() {
                self.vault.cache.put_absent(ticket, &name, self.sight.generation);
            }
            self.reads.push((name, None));
            return Ok(None);
        };
        self.reads.push((name.clone(), Some(record.revision)));
        if let Some(value) = self.vault.cache.get(&name, &record, self.sight.generation) {
            return Ok(Some(value));
        }
        let value = Arc::new(self.open_as(&record, |value| parse(&name, value))?);
        self.vault.cache.put(ticket, name, record, self.sight.generation, &value);
        Ok(Some(value))
    }

    /// The first `wanted` records of metadata after `after` that `keep` takes, in the order of their names. One that does not
    /// open is noted and passed over: it does not take the others with it.
    pub(crate) fn list<T: DeserializeOwned>(
        &self,
        prefix: &str,
        after: Option<&str>,
        wanted: usize,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Vec<(RecordName, T)>> {
        let mut found = Vec::new();
        let mut after = after.map(ToString::to_string);
        while found.len() < wanted {
            let records = self.vault.store.scan(prefix, after.as_deref(), wanted.min(PAGE))?;
            let Some(last) = records.last() else { break };
            after = Some(last.name.clone());
            for record in records {
                let name = RecordName::from(&*record.name);
                let value = self.open_as(&record, |value| parse(&name, &value));
                found.extend(unless_damaged(value)?.filter(&keep).map(|value| (name, value)));
            }
        }
        found.truncate(wanted);
        Ok(found)
    }

    /// The first records that begin so, noted as read, so that they can be deleted; nothing of one that is damaged.
    pub(crate) fn page<T: DeserializeOwned>(
        &mut self,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<(RecordName, Option<T>)>> {
        let mut found = Vec::new();
        for record in self.vault.store.scan(prefix, None, limit)? {
            let name = RecordName::from(&*record.name);
            let value = unless_damaged(self.open_as(&record, |value| parse(&name, &value)))?;
            self.reads.push((name.clone(), Some(record.revision)));
            found.push((name, value));
        }
        Ok(found)
    }

    /// What a record holds. That it is damaged is noted for the host.
    fn open_as<T>(&self, record: &Record, parse: impl FnOnce(Secret) -> Result<T>) -> Result<T> {
        self.open(record).and_then(|value| {
            parse(value).inspect_err(|error| {
                // What is there cannot be read without primitives that are not.
                if !self.vault.provider.runs.lacks() {
                    self.vault.damage.note(record, error);
                }
            })
        })
    }

    /// The bytes that a record holds. That it is damaged is noted for the host.
    pub(super) fn open(&self, record: &Record) -> Result<Secret> {
        let opened = self.key.sealer.open(self.provider(), &record.name, record.revision, &record.value);
        let opened = opened.map_err(|error| self.vault.unless_followed(&self.key, record, error))?;
        self.vault.check_age(&self.key, record, self.sight)?;
        let Sight { generation, moment, .. } = self.sight;
        self.vault.seen.note_read(&record.name, record.revision, generation, moment);
        Ok(opened)
    }

    /// Whether nothing was changed since the transaction began, so that what it has from the cache and from the store is of one
    /// moment. `false` also where the store does not say.
    pub(crate) fn is_as_it_began(&self) -> bool {
        self.vault.store.generation().is_ok_and(|now| now == self.sight.generation)
    }

    /// Whether the vault's key was replaced since the transaction began, so that what it read may not have opened.
    pub(crate) fn is_outdated(&self) -> bool {
        // Locked meanwhile, what it read opened all the same.
        self.vault.key().is_ok_and(|key| key.revision != self.key.revision)
    }

    /// The names of the first records after `after` that begin so, noted as read, so that they can be deleted.
    pub(crate) fn scan_names(&mut self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<RecordName>> {
        let mut names = Vec::new();
        for record in self.vault.store.scan(prefix, after, limit)? {
            let name = RecordName::from(record.name);
            self.reads.push((name.clone(), Some(record.revision)));
            names.push(name);
        }
        Ok(names)
    }

    /// The names of the first records that begin so. What they lead to must be read, since they are not noted.
    pub(crate) fn first_names(&self, prefix: &str, limit: usize) -> Result<Vec<RecordName>> {
        let records = self.vault.store.scan(prefix, None, limit)?;
        Ok(records.into_iter().map(|record| RecordName::from(record.name)).collect())
    }

    /// The names of the records that begin so, page by page. What they lead to must be read, since they are not noted.
    pub(crate) fn names(&self, prefix: &str) -> Names<'v> {
        self.vault.names(prefix)
    }

    /// Notes a record as read without opening it, so that it can be deleted or replaced whatever it holds. Says whether it is
    /// there.
    pub(crate) fn note(&mut self, name: &RecordName) -> Result<bool> {
        let revision = self.vault.store.get(name.as_str())?.map(|record| record.revision);
        self.reads.push((name.clone(), revision));
        Ok(revision.is_some())
    }

    /// Forgets that a record was read, to read it again.
    pub(crate) fn forget(&mut self, name: &RecordName) {
        self.reads.retain(|(read, _)| read != name);
    }

    /// Writes metadata.
    pub(crate) fn put<T: Serialize>(&mut self, name: RecordName, value: &T) -> Result<()> {
        let json = serde_json::to_vec(value).map_err(|error| {
            Error::new(ErrorKind::KmsInternal, "a record cannot be written")
                .explain(format!("the record '{}': {error}", Untrusted(name.as_str())))
        })?;
        self.writes.push((name, Write::Put(Secret::from(json))));
        Ok(())
    }

    /// Writes bytes that are no metadata: a key material, rotation secrets.
    pub(crate) fn put_secret(&mut self, name: RecordName, secret: Secret) {
        self.writes.push((name, Write::Put(secret)));
    }

    /// Writes a record that was read outside, at that revision.
    pub(super) fn rewrite(&mut self, name: &RecordName, revision: u64, write: Write) {
        self.reads.push((name.clone(), Some(revision)));
        self.writes.push((name.clone(), write));
    }

    /// Changes the record `vault`. What else is written is sealed by the new vault key.
    pub(super) fn put_header(&mut self, key: VaultKey) {
        self.header = Some(Arc::new(key));
    }

    /// The vault key that seals what this writes.
    pub(super) fn sealing_key(&self) -> &VaultKey {
        self.header.as_ref().unwrap_or(&self.key)
    }

    /// What this writes holds only as long as nothing at all was changed: it counted records, or found that there is none of a kind.
    pub(crate) fn rest_on_everything(&mut self) {
        self.rests_on_everything = true;
    }

    /// Deletes a record.
    pub(crate) fn delete(&mut self, name: RecordName) {
        self.writes.push((name, Write::Delete));
    }
}
