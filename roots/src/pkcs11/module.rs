//! The makers' libraries, each loaded once.

use super::TokenError;
use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error, RvError},
};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
    process,
    sync::{Mutex, OnceLock, PoisonError},
};

/// A library that is loaded.
struct Loaded {
    context: Pkcs11,
    /// A forked child has to begin for itself (PKCS#11, section 5.4).
    is_initialised: bool,
    /// Whether it was here that it was initialised, and not by another part of the program.
    is_ours: bool,
}

/// What a process has loaded. A forked child begins with another one: a thread that is not in the child may hold this lock for ever there.
struct Generation {
    process: u32,
    /// Never unloaded: other parts of the program may use the same library.
    loaded: Mutex<BTreeMap<PathBuf, Loaded>>,
    next: OnceLock<Box<Self>>,
}

static FIRST: OnceLock<Generation> = OnceLock::new();

impl Generation {
    fn new(process: u32) -> Self {
        Self { process, loaded: Mutex::default(), next: OnceLock::new() }
    }

    fn of(process: u32) -> &'static Self {
        let mut generation = FIRST.get_or_init(|| Self::new(process));
        while generation.process != process {
            generation = generation.next.get_or_init(|| Box::new(Self::new(process)));
        }
        generation
    }
}

/// Works with a library, one thread at a time: some take no more, and logging in is a state of the whole process.
pub(super) fn with<T>(path: &Path, mut work: impl FnMut(&Pkcs11) -> Result<T, TokenError>) -> Result<T, TokenError> {
    let mut loaded = Generation::of(process::id()).loaded.lock().unwrap_or_else(PoisonError::into_inner);
    let failed = |error: Error| TokenError::Module(path.display().to_string(), error.to_string());
    let library = match loaded.entry(path.to_owned()) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            let context = Pkcs11::new(path).map_err(failed)?;
            entry.insert(Loaded { context, is_initialised: false, is_ours: false })
        }
    };
    if !library.is_initialised {
        library.initialise().map_err(failed)?;
    }
    match work(&library.context) {
        // Some libraries look for tokens when they are initialised, and not again. Where the program uses the library itself, that is up to it.
        Err(TokenError::NoToken(_) | TokenError::Gone) if library.is_ours => {
            library.context.clone().finalize().map_err(failed)?;
            library.initialise().map_err(failed)?;
            work(&library.context)
        }
        result => result,
    }
}

impl Loaded {
    fn initialise(&mut self) -> Result<(), Error> {
        self.is_initialised = false;
        self.is_ours = match self.context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => false,
            result => result.map(|()| true)?,
        };
        self.is_initialised = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As after a fork in the middle of a call: the thread that holds the parent's lock is not in the child.
    #[test]
    fn a_child_waits_for_no_one() {
        let (parent, child) = (process::id(), u32::MAX);
        let _held = Generation::of(parent).loaded.lock().expect("a lock that no test panics with");
        assert!(Generation::of(parent).loaded.try_lock().is_err());
        assert!(Generation::of(child).loaded.try_lock().is_ok());
        let _held = Generation::of(child).loaded.lock().expect("a lock that no test panics with");
        assert!(Generation::of(u32::MAX - 1).loaded.try_lock().is_ok());
    }
}
