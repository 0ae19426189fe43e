//! Sealed and open values are different types, and only sealed ones can be stored.

use super::RecordName;
use crate::{
    crypto::{OpenError, Provider, Sealer},
    error::{Error, ErrorKind, Result, Untrusted},
    secret::{Secret, SecretArray},
};
use alloc::{format, sync::Arc, vec::Vec};
use serde::de::DeserializeOwned;

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
    /// stay damaged under another vault key: nothing would distinguish it from a newer version's any more.
    pub(super) fn with_this_version(&self) -> Option<Self> {
        match self.0.split_first_chunk::<2>() {
            Some((&[OBJECT_TYPE, version], rest)) if version != VERSION => {
                Some(Self([&[OBJECT_TYPE, VERSION], rest].concat().into()))
            }
            _ => None,
        }
    }

    /// The epoch of the vault key that the value says it was sealed under.
    pub(super) fn epoch(&self) -> Option<u32> {
        self.0.get(2..)?.first_chunk().map(|epoch| u32::from_be_bytes(*epoch))
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Object type, version, and the epoch of the vault key.
const HEADER_LENGTH: usize = 6;

/// The vault key in its work: it seals records. While records are re-sealed there are two, of the current epoch and of the
/// one before.
pub(super) struct RecordSealer {
    epoch: u32,
    current: Sealer,
    former: Option<Sealer>,
}

impl RecordSealer {
    pub(super) fn new(
        provider: &Provider,
        epoch: u32,
        current: &SecretArray<32>,
        former: Option<&SecretArray<32>>,
    ) -> Self {
        let sealer = |key: &SecretArray<32>| Sealer::new(provider, key.expose(), LABEL);
        Self { epoch, current: sealer(current), former: former.map(sealer) }
    }

    /// Seals a value for the record of that name and revision, and no other.
    pub(super) fn seal(&self, provider: &Provider, name: &str, revision: u64, value: &[u8]) -> Result<Sealed> {
        let mut sealed = Vec::from([OBJECT_TYPE, VERSION]);
        sealed.extend_from_slice(&self.epoch.to_be_bytes());
        let header = sealed.clone();
        // The name comes last, so that its length need not be stated.
        self.current.seal(provider, &[&header, &revision.to_be_bytes(), name.as_bytes()], value, &mut sealed)?;
        Ok(Sealed(sealed.into()))
    }

    /// Opens the value that the store gave for that name and revision. A value that was altered, or sealed for
    /// another record or revision, is refused.
    pub(super) fn open(&self, provider: &Provider, name: &str, revision: u64, sealed: &Sealed) -> Result<Secret> {
        let corrupted = |what: &str| {
            Error::new(ErrorKind::RecordCorrupted, "a record of the vault was altered, moved or rolled back")
                .explain(format!("the record '{}' {what}", Untrusted(name)))
        };
        let Some((&[object, version, epoch @ ..], rest)) = sealed.0.split_first_chunk::<HEADER_LENGTH>() else {
            return Err(corrupted("is truncated"));
        };
        if object != OBJECT_TYPE {
            return Err(corrupted("is no record of PocketKMS"));
        }
        let epoch = u32::from_be_bytes(epoch);
        let opened = self.of_epoch(epoch).map(|sealer| {
            let header = [&[OBJECT_TYPE, VERSION], &epoch.to_be_bytes()[..]].concat();
            sealer.open(provider, &[&header, &revision.to_be_bytes(), name.as_bytes()], rest)
        });
        if version != VERSION {
            // A newer version's record does not open as one of this version. One that does has a flipped bit there.
            if matches!(opened, Some(Ok(_))) {
                return Err(corrupted("has another format version than it was sealed with"));
            }
            return Err(
                newer_record().explain(format!("the record '{}' has format version {version}", Untrusted(name)))
            );
        }
        match opened {
            Some(Ok(value)) => Ok(value),
            Some(Err(OpenError::Truncated)) => Err(corrupted("is truncated")),
            Some(Err(OpenError::Commitment)) => {
                Err(corrupted("was not sealed for this place: it was moved, swapped, rolled back or altered"))
            }
            Some(Err(OpenError::Tag)) => Err(corrupted("was altered")),
            None => Err(corrupted(&format!(
                "was sealed under the vault key of epoch {epoch}, which is gone or never was: it was rolled back or altered"
            ))),
        }
    }

    fn of_epoch(&self, epoch: u32) -> Option<&Sealer> {
        if epoch == self.epoch {
            return Some(&self.current);
        }
        self.former.as_ref().filter(|_| epoch.checked_add(1) == Some(self.epoch))
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

/// The metadata in a record.
pub(super) fn parse<T: DeserializeOwned>(name: &RecordName, value: &Secret) -> Result<T> {
    serde_json::from_slice(value.expose()).map_err(|error| unreadable(name, &error))
}

/// The seal was right, so this PocketKMS or a newer one wrote it.
pub(super) fn unreadable(name: &RecordName, why: &dyn core::fmt::Display) -> Error {
    newer_record().explain(format!("the record '{}': {why}", Untrusted(name.as_str())))
}
