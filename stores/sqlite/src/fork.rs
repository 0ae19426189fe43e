//! A fork: no connection is open while the process is copied.
//!
//! SQLite keeps in the memory of the process which locks it has on a file. A child has that memory, but not the locks: a
//! connection that it opened on the same file would believe to have them, and others would take the log away from under
//! it. So before a fork all connections are closed, once the calls under way are done. The parent opens them again when they
//! are needed. In the child a handle that it inherited is refused, and the file can be opened like any other.

use crate::{flushing, pool::Pool, process};
use pocketkms::Result;
use std::{
    cell::Cell,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
};

/// All that is open. Held while a first connection is opened or the last ones are closed, and over a fork.
static OPEN: Mutex<Vec<Arc<Pool>>> = Mutex::new(Vec::new());

/// What a thread holds over a fork.
type Held = (MutexGuard<'static, Vec<Arc<Pool>>>, MutexGuard<'static, flushing::State>);

thread_local! {
    static HELD: Cell<Option<Held>> = const { Cell::new(None) };
}

/// Opens what is to be closed by a fork.
pub(crate) fn open(open: impl FnOnce() -> Result<Pool>) -> Result<Arc<Pool>> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(register);
    let mut all = lock();
    let pool = Arc::new(open()?);
    all.push(Arc::clone(&pool));
    Ok(pool)
}

/// Closes it for good.
pub(crate) fn close(pool: &Arc<Pool>) {
    let mut all = lock();
    all.retain(|other| !Arc::ptr_eq(other, pool));
    if pool.is_of(process::current()) {
        pool.close();
    }
}

fn lock() -> MutexGuard<'static, Vec<Arc<Pool>>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
fn register() {
    // Without memory for three pointers nothing else works, either.
    #[allow(unsafe_code, reason = "the three functions are safe, and stay as long as the program")]
    let _ = unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

#[cfg(not(unix))]
fn register() {}

#[cfg(unix)]
extern "C" fn before() {
    let all = lock();
    all.iter().for_each(|pool| pool.pause());
    HELD.set(Some((all, flushing::lock())));
}

#[cfg(unix)]
extern "C" fn in_parent() {
    if let Some((all, _)) = HELD.take() {
        all.iter().for_each(|pool| pool.go_on());
    }
}

#[cfg(unix)]
extern "C" fn in_child() {
    process::is_forked();
    if let Some((mut all, mut waiting)) = HELD.take() {
        // The threads that wait for them are not here.
        all.clear();
        waiting.forget();
    }
}
