//! Sealed and open values are different types, and only sealed ones can be stored.

use crate::{
    crypto::{OpenError, Provider, Sealer},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::Secret,
};
use alloc::{format, sync::Arc, vec::Vec};

const OBJECT_TYPE: u8 = b'R';
const VERSION: u8 = 1;
const LABEL: &[u8] = b"PocketKMS Record 1";

/// A record's value as it is stored: encrypted, and authenticated with the record's name and revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed(Arc<[u8]>);

impl Sealed {
    /// What a store kept. Nothing is believed of it until it is opened.
    pub fn from_stored(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The same with this version's number, where it has another. Of a record that is damaged in that very place, and is to
    /// stay damaged under another vault key: nothing would tell it from a newer version's any more.
    pub(super) fn with_this_version(&self) -> Option<Self> {
        match self.0.split_first_chunk::<2>() {
            Some((&[OBJECT_TYPE, version], rest)) if version != VERSION => {
                Some(Self([&[OBJECT_TYPE, VERSION], rest].concat().into()))
            }
            _ => None,
        }
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The vault key in its work: it seals records.
pub(crate) struct RecordSealer(Sealer);

impl RecordSealer {
    pub(crate) fn new(provider: &Provider, vault_key: &[u8; 32]) -> Self {
        Self(Sealer::new(provider, vault_key, LABEL))
    }

    /// Seals a value for the record of that name and revision, and no other.
    pub(crate) fn seal(&self, provider: &Provider, name: &str, revision: u64, value: &[u8]) -> Result<Sealed> {
        let header = [OBJECT_TYPE, VERSION];
        let mut sealed = Vec::from(header);
        // The name comes last, so that its length needs no telling.
        self.0.seal(provider, &[&header, &revision.to_be_bytes(), name.as_bytes()], value, &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens the value that the store gave for that name and revision. A value that was altered, or sealed for
    /// another record or revision, is refused.
    pub(crate) fn open(&self, provider: &Provider, name: &str, revision: u64, sealed: &Sealed) -> Result<Secret> {
        let corrupted = |what: &str| {
            Error::new(ErrorKind::RecordCorrupted, "a record of the vault was altered, moved or rolled back")
                .explain(format!("the record '{}' {what}", Untrusted(name)))
        };
        let Some((header, rest)) = sealed.0.split_first_chunk::<2>() else {
            return Err(corrupted("is truncated"));
        };
        match *header {
            [OBJECT_TYPE, VERSION] => {}
            [OBJECT_TYPE, version] => {
                // A newer version's record does not open as one of this version. One that does has a flipped bit there.
                if self.open_as_this_version(provider, name, revision, rest).is_ok() {
                    return Err(corrupted("has another format version than it was sealed with"));
                }
                return Err(
                    newer_record().explain(format!("the record '{}' has format version {version}", Untrusted(name)))
                );
            }
            _ => return Err(corrupted("is no record of PocketKMS")),
        }
        self.open_as_this_version(provider, name, revision, rest).map_err(|error| {
            corrupted(match error {
                OpenError::Truncated => "is truncated",
                OpenError::Commitment => "was not sealed for this place: it was moved, swapped, rolled back or altered",
                OpenError::Tag => "was altered",
            })
        })
    }

    fn open_as_this_version(
        &self,
        provider: &Provider,
        name: &str,
        revision: u64,
        sealed: &[u8],
    ) -> Result<Secret, OpenError> {
        self.0.open(provider, &[&[OBJECT_TYPE, VERSION], &revision.to_be_bytes(), name.as_bytes()], sealed)
    }
}

/// What this PocketKMS does not understand, it must not touch. Which record it is stands in the explanation alone: it may be
/// another tenant's.
pub(super) fn newer_record() -> Error {
    Error::new(
        ErrorKind::UnsupportedVersion,
        "a record of the vault was written by a newer version of PocketKMS: update this one",
    )
}
