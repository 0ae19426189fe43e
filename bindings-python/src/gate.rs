//! What a fork waits for: every call that works while the interpreter is released.
//!
//! A forked child has a copy of every lock and only one thread. A lock that another thread held at that moment stays locked
//! there for ever: one of the core's, of the cryptographic libraries' or of the memory's. Python forks with the interpreter
//! held, so that only calls which released it can hold such a lock. They pass this gate: before a fork it closes and waits until
//! all have left, and it opens again on both sides (`os.register_at_fork`).
//!
//! A call that runs Python code meanwhile, a keyring's callback for one, has left for as long: Python code may take any time,
//! and may fork itself. Others may be waiting inside for a lock that it holds, so it is let in again while any is inside. New
//! calls wait, or a busy program would never fork; but not for ever, for what is inside might wait for them, too.

use pyo3::{prelude::*, types::PyDict};
use std::{
    cell::{Cell, RefCell},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    time::Duration,
};

/// How many calls are inside.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Changed by whoever holds the lock only.
static STATE: AtomicU8 = AtomicU8::new(OPEN);
/// Held by the forking thread over the fork, so that no other can hold it then.
static LOCK: Mutex<()> = Mutex::new(());
/// A call has left, or the gate was opened.
static CHANGED: Condvar = Condvar::new();

const OPEN: u8 = 0;
/// A thread waits until all have left.
const CLOSING: u8 = 1;
/// All have left, and none comes in.
const FORKING: u8 = 2;

/// How long a new call waits for a fork that waits for others.
const PATIENCE: Duration = Duration::from_secs(1);

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
    py.detach(|| {
        let _inside = Inside::enter();
        work()
    })
}

/// Runs Python code from inside of such work, or from anywhere else.
pub(crate) fn attach<T>(work: impl FnOnce(Python<'_>) -> T) -> T {
    // Given up after the interpreter is: whoever waits here to come in again holds nothing that another one needs.
    let _outside = HERE.get().then(Outside::leave);
    Python::attach(work)
}

struct Inside;

impl Inside {
    fn enter() -> Self {
        enter();
        Self
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
        enter();
        CALLED_BACK.set(CALLED_BACK.get() - 1);
    }
}

// Whoever comes in counts itself and then looks at the gate, and whoever closes it does that and then looks at the count: in one
// order for all threads, so that at least one sees the other.
fn enter() {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    if state() != OPEN {
        count_out();
        let mut lock = lock();
        if CALLED_BACK.get() == 0 {
            let waited = CHANGED.wait_timeout_while(lock, PATIENCE, |()| state() != OPEN);
            lock = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let _lock = wait_until(lock, || state() != FORKING);
        INSIDE.fetch_add(1, Ordering::SeqCst);
    }
    HERE.set(true);
}

fn leave() {
    HERE.set(false);
    count_out();
}

fn count_out() {
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    if state() != OPEN {
        let _lock = lock();
        CHANGED.notify_all();
    }
}

fn state() -> u8 {
    STATE.load(Ordering::SeqCst)
}

fn lock() -> MutexGuard<'static, ()> {
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait_until(lock: MutexGuard<'static, ()>, happened: impl Fn() -> bool) -> MutexGuard<'static, ()> {
    CHANGED.wait_while(lock, |()| !happened()).unwrap_or_else(PoisonError::into_inner)
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
        let lock = wait_until(lock(), || state() == OPEN);
        STATE.store(CLOSING, Ordering::SeqCst);
        let lock = wait_until(lock, || INSIDE.load(Ordering::SeqCst) == 0);
        STATE.store(FORKING, Ordering::SeqCst);
        FORK.set(Some(Fork { lock, was_inside }));
    });
}

#[pyfunction]
fn after_fork_in_parent() {
    if let Some(fork) = FORK.take() {
        open(fork);
    }
}

#[pyfunction]
fn after_fork_in_child() {
    // The others who were inside, if nobody asked before the fork, are not in this process.
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
