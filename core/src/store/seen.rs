//! What a handle has seen of its store, by which it notices that the store, or a record of it, was put back from a copy: the
//! seal of an old state is as good as that of a new one.
//!
//! The store as a whole: the generation never goes back, and the commits that it names are those that were seen. A record: its
//! revision grows, and what this handle deleted is gone. One that was deleted and made again begins with revision 1 again; but that
//! takes as many commits, which the generation has counted.

use super::{
    RecordName,
    generation::{CommitId, Current},
};
use crate::sync::RwLock;
use lru::LruCache;

/// Records that are remembered. Those that were never changed, which are most, need no remembering.
const CAPACITY: usize = 16_384;

/// The newest revisions that were seen, and the newest generation.
pub(super) struct Seen {
    records: RwLock<Records>,
    generation: RwLock<Option<(u64, CommitId)>>,
}

struct Records {
    by_name: LruCache<RecordName, Known>,
    /// How often something was noted.
    notes: u64,
}

/// A record as it was seen.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// `None`: this handle deleted it.
    pub(super) revision: Option<u64>,
    /// The generation of the vault before it was read, or after it was written.
    generation: u64,
    /// Which note this is.
    note: u64,
}

impl Known {
    fn is_newer_than(&self, revision: u64) -> bool {
        self.revision.is_none_or(|known| known > revision)
    }

    /// Whether a record of that revision can have been made since, where the vault is at the generation `now`.
    pub(super) fn may_be_replaced_by(&self, revision: u64, now: u64) -> bool {
        // A creation, and a change for each revision after the first; a deletion before, where that was not done.
        let deletion = u64::from(self.revision.is_some());
        now.saturating_sub(self.generation) >= revision.saturating_add(deletion)
    }
}

impl Seen {
    pub(super) fn new() -> Self {
        let records = Records { by_name: LruCache::unbounded(), notes: 0 };
        Self { records: RwLock::new(records), generation: RwLock::new(None) }
    }

    /// What is read from now on is no older than what was noted before.
    pub(super) fn moment(&self) -> u64 {
        self.records.read().notes
    }

    /// What was seen of a record before that moment, if that was a later revision.
    pub(super) fn newer(&self, name: &str, revision: u64, moment: u64) -> Option<Known> {
        let records = self.records.read();
        if records.by_name.is_empty() {
            return None;
        }
        let known = records.by_name.peek(&RecordName::from(name))?;
        (known.is_newer_than(revision) && known.note <= moment).then_some(*known)
    }

    /// Notes the revision of a record that was read after that moment, when the vault was at that generation.
    pub(super) fn note_read(&self, name: &str, revision: u64, generation: u64, moment: u64) {
        let known = self.records.read().by_name.peek(&RecordName::from(name)).copied();
        let is_noted = |known: Known| known.revision == Some(revision) && known.generation >= generation;
        if !known.is_some_and(is_noted) {
            self.put(name, Some(revision), generation, moment);
        }
    }

    /// Notes a record that this handle has written.
    pub(super) fn note_written(&self, name: &str, revision: u64, generation: u64) {
        self.put(name, Some(revision), generation, u64::MAX);
    }

    /// Notes that this handle has deleted a record.
    pub(super) fn note_gone(&self, name: &str, generation: u64) {
        self.put(name, None, generation, u64::MAX);
    }

    fn put(&self, name: &str, revision: Option<u64>, generation: u64, moment: u64) {
        let mut records = self.records.write();
        let name = RecordName::from(name);
        let is_first = revision.is_some_and(|revision| revision < 2);
        match records.by_name.peek(&name) {
            // Another reader was faster, and saw a later one.
            Some(known) if known.note > moment && revision.is_some_and(|revision| known.is_newer_than(revision)) => {
                return;
            }
            // There is none before the first that could be put back.
            Some(_) if is_first => {
                records.by_name.pop(&name);
                return;
            }
            None if is_first => return,
            _ => {}
        }
        records.notes = records.notes.wrapping_add(1);
        let note = records.notes;
        records.by_name.put(name, Known { revision, generation, note });
        if records.by_name.len() > CAPACITY {
            records.by_name.pop_lru();
        }
    }

    /// Whether a generation comes after the newest one that was seen, as far as the commits that it names reach back.
    pub(super) fn is_followed_by(&self, current: &Current) -> bool {
        let mut newest = self.generation.write();
        if let Some((revision, id)) = *newest {
            if current.revision < revision {
                // It was read before that one.
                return true;
            }
            if current.commit_at(revision).is_some_and(|other| other != id) {
                return false;
            }
        }
        *newest = current.commit_at(current.revision).map(|id| (current.revision, id)).or(*newest);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "alias/one";

    fn is_older(seen: &Seen, revision: u64, now: u64) -> bool {
        seen.newer(NAME, revision, seen.moment()).is_some_and(|known| !known.may_be_replaced_by(revision, now))
    }

    #[test]
    fn a_late_reader_does_not_take_a_newer_revision_away() {
        let seen = Seen::new();
        let moment = seen.moment();
        seen.note_written(NAME, 3, 10);
        seen.note_read(NAME, 2, 9, moment);
        assert!(is_older(&seen, 2, 10));
        seen.note_gone(NAME, 11);
        seen.note_read(NAME, 3, 10, moment);
        assert!(is_older(&seen, 3, 11));
        // A reader that began before it was noted is not blamed.
        assert!(seen.newer(NAME, 2, moment).is_none());
    }

    #[test]
    fn what_was_made_again_since_is_no_old_record() {
        let seen = Seen::new();
        seen.note_written(NAME, 3, 10);
        // A deletion and a creation, and a change for each further revision.
        assert!(is_older(&seen, 1, 11) && !is_older(&seen, 1, 12));
        assert!(is_older(&seen, 2, 12) && !is_older(&seen, 2, 13));
        seen.note_gone(NAME, 20);
        assert!(is_older(&seen, 1, 20) && !is_older(&seen, 1, 21));
        seen.note_written(NAME, 1, 21);
        assert!(!is_older(&seen, 1, 21));
    }
}
