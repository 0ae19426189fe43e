//! A root key opens the vault: it comes to a wrapping key, which wraps the vault key, which seals the records.

use super::{
    header::{Header, damaged},
    recovery,
    wrap::{MAX_NAME, MAX_WRAPPED, Method, Wrap},
};
use crate::{
    clock::Monotonic,
    crypto::{Argon2Cost, PrimitiveError, Provider, Sealer, calibrated},
    error::{Error, ErrorKind, Result},
    secret::{Secret, SecretArray},
};
use alloc::{
    boxed::Box,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use core::time::Duration;

/// The label under which a root key comes to the wrapping key of one wrap.
const LABEL: &[u8] = b"PocketKMS Root Key 1";

/// Argon2id cost and salt, and the key.
const DERIVED_LENGTH: usize = 60;

/// What opens a vault. Keep it outside of the vault: anyone who has both has every key.
pub struct RootKey(Kind);

enum Kind {
    Raw(SecretArray<32>),
    Passphrase {
        passphrase: Secret,
        /// What a new header asks for.
        cost: Cost,
        /// The most that a header may ask for.
        max_cost: Argon2Cost,
    },
    /// What a passphrase was hashed to before, with this cost and salt.
    Derived {
        cost: Argon2Cost,
        salt: [u8; 16],
        key: SecretArray<32>,
    },
    Recovery(SecretArray<{ recovery::LENGTH }>),
    Callback {
        name: String,
        wrapper: Box<dyn KeyWrapper>,
    },
    /// What a key elsewhere answered before: what it wrapped, and what that is.
    Answers {
        name: String,
        answers: Vec<(Vec<u8>, SecretArray<32>)>,
    },
}

enum Cost {
    Default,
    Chosen(Argon2Cost),
    /// Measured when a header is written, so that opening one costs no measurement.
    Calibrated {
        target: Duration,
        clock: Arc<dyn Monotonic>,
    },
}

/// A key elsewhere that wraps a vault's wrapping key: a key of AWS KMS or of another vault, in an HSM, in a keychain.
pub trait KeyWrapper: Send + Sync {
    /// Encrypts 32 bytes. What it returns stands in the vault's header, in at most 4,096 bytes.
    fn wrap(&self, key: &Secret) -> Result<Vec<u8>>;

    /// Decrypts what [`wrap`](Self::wrap) returned.
    fn unwrap(&self, wrapped: &[u8]) -> Result<Secret>;
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
        let mut root = Self::from_passphrase_with_cost(passphrase, Argon2Cost::default())?;
        if let Kind::Passphrase { cost, .. } = &mut root.0 {
            *cost = Cost::Default;
        }
        Ok(root)
    }

    /// A passphrase with a chosen cost. An existing vault keeps the cost that it was made with, up to
    /// [`DEFAULT_MAX_COST`](Self::DEFAULT_MAX_COST) or the chosen one, whichever is more.
    pub fn from_passphrase_with_cost(passphrase: impl Into<Secret>, cost: Argon2Cost) -> Result<Self> {
        let passphrase = passphrase.into();
        if passphrase.is_empty() {
            return Err(Error::new(ErrorKind::Validation, "the passphrase is empty"));
        }
        let cost = within_limits(cost)?;
        let max_cost = Argon2Cost {
            memory_kib: cost.memory_kib.max(Self::DEFAULT_MAX_COST.memory_kib),
            passes: cost.passes.max(Self::DEFAULT_MAX_COST.passes),
            lanes: cost.lanes.max(Self::DEFAULT_MAX_COST.lanes),
        };
        Ok(Self(Kind::Passphrase { passphrase, cost: Cost::Chosen(cost), max_cost }))
    }

    /// The same, with another limit on what opening a vault may cost. A vault whose header asks for more is refused with
    /// `LimitExceededException` before anything is spent. 32 raw bytes cost nothing, and have no limit.
    pub fn with_max_cost(mut self, max: Argon2Cost) -> Result<Self> {
        let max = within_limits(max)?;
        if let Kind::Passphrase { max_cost, .. } = &mut self.0 {
            *max_cost = max;
        }
        Ok(self)
    }

    /// A passphrase whose hash is to take about so long on this machine: the cost is measured when a vault is made or the root key is
    /// added, within the limit on what opening may cost, and stands in the vault's header from then on. It is at least what OWASP
    /// recommends (19 MiB, 2 passes), however long that takes. What the vault has already opens as it is.
    ///
    /// # Errors
    /// [`Validation`](ErrorKind::Validation) if a cost was chosen, too, or this is no passphrase.
    pub fn calibrated_to(mut self, target: Duration, clock: Arc<dyn Monotonic>) -> Result<Self> {
        match &mut self.0 {
            Kind::Passphrase { cost: cost @ Cost::Default, .. } => {
                *cost = Cost::Calibrated { target, clock };
                Ok(self)
            }
            Kind::Passphrase { .. } => {
                Err(Error::new(ErrorKind::Validation, "the hash of a passphrase has either a cost or a time"))
            }
            _ => Err(Error::new(
                ErrorKind::Validation,
                "only a passphrase is hashed; other root keys are used as they are",
            )),
        }
    }

    /// 32 new random bytes. Keep [`to_bytes`](Self::to_bytes) of it.
    pub fn generate(provider: &Provider) -> Result<Self> {
        let mut key = SecretArray::zeroed();
        provider.fill_random(key.expose_mut())?;
        Ok(Self(Kind::Raw(key)))
    }

    /// The 32 bytes of a root key that is made of bytes, to keep them where [`from_bytes`](Self::from_bytes) finds them again.
    pub fn to_bytes(&self) -> Result<Secret> {
        match &self.0 {
            Kind::Raw(key) => Ok(Secret::copy_of(key.expose())),
            _ => Err(Error::new(ErrorKind::Validation, "only a root key of 32 raw bytes has bytes to keep")),
        }
    }

    /// A recovery key as it was written down: `Vault::add_recovery_key` showed it. Upper and lower case, spaces and hyphens do not
    /// matter, nor do look-alikes (O and 0; I, L and 1; U and V). A character that was mistaken for another is found by the checksum.
    pub fn from_recovery_key(text: &str) -> Result<Self> {
        recovery::read(text).map(Kind::Recovery).map(Self)
    }

    /// The text of a new recovery key.
    pub(super) fn new_recovery_key(provider: &Provider) -> Result<Secret> {
        let mut key = SecretArray::zeroed();
        provider.fill_random(key.expose_mut())?;
        Ok(recovery::write(&key))
    }

    /// A key elsewhere, which the vault asks by a callback. The name distinguishes it from others, and stands readable in the vault's
    /// header: the key's ARN, a label of an HSM.
    ///
    /// A vault needs a root key beside it that a person can keep: the service may be gone one day.
    pub fn from_callback(name: &str, wrapper: impl KeyWrapper + 'static) -> Result<Self> {
        check_name(name)?;
        Ok(Self(Kind::Callback { name: name.to_string(), wrapper: Box::new(wrapper) }))
    }

    /// The same for a host that has to wait for the key elsewhere, as a page has to for WebCrypto: what it has answered already. Each
    /// answer is what the key elsewhere made of 32 bytes, and those bytes as it returned them when asked to unwrap that.
    ///
    /// To open a vault, ask it about all that [`wrapped_by`](Self::wrapped_by) finds. To add it to a vault or to make one with it, give the
    /// answer about 32 new random bytes, which it has wrapped and unwrapped: the first answer is the one that is used, and serves one
    /// vault only.
    pub fn from_answers(name: &str, answers: Vec<(Vec<u8>, Secret)>) -> Result<Self> {
        check_name(name)?;
        let answers = answers.into_iter().map(|(wrapped, key)| {
            check_wrapped(&wrapped)?;
            let key = SecretArray::copy_of(key.expose()).ok_or_else(not_what_was_wrapped)?;
            Ok((wrapped, key))
        });
        Ok(Self(Kind::Answers { name: name.to_string(), answers: answers.collect::<Result<_>>()? }))
    }

    /// What [`derive`](Self::derive) returned. It opens the vault that it was derived for and no other; a vault that is created
    /// by it opens with the passphrase too.
    pub fn from_derived(derived: &[u8]) -> Result<Self> {
        let wrong = || Error::new(ErrorKind::Validation, "these bytes are not what RootKey::derive returned");
        let (numbers, rest) = derived.split_first_chunk::<12>().ok_or_else(wrong)?;
        let (salt, key) = rest.split_first_chunk::<16>().ok_or_else(wrong)?;
        let key = SecretArray::copy_of(key).ok_or_else(wrong)?;
        let cost = Argon2Cost {
            memory_kib: number(numbers, 0).ok_or_else(wrong)?,
            passes: number(numbers, 4).ok_or_else(wrong)?,
            lanes: number(numbers, 8).ok_or_else(wrong)?,
        };
        Ok(Self(Kind::Derived { cost: within_limits(cost)?, salt: *salt, key }))
    }
}

fn check_name(name: &str) -> Result<()> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(Error::new(ErrorKind::Validation, format!("the name of a callback has 1 to {MAX_NAME} bytes")));
    }
    Ok(())
}

fn check_wrapped(wrapped: &[u8]) -> Result<()> {
    if wrapped.len() > MAX_WRAPPED {
        let words = format!("the callback made {} bytes of a key; at most {MAX_WRAPPED} are kept", wrapped.len());
        return Err(Error::new(ErrorKind::LimitExceeded, words));
    }
    Ok(())
}

fn not_what_was_wrapped() -> Error {
    wrong("the callback did not return the 32 bytes that it had wrapped")
}

/// What the keys elsewhere of that name have to unwrap: once each, for while the vault key is rotated there are two wraps of one.
pub(super) fn wrapped_in(header: &Header, name: &str) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let rotating = header.rotation.iter().flat_map(|rotation| &rotation.wraps);
    for wrap in header.wraps.iter().chain(rotating) {
        if let Method::Callback { name: of, wrapped } = &wrap.method
            && of == name
            && !found.contains(wrapped)
        {
            found.push(wrapped.clone());
        }
    }
    found
}

/// Hashes a passphrase, for the vault of this header or for a new one: what [`RootKey::from_derived`] takes.
pub(super) fn derive(provider: &Provider, root: &RootKey, header: Option<&[u8]>) -> Result<Secret> {
    let Kind::Passphrase { passphrase, cost, max_cost } = &root.0 else {
        let words = "only a passphrase is hashed; other root keys are used as they are";
        return Err(Error::new(ErrorKind::Validation, words));
    };
    let (cost, salt, key) = if let Some(bytes) = header {
        let header = Header::read(bytes)?;
        let candidates = candidates(&header, &header.wraps, root)?;
        let mut hashed = Vec::new();
        for wrap in &candidates {
            let Method::Passphrase { cost, salt } = wrap.method else { continue };
            hashed.push((wrap, cost, salt, provider.argon2id(passphrase, &salt, cost)?));
        }
        // With several passphrases the one that opens; with one whatever it is, for opening says it, too.
        let opens = |(wrap, _, _, key): &(&&Wrap, _, _, SecretArray<32>)| {
            let key = wrapping_key(provider, key.expose(), &header.vault_id, &wrap.id);
            wrap.open(provider, header.opening(), &key).is_some()
        };
        let at = if hashed.len() == 1 { Some(0) } else { hashed.iter().position(opens) };
        let (_, cost, salt, key) = at.map(|at| hashed.swap_remove(at)).ok_or_else(not_this_vaults)?;
        (cost, salt, key)
    } else {
        let mut salt = [0; 16];
        provider.fill_random(&mut salt)?;
        let cost = cost.of(provider, *max_cost)?;
        (cost, salt, provider.argon2id(passphrase, &salt, cost)?)
    };
    let mut derived = Secret::zeroed(DERIVED_LENGTH);
    let numbers = [cost.memory_kib, cost.passes, cost.lanes].map(u32::to_be_bytes);
    let parts = numbers.iter().flatten().chain(&salt).chain(key.expose());
    derived.expose_mut().iter_mut().zip(parts).for_each(|(place, byte)| *place = *byte);
    Ok(derived)
}

/// Those wraps of the header that a root key may open. An error says why there are none. Before anything is spent, for the header may be
/// forged.
pub(super) fn candidates<'h>(header: &Header, wraps: &'h [Wrap], root: &RootKey) -> Result<Vec<&'h Wrap>> {
    let mut candidates = Vec::new();
    let mut refusal = None;
    for wrap in wraps {
        match root.fits(&wrap.method) {
            Ok(true) => candidates.push(wrap),
            Ok(false) => {}
            Err(error) => refusal = Some(error),
        }
    }
    match refusal {
        _ if !candidates.is_empty() => Ok(candidates),
        Some(refusal) => Err(refusal),
        None => Err(other_kind(header, root)),
    }
}

impl RootKey {
    /// Whether a wrap may be this root key's; an error where it asks for more than this root key allows.
    fn fits(&self, method: &Method) -> Result<bool> {
        match (method, &self.0) {
            (Method::Bytes, Kind::Raw(_)) | (Method::Recovery, Kind::Recovery(_)) => Ok(true),
            (Method::Callback { name, .. }, Kind::Callback { name: own, .. }) => Ok(name == own),
            (Method::Callback { name, wrapped }, Kind::Answers { name: own, answers }) => {
                Ok(name == own && answers.iter().any(|(about, _)| about == wrapped))
            }
            (Method::Passphrase { cost, .. }, Kind::Passphrase { max_cost, .. }) => {
                let cost = within_limits(*cost).map_err(|error| damaged().caused_by(error))?;
                within(cost, *max_cost).map(|()| true)
            }
            (Method::Passphrase { cost, salt }, Kind::Derived { cost: of, salt: with, .. }) => {
                if (cost, salt) == (of, with) {
                    Ok(true)
                } else {
                    Err(wrong("the root key was derived for another vault"))
                }
            }
            _ => Ok(false),
        }
    }

    /// The wrapping key of a wrap that [`candidates`] named.
    pub(super) fn unwrap(
        &self,
        provider: &Provider,
        vault_id: &[u8; 16],
        id: &[u8; 16],
        method: &Method,
    ) -> Result<SecretArray<32>> {
        let from = |key: &[u8; 32]| wrapping_key(provider, key, vault_id, id);
        match (&self.0, method) {
            (Kind::Raw(key) | Kind::Derived { key, .. }, _) => Ok(from(key.expose())),
            (Kind::Passphrase { passphrase, .. }, Method::Passphrase { cost, salt }) => {
                Ok(from(provider.argon2id(passphrase, salt, *cost)?.expose()))
            }
            (Kind::Recovery(key), _) => Ok(from(recovery::padded(key).expose())),
            (Kind::Callback { wrapper, .. }, Method::Callback { wrapped, .. }) => {
                let key = wrapper.unwrap(wrapped)?;
                SecretArray::copy_of(key.expose()).ok_or_else(not_what_was_wrapped)
            }
            (Kind::Answers { answers, .. }, Method::Callback { wrapped, .. }) => {
                let answer = answers.iter().find(|(about, _)| about == wrapped);
                answer.and_then(|(_, key)| SecretArray::copy_of(key.expose())).ok_or_else(not_this_vaults)
            }
            _ => Err(damaged()),
        }
    }

    /// The way to a new wrapping key, and that key.
    pub(super) fn wrap(
        &self,
        provider: &Provider,
        vault_id: &[u8; 16],
        id: &[u8; 16],
    ) -> Result<(Method, SecretArray<32>)> {
        let method = match &self.0 {
            Kind::Raw(_) => Method::Bytes,
            Kind::Recovery(_) => Method::Recovery,
            Kind::Derived { cost, salt, .. } => Method::Passphrase { cost: *cost, salt: *salt },
            Kind::Passphrase { cost, max_cost, .. } => {
                let mut salt = [0; 16];
                provider.fill_random(&mut salt)?;
                Method::Passphrase { cost: cost.of(provider, *max_cost)?, salt }
            }
            Kind::Callback { name, wrapper } => {
                let mut key = Secret::zeroed(32);
                provider.fill_random(key.expose_mut())?;
                let wrapped = wrapper.wrap(&key)?;
                check_wrapped(&wrapped)?;
                let key = SecretArray::copy_of(key.expose()).ok_or_else(damaged)?;
                return Ok((Method::Callback { name: name.clone(), wrapped }, key));
            }
            Kind::Answers { name, answers } => {
                let (wrapped, key) = answers
                    .first()
                    .ok_or_else(|| Error::new(ErrorKind::Validation, "the key elsewhere has wrapped nothing"))?;
                let key = SecretArray::copy_of(key.expose()).ok_or_else(damaged)?;
                return Ok((Method::Callback { name: name.clone(), wrapped: wrapped.clone() }, key));
            }
        };
        let key = self.unwrap(provider, vault_id, id, &method)?;
        Ok((method, key))
    }
}

impl Cost {
    fn of(&self, provider: &Provider, most: Argon2Cost) -> Result<Argon2Cost> {
        match self {
            Self::Default => Ok(Argon2Cost::default()),
            Self::Chosen(cost) => Ok(*cost),
            Self::Calibrated { target, clock } => calibrated(provider, &**clock, *target, most),
        }
    }
}

/// A key of its own for each wrap, so that what a handle keeps to follow a rotation opens no other vault.
fn wrapping_key(provider: &Provider, key: &[u8; 32], vault_id: &[u8; 16], id: &[u8; 16]) -> SecretArray<32> {
    Sealer::new(provider, key, LABEL).derived_key(&[&vault_id[..], id].concat())
}

/// A number at that place.
fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The cost, if it is within the limits that hold for all.
fn within_limits(cost: Argon2Cost) -> Result<Argon2Cost> {
    if cost.is_within_limits() { Ok(cost) } else { Err(PrimitiveError::Argon2Cost(cost.into()).into()) }
}

/// Says what was asked for, and what the opener allows.
fn within(asked: Argon2Cost, allowed: Argon2Cost) -> Result<()> {
    if asked.memory_kib <= allowed.memory_kib && asked.passes <= allowed.passes && asked.lanes <= allowed.lanes {
        return Ok(());
    }
    let in_words =
        |Argon2Cost { memory_kib, passes, lanes }| format!("{memory_kib} KiB, {passes} passes and {lanes} lanes");
    Err(Error::new(
        ErrorKind::LimitExceeded,
        format!(
            "the vault asks for an Argon2id cost of {}; this root key allows {}. Raise its limit if you trust the source",
            in_words(asked),
            in_words(allowed)
        ),
    ))
}

pub(super) fn wrong(message: &str) -> Error {
    Error::new(ErrorKind::WrongRootKey, message)
}

/// The error for a root key of the right kind that opens none of the wraps.
pub(super) fn not_this_vaults() -> Error {
    wrong("the root key or passphrase is not this vault's, or its header was altered")
}

/// The error for a root key of a kind that the vault has no wrap of.
fn other_kind(header: &Header, root: &RootKey) -> Error {
    let given = match &root.0 {
        Kind::Raw(_) => "raw bytes were given",
        Kind::Passphrase { .. } | Kind::Derived { .. } => "a passphrase was given",
        Kind::Recovery(_) => "a recovery key was given",
        Kind::Callback { .. } | Kind::Answers { .. } => "a callback of another name was given",
    };
    let mut kinds: Vec<&str> = Vec::new();
    for wrap in &header.wraps {
        let kind = wrap.method.describe();
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    wrong(&format!("the vault was sealed with {}; {given}", kinds.join(" and ")))
}
