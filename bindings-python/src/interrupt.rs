//! Ctrl-C, and whatever else a signal handler raises, in calls that take long.
//!
//! Python runs signal handlers in the main thread, between two of its own instructions; during a call of native code there are
//! none. So long work asks now and then, and ends with what a handler raised.

use crate::{gate, pending::carry};
use pocketkms::{
    Error, ErrorKind, PasswordHash, PrimitiveArgon2Cost, PrimitiveError, Provider, Result, Secret, SecretArray,
};
use std::{
    process,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

/// How often it is asked: what no one notices, and seldom enough to cost nothing where another thread holds the interpreter.
const OFTEN: Duration = Duration::from_millis(50);

/// How much of a long message is worked on in one step: enough for several processors.
pub(crate) const PIECE: usize = 4 << 20;

/// Runs the signal handlers that are due; the error is for the core, and [`crate::pending::run`] raises the exception.
pub(crate) fn check() -> Result<()> {
    gate::attach(|py| py.check_signals().map_err(|exception| carry(py, exception)))
}

/// Asks from time to time.
pub(crate) struct Interrupts(Instant);

impl Interrupts {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }

    /// What the core calls between two pieces of work.
    pub(crate) fn go_on() -> impl FnMut() -> Result<()> {
        let mut interrupts = Self::new();
        move || interrupts.check()
    }

    /// To be called between two pieces of work.
    pub(crate) fn check(&mut self) -> Result<()> {
        if self.0.elapsed() < OFTEN {
            return Ok(());
        }
        self.0 = Instant::now();
        check()
    }
}

/// The primitives of this package: those of the core, with passwords that can be interrupted.
pub(crate) fn provider() -> Provider {
    Provider { password: &Interruptible, ..Provider::default() }
}

/// Argon2 on a thread of its own, while the calling one asks. It has no place to ask at itself: where it is interrupted it runs on
/// to its end, and the key is wiped. Nothing has been changed by then, for a key comes before all that it opens or seals.
struct Interruptible;

impl PasswordHash for Interruptible {
    fn argon2id(
        &self,
        passphrase: &[u8],
        salt: &[u8; 16],
        cost: PrimitiveArgon2Cost,
        key: &mut [u8; 32],
    ) -> Result<(), PrimitiveError> {
        let password = Provider::default().password;
        let (send, receive) = mpsc::sync_channel(1);
        let (copy, theirs, here) = (Secret::copy_of(passphrase), *salt, process::id());
        let work = move || {
            let mut key = SecretArray::zeroed();
            let outcome = password.argon2id(copy.expose(), &theirs, cost, key.expose_mut());
            drop(send.send(outcome.map(|()| key)));
        };
        if thread::Builder::new().spawn(work).is_err() {
            return password.argon2id(passphrase, salt, cost, key);
        }
        loop {
            match receive.recv_timeout(OFTEN) {
                Ok(outcome) => return outcome.map(|made| key.copy_from_slice(made.expose())),
                Err(RecvTimeoutError::Timeout) => check().map_err(|raised| PrimitiveError::Other(Box::new(raised)))?,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(PrimitiveError::Other(Box::new(Error::new(ErrorKind::KmsInternal, ""))));
                }
            }
            // A signal handler forked: the other thread is not in this process.
            if process::id() != here {
                return password.argon2id(passphrase, salt, cost, key);
            }
        }
    }
}
