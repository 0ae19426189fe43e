//! Asymmetric primitives in another memory, as far as the requests and answers go that cross; and such that come later.

use pocketkms::{OsRandom, Provider, Runs};
use pocketkms_elsewhere::{Channel, Elsewhere, Service};
use pocketkms_rust_crypto::RustCrypto;
use std::{
    any::Any,
    cell::{Cell, RefCell},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use zeroize::Zeroizing;

/// The other side, which may not be there yet.
pub struct Other {
    service: Mutex<Service<RustCrypto, OsRandom>>,
    there: AtomicBool,
}

impl Other {
    fn new(there: bool) -> &'static Self {
        let service = Mutex::new(Service::new(RustCrypto, OsRandom));
        // A provider is made of what lasts.
        Box::leak(Box::new(Self { service, there: AtomicBool::new(there) }))
    }

    /// It is there, or it is gone.
    pub fn set_there(&self, there: bool) {
        self.there.store(there, Ordering::SeqCst);
    }
}

impl Channel for Other {
    fn call(&self, request: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if !self.there.load(Ordering::SeqCst) {
            lack();
            return None;
        }
        self.service.lock().expect("no primitive panics").call(request)
    }
}

/// The primitives in pure Rust, those with public keys on the other side.
pub fn provider() -> Provider {
    Provider::with_asymmetric(Arc::new(OsRandom), Box::leak(Box::new(Elsewhere(Other::new(true)))))
}

/// The same, where the other side comes later; and that.
pub fn later() -> (Provider, &'static Other) {
    let other = Other::new(false);
    let asymmetric = Box::leak(Box::new(Elsewhere(other)));
    (Provider { runs: &Again, ..Provider::with_asymmetric(Arc::new(OsRandom), asymmetric) }, other)
}

thread_local! {
    static LACKS: Cell<bool> = const { Cell::new(false) };
    static COUNTING: Cell<usize> = const { Cell::new(0) };
    static COUNTED: Cell<usize> = const { Cell::new(0) };
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

type Kept = Box<dyn Any + Send + Sync>;

/// The primitives of a host that has them all, and has to wait for what is outside of the vault.
pub fn waiting() -> Provider {
    Provider { runs: &Again, ..Provider::default() }
}

/// Notes that the run has asked for what is not there yet.
pub fn lack() {
    LACKS.set(true);
}

/// Runs of this thread.
struct Again;

impl Runs for Again {
    fn lacks(&self) -> bool {
        LACKS.get()
    }

    fn counts(&self) -> bool {
        COUNTING.set(COUNTING.get() + 1);
        COUNTING.get() > COUNTED.get()
    }

    fn keep(&self, got: Kept) {
        KEPT.set(Some(got));
    }

    fn take(&self) -> Option<Kept> {
        KEPT.take()
    }
}

/// Runs an operation as a host does that brings the primitives when they are asked for: the answer, and how many runs it took.
pub fn run<T>(other: &Other, operation: impl FnMut() -> T) -> (T, usize) {
    run_bringing(|| other.set_there(true), operation)
}

/// The same of a host that brings whatever a run lacked by `bring`, in which it may run other operations.
pub fn run_bringing<T>(mut bring: impl FnMut(), mut operation: impl FnMut() -> T) -> (T, usize) {
    COUNTED.set(0);
    for run in 1.. {
        LACKS.set(false);
        COUNTING.set(0);
        let answer = operation();
        if !LACKS.get() {
            COUNTED.set(0);
            return (answer, run);
        }
        let (counted, kept) = (COUNTED.get().max(COUNTING.get()), KEPT.take());
        LACKS.set(false);
        bring();
        COUNTED.set(counted);
        KEPT.set(kept);
    }
    unreachable!("what is there is not lacking")
}
