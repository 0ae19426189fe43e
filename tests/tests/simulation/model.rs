//! What must be true of the vault.

use std::collections::BTreeMap;

/// A change that somebody makes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Create,
    Disable(usize),
    Enable(usize),
    Alias(usize, &'static str),
    Unalias(&'static str),
    Rotate(usize),
    Schedule(usize),
    Cancel(usize),
}

/// How a key looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Enabled,
    Disabled,
    Pending,
    Gone,
}

#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) seen: Seen,
    pub(crate) blobs: Vec<Vec<u8>>,
    /// Days until it is deleted.
    days: u32,
    rotations: u32,
}

#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) keys: Vec<Key>,
    aliases: BTreeMap<&'static str, usize>,
}

const ALIASES: [&str; 4] = ["alias/a", "alias/b", "alias/c", "alias/d"];

impl Model {
    /// The ids of all keys that are there, in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        let there = self.keys.iter().filter(|key| key.seen != Seen::Gone);
        let mut ids: Vec<_> = there.map(|key| key.id.clone()).collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn aliases(&self) -> Vec<(String, String)> {
        self.aliases.iter().map(|(name, key)| ((*name).to_string(), self.keys[*key].id.clone())).collect()
    }

    /// How a key looks, which may not have been made yet.
    pub(crate) fn seen(&self, key: usize) -> Seen {
        self.keys.get(key).map_or(Seen::Gone, |key| key.seen)
    }

    /// An act of that kind that must succeed; nothing where there is none.
    pub(crate) fn choose(&self, kind: usize, random: u64) -> Option<Act> {
        let pick = |fits: &dyn Fn(&Key) -> bool| {
            let fitting: Vec<_> = (0..self.keys.len()).filter(|key| fits(&self.keys[*key])).collect();
            let at = usize::try_from(random >> 40).unwrap().checked_rem(fitting.len())?;
            Some(fitting[at])
        };
        let usable = |key: &Key| matches!(key.seen, Seen::Enabled | Seen::Disabled);
        let name = ALIASES[usize::try_from(random % 4).unwrap()];
        let is_taken = self.aliases.contains_key(name);
        match kind {
            0 | 1 => Some(Act::Create),
            // Also where nothing is to be changed by what somebody believes.
            2 => pick(&usable).map(Act::Disable),
            3 => pick(&usable).map(Act::Enable),
            4 if is_taken => Some(Act::Unalias(name)),
            4 | 5 if !is_taken => pick(&usable).map(|key| Act::Alias(key, name)),
            6 => pick(&|key| key.seen == Seen::Enabled && key.rotations < 25).map(Act::Rotate),
            7 => pick(&usable).map(Act::Schedule),
            8 => pick(&|key| key.seen == Seen::Pending).map(Act::Cancel),
            _ => None,
        }
    }

    /// An act succeeded; `made` is the id of the key that it created.
    pub(crate) fn apply(&mut self, act: Act, made: Option<String>) {
        match act {
            Act::Create => {
                let id = made.expect("an id");
                self.keys.push(Key { id, seen: Seen::Enabled, blobs: Vec::new(), days: 0, rotations: 0 });
            }
            Act::Disable(key) | Act::Cancel(key) => self.keys[key].seen = Seen::Disabled,
            Act::Enable(key) => self.keys[key].seen = Seen::Enabled,
            Act::Alias(key, name) => _ = self.aliases.insert(name, key),
            Act::Unalias(name) => _ = self.aliases.remove(name),
            Act::Rotate(key) => self.keys[key].rotations += 1,
            Act::Schedule(key) => (self.keys[key].seen, self.keys[key].days) = (Seen::Pending, 7),
        }
    }

    /// Days pass: keys whose waiting period is over go, and their aliases.
    pub(crate) fn pass_days(&mut self, days: u32) {
        for key in self.keys.iter_mut().filter(|key| key.seen == Seen::Pending) {
            key.days = key.days.saturating_sub(days);
            if key.days == 0 {
                key.seen = Seen::Gone;
            }
        }
        let keys = &self.keys;
        self.aliases.retain(|_, key| keys[*key].seen != Seen::Gone);
    }
}
