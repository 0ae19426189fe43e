//! What a fork waits for: every call that works while the interpreter is released.
//!
//! A forked child has a copy of every lock and only one thread. A lock that another thread held at that moment stays locked
//! there for ever: one of the core's, of the cryptographic libraries' or of the memory's. Python forks with the interpreter
//! held, so that only calls which released it can hold such a lock. They pass this gate: before a fork it closes and waits until
//! all have left, and it opens again on both sides (`os.register_at_fork`).
//!
//! A call that runs Python code meanwhile, a keyring's callback for one, has left for as long: Python code may take any time,
//! and may fork itself.

use pyo3::{prelude::*, types::PyDict};
use std::{
    cell::{Cell, RefCell},
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// How many calls are inside.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Whether a fork is about to happen. Changed by whoever holds the lock only.
static CLOSED: AtomicBool = AtomicBool::new(false);
/// Held by the forking thread over the fork, so that no other can hold it then.
static LOCK: Mutex<()> = Mutex::new(());
/// A call has left, or the gate was opened.
static CHANGED: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is inside.
    static HERE: Cell<bool> = const { Cell::new(false) };
    /// What this thread forks with.
    static FORK: RefCell<Option<Fork>> = const { RefCell::new(None) };
}

struct Fork {
    _lock: MutexGuard<'static, ()>,
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
        Self
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        enter();
    }
}

// Whoever comes in counts itself and then looks at the gate, and whoever closes it does that and then looks at the count: in one
// order for all threads, so that at least one sees the other.
fn enter() {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    if CLOSED.load(Ordering::SeqCst) {
        count_out();
        let _lock = wait_until(lock(), || !CLOSED.load(Ordering::SeqCst));
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
    if CLOSED.load(Ordering::SeqCst) {
        let _lock = lock();
        CHANGED.notify_all();
    }
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
        let lock = wait_until(lock(), || !CLOSED.load(Ordering::SeqCst));
        CLOSED.store(true, Ordering::SeqCst);
        let lock = wait_until(lock, || INSIDE.load(Ordering::SeqCst) == 0);
        FORK.set(Some(Fork { _lock: lock, was_inside }));
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

fn open(fork: Fork) {
    CLOSED.store(false, Ordering::SeqCst);
    if fork.was_inside {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        HERE.set(true);
    }
    CHANGED.notify_all();
}
