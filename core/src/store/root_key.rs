//! The root key opens the vault: it seals the vault key, which seals the records.

use crate::{
    crypto::{Argon2Cost, OpenError, Provider, Sealer, clear_after_long},
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use alloc::{format, vec::Vec};

const OBJECT_TYPE: u8 = b'V';
const VERSION: u8 = 1;
const LABEL: &[u8] = b"PocketKMS Vault Key 1";
/// Object type, version, vault id, kind of root key, Argon2id cost and salt.
const FIXED_LENGTH: usize = 47;
/// The fixed part and the sealed vault key.
pub(crate) const HEADER_LENGTH: usize = FIXED_LENGTH + 112;

const KIND_RAW: u8 = 0;
const KIND_PASSPHRASE: u8 = 1;

/// What opens a vault. Keep it outside of the vault: who has both has every key.
pub struct RootKey(Kind);

enum Kind {
    Raw(SecretArray<32>),
    Passphrase {
        passphrase: Secret,
        /// What a new header asks for.
        cost: Argon2Cost,
        /// The most that a header may ask for.
        max_cost: Argon2Cost,
    },
}

impl RootKey {
    /// What opening a vault may cost at the most unless [`with_max_cost`](Self::with_max_cost) says otherwise: 256 MiB, 10
    /// passes, 16 lanes. The cost stands in the vault's header, which anyone who can write the store can forge.
    pub const DEFAULT_MAX_COST: Argon2Cost =
        Argon2Cost { memory_kib: 256 * 1024, passes: 10, lanes: Argon2Cost::MAX_LANES };

    /// 32 random bytes, kept by the host: in a keychain, a secret manager, an HSM.
    pub fn from_bytes(key: &[u8]) -> Result<Self> {
        let length = key.len();
        SecretArray::copy_of(key)
            .map(|key| Self(Kind::Raw(key)))
            .ok_or_else(|| Error::new(ErrorKind::Validation, format!("a root key has 32 bytes, not {length}")))
    }

    /// A passphrase, hashed with Argon2id. It is taken byte by byte: normalise Unicode before, where users type it
    /// on different systems.
    pub fn from_passphrase(passphrase: impl Into<Secret>) -> Result<Self> {
        Self::from_passphrase_with_cost(passphrase, Argon2Cost::default())
    }

    /// A passphrase with a chosen cost. An existing vault keeps the cost that it was made with, up to
    /// [`DEFAULT_MAX_COST`](Self::DEFAULT_MAX_COST) or the chosen one, whichever is more.
    pub fn from_passphrase_with_cost(passphrase: impl Into<Secret>, cost: Argon2Cost) -> Result<Self> {
        let passphrase = passphrase.into();
        if passphrase.is_empty() {
            return Err(Error::new(ErrorKind::Validation, "the passphrase is empty"));
        }
        let cost = cost.checked()?;
        let max_cost = Argon2Cost {
            memory_kib: cost.memory_kib.max(Self::DEFAULT_MAX_COST.memory_kib),
            passes: cost.passes.max(Self::DEFAULT_MAX_COST.passes),
            lanes: cost.lanes.max(Self::DEFAULT_MAX_COST.lanes),
        };
        Ok(Self(Kind::Passphrase { passphrase, cost, max_cost }))
    }

    /// The same, with another limit on what opening a vault may cost. A vault whose header asks for more is refused with
    /// `LimitExceededException` before anything is spent. 32 raw bytes cost nothing, and have no limit.
    pub fn with_max_cost(mut self, max: Argon2Cost) -> Result<Self> {
        let max = max.checked()?;
        if let Kind::Passphrase { max_cost, .. } = &mut self.0 {
            *max_cost = max;
        }
        Ok(self)
    }
}

/// A new vault's key, and the header that holds it sealed.
pub(crate) fn create(provider: &Provider, root: &RootKey) -> Result<(SecretArray<32>, Vec<u8>)> {
    let mut id = [0; 16];
    provider.fill_random(&mut id)?;
    seal(provider, root, &id)
}

/// A new key for the same vault, under another root key.
pub(crate) fn replace(provider: &Provider, root: &RootKey, header: &[u8]) -> Result<(SecretArray<32>, Vec<u8>)> {
    let id = header.get(2..18).and_then(|id| id.first_chunk()).ok_or_else(damaged)?;
    seal(provider, root, id)
}

fn seal(provider: &Provider, root: &RootKey, id: &[u8; 16]) -> Result<(SecretArray<32>, Vec<u8>)> {
    let mut vault_key = SecretArray::zeroed();
    provider.fill_random(vault_key.expose_mut())?;
    let mut salt = [0; 16];
    let (kind, cost) = match &root.0 {
        Kind::Raw(_) => (KIND_RAW, Argon2Cost { memory_kib: 0, passes: 0, lanes: 0 }),
        Kind::Passphrase { cost, .. } => {
            provider.fill_random(&mut salt)?;
            (KIND_PASSPHRASE, *cost)
        }
    };
    let mut header = Vec::with_capacity(HEADER_LENGTH);
    header.extend_from_slice(&[OBJECT_TYPE, VERSION]);
    header.extend_from_slice(id);
    header.push(kind);
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        header.extend_from_slice(&number.to_be_bytes());
    }
    header.extend_from_slice(&salt);
    let fixed = header.clone();
    sealer(provider, root, cost, &salt)?.seal(provider, &[&fixed], vault_key.expose(), &mut header)?;
    Ok((vault_key, header))
}

/// Opens the vault key that a header holds.
pub(crate) fn open(provider: &Provider, root: &RootKey, header: &[u8]) -> Result<SecretArray<32>> {
    match *header {
        [OBJECT_TYPE, VERSION, ..] => {}
        [OBJECT_TYPE, version, ..] => {
            return Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the vault has format version {version}; this PocketKMS reads {VERSION}: update it"),
            ));
        }
        _ => return Err(damaged()),
    }
    if header.len() != HEADER_LENGTH {
        return Err(damaged());
    }
    let (fixed, sealed) = header.split_first_chunk::<FIXED_LENGTH>().ok_or_else(damaged)?;
    let number = |at: usize| Some(u32::from_be_bytes(*fixed.get(at..)?.first_chunk()?));
    let (memory_kib, passes, lanes) =
        number(19).zip(number(23)).zip(number(27)).map(|((a, b), c)| (a, b, c)).ok_or_else(damaged)?;
    let salt = fixed.last_chunk::<16>().ok_or_else(damaged)?;
    match (fixed.get(18).copied(), &root.0) {
        (Some(KIND_RAW), Kind::Raw(_)) => {}
        // A forged cost is refused before it costs anything.
        (Some(KIND_PASSPHRASE), Kind::Passphrase { max_cost, .. }) => {
            let cost =
                Argon2Cost { memory_kib, passes, lanes }.checked().map_err(|error| damaged().caused_by(error))?;
            within(cost, *max_cost)?;
        }
        (Some(KIND_RAW), Kind::Passphrase { .. }) => {
            return Err(wrong("the vault was sealed with 32 raw bytes; a passphrase was given"));
        }
        (Some(KIND_PASSPHRASE), Kind::Raw(_)) => {
            return Err(wrong("the vault was sealed with a passphrase; raw bytes were given"));
        }
        _ => return Err(damaged()),
    }
    let cost = Argon2Cost { memory_kib, passes, lanes };
    let opened = sealer(provider, root, cost, salt)?.open(provider, &[fixed], sealed).map_err(|error| match error {
        OpenError::Commitment => wrong("the root key or passphrase is not this vault's, or its header was altered"),
        OpenError::Truncated | OpenError::Tag => damaged(),
    })?;
    SecretArray::copy_of(opened.expose()).ok_or_else(damaged)
}

fn sealer(provider: &Provider, root: &RootKey, cost: Argon2Cost, salt: &[u8; 16]) -> Result<Sealer> {
    Ok(match &root.0 {
        Kind::Raw(key) => Sealer::new(provider, key.expose(), LABEL),
        Kind::Passphrase { passphrase, .. } => {
            let key = clear_after_long(|| provider.password.argon2id(passphrase.expose(), salt, cost))?;
            Sealer::new(provider, key.expose(), LABEL)
        }
    })
}

/// Says what was asked for, and what the opener allows.
fn within(asked: Argon2Cost, allowed: Argon2Cost) -> Result<()> {
    if asked.memory_kib <= allowed.memory_kib && asked.passes <= allowed.passes && asked.lanes <= allowed.lanes {
        return Ok(());
    }
    let told =
        |Argon2Cost { memory_kib, passes, lanes }| format!("{memory_kib} KiB, {passes} passes and {lanes} lanes");
    Err(Error::new(
        ErrorKind::LimitExceeded,
        format!(
            "the vault asks for an Argon2id cost of {}; this root key allows {}. Raise its limit if you trust the source",
            told(asked),
            told(allowed)
        ),
    ))
}

fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::WrongRootKey, message)
}

fn damaged() -> Error {
    Error::new(ErrorKind::RecordCorrupted, "the vault's header was altered, or is none of PocketKMS")
}
