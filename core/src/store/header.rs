//! The record `vault`: which root keys open the vault, and the vault key as each of them wraps it. Specified in
//! docs/formats.md, "Vault header".
//!
//! It is the one record that the vault key does not seal, since it holds that key. A tag under the vault key covers all of
//! it and its revision: anyone who writes the store, but cannot open the vault, can put no wrap in, take none out and bring no
//! removed one back without putting the whole header back, which the record `generation` shows.

use super::wrap::{Epoch, OBJECT_TYPE, Reader, SEALED_LENGTH, VERSION, Wrap};
use crate::{
    crypto::{Provider, Sealer},
    error::{Error, ErrorKind, Result},
    secret::SecretArray,
};
use alloc::{format, vec::Vec};
use subtle::ConstantTimeEq;

const NEXT_KEY_LABEL: &[u8] = b"PocketKMS Next Vault Key 1";
const TAG_LABEL: &[u8] = b"PocketKMS Vault Header 1";
const TAG_LENGTH: usize = 32;

/// The most root keys that a vault has.
pub(super) const MAX_ROOT_KEYS: usize = 16;
/// The most of them that are passphrases. Which of them was given shows only when it was hashed with the salt of each: so the number
/// bounds, with the limit on the cost, what a forged header can have its reader do.
pub(super) const MAX_PASSPHRASES: usize = 4;

/// A vault's header. What was read is believed only after [`verify`](Self::verify).
#[derive(Clone)]
pub(super) struct Header {
    pub(super) vault_id: [u8; 16],
    /// Which vault key seals what is written.
    pub(super) epoch: u32,
    /// The root keys that open the vault. They wrap the vault key of the epoch, and during a rotation that of the epoch before.
    pub(super) wraps: Vec<Wrap>,
    /// While records of the epoch before are left.
    pub(super) rotation: Option<Rotation>,
}

/// The later epoch of two.
#[derive(Clone)]
pub(super) struct Rotation {
    /// Its vault key, sealed under the one before.
    next: Vec<u8>,
    /// Its vault key for each root key that opens the vault when the rotation has come to its end.
    pub(super) wraps: Vec<Wrap>,
}

impl Rotation {
    /// Whether that root key opens the vault afterwards.
    pub(super) fn keeps(&self, id: &[u8; 16]) -> bool {
        self.wraps.iter().any(|wrap| wrap.id == *id)
    }

    /// Whether none of these is left out that counts. A shredding leaves them all out.
    pub(super) fn keeps_all(&self, wraps: &[Wrap]) -> bool {
        wraps.iter().filter(|wrap| wrap.opened).all(|wrap| self.keeps(&wrap.id))
    }
}

impl Header {
    /// That of a new vault.
    pub(super) fn new(vault_id: [u8; 16]) -> Self {
        Self { vault_id, epoch: 1, wraps: Vec::new(), rotation: None }
    }

    /// Which vault key the root keys lead to.
    pub(super) fn opening(&self) -> Epoch {
        let number = self.epoch.saturating_sub(u32::from(self.rotation.is_some()));
        Epoch { vault_id: self.vault_id, number }
    }

    /// Which vault key seals what is written.
    pub(super) fn writing(&self) -> Epoch {
        Epoch { vault_id: self.vault_id, number: self.epoch }
    }

    /// The wraps that are to stay: one of each root key.
    pub(super) fn staying(&self) -> &[Wrap] {
        self.rotation.as_ref().map_or(&self.wraps, |rotation| &rotation.wraps)
    }

    /// Begins an epoch: anyone who has the key of the epoch before can open the new one, and not the other way round. Its
    /// wraps are those of [`rotating_for`](Self::rotating_for).
    pub(super) fn begin_epoch(
        &mut self,
        provider: &Provider,
        former: &SecretArray<32>,
        next: &SecretArray<32>,
    ) -> Result<()> {
        self.epoch = self
            .epoch
            .checked_add(1)
            .ok_or_else(|| Error::new(ErrorKind::LimitExceeded, "the vault key was rotated as often as it can be"))?;
        let mut wrapped = Vec::new();
        let sealer = Sealer::new(provider, former.expose(), NEXT_KEY_LABEL);
        sealer.seal(provider, &[&self.start()], next.expose(), &mut wrapped)?;
        self.rotation = Some(Rotation { next: wrapped, wraps: Vec::new() });
        Ok(())
    }

    /// The same, rotating for these root keys.
    pub(super) fn rotating_for(&self, wraps: Vec<Wrap>) -> Self {
        let rotation = self.rotation.as_ref().map(|rotation| Rotation { next: rotation.next.clone(), wraps });
        Self { rotation, wraps: self.wraps.clone(), ..*self }
    }

    /// The key of the current epoch, opened with that of the epoch before.
    pub(super) fn open_next(&self, provider: &Provider, former: &SecretArray<32>) -> Option<SecretArray<32>> {
        let sealer = Sealer::new(provider, former.expose(), NEXT_KEY_LABEL);
        let opened = sealer.open(provider, &[&self.start()], &self.rotation.as_ref()?.next).ok()?;
        SecretArray::copy_of(opened.expose())
    }

    /// Ends the epoch before: nothing of its key is left.
    pub(super) fn end_former_epoch(&mut self) {
        if let Some(rotation) = self.rotation.take() {
            self.wraps = rotation.wraps;
        }
    }

    /// Object type, version, vault id and epoch.
    fn start(&self) -> Vec<u8> {
        [&[OBJECT_TYPE, VERSION], &self.vault_id[..], &self.epoch.to_be_bytes()].concat()
    }

    /// The record's value at that revision, with its tag under the vault key.
    pub(super) fn to_bytes(&self, provider: &Provider, vault_key: &SecretArray<32>, revision: u64) -> Vec<u8> {
        let mut bytes = self.start();
        write_wraps(&self.wraps, &mut bytes);
        bytes.push(u8::from(self.rotation.is_some()));
        if let Some(rotation) = &self.rotation {
            bytes.extend_from_slice(&rotation.next);
            write_wraps(&rotation.wraps, &mut bytes);
        }
        let tag = tag(provider, vault_key, revision, &bytes);
        bytes.extend_from_slice(&tag);
        bytes
    }

    /// The header in a record's value. Nothing of it is verified yet.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        match *bytes {
            [OBJECT_TYPE, VERSION, ..] => {}
            [OBJECT_TYPE, version, ..] => {
                return Err(Error::new(
                    ErrorKind::UnsupportedVersion,
                    format!("the vault has format version {version}; this PocketKMS reads {VERSION}: update it"),
                ));
            }
            _ => return Err(damaged()),
        }
        Self::parse(bytes).ok_or_else(damaged)
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (body, _) = bytes.split_last_chunk::<TAG_LENGTH>()?;
        let mut reader = Reader(body.get(2..)?);
        let (vault_id, epoch) = (*reader.array()?, reader.u32()?);
        let wraps = read_wraps(&mut reader)?;
        let rotation = match reader.u8()? {
            0 => None,
            1 if epoch > 1 => {
                Some(Rotation { next: reader.take(SEALED_LENGTH)?.to_vec(), wraps: read_wraps(&mut reader)? })
            }
            _ => return None,
        };
        reader.0.is_empty().then_some(Self { vault_id, epoch, wraps, rotation })
    }

    /// Refuses a header that was not written with this vault key, or for another revision.
    pub(super) fn verify(provider: &Provider, vault_key: &SecretArray<32>, revision: u64, bytes: &[u8]) -> Result<()> {
        let (body, found) = bytes.split_last_chunk::<TAG_LENGTH>().ok_or_else(damaged)?;
        let expected = tag(provider, vault_key, revision, body);
        if bool::from(expected.ct_eq(found)) { Ok(()) } else { Err(damaged()) }
    }
}

/// Their number, and the wraps.
fn write_wraps(wraps: &[Wrap], out: &mut Vec<u8>) {
    out.push(u8::try_from(wraps.len()).unwrap_or(u8::MAX));
    for wrap in wraps {
        wrap.write(out);
    }
}

fn read_wraps(reader: &mut Reader<'_>) -> Option<Vec<Wrap>> {
    let count = usize::from(reader.u8()?);
    // One more while it takes the place of another.
    if !(1..=MAX_ROOT_KEYS + 1).contains(&count) {
        return None;
    }
    let mut wraps: Vec<Wrap> = Vec::new();
    for _ in 0..count {
        let wrap = Wrap::read(reader)?;
        if wraps.iter().any(|other| other.id == wrap.id) {
            return None;
        }
        wraps.push(wrap);
    }
    (passphrases(&wraps) <= MAX_PASSPHRASES + 1).then_some(wraps)
}

/// How many of the wraps are of passphrases.
pub(super) fn passphrases(wraps: &[Wrap]) -> usize {
    wraps.iter().filter(|wrap| wrap.is_of_passphrase()).count()
}

fn tag(provider: &Provider, vault_key: &SecretArray<32>, revision: u64, body: &[u8]) -> [u8; TAG_LENGTH] {
    let digest = provider.digest.sha256(&[&revision.to_be_bytes(), body]);
    Sealer::new(provider, vault_key.expose(), TAG_LABEL).fingerprint(&digest)
}

pub(super) fn damaged() -> Error {
    Error::new(ErrorKind::RecordCorrupted, "the vault's header was altered, or was not written by PocketKMS")
        .explain("the record 'vault'")
}
