//! What a cache keeps of secrets until the vault that they came from is closed.

use crate::sync::RwLock;
use core::hash::Hash;
use lru::LruCache;

/// What keeps secrets of a vault, and gives them up when the vault is closed.
pub trait Retire: Send + Sync {
    /// Forgets everything, and keeps nothing from now on.
    fn retire(&self);
}

/// The entries of a cache, which are wiped as they go; none once it was retired.
pub(crate) struct Kept<K, V>(RwLock<Option<LruCache<K, V>>>);

impl<K: Hash + Eq, V> Kept<K, V> {
    /// Without a bound: inserting code takes the oldest out.
    pub(crate) fn new() -> Self {
        Self(RwLock::new(Some(LruCache::unbounded())))
    }

    /// Works with the entries, unless there are none any more.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut LruCache<K, V>) -> R) -> Option<R> {
        self.0.write().as_mut().map(work)
    }
}

impl<K: Send + Sync, V: Send + Sync> Retire for Kept<K, V> {
    fn retire(&self) {
        // Dropped when the lock is given back.
        let entries = self.0.write().take();
        drop(entries);
    }
}
