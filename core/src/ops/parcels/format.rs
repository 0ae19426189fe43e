//! What goes from one vault to another, byte by byte (docs/formats.md, "Parcel key" and "Parcel").

use crate::{
    clock::Timestamp,
    crypto::{Provider, Sealer, hybrid},
    error::Result,
    key::{AccountId, ParcelRecord, Region},
    secret::Secret,
};
use alloc::vec::Vec;

const PARCEL_KEY_TYPE: u8 = b'K';
const PARCEL_TYPE: u8 = b'P';
const VERSION: u8 = 1;
const LABEL: &[u8] = b"PocketKMS Parcel 1";

/// Type, version and id of the parcel key, of either.
const START_LENGTH: usize = 2 + 16;

/// A parcel key: whose it is, what for, and its public key.
pub(super) struct ParcelKey {
    pub(super) id: [u8; 16],
    pub(super) expires: Timestamp,
    pub(super) account: AccountId,
    /// The bytes of the id of the key that a parcel must have in it.
    pub(super) key: [u8; 16],
    pub(super) public_key: [u8; hybrid::PUBLIC_KEY_LENGTH],
    /// Where the replica is to be.
    pub(super) region: Region,
}

impl ParcelKey {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let region = self.region.as_str().as_bytes();
        [
            &[PARCEL_KEY_TYPE, VERSION],
            &self.id[..],
            &self.expires.as_millis().to_be_bytes(),
            self.account.as_str().as_bytes(),
            &self.key,
            &self.public_key,
            &[u8::try_from(region.len()).unwrap_or_default()],
            region,
        ]
        .concat()
    }

    /// `None` for what is no parcel key.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[PARCEL_KEY_TYPE, VERSION])?;
        let (id, rest) = rest.split_first_chunk()?;
        let (expires, rest) = rest.split_first_chunk()?;
        let (account, rest) = rest.split_first_chunk::<12>()?;
        let (key, rest) = rest.split_first_chunk()?;
        let (public_key, rest) = rest.split_first_chunk()?;
        let (length, region) = rest.split_first()?;
        if usize::from(*length) != region.len() {
            return None;
        }
        Some(Self {
            id: *id,
            expires: Timestamp::from_millis(i64::from_be_bytes(*expires)),
            account: str::from_utf8(account).ok()?.parse().ok()?,
            key: *key,
            public_key: *public_key,
            region: str::from_utf8(region).ok()?.parse().ok()?,
        })
    }
}

/// The id of the parcel key that a parcel was sealed to; `None` for what is no parcel.
pub(super) fn parcel_key_of(parcel: &[u8]) -> Option<[u8; 16]> {
    parcel.strip_prefix(&[PARCEL_TYPE, VERSION])?.first_chunk().copied()
}

/// Seals what a parcel says, and the materials.
pub(super) fn seal(
    provider: &Provider,
    (key, key_bytes): (&ParcelKey, &[u8]),
    record: &ParcelRecord,
    materials: &[Secret],
) -> Result<Vec<u8>> {
    let (ciphertext, secret) = hybrid::encapsulate(provider, &key.public_key, LABEL)?;
    let mut parcel = [&[PARCEL_TYPE, VERSION], &key.id[..], &ciphertext].concat();
    let plaintext = plaintext(record, materials);
    let mut sealed = Vec::new();
    // Bound to all that the other vault said, so that it opens in answer to that alone.
    let aad = [key_bytes, &parcel];
    Sealer::new(provider, secret.expose(), LABEL).seal(provider, &aad, plaintext.expose(), &mut sealed)?;
    parcel.extend_from_slice(&sealed);
    Ok(parcel)
}

/// Opens a parcel; `None` whatever is wrong with it.
pub(super) fn open(
    provider: &Provider,
    (key, key_bytes): (&ParcelKey, &[u8]),
    private_key: &Secret,
    parcel: &[u8],
) -> Option<(ParcelRecord, Vec<Secret>)> {
    let (head, sealed) = parcel.split_at_checked(START_LENGTH + hybrid::CIPHERTEXT_LENGTH)?;
    let (start, ciphertext) = head.split_at_checked(START_LENGTH)?;
    if parcel_key_of(start)? != key.id {
        return None;
    }
    let ciphertext = ciphertext.first_chunk()?;
    let secret = hybrid::decapsulate(provider, private_key, &key.public_key, ciphertext, LABEL)?;
    let opener = Sealer::new(provider, secret.expose(), LABEL);
    read(&opener.open(provider, &[key_bytes, head], sealed).ok()?)
}

/// The length of what the parcel says in 4 bytes, that as JSON, and each material after its length in 4 bytes.
fn plaintext(record: &ParcelRecord, materials: &[Secret]) -> Secret {
    let record = serde_json::to_vec(record).unwrap_or_default();
    let parts = || core::iter::once(&*record).chain(materials.iter().map(Secret::expose));
    let mut plaintext = Secret::zeroed(parts().map(|part| 4 + part.len()).sum());
    let mut left = plaintext.expose_mut();
    for part in parts() {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes();
        let Some((into, rest)) = left.split_at_mut_checked(length.len() + part.len()) else { break };
        into.iter_mut().zip(length.iter().chain(part)).for_each(|(to, from)| *to = *from);
        left = rest;
    }
    plaintext
}

fn read(plaintext: &Secret) -> Option<(ParcelRecord, Vec<Secret>)> {
    let (record, mut rest) = part(plaintext.expose())?;
    let record = serde_json::from_slice(record).ok()?;
    let mut materials = Vec::new();
    while !rest.is_empty() {
        let (material, after) = part(rest)?;
        materials.push(Secret::copy_of(material));
        rest = after;
    }
    Some((record, materials))
}

/// Bytes after their length, and what comes after them.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Half of SHA-256 in hexadecimal digits, four by four: no one finds other bytes with the same one.
pub(super) fn fingerprint(provider: &Provider, bytes: &[u8]) -> alloc::string::String {
    let digest = provider.digest.sha256(&[bytes]);
    let groups: Vec<_> = digest.chunks_exact(2).take(8).map(hex::encode).collect();
    groups.join("-")
}
