//! Waiting: for a lock, for a turn, for others to be done. The operating system's means where there is one, spinning
//! where there is none.

mod backoff;
mod pace;
mod queue;

pub(crate) use backoff::Backoff;
pub(crate) use pace::Pace;
pub(crate) use queue::{Queue, Turn};

#[cfg(feature = "std")]
pub(crate) use std_lock::RwLock;

#[cfg(not(feature = "std"))]
pub(crate) use spin::RwLock;

#[cfg(feature = "std")]
mod std_lock {
    use std::sync::{PoisonError, RwLockReadGuard, RwLockWriteGuard};

    /// `std::sync::RwLock` with the face of `spin::RwLock`.
    ///
    /// Poisoning is passed over: every change under these locks is one assignment or one insertion, so that a panic
    /// elsewhere cannot leave half of one behind.
    #[derive(Debug, Default)]
    pub(crate) struct RwLock<T>(std::sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(std::sync::RwLock::new(value))
        }

        pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
            self.0.read().unwrap_or_else(PoisonError::into_inner)
        }

        pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
            self.0.write().unwrap_or_else(PoisonError::into_inner)
        }
    }
}
