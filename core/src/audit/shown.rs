//! Showing a host that watches what was stored.

use crate::sync::RwLock;
use alloc::{string::String, sync::Arc, vec::Vec};
use core::sync::atomic::{AtomicBool, Ordering};

/// Is shown events after they were stored, each as it is stored.
pub(crate) type Sink = Arc<dyn Fn(&[String]) + Send + Sync>;

/// How often one call shows what was stored meanwhile.
const MOST_TIMES: usize = 16;

/// A sink, and what it is to be shown.
pub(crate) struct Shown {
    sink: Sink,
    waiting: RwLock<Vec<String>>,
    /// Whether a thread shows it.
    is_showing: AtomicBool,
}

impl Shown {
    pub(crate) fn to(sink: Sink) -> Arc<Self> {
        Arc::new(Self { sink, waiting: RwLock::default(), is_showing: AtomicBool::default() })
    }

    /// Takes lines that were stored.
    pub(crate) fn add(&self, lines: &[u8]) {
        if let Ok(text) = str::from_utf8(lines) {
            self.waiting.write().extend(text.split_terminator('\n').map(String::from));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.read().is_empty()
    }

    /// Shows what waits, in its order: one thread does. The host may call the vault again, and then this shows what comes of it, up to a
    /// bound.
    pub(crate) fn show(&self) {
        for _ in 0..MOST_TIMES {
            if self.is_empty() || self.is_showing.swap(true, Ordering::AcqRel) {
                return;
            }
            let waiting = core::mem::take(&mut *self.waiting.write());
            (self.sink)(&waiting);
            self.is_showing.store(false, Ordering::Release);
        }
    }
}
