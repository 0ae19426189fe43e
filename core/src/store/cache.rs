//! Records that were opened lately, so that a key in use is not unsealed at each operation.
//!
//! The store stays the authority: an entry counts only while the store still shows the very bytes that it was opened
//! from, so that a change by another process is seen at once. The revision alone would not do: a record that is deleted
//! and made again begins with revision 1 again.

use super::{Record, RecordName, Sealed};
use crate::sync::RwLock;
use alloc::sync::Arc;
use core::any::Any;
use lru::LruCache;

/// Entries kept: about 16 MB at the most.
const CAPACITY: usize = 16_384;

type Value = Arc<dyn Any + Send + Sync>;

/// The least recently used entries go first, and are wiped as they go.
pub(crate) struct Cache(RwLock<LruCache<RecordName, Entry>>);

/// What a record held, and the revision and bytes that say so.
struct Entry {
    revision: u64,
    sealed: Sealed,
    value: Value,
}

impl Cache {
    pub(crate) fn new() -> Self {
        // "Unbounded" grows as needed, where a bounded one would reserve its whole capacity for every vault.
        Self(RwLock::new(LruCache::unbounded()))
    }

    /// The entry, if it was opened from this record as it is now.
    pub(crate) fn get<T: Any + Send + Sync>(&self, name: &RecordName, record: &Record) -> Option<Arc<T>> {
        let mut entries = self.0.write();
        let Entry { revision, sealed, value } = entries.get(name)?;
        (*revision == record.revision && *sealed == record.value).then(|| Arc::clone(value).downcast().ok())?
    }

    /// The entry, for a record that is never changed.
    pub(crate) fn get_unchanging<T: Any + Send + Sync>(&self, name: &RecordName) -> Option<Arc<T>> {
        self.0.write().get(name).and_then(|entry| Arc::clone(&entry.value).downcast().ok())
    }

    /// Keeps what a record held.
    pub(crate) fn put<T: Any + Send + Sync>(&self, name: RecordName, record: Record, value: &Arc<T>) {
        let Record { name: _, revision, value: sealed } = record;
        let mut entries = self.0.write();
        entries.put(name, Entry { revision, sealed, value: Arc::clone(value) as Value });
        if entries.len() > CAPACITY {
            entries.pop_lru();
        }
    }

    /// Forgets an entry whose record was changed or deleted.
    pub(crate) fn forget(&self, name: &RecordName) {
        self.0.write().pop(name);
    }

    /// Forgets every entry.
    pub(crate) fn clear(&self) {
        self.0.write().clear();
    }
}
