//! Waiting for other processes, a little longer each time.
//!
//! By the machine's own monotonic clock, never by the host's: that one may stand still.

/// Between attempts that failed because somebody else was faster.
#[derive(Default)]
pub(crate) struct Backoff {
    pauses: u32,
    timer: Timer,
}

impl Backoff {
    /// Waits before the next attempt; `false` when the waiting has taken long enough to give up. `random` spreads those
    /// who wait, so that they do not meet again.
    pub(crate) fn pause(&mut self, random: u32) -> bool {
        self.pauses = self.pauses.saturating_add(1);
        self.timer.pause(self.pauses, random)
    }
}

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
use by_time::Timer;

#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
use by_count::Timer;

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
mod by_time {
    use std::{
        thread,
        time::{Duration, Instant},
    };

    /// How long somebody waits in all.
    const PATIENCE: Duration = Duration::from_secs(2);
    /// The shortest pause, in microseconds; each is twice as long as the one before.
    const SHORTEST: u64 = 50;
    /// The longest pause is the shortest one, doubled so often: 25.6 ms.
    const DOUBLINGS: u32 = 9;

    #[derive(Default)]
    pub(super) struct Timer(Option<Instant>);

    impl Timer {
        pub(super) fn pause(&mut self, pauses: u32, random: u32) -> bool {
            let since = *self.0.get_or_insert_with(Instant::now);
            if since.elapsed() >= PATIENCE {
                return false;
            }
            let longest = SHORTEST << pauses.min(DOUBLINGS);
            // From half of it on, so that no one comes back at once.
            thread::sleep(Duration::from_micros(longest / 2 + u64::from(random) % (longest / 2)));
            true
        }
    }
}

/// Without a clock of the machine's, attempts are counted. On one thread no one else can be in the way for long.
#[cfg(not(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown")))))]
mod by_count {
    /// How often somebody waits.
    const PATIENCE: u32 = 1000;
    /// The longest pause is one step, doubled so often.
    const DOUBLINGS: u32 = 12;

    #[derive(Default)]
    pub(super) struct Timer;

    impl Timer {
        pub(super) fn pause(&mut self, pauses: u32, random: u32) -> bool {
            let longest = 1_u32 << pauses.min(DOUBLINGS);
            for _ in 0..longest / 2 + random % (longest / 2) {
                core::hint::spin_loop();
            }
            pauses < PATIENCE
        }
    }
}
