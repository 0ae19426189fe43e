//! What a fork waits for: every call that works while the interpreter is released.
//!
//! A forked child has a copy of every lock and only one thread. A lock that another thread held at that moment stays locked
//! there for ever: one of the core's, of the cryptographic libraries' or of the memory's. Python forks with the interpreter
//! held, so that only calls which released it can hold such a lock. They pass this gate: before a fork it closes and waits until
//! all have left, and it opens again on both sides (`os.register_at_fork`).
//!
//! Nothing that waits here may be waited for by what the fork waits for:
//!
//! - A call that runs Python code meanwhile, a keyring's callback for one, has left for as long: Python code may take any time,
//!   and may fork itself. Others may be inside and wait for a lock that it holds, so it is let in again while any is inside.
//! - A new call waits while others are inside, or a busy program would never fork; but not for ever, for what is inside
//!   might need its result, by way of another thread.
//! - Once all have left, hooks of other modules may still wait for a thread that calls now, as `logging` does for a thread
//!   that logs. Such a call keeps the interpreter, without which no one forks.

use pyo3::{prelude::*, types::PyDict};
use std::{
    cell::{Cell, RefCell},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// How many calls are inside.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Changed by the thread that forks only.
static STATE: AtomicU8 = AtomicU8::new(OPEN);
/// Held by that thread over the fork, so that no other can hold it then.
static LOCK: Mutex<()> = Mutex::new(());
/// A call has left, or the gate was opened.
static CHANGED: Condvar = Condvar::new();

const OPEN: u8 = 0;
/// A thread waits until all have left.
const CLOSING: u8 = 1;
/// All have left.
const FORKING: u8 = 2;

/// How long a call waits at the most, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_micros(200);
/// How long a new call waits for a fork that waits for no other call.
const A_FORK: Duration = Duration::from_millis(20);

thread_local! {
    /// Whether this thread is inside.
    static HERE: Cell<bool> = const { Cell::new(false) };
    /// How many of this thread's calls are outside because Python code runs.
    static CALLED_BACK: Cell<usize> = const { Cell::new(0) };
    /// What this thread forks with.
    static FORK: RefCell<Option<Fork>> = const { RefCell::new(None) };
}

struct Fork {
    lock: MutexGuard<'static, ()>,
    /// Whether the thread itself was inside, and so is again when it goes on.
    was_inside: bool,
}

/// Works with the interpreter released.
pub(crate) fn released<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let mut done = None;
    while done.is_none() {
        py.detach(|| {
            if let Some(_inside) = Inside::enter() {
                done = work.take().map(|work| work());
            }
        });
        // Looked at with the interpreter held: no one forks before it is given away.
        if done.is_none() && STATE.load(Ordering::SeqCst) == FORKING {
            done = work.take().map(|work| work());
        }
    }
    match done {
        Some(done) => done,
        None => unreachable!("the work is done once"),
    }
}

/// Runs Python code from inside of such work, or from anywhere else.
pub(crate) fn attach<T>(work: impl FnOnce(Python<'_>) -> T) -> T {
    // Given up after the interpreter is: a thread that waits here to come in again does not keep it.
    let _outside = HERE.get().then(Outside::leave);
    Python::attach(work)
}

struct Inside;

impl Inside {
    /// Nothing if all have left, and a fork is about to happen.
    fn enter() -> Option<Self> {
        enter(|state, waited| match state {
            OPEN => Some(true),
            CLOSING => (CALLED_BACK.get() > 0 || waited > PATIENCE).then_some(true),
            // Most forks have happened by then.
            _ => (waited > A_FORK).then_some(false),
        })
        .then(|| Self) // Not `then_some`: one that is made and not used would leave.
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        leave();
    }
}

struct Outside;

impl Outside {
    fn leave() -> Self {
        leave();
        CALLED_BACK.set(CALLED_BACK.get() + 1);
        Self
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // In the end also before a fork: a child that may find a lock is better than two threads that wait for each other.
        enter(|state, waited| (state != FORKING || waited > PATIENCE).then_some(true));
        CALLED_BACK.set(CALLED_BACK.get() - 1);
    }
}

/// Comes in as soon as it `may`, by the state of the gate and how long it has waited; false if that says never.
fn enter(may: impl Fn(u8, Duration) -> Option<bool>) -> bool {
    let mut since = None;
    loop {
        let waited = since.map_or(Duration::ZERO, |since: Instant| since.elapsed());
        match may(STATE.load(Ordering::SeqCst), waited) {
            Some(true) => {
                // A thread that comes in counts itself and then looks at the state, and one that forks changes that and then looks at
                // the count: in one order for all threads, so that at least one sees the other.
                INSIDE.fetch_add(1, Ordering::SeqCst);
                if may(STATE.load(Ordering::SeqCst), waited) == Some(true) {
                    HERE.set(true);
                    return true;
                }
                count_out();
            }
            Some(false) => return false,
            None => {
                since.get_or_insert_with(Instant::now);
                thread::sleep(PAUSE);
            }
        }
    }
}

fn leave() {
    HERE.set(false);
    count_out();
}

fn count_out() {
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    // A thread that forks keeps the lock from when all have left; no one may wait for it then.
    while STATE.load(Ordering::SeqCst) == CLOSING {
        match LOCK.try_lock() {
            Err(TryLockError::WouldBlock) => thread::yield_now(),
            Ok(_) | Err(TryLockError::Poisoned(_)) => return CHANGED.notify_all(),
        }
    }
}

/// Has Python call this module around each fork. Once for the process: what is registered stays.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let os = py.import("os")?;
    // Windows does not fork.
    let Some(register) = os.getattr_opt("register_at_fork")? else { return Ok(()) };
    let hooks = PyDict::new(py);
    hooks.set_item("before", wrap_pyfunction!(before_fork, module)?)?;
    hooks.set_item("after_in_parent", wrap_pyfunction!(after_fork_in_parent, module)?)?;
    hooks.set_item("after_in_child", wrap_pyfunction!(after_fork_in_child, module)?)?;
    register.call((), Some(&hooks)).map(drop)
}

#[pyfunction]
fn before_fork(py: Python<'_>) {
    // A hook of somebody else's that forks itself, between this and the fork it belongs to.
    if FORK.with_borrow(Option::is_some) {
        return;
    }
    let was_inside = HERE.get();
    py.detach(|| {
        if was_inside {
            leave();
        }
        let lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lock = wait_until(lock, || STATE.load(Ordering::SeqCst) == OPEN);
        loop {
            STATE.store(CLOSING, Ordering::SeqCst);
            lock = wait_until(lock, || INSIDE.load(Ordering::SeqCst) == 0);
            STATE.store(FORKING, Ordering::SeqCst);
            if INSIDE.load(Ordering::SeqCst) == 0 {
                break;
            }
        }
        FORK.set(Some(Fork { lock, was_inside }));
    });
}

fn wait_until(lock: MutexGuard<'static, ()>, happened: impl Fn() -> bool) -> MutexGuard<'static, ()> {
    CHANGED.wait_while(lock, |()| !happened()).unwrap_or_else(PoisonError::into_inner)
}

#[pyfunction]
fn after_fork_in_parent() {
    if let Some(fork) = FORK.take() {
        open(fork);
    }
}

#[pyfunction]
fn after_fork_in_child() {
    // The others who were inside, if no one asked before the fork, are not in this process.
    INSIDE.store(0, Ordering::SeqCst);
    match FORK.take() {
        Some(fork) => open(fork),
        None => INSIDE.store(usize::from(HERE.get()), Ordering::SeqCst),
    }
}

fn open(Fork { lock, was_inside }: Fork) {
    STATE.store(OPEN, Ordering::SeqCst);
    if was_inside {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        HERE.set(true);
    }
    CHANGED.notify_all();
    drop(lock);
}
