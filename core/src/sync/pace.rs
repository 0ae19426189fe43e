//! Whether it is worth waiting a moment for others, who would otherwise have to wait for the next commit.
//!
//! A disk takes milliseconds to commit, and as long for one change as for fifty. So the one with the turn lets those come that
//! were in the commit before, and are about to be back; but for a fraction of the time that a commit takes, and not at all
//! where no one else is about, or where commits are fast.

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
pub(crate) use by_time::Pace;

#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
pub(crate) use without_a_clock::Pace;

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
mod by_time {
    use crate::sync::{RwLock, Turn};
    use std::time::{Duration, Instant};

    /// The part of a commit's time that is waited at most.
    const PART: u32 = 8;
    /// However long a commit took, which may have had to wait for other processes.
    const LONGEST: Duration = Duration::from_millis(2);
    /// Less is not worth putting a thread to sleep.
    const SHORTEST: Duration = Duration::from_micros(50);

    /// What is known of the last commit.
    #[derive(Default)]
    pub(crate) struct Pace(RwLock<Last>);

    #[derive(Clone, Copy, Default)]
    struct Last {
        together: usize,
        took: Duration,
    }

    impl Pace {
        /// Lets those come who are about to.
        pub(crate) fn gather(&self, turn: &Turn<'_>) {
            let Last { together, took } = *self.0.read();
            let waiting = turn.waiting();
            let most = (took / PART).min(LONGEST);
            if most >= SHORTEST && (together > 1 || waiting > 0 || turn.was_waited_for()) {
                turn.wait_for(waiting.saturating_add(together), most);
            }
        }

        /// Makes a commit of so many.
        pub(crate) fn measure<T>(&self, together: usize, commit: impl FnOnce() -> T) -> T {
            let begun = Instant::now();
            let done = commit();
            *self.0.write() = Last { together, took: begun.elapsed() };
            done
        }
    }
}

/// Without threads, or without a clock to wait by.
#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
mod without_a_clock {
    use crate::sync::Turn;

    #[derive(Default)]
    pub(crate) struct Pace;

    impl Pace {
        #[expect(clippy::unused_self, reason = "as where there is a clock")]
        pub(crate) fn gather(&self, _: &Turn<'_>) {}

        #[expect(clippy::unused_self, reason = "as where there is a clock")]
        pub(crate) fn measure<T>(&self, _: usize, commit: impl FnOnce() -> T) -> T {
            commit()
        }
    }
}
