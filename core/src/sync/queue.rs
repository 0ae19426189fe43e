//! One at a time, in the order of asking.
//!
//! An ordinary mutex lets a thread that has just given it back take it again at once; under load some thread would then
//! wait for ever. Here everybody draws a ticket.

#[cfg(feature = "std")]
pub(crate) use std_queue::{Queue, Turn};

#[cfg(not(feature = "std"))]
pub(crate) use spin_queue::{Queue, Turn};

#[cfg(feature = "std")]
mod std_queue {
    use std::{
        sync::{Condvar, Mutex, MutexGuard, PoisonError},
        time::{Duration, Instant},
    };

    /// A fair lock around nothing.
    #[derive(Default)]
    pub(crate) struct Queue {
        tickets: Mutex<Tickets>,
        called: Condvar,
        /// Somebody came whom the one whose turn it is waits for.
        came: Condvar,
    }

    #[derive(Default)]
    struct Tickets {
        next: u64,
        serving: u64,
        /// Whether the one whose turn it is waits for others.
        is_gathering: bool,
    }

    impl Tickets {
        /// How many wait behind the one whose turn it is.
        fn waiting(&self) -> usize {
            let behind = self.next.wrapping_sub(self.serving).saturating_sub(1);
            usize::try_from(behind).unwrap_or(usize::MAX)
        }
    }

    /// The right to go on; the next in the queue has it when this is dropped.
    #[cfg_attr(all(target_family = "wasm", target_os = "unknown"), allow(dead_code, reason = "no one waits by time"))]
    pub(crate) struct Turn<'q> {
        queue: &'q Queue,
        was_waited_for: bool,
    }

    impl Queue {
        /// Waits for one's turn.
        pub(crate) fn wait(&self) -> Turn<'_> {
            let mut tickets = self.tickets();
            let own = tickets.next;
            tickets.next = own.wrapping_add(1);
            let was_waited_for = tickets.serving != own;
            if tickets.is_gathering {
                self.came.notify_one();
            }
            while tickets.serving != own {
                tickets = self.called.wait(tickets).unwrap_or_else(PoisonError::into_inner);
            }
            Turn { queue: self, was_waited_for }
        }

        fn tickets(&self) -> MutexGuard<'_, Tickets> {
            self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    #[cfg_attr(all(target_family = "wasm", target_os = "unknown"), allow(dead_code, reason = "no one waits by time"))]
    impl Turn<'_> {
        /// Whether somebody else had the turn when this one was asked for.
        pub(crate) fn was_waited_for(&self) -> bool {
            self.was_waited_for
        }

        /// How many wait for the next turns.
        pub(crate) fn waiting(&self) -> usize {
            self.queue.tickets().waiting()
        }

        /// Waits until so many do, but no longer than that.
        pub(crate) fn wait_for(&self, waiting: usize, most: Duration) {
            let since = Instant::now();
            let mut tickets = self.queue.tickets();
            tickets.is_gathering = true;
            while tickets.waiting() < waiting {
                let Some(left) = most.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) else { break };
                let came = self.queue.came.wait_timeout(tickets, left);
                tickets = came.unwrap_or_else(PoisonError::into_inner).0;
            }
            tickets.is_gathering = false;
        }
    }

    impl Drop for Turn<'_> {
        fn drop(&mut self) {
            let mut tickets = self.queue.tickets();
            tickets.serving = tickets.serving.wrapping_add(1);
            if tickets.serving != tickets.next {
                // All, since each waits for a number of its own.
                self.queue.called.notify_all();
            }
        }
    }
}

#[cfg(not(feature = "std"))]
mod spin_queue {
    use core::{
        hint::spin_loop,
        sync::atomic::{AtomicUsize, Ordering},
    };

    /// A fair lock around nothing.
    #[derive(Default)]
    pub(crate) struct Queue {
        next: AtomicUsize,
        serving: AtomicUsize,
    }

    /// The right to go on; the next in the queue has it when this is dropped.
    pub(crate) struct Turn<'q>(&'q Queue);

    impl Queue {
        /// Waits for one's turn.
        pub(crate) fn wait(&self) -> Turn<'_> {
            let own = self.next.fetch_add(1, Ordering::Relaxed);
            while self.serving.load(Ordering::Acquire) != own {
                spin_loop();
            }
            Turn(self)
        }
    }

    impl Drop for Turn<'_> {
        fn drop(&mut self) {
            self.0.serving.fetch_add(1, Ordering::Release);
        }
    }
}
