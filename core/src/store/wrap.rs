//! A wrap: the vault key as one root key wraps it, a part of the record `vault`.

use crate::{
    clock::Timestamp,
    crypto::{Argon2Cost, OVERHEAD, Provider, Sealer},
    error::Result,
    secret::SecretArray,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// Those of the header, which are authenticated with each wrap, too.
pub(super) const OBJECT_TYPE: u8 = b'V';
pub(super) const VERSION: u8 = 1;
const KEY_LABEL: &[u8] = b"PocketKMS Vault Key 1";
/// A sealed vault key.
pub(super) const SEALED_LENGTH: usize = 32 + OVERHEAD;

/// The longest label, in bytes.
pub(super) const MAX_LABEL: usize = 128;
/// The longest name of a callback, in bytes.
pub(super) const MAX_NAME: usize = 256;
/// The most bytes that a callback may make of a wrapping key.
pub(super) const MAX_WRAPPED: usize = 4096;

const BYTES: u8 = 0;
const PASSPHRASE: u8 = 1;
const RECOVERY: u8 = 2;
const CALLBACK: u8 = 3;

/// Which vault key a wrap holds. It is authenticated with the wrap, and follows from where that stands.
#[derive(Clone, Copy)]
pub(super) struct Epoch {
    pub(super) vault_id: [u8; 16],
    pub(super) number: u32,
}

/// What a root key was made from, and what it needs to come to its wrapping key.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Method {
    Bytes,
    Passphrase { cost: Argon2Cost, salt: [u8; 16] },
    Recovery,
    Callback { name: String, wrapped: Vec<u8> },
}

/// The vault key as one root key wraps it.
#[derive(Clone)]
pub(super) struct Wrap {
    pub(super) id: [u8; 16],
    pub(super) created: Timestamp,
    pub(super) label: String,
    pub(super) method: Method,
    /// Whether it was opened after it was written. One that was not does not count as a way into the vault.
    pub(super) opened: bool,
    sealed: Vec<u8>,
}

impl Wrap {
    /// Wraps the vault key of an epoch.
    pub(super) fn seal(
        provider: &Provider,
        epoch: Epoch,
        (id, label, created): ([u8; 16], &str, Timestamp),
        method: Method,
        vault_key: &SecretArray<32>,
        wrapping_key: &SecretArray<32>,
    ) -> Result<Self> {
        let label = label.to_string();
        let empty = Self { id, created, label, method, opened: false, sealed: Vec::new() };
        empty.sealed(provider, epoch, vault_key, wrapping_key)
    }

    /// The same wrap with the vault key of another epoch. Its wrapping key has opened it before.
    pub(super) fn again(
        &self,
        provider: &Provider,
        epoch: Epoch,
        vault_key: &SecretArray<32>,
        wrapping_key: &SecretArray<32>,
    ) -> Result<Self> {
        let empty = Self { opened: true, sealed: Vec::new(), ..self.clone() };
        empty.sealed(provider, epoch, vault_key, wrapping_key)
    }

    fn sealed(
        mut self,
        provider: &Provider,
        epoch: Epoch,
        vault_key: &SecretArray<32>,
        wrapping_key: &SecretArray<32>,
    ) -> Result<Self> {
        let sealer = Sealer::new(provider, wrapping_key.expose(), KEY_LABEL);
        let authenticated = self.authenticated(epoch);
        sealer.seal(provider, &[&authenticated], vault_key.expose(), &mut self.sealed)?;
        Ok(self)
    }

    /// The vault key of that epoch, if that is its wrapping key.
    pub(super) fn open(
        &self,
        provider: &Provider,
        epoch: Epoch,
        wrapping_key: &SecretArray<32>,
    ) -> Option<SecretArray<32>> {
        let sealer = Sealer::new(provider, wrapping_key.expose(), KEY_LABEL);
        let opened = sealer.open(provider, &[&self.authenticated(epoch)], &self.sealed).ok()?;
        SecretArray::copy_of(opened.expose())
    }

    /// Whether a person can keep what opens it, and is not left without it when a device or a service is.
    pub(super) fn is_keepable(&self) -> bool {
        !matches!(self.method, Method::Callback { .. })
    }

    /// Whether it costs a hash to find out if a passphrase opens it.
    pub(super) fn is_of_passphrase(&self) -> bool {
        matches!(self.method, Method::Passphrase { .. })
    }

    fn authenticated(&self, Epoch { vault_id, number }: Epoch) -> Vec<u8> {
        let mut bytes = [&[OBJECT_TYPE, VERSION], &vault_id[..], &number.to_be_bytes()].concat();
        self.write_description(&mut bytes);
        bytes
    }

    /// Everything but the epoch, which the list has in which it stands.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.write_description(out);
        out.push(u8::from(self.opened));
        out.extend_from_slice(&self.sealed);
    }

    fn write_description(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.id);
        out.extend_from_slice(&self.created.as_millis().to_be_bytes());
        let (kind, parameters) = self.method.write();
        out.push(kind);
        write_part(self.label.as_bytes(), out);
        write_part(&parameters, out);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let id = *reader.array()?;
        let created = Timestamp::from_millis(i64::from_be_bytes(*reader.array()?));
        let kind = reader.u8()?;
        let label = reader.text(MAX_LABEL)?;
        let method = Method::read(kind, reader.part()?)?;
        let opened = match reader.u8()? {
            0 => false,
            1 => true,
            _ => return None,
        };
        let sealed = reader.take(SEALED_LENGTH)?.to_vec();
        Some(Self { id, created, label, method, opened, sealed })
    }
}

impl Method {
    fn write(&self) -> (u8, Vec<u8>) {
        match self {
            Self::Bytes => (BYTES, Vec::new()),
            Self::Passphrase { cost, salt } => {
                let numbers = [cost.memory_kib, cost.passes, cost.lanes].map(u32::to_be_bytes);
                (PASSPHRASE, [numbers.as_flattened(), salt].concat())
            }
            Self::Recovery => (RECOVERY, Vec::new()),
            Self::Callback { name, wrapped } => {
                let mut parameters = Vec::new();
                write_part(name.as_bytes(), &mut parameters);
                parameters.extend_from_slice(wrapped);
                (CALLBACK, parameters)
            }
        }
    }

    fn read(kind: u8, parameters: &[u8]) -> Option<Self> {
        let mut reader = Reader(parameters);
        match kind {
            BYTES if parameters.is_empty() => Some(Self::Bytes),
            RECOVERY if parameters.is_empty() => Some(Self::Recovery),
            PASSPHRASE => {
                let cost = Argon2Cost { memory_kib: reader.u32()?, passes: reader.u32()?, lanes: reader.u32()? };
                let salt = *reader.array()?;
                reader.0.is_empty().then_some(Self::Passphrase { cost, salt })
            }
            CALLBACK => {
                let name = reader.text(MAX_NAME)?;
                (!name.is_empty() && reader.0.len() <= MAX_WRAPPED)
                    .then(|| Self::Callback { name, wrapped: reader.0.to_vec() })
            }
            _ => None,
        }
    }

    /// What it is to a person.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Bytes => "32 raw bytes",
            Self::Passphrase { .. } => "a passphrase",
            Self::Recovery => "a recovery key",
            Self::Callback { .. } => "a callback",
        }
    }
}

/// A part with its length before it, in two bytes. All parts are bounded far below that.
fn write_part(part: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(part);
}

/// What is left to read.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Option<&'a [u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| *byte)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(|bytes| u32::from_be_bytes(*bytes))
    }

    pub(super) fn part(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(*self.array()?);
        self.take(length.into())
    }

    fn text(&mut self, longest: usize) -> Option<String> {
        let part = self.part().filter(|part| part.len() <= longest)?;
        String::from_utf8(part.to_vec()).ok()
    }
}
