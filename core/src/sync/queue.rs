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
    use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

    /// A fair lock around nothing.
    #[derive(Default)]
    pub(crate) struct Queue {
        tickets: Mutex<Tickets>,
        called: Condvar,
    }

    #[derive(Default)]
    struct Tickets {
        next: u64,
        serving: u64,
    }

    /// The right to go on; the next in the queue has it when this is dropped.
    pub(crate) struct Turn<'q>(&'q Queue);

    impl Queue {
        /// Waits for one's turn.
        pub(crate) fn wait(&self) -> Turn<'_> {
            let mut tickets = self.tickets();
            let own = tickets.next;
            tickets.next = own.wrapping_add(1);
            while tickets.serving != own {
                tickets = self.called.wait(tickets).unwrap_or_else(PoisonError::into_inner);
            }
            Turn(self)
        }

        fn tickets(&self) -> MutexGuard<'_, Tickets> {
            self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Drop for Turn<'_> {
        fn drop(&mut self) {
            let mut tickets = self.0.tickets();
            tickets.serving = tickets.serving.wrapping_add(1);
            if tickets.serving != tickets.next {
                // All, since each waits for a number of its own.
                self.0.called.notify_all();
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
