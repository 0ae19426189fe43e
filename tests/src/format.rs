//! A second reader and writer of the formats, made from docs/formats.md and not from the core's code.
//!
//! With it a test looks into a snapshot, and forges what only the holder of the root key could write: bytes whose seals
//! are right and whose content is not.

use pocketkms::{Hash, Provider, Record, Sealed};
use std::ops::Range;

/// The KDF of NIST SP 800-108 in counter mode with HMAC-SHA-256.
pub fn kdf(key: &[u8], label: &str, context: &[u8], length: usize) -> Vec<u8> {
    let mac = Provider::default().mac.key(Hash::Sha256, key);
    let bits = u32::try_from(length * 8).expect("a short output").to_be_bytes();
    let mut output = vec![0; length];
    for (counter, block) in (1_u32..).zip(output.chunks_mut(32)) {
        mac.mac(&[&counter.to_be_bytes(), label.as_bytes(), &[0], context, &bits], block);
    }
    output
}

/// The 64 bytes of key and commitment that a seal derives.
pub fn derived(key: &[u8], label: &str, salt: &[u8], aad: &[u8]) -> Vec<u8> {
    kdf(key, label, &[salt, &Provider::default().digest.sha256(&[aad])].concat(), 64)
}

/// Seals as "The seal" says. The salt is the test's own: nothing that is sealed here protects anything.
pub fn seal(key: &[u8], label: &str, aad: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let salt = [0x5a; 32];
    let derived = derived(key, label, &salt, aad);
    let digest = Provider::default().digest.sha256(&[aad]);
    let mut data = plaintext.to_vec();
    let tag = Provider::default().aead.seal(&derived[..32], &[0; 12], &digest, &mut data).expect("a right key");
    [&salt[..], &derived[32..], &data, &tag].concat()
}

/// Opens as "The seal" says.
pub fn open(key: &[u8], label: &str, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (salt, rest) = sealed.split_first_chunk::<32>()?;
    let (commitment, rest) = rest.split_first_chunk::<32>()?;
    let (data, tag) = rest.split_last_chunk::<16>()?;
    let derived = derived(key, label, salt, aad);
    let digest = Provider::default().digest.sha256(&[aad]);
    let mut data = data.to_vec();
    let opened = Provider::default().aead.open(&derived[..32], &[0; 12], &digest, &mut data, tag);
    (derived[32..] == *commitment && opened.is_ok()).then_some(data)
}

/// The first wrap in a vault's header.
pub struct Wrap {
    /// Where the parameters of its root key stand: of a passphrase cost and salt.
    pub parameters: Range<usize>,
    /// Where the sealed vault key stands.
    pub sealed: Range<usize>,
    /// What the seal authenticates.
    pub authenticated: Vec<u8>,
    /// Vault id and id of the wrap.
    pub context: Vec<u8>,
}

impl Wrap {
    /// The only wrap of a header, with no rotation under way.
    pub fn read(header: &[u8]) -> Self {
        assert_eq!((&header[..2], header[22]), (&b"V\x01"[..], 1));
        let length = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
        let parameters = 48 + 2 + length(48) + 2;
        let parameters = parameters..parameters + length(parameters - 2);
        let sealed = parameters.end + 1..parameters.end + 113;
        // No rotation, and the tag.
        assert_eq!((header[sealed.end], header.len()), (0, sealed.end + 1 + 32));
        let authenticated = [&header[..22], &header[23..parameters.end]].concat();
        Self { parameters, sealed, authenticated, context: [&header[2..18], &header[23..39]].concat() }
    }

    /// The key that wraps the vault key, of a root key or of the hash of a passphrase.
    pub fn wrapping_key(&self, root: &[u8; 32]) -> Vec<u8> {
        kdf(root, "PocketKMS Root Key 1", &self.context, 32)
    }
}

/// Where the wraps of a header stand: those that open the vault, and those of a rotation.
pub fn wraps(header: &[u8]) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    let length = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
    let list = |mut at: usize| {
        let mut wraps = Vec::new();
        for _ in 0..header[at] {
            let start = wraps.last().map_or(at + 1, |last: &Range<usize>| last.end);
            let parameters = start + 27 + length(start + 25);
            wraps.push(start..parameters + 2 + length(parameters) + 1 + 112);
        }
        at = wraps.last().map_or(at + 1, |last| last.end);
        (wraps, at)
    };
    let (first, end) = list(22);
    let second = if header[end] == 1 { list(end + 1 + 112).0 } else { Vec::new() };
    (first, second)
}

/// The vault key in a vault's header.
pub fn vault_key(header: &[u8], root: &[u8; 32]) -> Vec<u8> {
    let wrap = Wrap::read(header);
    let sealed = &header[wrap.sealed.clone()];
    let opened = open(&wrap.wrapping_key(root), "PocketKMS Vault Key 1", &wrap.authenticated, sealed);
    opened.expect("this vault's root key")
}

/// Object type, version and epoch, in the first epoch.
const RECORD: &[u8; 6] = b"R\x01\0\0\0\x01";

/// The associated data of a record's value.
fn record_aad(header: &[u8], name: &str, revision: u64) -> Vec<u8> {
    [header, &revision.to_be_bytes()[..], name.as_bytes()].concat()
}

/// Seals a record's value.
pub fn seal_record(vault_key: &[u8], name: &str, revision: u64, value: &[u8]) -> Sealed {
    let sealed = seal(vault_key, "PocketKMS Record 1", &record_aad(RECORD, name, revision), value);
    Sealed::from_stored(&[RECORD, &sealed[..]].concat())
}

/// Opens a record's value.
pub fn open_record(vault_key: &[u8], record: &Record) -> Vec<u8> {
    let (header, sealed) = record.value.as_bytes().split_at(6);
    open(vault_key, "PocketKMS Record 1", &record_aad(header, &record.name, record.revision), sealed)
        .expect("a record that is whole")
}

/// What is in a snapshot file.
pub struct Snapshot {
    /// Revision of the vault's header.
    pub revision: u64,
    /// The vault's header.
    pub header: Vec<u8>,
    /// The list of records, before it is cut into records.
    pub payload: Vec<u8>,
}

impl Snapshot {
    /// Opens a snapshot that must be whole.
    pub fn read(file: &[u8], root: &[u8; 32]) -> Self {
        assert_eq!(&file[..10], b"PKMSSNAP\x00\x01");
        assert_eq!(file[10..18], (file.len() as u64).to_be_bytes());
        let (prefix, sealed) = file.split_at(prefix_length(file));
        let header = prefix[30..].to_vec();
        let key = vault_key(&header, root);
        let payload = open(&key, "PocketKMS Snapshot 1", prefix, sealed).expect("a snapshot that is whole");
        Self { revision: u64::from_be_bytes(prefix[18..26].try_into().expect("8 bytes")), header, payload }
    }

    /// Writes a snapshot with whatever is in the list of records.
    pub fn write(&self, root: &[u8; 32]) -> Vec<u8> {
        let length = (30 + self.header.len() + 80 + self.payload.len()) as u64;
        let header_length = u32::try_from(self.header.len()).expect("a short header").to_be_bytes();
        let revision = self.revision.to_be_bytes();
        let prefix =
            [&b"PKMSSNAP\x00\x01"[..], &length.to_be_bytes(), &revision, &header_length, &self.header].concat();
        let key = vault_key(&self.header, root);
        [&prefix[..], &seal(&key, "PocketKMS Snapshot 1", &prefix, &self.payload)].concat()
    }

    /// The records in the list.
    pub fn records(&self) -> Vec<Record> {
        let mut rest = &self.payload[..];
        let mut take = |length: usize| {
            let (taken, left) = rest.split_at_checked(length)?;
            rest = left;
            Some(taken)
        };
        let mut records = Vec::new();
        while let Some(length) = take(2) {
            let length = u16::from_be_bytes(length.try_into().expect("2 bytes"));
            let name = take(length.into()).expect("a name");
            let revision = u64::from_be_bytes(take(8).expect("a revision").try_into().expect("8 bytes"));
            let length = u32::from_be_bytes(take(4).expect("a length").try_into().expect("4 bytes"));
            let value = take(length as usize).expect("a value");
            let name = String::from_utf8(name.to_vec()).expect("a name of ASCII letters");
            records.push(Record { name, revision, value: Sealed::from_stored(value) });
        }
        records
    }
}

/// How long what comes before the sealed part of a snapshot is.
pub fn prefix_length(file: &[u8]) -> usize {
    30 + u32::from_be_bytes(file[26..30].try_into().expect("4 bytes")) as usize
}

/// A record in the form in which a snapshot lists it.
pub fn listed(Record { name, revision, value }: &Record) -> Vec<u8> {
    let value = value.as_bytes();
    let name_length = u16::try_from(name.len()).expect("a short name").to_be_bytes();
    let value_length = u32::try_from(value.len()).expect("a short value").to_be_bytes();
    [&name_length[..], name.as_bytes(), &revision.to_be_bytes(), &value_length, value].concat()
}
