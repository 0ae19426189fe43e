//! Events of the audit trail that wait are stored in time, also where no other call comes that would store them: by a thread, and at the
//! end of the process.

use pocketkms::{Result, Vault, VaultBuilder, WeakVault};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// The vaults of this process.
pub(crate) struct State {
    /// Those that are open, as far as they are known here.
    open: Vec<WeakVault>,
    /// Those whose events wait, and until when.
    waiting: Vec<(Instant, WeakVault)>,
    /// Whether a thread waits for the first of them. It ends when there are none.
    has_thread: bool,
}

impl State {
    /// In a child, which has neither the thread nor the vaults.
    #[cfg(unix)]
    pub(crate) fn forget(&mut self) {
        self.open.clear();
        self.waiting.clear();
        self.has_thread = false;
    }
}

/// Held over a fork, so that no thread has it that the child does not have.
static STATE: Mutex<State> = Mutex::new(State { open: Vec::new(), waiting: Vec::new(), has_thread: false });
static CHANGED: Condvar = Condvar::new();

/// Opens or makes a vault whose events are stored when their time is over ([`Audit::window`](pocketkms::Audit::window)), also where no
/// other call comes that would store them: by a thread, which is there as long as any wait. An
/// [`AuditSink`](pocketkms::AuditSink) and the vault's clock are called in it, too.
///
/// Not for processes that fork: some runtimes warn of threads then.
///
/// ```
/// use pocketkms::{RootKey, Vault};
/// use pocketkms_sqlite::{VaultFile, store_events_in_time};
///
/// # let folder = tempfile::tempdir().expect("a temporary directory");
/// # let path = folder.path().join("keys.vault");
/// let root = RootKey::from_bytes(&[7; 32])?;
/// let vault = store_events_in_time(Vault::builder(), |builder| builder.open_or_create_file(&path, &root))?;
/// # drop(vault);
/// # Ok::<(), pocketkms::Error>(())
/// ```
///
/// # Errors
/// What `open` answers.
pub fn store_events_in_time(builder: VaultBuilder, open: impl FnOnce(VaultBuilder) -> Result<Vault>) -> Result<Vault> {
    let opened = Arc::new(OnceLock::<WeakVault>::new());
    let waits = Arc::clone(&opened);
    let builder = builder.when_events_wait(move |patience| {
        if let Some(vault) = waits.get() {
            later(patience, vault.clone());
        }
    });
    let vault = open(builder)?;
    // Nothing was called before, and so no event waits.
    let _ = opened.set(vault.downgrade());
    remember(&vault);
    Ok(vault)
}

/// Counts a vault among those that [`flush_all`] knows. [`VaultFile`](crate::VaultFile) and [`store_events_in_time`] do so with what they open.
pub fn remember(vault: &Vault) {
    let mut state = lock();
    state.open.retain(|other| !other.is_dropped());
    state.open.push(vault.downgrade());
}

/// Stores the events that wait of all vaults that this process has open in files, as far as their stores take them: for the end of a process
/// that closes and drops none, by `std::process::exit` or with a vault in a `static`. In a child that was forked these are its own.
///
/// ```no_run
/// # let code = 0;
/// pocketkms_sqlite::flush_all();
/// std::process::exit(code);
/// ```
pub fn flush_all() {
    // Without the lock: a sink may open or drop a vault.
    let open = lock().open.clone();
    open.iter().filter_map(WeakVault::upgrade).for_each(flush);
}

/// Stores what waits of a vault. A clock of the host's that panics ends no thread that others rely on.
fn flush(vault: Vault) {
    let _ = panic::catch_unwind(AssertUnwindSafe(move || {
        if vault.events_wait().is_some() {
            let _ = vault.flush_audit();
        }
        // Here, since the last handle of a vault stores what waits, too.
        drop(vault);
    }));
}

fn later(patience: Duration, vault: WeakVault) {
    // As good as never.
    let Some(until) = Instant::now().checked_add(patience) else { return };
    let mut state = lock();
    // Those that are gone wait for nothing.
    state.waiting.retain(|(_, other)| !other.is_dropped());
    state.waiting.push((until, vault));
    if state.has_thread {
        CHANGED.notify_one();
    } else {
        // Where there can be no other thread, the next call stores them.
        let thread = thread::Builder::new().name("pocketkms-audit".into());
        state.has_thread = thread.spawn(store_all).is_ok();
    }
}

/// Stores what waits when it is time, until nothing does.
fn store_all() {
    let mut state = lock();
    while let Some(next) = state.waiting.iter().map(|(until, _)| *until).min() {
        let now = Instant::now();
        if now < next {
            state = CHANGED.wait_timeout(state, next - now).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let due: Vec<_> = state.waiting.extract_if(.., |(until, _)| *until <= now).collect();
        drop(state);
        // Where the store takes none now, the vault says again that they wait.
        due.iter().filter_map(|(_, vault)| vault.upgrade()).for_each(flush);
        state = lock();
    }
    state.has_thread = false;
}

pub(crate) fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}
