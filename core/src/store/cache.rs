//! Records that were opened lately, so that a key in use is not unsealed at each operation.
//!
//! The store stays the authority: an entry counts only while the store still shows the revision that it was opened
//! from, so that a change by another process is seen at once.

use super::RecordName;
use crate::sync::RwLock;
use alloc::sync::Arc;
use core::any::Any;
use lru::LruCache;

/// Entries kept: about 8 MB at the most.
const CAPACITY: usize = 16_384;

type Value = Arc<dyn Any + Send + Sync>;

/// The least recently used entries go first, and are wiped as they go.
pub(crate) struct Cache(RwLock<LruCache<RecordName, (u64, Value)>>);

impl Cache {
    pub(crate) fn new() -> Self {
        // "Unbounded" grows as needed, where a bounded one would reserve its whole capacity for every vault.
        Self(RwLock::new(LruCache::unbounded()))
    }

    /// The entry, if it was opened from this revision.
    pub(crate) fn get<T: Any + Send + Sync>(&self, name: &RecordName, revision: u64) -> Option<Arc<T>> {
        let mut entries = self.0.write();
        let (opened, value) = entries.get(name)?;
        (*opened == revision).then(|| Arc::clone(value).downcast().ok())?
    }

    /// The entry, for a record that is never changed.
    pub(crate) fn get_unchanging<T: Any + Send + Sync>(&self, name: &RecordName) -> Option<Arc<T>> {
        self.0.write().get(name).and_then(|(_, value)| Arc::clone(value).downcast().ok())
    }

    pub(crate) fn put<T: Any + Send + Sync>(&self, name: RecordName, revision: u64, value: &Arc<T>) {
        let mut entries = self.0.write();
        entries.put(name, (revision, Arc::clone(value) as Value));
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
