//! A whole vault as one sealed file, the same on every platform. Specified byte by byte in docs/formats.md.
//!
//! ```text
//! 0    8    "PKMSSNAP"
//! 8    2    format version, 1
//! 10   8    length of the whole file
//! 18   8    revision of the vault's header
//! 26   159  the vault's header (see `root_key`), which holds the vault key, sealed under the root key
//! 185  …    sealed by `crypto::seal` under the vault key; associated data: bytes 0 to 184
//! ```
//!
//! Sealed as one, so that no record can be altered, left out or put back from an older snapshot. The records inside
//! stay sealed one by one as in any store, and are opened when they are needed.

use super::{
    Host, MemoryStore, Record, RootKey, Sealed, Vault,
    name::VAULT,
    root_key::{self, HEADER_LENGTH},
    vault::{self, SNAPSHOT_LABEL},
};
use crate::{
    crypto::{OpenError, Provider, Sealer},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::SecretArray,
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    vec::Vec,
};

const MAGIC: &[u8; 8] = b"PKMSSNAP";
const VERSION: u16 = 1;
/// All before the sealed part.
const PREFIX_LENGTH: usize = 26 + HEADER_LENGTH;

impl Vault {
    /// Opens the vault that a snapshot holds, in memory.
    pub(crate) fn open_snapshot(file: &[u8], host: Host, root: &RootKey) -> Result<Self> {
        // The vault key comes along, so that a passphrase is hashed once only.
        let (store, key, revision) = open(&host.provider, file, root)?;
        let vault = Self::new(Box::new(store), host, key.expose(), revision);
        vault.look()?;
        Ok(vault)
    }

    /// The vault as it is now, as one file.
    pub(crate) fn snapshot(&self) -> Result<Vec<u8>> {
        // Held until the end, so that the root key is not replaced meanwhile.
        let key = self.key.read();
        let mark = self.saved.mark();
        let mut payload = Vec::new();
        let mut header = None;
        for record in self.store.scan("", None, usize::MAX)? {
            if record.name == VAULT {
                header = Some(record);
            } else {
                write_record(&mut payload, &record)?;
            }
        }
        let header = header.filter(|header| header.revision == key.revision).ok_or_else(vault::replaced)?;

        let length = PREFIX_LENGTH + crate::crypto::OVERHEAD + payload.len();
        let mut file = Vec::with_capacity(length);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&VERSION.to_be_bytes());
        file.extend_from_slice(&u64::try_from(length).unwrap_or(u64::MAX).to_be_bytes());
        file.extend_from_slice(&header.revision.to_be_bytes());
        file.extend_from_slice(header.value.as_bytes());
        let prefix = file.clone();
        key.snapshots.seal(&self.provider, &[&prefix], &payload, &mut file)?;
        self.saved.save(mark);
        Ok(file)
    }
}

/// What a snapshot holds: its records in a store in memory, the vault key, and the revision of the vault's header.
fn open(provider: &Provider, file: &[u8], root: &RootKey) -> Result<(MemoryStore, SecretArray<32>, u64)> {
    if !file.starts_with(MAGIC) {
        return Err(if MAGIC.starts_with(file) {
            truncated(file, PREFIX_LENGTH as u64)
        } else {
            corrupted("the bytes are no snapshot of PocketKMS: they do not begin with 'PKMSSNAP'")
        });
    }
    let mut reader = Reader(file.get(MAGIC.len()..).unwrap_or_default());
    let too_short = || truncated(file, PREFIX_LENGTH as u64);
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
    let (prefix, sealed) = file.split_at_checked(PREFIX_LENGTH).ok_or_else(too_short)?;
    let header = reader.take(HEADER_LENGTH).ok_or_else(too_short)?;

    let vault_key = root_key::open(provider, root, header)?;
    let payload = Sealer::new(provider, vault_key.expose(), SNAPSHOT_LABEL).open(provider, &[prefix], sealed).map_err(
        |error| {
            corrupted(match error {
                OpenError::Truncated => "the snapshot is too short",
                OpenError::Commitment => "the snapshot's first bytes were altered",
                OpenError::Tag => "the snapshot's records were altered",
            })
        },
    )?;

    let mut records = Vec::new();
    records.push(Record { name: VAULT.to_string(), revision, value: Sealed::from_stored(header) });
    let mut reader = Reader(payload.expose());
    while !reader.0.is_empty() {
        records.push(read_record(&mut reader).ok_or_else(|| corrupted("the list of records does not add up"))?);
    }
    Ok((records.into_iter().collect(), vault_key, revision))
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
