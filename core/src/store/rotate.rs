//! Another vault key: every record is sealed again under it, in pages, while the vault is used.
//!
//! The first commit writes the new key into the header, wrapped for the root keys that are to stay, and sealed under the old
//! vault key, so that anyone who has the vault open reads both epochs and writes the new one. Then records are sealed again
//! page by page; a process that ends meanwhile leaves a vault that any other goes on with. The last commit takes the old wraps
//! out of the header, and so the old key is gone. In no state between does a new root key lead to the old vault key.
//!
//! A shredding leaves one root key, which perhaps only the process that began it had. So it takes that root key to complete it;
//! others can take it back, for the root keys that open the vault: it continues as a rotation then.

use super::{
    Cause, OpenVault, Record, RecordName, RootKey, Transaction,
    header::{Header, Rotation},
    name::{GENERATION, VAULT},
    root_key::candidates,
    transaction::Write,
    vault_key::{Opener, VaultKey, copy},
    wrap::{Epoch, Wrap},
    wraps::{new_wrap, rotating},
};
use crate::{
    error::{Error, ErrorKind, Result},
    secret::SecretArray,
};
use alloc::{format, string::String, sync::Arc, vec::Vec};

/// How many records are sealed again in one commit, beside the header and the generation.
const PAGE: usize = 90;
/// And how many bytes of them, about: half of what a store takes at once.
const PAGE_BYTES: usize = 512 * 1024;

/// The names of records that are to be sealed again, as one commit takes them, and the last name that was looked at.
struct Page {
    commits: Vec<Vec<RecordName>>,
    last: Option<String>,
}

/// A header of two epochs, which is not written yet, and the key of the later one and of the one before.
struct Next {
    before: Arc<VaultKey>,
    header: Header,
    key: SecretArray<32>,
    former: Option<SecretArray<32>>,
}

impl OpenVault {
    /// Rotates the vault key. Every root key of the vault must be given, since each wraps the new one.
    pub(crate) fn rotate_vault_key(&self, roots: &[&RootKey]) -> Result<()> {
        if !self.end_others_rotation()? {
            self.take_back(roots)?;
        }
        self.rotate_to(&*self.next_epoch()?, roots)
    }

    /// Begins a rotation for these root keys, which are all that open the vault, and comes to its end.
    fn rotate_to(&self, next: &Next, roots: &[&RootKey]) -> Result<()> {
        let prepared = self.once(|| {
            let (wraps, opener) = self.wraps_of_all(&next.before, next.header.writing(), &next.key, roots)?;
            Ok((next.header.rotating_for(wraps), opener))
        })?;
        let (header, opener) = &*prepared;
        self.once(|| self.begin(next, header, Some(opener)))?;
        self.finish(None).map(drop)
    }

    /// A shredding goes on as a rotation, for these root keys, which are all that open the vault.
    fn take_back(&self, roots: &[&RootKey]) -> Result<()> {
        let before = self.key_to_change()?;
        let (key, former) = (copy(&before.current), before.former.as_ref().map(copy));
        self.rotate_to(&Next { header: before.header.clone(), key, former, before }, roots)
    }

    /// Refuses what a newer version wrote, before anything is changed: it cannot be sealed again, and would be lost.
    fn check_versions(&self) -> Result<()> {
        let mut after = self.once(|| self.check_versions_after(None))?;
        while let Some(name) = &*after {
            after = self.once(|| self.check_versions_after(Some(name)))?;
        }
        Ok(())
    }

    /// The same for a page; the last name of it, where others may follow.
    fn check_versions_after(&self, after: Option<&String>) -> Result<Option<String>> {
        self.read(|transaction| {
            let records = self.store.scan("", after.map(String::as_str), PAGE)?;
            for record in records.iter().filter(|record| record.value.with_this_version().is_some()) {
                match transaction.open(record) {
                    Err(error) if error.kind() != ErrorKind::RecordCorrupted => return Err(error),
                    _ => {}
                }
            }
            Ok(records.last().map(|last| last.name.clone()))
        })
    }

    /// Rotates the vault key, and takes every root key away but this new one.
    pub(crate) fn shred(&self, root: &RootKey) -> Result<()> {
        if self.finish_shredding(root)? {
            return Ok(());
        }
        // Not even by the process that began it: what was sealed again has copies which open with the root key that was given then.
        if !self.end_others_rotation()? {
            return Err(not_kept());
        }
        let next = self.next_epoch()?;
        let before = &next.before.header;
        if !self.once(|| self.opened_by(root, before, &before.wraps, before.opening()))?.is_empty() {
            return Err(Error::new(
                ErrorKind::Validation,
                "this root key opens the vault already, and so its earlier copies: shred takes a new one",
            ));
        }
        let new = self.once(|| new_wrap(&self.provider, root, next.header.writing(), &next.key, "", self.now()))?;
        let (wrap, opener) = &*new;
        if !wrap.is_keepable() {
            return Err(Error::new(
                ErrorKind::LastRootKey,
                "after this the vault has one root key, which a person must be able to keep: bytes, a passphrase or a recovery key",
            ));
        }
        let mut wrap = wrap.clone();
        wrap.opened = true;
        let header = next.header.rotating_for(Vec::from([wrap]));
        self.once(|| self.begin(&next, &header, Some(opener)))?;
        self.finish_for(opener)
    }

    /// Comes to the end of a shredding, and says so only if the vault is that root key's then: another process may have taken it back
    /// meanwhile, and anyone who hears that it is done destroys the other root keys.
    fn finish_for(&self, opener: &Opener) -> Result<()> {
        self.finish(Some(opener))?;
        let opens = |key: Arc<VaultKey>| key.header.wraps.iter().any(|wrap| wrap.id == opener.id);
        // What this handle wrote it knows, without another look that may fail.
        if opens(self.key()?) || opens(self.key_to_change()?) { Ok(()) } else { Err(not_kept()) }
    }

    /// Goes on with a rotation of the vault key that was begun by this process or another. Says whether there was one.
    pub(crate) fn finish_rotation(&self) -> Result<bool> {
        self.finish(None)
    }

    /// Goes on with a shredding for that root key. Says whether there was one.
    fn finish_shredding(&self, root: &RootKey) -> Result<bool> {
        let key = self.key_to_change()?;
        let Some(rotation) = key.header.rotation.as_ref().filter(|rotation| !rotation.keeps_all(&key.header.wraps))
        else {
            return Ok(false);
        };
        match self.once(|| self.opened_by(root, &key.header, &rotation.wraps, key.header.writing()))?.first() {
            Some(opener) => self.finish_for(opener).map(|()| true),
            None => Ok(false),
        }
    }

    /// Comes to the end of a rotation that others began, before another one; false for a shredding, which is none.
    fn end_others_rotation(&self) -> Result<bool> {
        let key = self.key_to_change()?;
        match &key.header.rotation {
            Some(rotation) if !rotation.keeps_all(&key.header.wraps) => Ok(false),
            Some(_) => self.finish(None).map(|_| true),
            None => Ok(true),
        }
    }

    /// This handle continues with the root key `opener`; without one, with its own.
    fn finish(&self, opener: Option<&Opener>) -> Result<bool> {
        let key = self.key_to_change()?;
        let Some(rotation) = &key.header.rotation else { return Ok(false) };
        if !may_finish(&key.header, rotation, opener.or(key.opener.as_ref())) {
            return Err(not_kept());
        }
        let epoch = key.header.epoch;
        let mut after: Option<String> = None;
        loop {
            let page = self.once(|| self.page_to_reseal(epoch, after.as_deref()))?;
            for names in &page.commits {
                self.once(|| self.reseal(epoch, names))?;
            }
            after.clone_from(&page.last);
            if after.is_none() {
                break;
            }
        }
        self.once(|| self.end_former_epoch(epoch, opener))?;
        self.cache.clear();
        Ok(true)
    }

    fn page_to_reseal(&self, epoch: u32, after: Option<&str>) -> Result<Page> {
        let records = self.store.scan("", after, PAGE)?;
        let last = records.last().map(|last| last.name.clone());
        let (mut commits, mut bytes) = (Vec::from([Vec::new()]), 0_usize);
        for Record { name, value, .. } in records {
            let is_of_others = matches!(name.as_str(), VAULT | GENERATION);
            if is_of_others || value.epoch().and_then(|epoch| epoch.checked_add(1)) != Some(epoch) {
                continue;
            }
            bytes = bytes.saturating_add(value.as_bytes().len());
            if bytes > PAGE_BYTES {
                commits.push(Vec::new());
                bytes = value.as_bytes().len();
            }
            commits.last_mut().into_iter().for_each(|names| names.push(RecordName::from(&*name)));
        }
        Ok(Page { commits, last })
    }

    /// Takes the wraps of the former epoch out of the header, unless another process has done so.
    fn end_former_epoch(&self, epoch: u32, opener: Option<&Opener>) -> Result<()> {
        self.transact(Cause::Caller, None, |transaction: &mut Transaction<'_>| {
            let key = Arc::clone(&transaction.key);
            let Some(rotation) = key.header.rotation.as_ref().filter(|_| key.header.epoch == epoch) else {
                return Ok(());
            };
            // Another process may have taken it over meanwhile.
            let opener = opener.or(key.opener.as_ref());
            if !may_finish(&key.header, rotation, opener) {
                return Err(not_kept());
            }
            let opener = opener.filter(|opener| rotation.keeps(&opener.id)).map(Opener::copy);
            let mut header = key.header.clone();
            header.end_former_epoch();
            let revision = key.revision.saturating_add(1);
            transaction.put_header(VaultKey::new(&self.provider, header, revision, copy(&key.current), None, opener));
            Ok(())
        })
    }

    /// Seals records again, those that are still of the epoch before.
    fn reseal(&self, epoch: u32, names: &[RecordName]) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        self.transact(Cause::Caller, None, |transaction: &mut Transaction<'_>| {
            if transaction.key.header.epoch != epoch {
                return Ok(());
            }
            // All of them are asked for before one is missed: a host that has to wait reads them together.
            let records: Vec<_> = names.iter().map(|name| self.stored(name)).collect();
            for (name, record) in names.iter().zip(records) {
                let Some(record) = record? else { continue };
                if record.value.epoch().and_then(|epoch| epoch.checked_add(1)) != Some(epoch) {
                    continue;
                }
                let write = match transaction.open(&record) {
                    Ok(value) => Write::Put(value),
                    // It stays as it is, and damaged: it opens under the new vault key as little as under the old one.
                    Err(error) if error.kind() == ErrorKind::RecordCorrupted => {
                        let Some(value) = record.value.with_this_version() else { continue };
                        let revision = record.revision.saturating_add(1);
                        self.damage.note(&Record { revision, value: value.clone(), ..record.clone() }, &error);
                        Write::PutSealed(value)
                    }
                    // A newer version's, which could not be opened afterwards.
                    Err(error) => return Err(error),
                };
                transaction.rewrite(name, record.revision, write);
            }
            Ok(())
        })
    }

    /// The header of an epoch after this one, without its wraps.
    fn next_epoch(&self) -> Result<Arc<Next>> {
        self.check_versions()?;
        self.once(|| {
            let before = self.newest_key()?;
            if before.header.rotation.is_some() {
                return Err(rotating());
            }
            let mut key = SecretArray::zeroed();
            self.provider.fill_random(key.expose_mut())?;
            let mut header = before.header.clone();
            header.begin_epoch(&self.provider, &before.current, &key)?;
            Ok(Next { former: Some(copy(&before.current)), before, header, key })
        })
    }

    fn begin(&self, next: &Next, header: &Header, opener: Option<&Opener>) -> Result<()> {
        self.transact(Cause::Caller, None, |transaction: &mut Transaction<'_>| {
            // Another process came first: a root key that it added or took away would be lost, or back.
            if transaction.key.revision != next.before.revision {
                return Err(rotating());
            }
            transaction.put_header(VaultKey::new(
                &self.provider,
                header.clone(),
                next.before.revision.saturating_add(1),
                copy(&next.key),
                next.former.as_ref().map(copy),
                opener.map(Opener::copy),
            ));
            Ok(())
        })
    }

    /// The wraps of all root keys, with another vault key, and the one that this handle continues with: its own if it is among them. An
    /// error names one that was not given; what was never opened may be left out.
    fn wraps_of_all(
        &self,
        key: &VaultKey,
        epoch: Epoch,
        vault_key: &SecretArray<32>,
        roots: &[&RootKey],
    ) -> Result<(Vec<Wrap>, Opener)> {
        let header = &key.header;
        let mut openers = Vec::new();
        for root in roots {
            // More than one where the same root key was added twice.
            let opened = self.opened_by(root, header, &header.wraps, header.opening())?;
            if opened.is_empty() {
                let words = "a root key that was given does not open this vault: add it first";
                return Err(Error::new(ErrorKind::WrongRootKey, words));
            }
            openers.extend(opened);
        }
        let not_given = || {
            let words = "a root key of the vault was not given: give every one that is to open it, and remove the others before";
            Error::new(ErrorKind::Validation, words)
        };
        let mut wraps = Vec::new();
        for wrap in &header.wraps {
            if let Some(opener) = openers.iter().find(|opener| opener.id == wrap.id) {
                wraps.push(wrap.again(&self.provider, epoch, vault_key, &opener.key)?);
            } else if wrap.opened {
                let left = format!("the root key '{}' of the id {}", wrap.label, hex::encode(wrap.id));
                return Err(not_given().explain(left));
            }
        }
        let own = key.opener.as_ref().and_then(|own| openers.iter().position(|opener| opener.id == own.id));
        let opener = openers.into_iter().nth(own.unwrap_or_default()).ok_or_else(not_given)?;
        Ok((wraps, opener))
    }

    /// Those wraps of the header that a root key opens, and their wrapping keys.
    fn opened_by(&self, root: &RootKey, header: &Header, wraps: &[Wrap], epoch: Epoch) -> Result<Vec<Opener>> {
        let candidates = match candidates(header, wraps, root) {
            Ok(candidates) => candidates,
            Err(error) if error.kind() == ErrorKind::WrongRootKey => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut openers = Vec::new();
        let mut failure = None;
        for wrap in candidates {
            match root.unwrap(&self.provider, &epoch.vault_id, &wrap.id, &wrap.method) {
                Ok(key) if wrap.open(&self.provider, epoch, &key).is_some() => {
                    openers.push(Opener { id: wrap.id, key });
                }
                Ok(_) => {}
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            Some(failure) if openers.is_empty() => Err(failure),
            _ => Ok(openers),
        }
    }
}

/// Whether the one that opened the vault by `opener` can come to the end of a rotation and is not left outside.
fn may_finish(header: &Header, rotation: &Rotation, opener: Option<&Opener>) -> bool {
    rotation.keeps_all(&header.wraps) || opener.is_some_and(|opener| rotation.keeps(&opener.id))
}

/// The error for a shredding that would leave the caller outside.
fn not_kept() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "the vault is being shredded, or was when it was looked at, and another root key alone opens it afterwards: call shred with that \
         root key. If it is lost, rotate_vault_key with every root key of the vault takes the shredding back; remove those that are lost",
    )
}
