//! The run of an operation. What is asked for by a run and is not there, it lacks: whatever the run came to is nothing, the half in
//! JavaScript brings what it lacked, and the operation is run again (`js/ask.js`).

use pocketkms::Runs;
use std::{
    any::Any,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
};
use wasm_bindgen::prelude::*;

/// There is one thread, and one run at a time.
pub(crate) struct Run {
    lacks: AtomicBool,
    /// How much was counted in it.
    counting: AtomicU32,
    /// How much of that was counted in a run before.
    counted: AtomicU32,
    /// What the operation has got so far.
    kept: Mutex<Option<Kept>>,
}

type Kept = Box<dyn Any + Send + Sync>;

pub(crate) static RUN: Run = Run {
    lacks: AtomicBool::new(false),
    counting: AtomicU32::new(0),
    counted: AtomicU32::new(0),
    kept: Mutex::new(None),
};

impl Run {
    fn set_kept(&self, kept: Option<Kept>) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }
}

impl Runs for Run {
    fn lacks(&self) -> bool {
        self.lacks.load(Relaxed)
    }

    fn counts(&self) -> bool {
        self.counting.fetch_add(1, Relaxed) >= self.counted.load(Relaxed)
    }

    fn keep(&self, kept: Kept) {
        self.set_kept(Some(kept));
    }

    fn take(&self) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A run begins.
pub(crate) fn begin_run() {
    RUN.lacks.store(false, Relaxed);
    RUN.counting.store(0, Relaxed);
}

/// The run has asked for what is not there.
pub(crate) fn lack() {
    RUN.lacks.store(true, Relaxed);
}

/// An operation between two of its runs: how much it has counted, and what it has got so far, which is wiped with it.
#[wasm_bindgen]
pub struct Paused {
    counted: u32,
    kept: Option<Kept>,
}

/// The run is over, and those that follow are other operations'.
#[wasm_bindgen(js_name = pauseRun)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn pause_run() -> Paused {
    let counted = RUN.counted.swap(0, Relaxed).max(RUN.counting.load(Relaxed));
    begin_run();
    Paused { counted, kept: RUN.take() }
}

/// The next run is one of that operation's.
#[wasm_bindgen(js_name = resumeRun)]
#[allow(unreachable_pub, reason = "wasm-bindgen exports it")]
pub fn resume_run(paused: Paused) {
    let Paused { counted, kept } = paused;
    begin_run();
    RUN.counted.store(counted, Relaxed);
    RUN.set_kept(kept);
}
