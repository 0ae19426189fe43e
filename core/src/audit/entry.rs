//! What is stored of the trail: an entry for each commit, linked to the one before. Specified in docs/formats.md, "Audit trail".
//!
//! ```text
//! {"previous":{"entry":11,"digest":"…"},"before":102,"events":2,"time":1764400000000,"writes":[["alias/…",3,"…"],…]}
//! {…the first event…}
//! {…the second…}
//! ```

use crate::{clock::Timestamp, crypto::Provider};
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

const LABEL: &[u8] = b"PocketKMS Audit 1";

/// A SHA-256, 64 hexadecimal digits in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Digest(pub(crate) [u8; 32]);

impl core::fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        hex::encode_to_slice(self.0, &mut digits).map_err(ser::Error::custom)?;
        serializer.serialize_str(str::from_utf8(&digits).map_err(ser::Error::custom)?)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut digest = [0; 32];
        hex::decode_to_slice(String::deserialize(deserializer)?, &mut digest).map_err(de::Error::custom)?;
        Ok(Self(digest))
    }
}

/// An entry, and the digest of all that the trail has up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    pub(crate) entry: u64,
    pub(crate) digest: Digest,
}

/// A record that a commit wrote: its name, its revision afterwards, and the digest of its sealed bytes; `None` where it deleted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mention(pub(crate) String, pub(crate) u64, pub(crate) Option<Digest>);

/// The same of an earlier commit, whose entry was removed: the last member is the number of that entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Carried(pub(crate) String, pub(crate) u64, pub(crate) Option<Digest>, pub(crate) u64);

/// The trail as the generation record knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trail {
    /// The newest entry.
    pub(crate) entry: u64,
    /// The digest of the trail up to it.
    pub(crate) digest: Digest,
    /// How many events there were so far, removed ones included.
    pub(crate) events: u64,
    /// The oldest entry that is kept.
    pub(crate) first: u64,
    /// How many events the entries before it had.
    pub(crate) removed: u64,
    /// The first entry that there ever was. Where that is 1, the trail names every record of the vault.
    pub(crate) since: u64,
}

/// One entry of the trail.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) header: Header,
    pub(crate) lines: Vec<u8>,
}

/// Its first line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    /// The entry before; the first one has none.
    pub(crate) previous: Option<Link>,
    /// How many events came before these.
    pub(crate) before: u64,
    /// How many there are here.
    pub(crate) events: u64,
    /// When it was committed, in milliseconds.
    pub(crate) time: i64,
    /// What the commit wrote, but for the record `generation` and this entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) writes: Vec<Mention>,
    /// What is to be known of entries that were removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) carried: Vec<Carried>,
}

/// Events as they are stored, a line for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    pub(crate) bytes: Vec<u8>,
    pub(crate) count: u64,
}

impl Lines {
    /// Ends an event, which was written at the end of the bytes.
    pub(crate) fn end_line(&mut self) {
        self.bytes.push(b'\n');
        self.count += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn extend(&mut self, other: &Self) {
        self.bytes.extend_from_slice(&other.bytes);
        self.count += other.count;
    }
}

impl Entry {
    /// The content of its record.
    pub(crate) fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec(&self.header)?;
        bytes.reserve_exact(self.lines.len() + 1);
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.lines);
        Ok(bytes)
    }

    /// Nothing where this version does not know its form.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (header, rest) = bytes.split_at_checked(end)?;
        let lines = rest.get(1..)?.to_vec();
        let header: Header = serde_json::from_slice(header).ok()?;
        let entry = Self { header, lines };
        (entry.events().count() as u64 == entry.header.events).then_some(entry)
    }

    /// Its events, in the order in which they happened.
    pub(crate) fn events(&self) -> impl DoubleEndedIterator<Item = &str> {
        let text = str::from_utf8(&self.lines).unwrap_or_default();
        text.split_terminator('\n')
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.header.time)
    }
}

/// The digest of the trail up to the entry of that number and content, which names the digest before.
///
/// Of what is inside the seal, and not of the sealed bytes: those change when records are sealed again under another vault key.
pub(crate) fn digest(provider: &Provider, number: u64, content: &[u8]) -> Digest {
    Digest(provider.digest.sha256(&[LABEL, &number.to_be_bytes(), content]))
}
