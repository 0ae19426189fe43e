//! A whole vault as one sealed file, the same on every platform. Specified byte by byte in docs/formats.md.
//!
//! ```text
//! 0    8    "PKMSSNAP"
//! 8    2    format version, 1
//! 10   8    length of the whole file
//! 18   8    revision of the vault's header
//! 26   4    length h of the vault's header
//! 30   h    the vault's header (see `header`), with the vault key as each root key wraps it
//! 30+h …    sealed by `crypto::seal` under the vault key; associated data: all bytes before
//! ```
//!
//! Sealed as one, so that no record can be altered, left out or put back from an older snapshot. The records inside
//! stay sealed one by one as in any store, and are opened when they are needed.

use super::{
    Host, MemoryStore, OpenVault, Record, RootKey, Sealed, header::Header, name::VAULT, root_key, vault::gone,
    vault_key::VaultKey, wrap::OBJECT_TYPE,
};
use crate::{
    crypto::{OpenError, Provider},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::Secret,
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

const MAGIC: &[u8; 8] = b"PKMSSNAP";
const VERSION: u16 = 1;
/// All before the vault's header.
const START_LENGTH: usize = 30;

/// How many records are read at once.
const PAGE: usize = 1000;
/// How often they are read page by page.
const ATTEMPTS: usize = 3;

impl OpenVault {
    /// Opens the vault that a snapshot holds, in memory.
    pub(crate) fn open_snapshot(file: &[u8], host: Host, root: &RootKey) -> Result<Self> {
        // The vault key comes along, so that a passphrase is hashed once only.
        let (store, key) = open(&host.provider, file, root)?;
        let vault = Self::new(Box::new(store), host, key);
        vault.check_header()?;
        vault.check_expected_head()?;
        vault.look()?;
        Ok(vault)
    }

    /// The vault as it is now, as one file. It is for the host to say that it has saved it.
    pub(crate) fn snapshot(&self) -> Result<Vec<u8>> {
        self.flush_first()?;
        let mark = self.saved.mark();
        loop {
            let key = self.newest_key()?;
            if let Some(file) = self.snapshot_with(&key)? {
                if !self.store.is_durable() {
                    self.saved.remember(self.provider.digest.sha256(&[&file]), mark);
                }
                return Ok(file);
            }
        }
    }

    /// The host has saved this snapshot of this handle.
    pub(crate) fn mark_saved(&self, snapshot: &[u8]) -> Result<()> {
        if self.store.is_durable() || self.saved.save(&self.provider.digest.sha256(&[snapshot])) {
            return Ok(());
        }
        let words = "these bytes are none of the latest snapshots that were taken of this vault since it was opened";
        Err(Error::new(ErrorKind::Validation, words))
    }

    /// Nothing where the vault key was changed meanwhile.
    fn snapshot_with(&self, key: &VaultKey) -> Result<Option<Vec<u8>>> {
        let Content { header, payload } = self.content()?;
        let header = header.ok_or_else(gone)?;
        if header.revision != key.revision {
            return Ok(None);
        }
        // As this handle knows it, whatever somebody made of it in the store since: else no one could open the copy.
        let header_bytes = &*key.header_bytes(&self.provider);
        let length = START_LENGTH + header_bytes.len() + crate::crypto::OVERHEAD + payload.len();
        let mut file = Vec::with_capacity(length);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_be_bytes());
        file.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        file.extend_from_slice(&header.revision.to_be_bytes());
        file.extend_from_slice(&u32::try_from(header_bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        file.extend_from_slice(header_bytes);
        let prefix = file.clone();
        key.snapshots.seal(&self.provider, &[&prefix], &payload, &mut file)?;
        Ok(Some(file))
    }

    /// All records, of one moment. They are read page by page, so that a large vault is not in memory twice, and again where
    /// somebody changed something meanwhile.
    fn content(&self) -> Result<Content> {
        // A host that fetches does so at once.
        let attempts = if self.fetched.is_some() { 0 } else { ATTEMPTS };
        for attempt in 1..=attempts {
            // At last no one of this process comes between any more.
            let _turn = (attempt == attempts).then(|| self.writers.wait());
            let before = self.store.generation()?;
            let mut content = Content::default();
            let mut after: Option<String> = None;
            loop {
                let records = self.store.scan("", after.as_deref(), PAGE)?;
                let Some(last) = records.last() else { break };
                after = Some(last.name.clone());
                content.take(records)?;
            }
            if self.store.generation()? == before {
                return Ok(content);
            }
        }
        // Other processes change it all the time. One scan is of one moment by itself.
        let mut content = Content::default();
        content.take(self.store.scan("", None, usize::MAX)?)?;
        Ok(content)
    }
}

/// The records of a vault, as a snapshot has them.
#[derive(Default)]
struct Content {
    header: Option<Record>,
    payload: Vec<u8>,
}

impl Content {
    fn take(&mut self, records: Vec<Record>) -> Result<()> {
        for record in records {
            if record.name == VAULT {
                self.header = Some(record);
            } else {
                write_record(&mut self.payload, &record)?;
            }
        }
        Ok(())
    }
}

impl RootKey {
    /// Hashes the passphrase now, for a vault, or for one that is to be created: so that a thread that must not stand still, such as
    /// that of a page, can have another do it, and opens the vault by [`from_derived`](Self::from_derived) at once. The vault is given as
    /// a snapshot of it, or as the value of its store's record `vault`.
    ///
    /// The bytes open that vault as the passphrase does: keep them no longer than it takes to hand them over.
    pub fn derive(&self, provider: &Provider, vault: Option<&[u8]>) -> Result<Secret> {
        root_key::derive(provider, self, vault.map(header_of).transpose()?)
    }

    /// What a key elsewhere of that name has to unwrap so that [`from_answers`](Self::from_answers) opens this vault, which is given as for
    /// [`derive`](Self::derive). Nothing of it is verified yet.
    pub fn wrapped_by(name: &str, vault: &[u8]) -> Result<Vec<Vec<u8>>> {
        Ok(root_key::wrapped_in(&Header::read(header_of(vault)?)?, name))
    }
}

/// The header of a vault: in a snapshot, or alone as a store has it.
fn header_of(vault: &[u8]) -> Result<&[u8]> {
    if vault.starts_with(&[OBJECT_TYPE]) { Ok(vault) } else { Ok(Front::read(vault)?.header) }
}

/// What a snapshot begins with, and the sealed part.
struct Front<'a> {
    revision: u64,
    prefix: &'a [u8],
    header: &'a [u8],
    sealed: &'a [u8],
}

impl<'a> Front<'a> {
    fn read(file: &'a [u8]) -> Result<Self> {
        if !file.starts_with(MAGIC) {
            return Err(if MAGIC.starts_with(file) {
                truncated(file, START_LENGTH as u64)
            } else {
                corrupted("the bytes are no snapshot of PocketKMS: they do not begin with 'PKMSSNAP'")
            });
        }
        let mut reader = Reader(file.get(MAGIC.len()..).unwrap_or_default());
        let too_short = || truncated(file, START_LENGTH as u64);
        let version = u16::from_be_bytes(*reader.array().ok_or_else(too_short)?);
        if version != VERSION {
            return Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the snapshot has format version {version}; this PocketKMS reads {VERSION}: update it"),
            ));
        }
        let length = u64::from_be_bytes(*reader.array().ok_or_else(too_short)?);
        match (file.len() as u64).cmp(&length) {
            core::cmp::Ordering::Less => return Err(truncated(file, length)),
            core::cmp::Ordering::Greater => return Err(corrupted("bytes follow the end of the snapshot")),
            core::cmp::Ordering::Equal => {}
        }
        let revision = u64::from_be_bytes(*reader.array().ok_or_else(too_short)?);
        let header_length = u32::from_be_bytes(*reader.array().ok_or_else(too_short)?);
        let too_long = || corrupted("the snapshot's first bytes were altered");
        let header = usize::try_from(header_length).ok().and_then(|length| reader.take(length)).ok_or_else(too_long)?;
        let sealed = reader.0;
        let prefix = file.get(..file.len() - sealed.len()).ok_or_else(too_long)?;
        Ok(Self { revision, prefix, header, sealed })
    }
}

/// What a snapshot holds: its records in a store in memory, and the vault key.
fn open(provider: &Provider, file: &[u8], root: &RootKey) -> Result<(MemoryStore, VaultKey)> {
    let Front { revision, prefix, header, sealed } = Front::read(file)?;
    let key = VaultKey::open(provider, root, header, revision)?;
    let payload = key.snapshots.open(provider, &[prefix], sealed).map_err(|error| {
        corrupted(match error {
            OpenError::Truncated => "the snapshot is too short",
            OpenError::Commitment => "the snapshot's first bytes were altered",
            OpenError::Tag => "the snapshot's records were altered",
        })
    })?;

    let mut records = Vec::new();
    records.push(Record { name: VAULT.to_string(), revision, value: Sealed::from_stored(header) });
    let mut reader = Reader(payload.expose());
    while !reader.0.is_empty() {
        records.push(read_record(&mut reader).ok_or_else(|| corrupted("the list of records does not add up"))?);
    }
    Ok((records.into_iter().collect(), key))
}

fn write_record(payload: &mut Vec<u8>, Record { name, revision, value }: &Record) -> Result<()> {
    let too_long = |_| {
        Error::new(ErrorKind::LimitExceeded, "a record does not fit a snapshot")
            .explain(format!("the record '{}'", Untrusted(name)))
    };
    payload.extend_from_slice(&u16::try_from(name.len()).map_err(too_long)?.to_be_bytes());
    payload.extend_from_slice(name.as_bytes());
    payload.extend_from_slice(&revision.to_be_bytes());
    payload.extend_from_slice(&u32::try_from(value.as_bytes().len()).map_err(too_long)?.to_be_bytes());
    payload.extend_from_slice(value.as_bytes());
    Ok(())
}

fn read_record(reader: &mut Reader<'_>) -> Option<Record> {
    let name_length = u16::from_be_bytes(*reader.array()?);
    let name = String::from_utf8(reader.take(name_length.into())?.to_vec()).ok()?;
    let revision = u64::from_be_bytes(*reader.array()?);
    let value_length = u32::from_be_bytes(*reader.array()?);
    let value = Sealed::from_stored(reader.take(value_length.try_into().ok()?)?);
    Some(Record { name, revision, value })
}

/// What is left to read. A length that is claimed is never believed before the bytes are there.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }
}

fn truncated(file: &[u8], expected: u64) -> Error {
    let length = file.len();
    Error::new(ErrorKind::SnapshotTruncated, format!("the snapshot ends at byte {length} of {expected}"))
}

fn corrupted(message: &str) -> Error {
    Error::new(ErrorKind::SnapshotCorrupted, message)
}
