//! What the trail is to say of a commit.

use super::super::{
    Change, Effect,
    name::{AUDIT, GENERATION},
};
use crate::{
    audit::{Carried, Digest, Lines, Mention},
    crypto::Provider,
};
use alloc::vec::Vec;

/// What the trail is to say of what one caller commits.
#[derive(Default)]
pub(in crate::store) struct Traces {
    pub(super) lines: Lines,
    pub(super) writes: Vec<Mention>,
    pub(super) cut: Option<Cut>,
}

/// What a commit takes from the beginning of the trail.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct Cut {
    /// The oldest entry that is kept.
    pub(super) first: u64,
    /// How many events came before it.
    pub(super) removed: u64,
    /// Whether one that goes does not open, or was gone before.
    pub(super) has_damage: bool,
    /// What has to be known of those that go.
    pub(super) carried: Vec<Carried>,
}

impl Traces {
    /// Of the changes of one commit, as far as the trail names them: not the generation, which names the trail, and no entries.
    pub(in crate::store) fn of(provider: &Provider, changes: &[Change]) -> Self {
        let mut writes = Vec::new();
        for Change { name, expected, effect } in changes {
            if name == GENERATION || name.starts_with(AUDIT) {
                continue;
            }
            let before = expected.unwrap_or(0);
            match effect {
                Effect::Keep => {}
                Effect::Put(value) => {
                    let digest = Digest(provider.digest.sha256(&[value.as_bytes()]));
                    writes.push(Mention(name.clone(), before.saturating_add(1), Some(digest)));
                }
                Effect::Delete => writes.push(Mention(name.clone(), before, None)),
            }
        }
        Self { writes, ..Self::default() }
    }

    pub(in crate::store) fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.writes.is_empty() && self.cut.is_none()
    }

    /// Its events, as they are stored.
    pub(in crate::store) fn lines(&self) -> &[u8] {
        &self.lines.bytes
    }

    /// The bytes that it has in the entry, about.
    pub(in crate::store) fn length(&self) -> usize {
        // A name, and 64 digits, a number and what is between them.
        let of_name = |name: &str| name.len().saturating_add(100);
        let writes: usize = self.writes.iter().map(|Mention(name, ..)| of_name(name)).sum();
        let carried = self.cut.iter().flat_map(|cut| &cut.carried);
        self.lines.bytes.len() + writes + carried.map(|Carried(name, ..)| of_name(name) + 20).sum::<usize>()
    }
}
