//! Records that were opened lately, so that a key in use is not unsealed at each operation.
//!
//! The store stays the authority: an entry counts while no one has changed the vault since it was read (`freshness`). After
//! a change it counts again once the store shows the very bytes that it was opened from. The revision alone would not do: a
//! record that is deleted and made again begins with revision 1 again.

use super::{Record, RecordName, Sealed};
use crate::sync::RwLock;
use alloc::sync::Arc;
use core::any::Any;
use lru::LruCache;

/// Bytes kept, sealed and open ones together, about.
const CAPACITY: usize = 16 * 1024 * 1024;

/// What an entry takes beside its name and its bytes.
const OVERHEAD: usize = 256;

/// Names kept that have no record.
const ABSENT: usize = 256;

type Value = Arc<dyn Any + Send + Sync>;

/// The least recently used entries go first, and are wiped as they go.
pub(crate) struct Cache(RwLock<Entries>);

struct Entries {
    by_name: LruCache<RecordName, Entry>,
    /// What they take.
    bytes: usize,
    /// Names without a record, and the generation at which that was seen.
    absent: LruCache<RecordName, u64>,
    /// How often something was forgotten.
    forgotten: u64,
    /// Whether nothing is kept: the vault is locked.
    closed: bool,
}

impl Entries {
    fn put(&mut self, name: RecordName, entry: Entry) {
        self.pop(&name);
        self.bytes = self.bytes.saturating_add(entry.length(&name));
        self.by_name.put(name, entry);
        while self.bytes > CAPACITY
            && let Some((name, entry)) = self.by_name.pop_lru()
        {
            self.bytes = self.bytes.saturating_sub(entry.length(&name));
        }
    }

    fn pop(&mut self, name: &RecordName) {
        if let Some(entry) = self.by_name.pop(name) {
            self.bytes = self.bytes.saturating_sub(entry.length(name));
        }
    }
}

/// Taken before a record is read, so that what was forgotten meanwhile is not kept after all: the material of a key that is
/// gone would stay in memory.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

/// What a record held, and the revision and bytes that say so.
struct Entry {
    /// The generation of the vault at which the store was last seen to show them.
    seen: u64,
    revision: u64,
    sealed: Sealed,
    value: Value,
}

impl Entry {
    /// About what it takes; what was opened is about as long as what is sealed.
    fn length(&self, name: &RecordName) -> usize {
        OVERHEAD.saturating_add(name.as_str().len()).saturating_add(self.sealed.as_bytes().len().saturating_mul(2))
    }
}

impl Cache {
    pub(crate) fn new() -> Self {
        // "Unbounded" grows as needed, where a bounded one would reserve its whole capacity for every vault.
        let (by_name, absent) = (LruCache::unbounded(), LruCache::unbounded());
        Self(RwLock::new(Entries { by_name, bytes: 0, absent, forgotten: 0, closed: false }))
    }

    /// Before a record is read that is to be kept.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket(self.0.read().forgotten)
    }

    /// The entry and the revision of its record, if no one can have changed it since it was seen.
    pub(crate) fn get_seen<T: Any + Send + Sync>(&self, name: &RecordName, since: u64) -> Option<(u64, Arc<T>)> {
        let mut entries = self.0.write();
        let Entry { revision, value, .. } = entries.by_name.get(name).filter(|entry| entry.seen >= since)?;
        Some((*revision, Arc::clone(value).downcast().ok()?))
    }

    /// The entry, if it was opened from this record as it is now, which was read when the vault was at the generation `now`.
    pub(crate) fn get<T: Any + Send + Sync>(&self, name: &RecordName, record: &Record, now: u64) -> Option<Arc<T>> {
        let mut entries = self.0.write();
        let Entry { seen, revision, sealed, value } = entries.by_name.get_mut(name)?;
        if *revision != record.revision || *sealed != record.value {
            // Dropped now, not when the new one has been opened: an operation that began before the change must not see it again.
            entries.pop(name);
            return None;
        }
        *seen = now.max(*seen);
        Arc::clone(value).downcast().ok()
    }

    /// The entry, for a record that is never changed.
    pub(crate) fn get_unchanging<T: Any + Send + Sync>(&self, name: &RecordName) -> Option<Arc<T>> {
        self.0.write().by_name.get(name).and_then(|entry| Arc::clone(&entry.value).downcast().ok())
    }

    /// Keeps what a record held, unless something was forgotten since the ticket was taken.
    pub(crate) fn put<T: Any + Send + Sync>(
        &self,
        ticket: Ticket,
        name: RecordName,
        record: Record,
        seen: u64,
        value: &Arc<T>,
    ) {
        let Record { name: _, revision, value: sealed } = record;
        let mut entries = self.0.write();
        if entries.forgotten != ticket.0 || entries.closed {
            return;
        }
        entries.put(name, Entry { seen, revision, sealed, value: Arc::clone(value) as Value });
    }

    /// Drops the entry of a record that somebody else removed. An operation that began before must not see it again.
    pub(crate) fn drop_gone(&self, name: &RecordName) {
        self.0.write().pop(name);
    }

    /// Whether there is surely no record of that name.
    pub(crate) fn is_absent(&self, name: &RecordName, since: u64) -> bool {
        self.0.write().absent.get(name).is_some_and(|seen| *seen >= since)
    }

    /// Notes that there is no record of that name, unless something was forgotten since the ticket was taken.
    pub(crate) fn put_absent(&self, ticket: Ticket, name: &RecordName, seen: u64) {
        let mut entries = self.0.write();
        if entries.forgotten == ticket.0 {
            entries.absent.put(name.clone(), seen);
            if entries.absent.len() > ABSENT {
                entries.absent.pop_lru();
            }
        }
    }

    /// Forgets an entry whose record was changed or deleted.
    pub(crate) fn forget(&self, name: &RecordName) {
        let mut entries = self.0.write();
        entries.pop(name);
        entries.absent.pop(name);
        entries.forgotten = entries.forgotten.wrapping_add(1);
    }

    /// Forgets every entry, and keeps none until it is [opened](Self::open): calls under way go on without.
    pub(crate) fn close(&self) {
        self.0.write().closed = true;
        self.clear();
    }

    /// Keeps entries again.
    pub(crate) fn open(&self) {
        self.0.write().closed = false;
    }

    /// Forgets every entry.
    pub(crate) fn clear(&self) {
        let mut entries = self.0.write();
        entries.by_name.clear();
        entries.bytes = 0;
        entries.absent.clear();
        entries.forgotten = entries.forgotten.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};

    #[test]
    fn what_was_forgotten_while_it_was_read_is_not_kept() {
        let cache = Cache::new();
        let name = RecordName::from("material/1");
        let record = || Record { name: name.as_str().to_string(), revision: 1, value: Sealed::from_stored(b"sealed") };
        let value = Arc::new(7_u8);
        for (forget, kept) in [(false, true), (true, false)] {
            let ticket = cache.ticket();
            // A deletion in another thread, between the reading and the keeping.
            if forget {
                cache.forget(&name);
            }
            cache.put(ticket, name.clone(), record(), 1, &value);
            assert_eq!(cache.get_unchanging::<u8>(&name).is_some(), kept);
            assert_eq!(Arc::strong_count(&value), 1 + usize::from(kept));
        }
        let ticket = cache.ticket();
        cache.clear();
        cache.put(ticket, name.clone(), record(), 1, &value);
        assert_eq!(Arc::strong_count(&value), 1);
    }

    #[test]
    fn as_many_are_kept_as_fit_whatever_their_size() {
        let cache = Cache::new();
        let sealed = Sealed::from_stored(&alloc::vec![0; 64 * 1024]);
        let name = |number: usize| RecordName::from(&*alloc::format!("policy/{number:04}"));
        for number in 0..1000 {
            let record = Record { name: String::new(), revision: 1, value: sealed.clone() };
            cache.put(cache.ticket(), name(number), record, 1, &Arc::new(number));
            let entries = cache.0.read();
            assert!(entries.bytes <= CAPACITY && entries.by_name.len() <= CAPACITY / (128 * 1024));
        }
        assert_eq!(cache.get_unchanging::<usize>(&name(999)).as_deref(), Some(&999));
        assert!(cache.get_unchanging::<usize>(&name(0)).is_none());
        (0..1000).for_each(|number| cache.forget(&name(number)));
        assert_eq!(cache.0.read().bytes, 0);
    }
}
