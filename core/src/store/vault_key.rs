//! The vault key of an open vault, and how the handle came to it.

use super::{
    MarkerKey, Record, RootKey,
    header::{Header, damaged},
    root_key::{candidates, not_this_vaults, wrong},
    sealing::RecordSealer,
};
use crate::{
    crypto::{Provider, Sealer},
    error::{Error, ErrorKind, Result},
    secret::SecretArray,
};
use alloc::{sync::Arc, vec::Vec};

/// The label under which the vault key seals snapshots.
pub(super) const SNAPSHOT_LABEL: &[u8] = b"PocketKMS Snapshot 1";

/// Where a handle has the vault key, while it is not locked.
pub(super) enum Slot {
    Open(Arc<VaultKey>),
    /// What the key must be of that unlocks it.
    Locked {
        vault_id: [u8; 16],
        revision: u64,
    },
}

/// The vault key, and the header record that it came from.
pub(super) struct VaultKey {
    pub(super) sealer: RecordSealer,
    pub(super) snapshots: Sealer,
    pub(super) markers: MarkerKey,
    /// Every commit expects this revision, so that nothing is ever sealed under a vault key that was replaced.
    pub(super) revision: u64,
    pub(super) header: Header,
    pub(super) current: SecretArray<32>,
    /// That of the epoch before, while records of it are left.
    pub(super) former: Option<SecretArray<32>>,
    /// Whose wrap the vault was opened by.
    pub(super) opener: Option<Opener>,
}

/// A wrap that opens the vault, and its wrapping key: with it the handle follows when another process rotates the vault key.
pub(super) struct Opener {
    pub(super) id: [u8; 16],
    pub(super) key: SecretArray<32>,
}

impl Opener {
    pub(super) fn copy(&self) -> Self {
        Self { id: self.id, key: copy(&self.key) }
    }
}

/// A second one of the same bytes, wiped as the first is.
pub(super) fn copy(key: &SecretArray<32>) -> SecretArray<32> {
    let mut copy = SecretArray::zeroed();
    copy.expose_mut().copy_from_slice(key.expose());
    copy
}

impl VaultKey {
    /// Of a header that was verified, or is about to be written.
    pub(super) fn new(
        provider: &Provider,
        header: Header,
        revision: u64,
        current: SecretArray<32>,
        former: Option<SecretArray<32>>,
        opener: Option<Opener>,
    ) -> Self {
        Self {
            sealer: RecordSealer::new(provider, header.epoch, &current, former.as_ref()),
            snapshots: Sealer::new(provider, current.expose(), SNAPSHOT_LABEL),
            markers: MarkerKey::new(provider, current.expose()),
            revision,
            header,
            current,
            former,
            opener,
        }
    }

    /// By a root key.
    pub(super) fn open(provider: &Provider, root: &RootKey, bytes: &[u8], revision: u64) -> Result<Self> {
        let header = Header::read(bytes)?;
        let mut failures = Vec::new();
        let mut refused = false;
        let candidates = match candidates(&header, &header.wraps, root) {
            // Looked for among those of a shredding below.
            Err(error) if header.rotation.is_none() || error.kind() != ErrorKind::WrongRootKey => return Err(error),
            Err(error) => {
                failures.push(error);
                Vec::new()
            }
            Ok(candidates) => candidates,
        };
        for wrap in candidates {
            match root.unwrap(provider, &header.vault_id, &wrap.id, &wrap.method) {
                Ok(key) => {
                    let own = Opener { id: wrap.id, key };
                    if let Some(vault_key) = wrap.open(provider, header.opening(), &own.key) {
                        return Self::unlock(provider, (header, bytes, revision), vault_key, Some(own));
                    }
                    refused = true;
                }
                Err(error) => failures.push(error),
            }
        }
        if opens_later(provider, root, &header) {
            return Err(wrong(
                "the vault is being shredded, and this root key opens it at the end of that: open it with a root key from before, and \
                 call shred with this one to finish the rotation",
            ));
        }
        // What an app's callback threw comes back as it was.
        match (failures.pop(), failures.is_empty()) {
            (Some(failure), true) if !refused => Err(failure),
            (last, _) => Err(failures.into_iter().chain(last).fold(not_this_vaults(), Error::caused_by)),
        }
    }

    /// By the key that the root keys lead to.
    fn unlock(
        provider: &Provider,
        (header, bytes, revision): (Header, &[u8], u64),
        vault_key: SecretArray<32>,
        opener: Option<Opener>,
    ) -> Result<Self> {
        let (current, former) = match header.rotation {
            Some(_) => (header.open_next(provider, &vault_key).ok_or_else(damaged)?, Some(vault_key)),
            None => (vault_key, None),
        };
        Header::verify(provider, &current, revision, bytes)?;
        Ok(Self::new(provider, header, revision, current, former, opener))
    }

    /// As another process left the header.
    pub(super) fn follow(&self, provider: &Provider, record: &Record) -> Result<Self> {
        let (bytes, revision) = (record.value.as_bytes(), record.revision);
        if revision < self.revision {
            return Err(rolled_back("vault", revision, self.revision));
        }
        let header = Header::read(bytes)?;
        let opener = self.opener.as_ref().map(Opener::copy);
        let Some(own) = &opener else { return self.follow_without(provider, (header, bytes, revision), None) };
        let Some(wrap) = header.wraps.iter().find(|wrap| wrap.id == own.id) else {
            // That of a shredding that this handle began opens the vault at its end.
            let keeps = header.rotation.as_ref().is_some_and(|rotation| rotation.keeps(&own.id));
            let found = (header, bytes, revision);
            return if keeps { self.follow_without(provider, found, opener) } else { Err(replaced()) };
        };
        let vault_key = wrap.open(provider, header.opening(), &own.key).ok_or_else(replaced)?;
        Self::unlock(provider, (header, bytes, revision), vault_key, opener)
    }

    /// With the vault keys that this handle has: no wrap leads it to the present one. It took its own away, or has not come to
    /// the end of a shredding.
    fn follow_without(
        &self,
        provider: &Provider,
        (header, bytes, revision): (Header, &[u8], u64),
        opener: Option<Opener>,
    ) -> Result<Self> {
        let former = self.former.as_ref().map(|key| (self.header.epoch.saturating_sub(1), key));
        let mut known = [Some((self.header.epoch, &self.current)), former].into_iter().flatten();
        let wanted = header.opening().number;
        let (_, key) = known.find(|(epoch, _)| *epoch == wanted).ok_or_else(replaced)?;
        Self::unlock(provider, (header, bytes, revision), copy(key), opener)
    }

    /// The same vault key under another header, which is about to be written.
    pub(super) fn with_header(&self, provider: &Provider, header: Header, opener: Option<Opener>) -> Self {
        let former = self.former.as_ref().map(copy);
        Self::new(provider, header, self.revision.saturating_add(1), copy(&self.current), former, opener)
    }

    /// The record's value, for the revision of this one.
    pub(super) fn header_bytes(&self, provider: &Provider) -> Vec<u8> {
        self.header.to_bytes(provider, &self.current, self.revision)
    }
}

/// Whether it is the root key that a shredding leaves. One wrap is tried at the most: the header may be forged, and a hash costs.
fn opens_later(provider: &Provider, root: &RootKey, header: &Header) -> bool {
    let Some([wrap]) = header.rotation.as_ref().map(|rotation| &*rotation.wraps) else { return false };
    let is_known = header.wraps.iter().any(|known| known.id == wrap.id);
    if is_known || candidates(header, core::slice::from_ref(wrap), root).is_err() {
        return false;
    }
    let key = root.unwrap(provider, &header.vault_id, &wrap.id, &wrap.method);
    key.is_ok_and(|key| wrap.open(provider, header.writing(), &key).is_some())
}

/// The error for a handle whose root key opens the vault no more.
pub(super) fn replaced() -> Error {
    Error::new(ErrorKind::WrongRootKey, "the vault's root key was replaced by another process: open it again")
}

/// The error for what was newer when it was last seen.
pub(super) fn rolled_back(name: &str, found: u64, known: u64) -> Error {
    Error::new(ErrorKind::RolledBack, "the store shows an older state of the vault than it did before")
        .explain(alloc::format!("the record '{name}' has revision {found}, and had {known}"))
}
