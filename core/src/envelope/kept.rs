//! What caches and streams keep of secrets until the vault that they came from is locked or closed.

use crate::{
    error::{Error, ErrorKind, Result},
    sync::RwLock,
};
use alloc::sync::{Arc, Weak};
use core::hash::Hash;
use lru::LruCache;

/// What keeps secrets of a vault, and gives them up when the vault is locked or closed.
pub trait Retire: Send + Sync {
    /// The vault was closed: forgets everything, and keeps nothing from now on.
    fn retire(&self);

    /// The vault was locked: forgets everything, and keeps nothing until [`resume`](Self::resume) was called as often.
    fn pause(&self);

    /// The vault was unlocked.
    fn resume(&self);
}

/// The entries of a cache, which are wiped as they go; none once it was retired.
pub(crate) struct Kept<K, V>(RwLock<Entries<K, V>>);

struct Entries<K, V> {
    /// Nothing once it was retired.
    entries: Option<LruCache<K, V>>,
    /// How many of the vaults that they came from are locked.
    paused: usize,
}

impl<K: Hash + Eq, V> Kept<K, V> {
    /// Without a bound: inserting code takes the oldest out.
    pub(crate) fn new() -> Self {
        Self(RwLock::new(Entries { entries: Some(LruCache::unbounded()), paused: 0 }))
    }

    /// Works with the entries, unless there are none now.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut LruCache<K, V>) -> R) -> Option<R> {
        let Entries { entries, paused } = &mut *self.0.write();
        entries.as_mut().filter(|_| *paused == 0).map(work)
    }
}

impl<K: Hash + Eq + Send + Sync, V: Send + Sync> Retire for Kept<K, V> {
    fn retire(&self) {
        // Dropped when the lock is given back.
        let entries = self.0.write().entries.take();
        drop(entries);
    }

    fn pause(&self) {
        let mut kept = self.0.write();
        kept.paused = kept.paused.saturating_add(1);
        let entries = kept.entries.as_mut().map(|entries| core::mem::replace(entries, LruCache::unbounded()));
        drop(kept);
        drop(entries);
    }

    fn resume(&self) {
        let mut kept = self.0.write();
        kept.paused = kept.paused.saturating_sub(1);
    }
}

/// A secret of one stream, which is taken away when a vault that it came from is locked. It does not come back: the stream has to be begun
/// again.
pub(crate) struct Lent<T>(Arc<Slot<T>>);

struct Slot<T>(RwLock<Option<T>>);

impl<T> Lent<T> {
    pub(crate) fn new(secret: T) -> Self {
        Self(Arc::new(Slot(RwLock::new(Some(secret)))))
    }

    /// Works with the secret. A lock waits for the end of that.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&T) -> Result<R>) -> Result<R> {
        self.0.0.read().as_ref().ok_or_else(taken).and_then(work)
    }
}

impl<T: Send + Sync + 'static> Lent<T> {
    /// By which a vault takes it away.
    pub(crate) fn taker(&self) -> Weak<dyn Retire> {
        let slot: Arc<dyn Retire> = Arc::<Slot<T>>::clone(&self.0);
        Arc::downgrade(&slot)
    }
}

impl<T: Send + Sync> Retire for Slot<T> {
    /// A stream under way comes to its end.
    fn retire(&self) {}

    fn pause(&self) {
        let secret = self.0.write().take();
        drop(secret);
    }

    fn resume(&self) {}
}

fn taken() -> Error {
    Error::new(
        ErrorKind::VaultLocked,
        "the vault was locked while the stream was open: unlock it, and begin the stream again",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    #[test]
    fn a_cache_of_two_vaults_keeps_nothing_while_one_is_locked() {
        let (kept, value) = (Kept::new(), Arc::new(7_u8));
        let put = || kept.with(|entries| entries.put(1, Arc::clone(&value)));
        put();
        assert_eq!(Arc::strong_count(&value), 2);
        kept.pause();
        kept.pause();
        for _ in 0..2 {
            assert!(put().is_none());
            assert_eq!(Arc::strong_count(&value), 1);
            kept.resume();
        }
        put();
        assert_eq!(Arc::strong_count(&value), 2);
        kept.retire();
        kept.resume();
        assert!(put().is_none());
    }

    #[test]
    fn what_was_lent_is_dropped_and_stays_away() {
        let value = Arc::new(7_u8);
        let lent = Lent::new(Arc::clone(&value));
        let taker = lent.taker().upgrade().unwrap();
        taker.retire();
        assert_eq!(lent.with(|value| Ok(**value)).unwrap(), 7);
        taker.pause();
        assert_eq!(Arc::strong_count(&value), 1);
        taker.resume();
        assert_eq!(lent.with(|_| Ok(())).unwrap_err().kind(), ErrorKind::VaultLocked);
    }
}
