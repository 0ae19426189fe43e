//! A simple model of what a vault should do: no store, no cryptography, no laziness. What time brings happens at the
//! moment it falls due.

use crate::steps::{Action, Name};
use pocketkms::ErrorKind;
use std::collections::BTreeMap;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// A vault as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) keys: Vec<Key>,
    /// Alias, and the number of the key that it names.
    pub(crate) aliases: BTreeMap<u8, usize>,
    pub(crate) ciphertexts: Vec<Ciphertext>,
}

#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// What the vault called it; empty for one that was made, but whose name never reached us.
    pub(crate) id: String,
    pub(crate) state: State,
    pub(crate) description: String,
    pub(crate) tags: BTreeMap<u8, u8>,
    /// Period in days, and when it ends.
    pub(crate) rotation: Option<(i32, i64)>,
    /// When each rotation happened, and whether it was on demand.
    pub(crate) rotations: Vec<(i64, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Enabled,
    Disabled,
    /// With the date of its deletion.
    Pending(i64),
    Gone,
}

/// Something that was encrypted, and answered.
#[derive(Clone, Debug)]
pub(crate) struct Ciphertext {
    pub(crate) blob: Vec<u8>,
    pub(crate) plaintext: Vec<u8>,
    pub(crate) context: u8,
    pub(crate) key: usize,
}

impl Model {
    pub(crate) fn new(now: i64) -> Self {
        Self { now, keys: Vec::new(), aliases: BTreeMap::new(), ciphertexts: Vec::new() }
    }

    /// The number of the key that a step names; it must exist in the model, as it may be gone in the vault.
    pub(crate) fn key(&self, number: usize) -> usize {
        number % self.keys.len()
    }

    /// The number of the ciphertext that a step names, if there is any.
    pub(crate) fn ciphertext(&self, number: usize) -> Option<usize> {
        number.checked_rem(self.ciphertexts.len())
    }

    /// The key that a name leads to.
    pub(crate) fn named(&self, name: Name) -> Result<usize, ErrorKind> {
        match name {
            Name::Id(number) | Name::Arn(number) => Ok(self.key(number)),
            Name::Alias(alias) => self.aliases.get(&alias).copied().ok_or(ErrorKind::NotFound),
        }
    }

    /// Does what an action does, or says why not. What is encrypted is noted by who runs the vault.
    pub(crate) fn apply(&mut self, action: &Action) -> Result<(), ErrorKind> {
        match *action {
            Action::CreateKey => {
                self.keys.push(Key {
                    id: String::new(),
                    state: State::Enabled,
                    description: String::new(),
                    tags: BTreeMap::new(),
                    rotation: None,
                    rotations: Vec::new(),
                });
            }
            Action::Describe { key, description } => self.kept(key)?.description = description.to_string(),
            Action::Enable { key } => {
                let now = self.now;
                let key = self.kept(key)?;
                key.state = State::Enabled;
                // "If the key material in the re-enabled KMS key hasn't been rotated in one year, KMS rotates it
                // immediately, and every year thereafter."
                key.rotation = key.rotation.map(|(period, next)| (period, next.max(now)));
            }
            Action::Disable { key } => self.kept(key)?.state = State::Disabled,
            Action::Tag { key, tag, value } => drop(self.kept(key)?.tags.insert(tag, value)),
            Action::Untag { key, tag } => drop(self.kept(key)?.tags.remove(&tag)),
            Action::CreateAlias { alias, key } => {
                self.kept(key)?;
                if self.aliases.contains_key(&alias) {
                    return Err(ErrorKind::AlreadyExists);
                }
                self.aliases.insert(alias, self.key(key));
            }
            Action::UpdateAlias { alias, key } => {
                self.aliases.get(&alias).ok_or(ErrorKind::NotFound)?;
                self.kept(key)?;
                self.aliases.insert(alias, self.key(key));
            }
            Action::DeleteAlias { alias } => drop(self.aliases.remove(&alias).ok_or(ErrorKind::NotFound)?),
            Action::Encrypt { by, .. } | Action::GenerateDataKey { by, .. } => self.usable(self.named(by)?)?,
            Action::Decrypt { ciphertext, context } => self.decrypts(ciphertext, context)?,
            Action::ReEncrypt { ciphertext, by, .. } => {
                self.decrypts(ciphertext, None)?;
                self.usable(self.named(by)?)?;
            }
            Action::EnableRotation { key, days } => {
                if !(90..=2560).contains(&days) {
                    return Err(ErrorKind::Validation);
                }
                self.usable(self.key(key))?;
                let now = self.now;
                let key = self.kept(key)?;
                if key.rotation.is_none_or(|(period, _)| period != days) {
                    key.rotation = Some((days, now + i64::from(days) * DAY));
                }
            }
            Action::DisableRotation { key } => {
                self.usable(self.key(key))?;
                self.kept(key)?.rotation = None;
            }
            Action::Rotate { key } => {
                self.usable(self.key(key))?;
                let now = self.now;
                let key = self.kept(key)?;
                if key.rotations.iter().filter(|(_, on_demand)| *on_demand).count() >= 25 {
                    return Err(ErrorKind::LimitExceeded);
                }
                key.rotations.push((now, true));
            }
            Action::Schedule { key, days } => {
                if !(7..=30).contains(&days) {
                    return Err(ErrorKind::Validation);
                }
                let date = self.now + i64::from(days) * DAY;
                self.kept(key)?.state = State::Pending(date);
            }
            Action::Cancel { key } => {
                let key = self.key(key);
                match self.keys[key].state {
                    State::Pending(_) => self.keys[key].state = State::Disabled,
                    State::Gone => return Err(ErrorKind::NotFound),
                    State::Enabled | State::Disabled => return Err(ErrorKind::KmsInvalidState),
                }
            }
            Action::Turn { days } => self.now += i64::from(days) * DAY,
            Action::ChangeRoot | Action::Restart | Action::Move => {}
        }
        self.pass_time();
        Ok(())
    }

    /// A key whose end is not decided.
    fn kept(&mut self, key: usize) -> Result<&mut Key, ErrorKind> {
        let key = self.key(key);
        match self.keys[key].state {
            State::Enabled | State::Disabled => Ok(&mut self.keys[key]),
            State::Pending(_) => Err(ErrorKind::KmsInvalidState),
            State::Gone => Err(ErrorKind::NotFound),
        }
    }

    /// Whether a key works.
    fn usable(&self, key: usize) -> Result<(), ErrorKind> {
        match self.keys[key].state {
            State::Enabled => Ok(()),
            State::Disabled => Err(ErrorKind::Disabled),
            State::Pending(_) => Err(ErrorKind::KmsInvalidState),
            State::Gone => Err(ErrorKind::NotFound),
        }
    }

    /// Whether a key works that a ciphertext names, which does not show whether a key is gone or another's.
    pub(crate) fn opens(&self, key: usize) -> Result<(), ErrorKind> {
        self.usable(key).map_err(|kind| match kind {
            ErrorKind::NotFound => ErrorKind::AccessDenied,
            kind => kind,
        })
    }

    fn decrypts(&self, ciphertext: usize, context: Option<u8>) -> Result<(), ErrorKind> {
        let Some(number) = self.ciphertext(ciphertext) else { return Err(ErrorKind::InvalidCiphertext) };
        let ciphertext = &self.ciphertexts[number];
        self.opens(ciphertext.key)?;
        let right = context.is_none_or(|context| context == ciphertext.context);
        right.then_some(()).ok_or(ErrorKind::InvalidCiphertext)
    }

    /// Deletions and rotations that fell due.
    fn pass_time(&mut self) {
        for (number, key) in self.keys.iter_mut().enumerate() {
            match key.state {
                State::Pending(date) if date <= self.now => {
                    key.state = State::Gone;
                    self.aliases.retain(|_, target| *target != number);
                }
                State::Enabled => {
                    while let Some((period, next)) = key.rotation.filter(|(_, next)| *next <= self.now) {
                        key.rotations.push((next, false));
                        key.rotation = Some((period, next + i64::from(period) * DAY));
                    }
                }
                _ => {}
            }
        }
    }
}
