//! The lock that every writer of files takes: of the directory in which a file gets its name.
//!
//! It is held from the last look at what is there to the new name, not while a file is read or written. It is advisory,
//! holds between processes and between threads, and leaves nothing behind. Where a file system has no such locks, it holds
//! within the process.

use crate::{
    error::{Error, Result},
    place::{Folder, FolderLock},
};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// How long a writer waits for another one, which has a few calls of the system to do. A process that was stopped in the
/// middle of them ends no one else.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it sleeps in between at first, and at most.
const PAUSE: [Duration; 2] = [Duration::from_micros(100), Duration::from_millis(20)];

/// For file systems without locks.
static PROCESS: Mutex<()> = Mutex::new(());

/// A directory that can be locked.
pub(crate) struct Writing {
    lock: FolderLock,
}

/// The lock. It ends where this is dropped.
pub(crate) struct Guard<'a> {
    lock: Option<&'a FolderLock>,
    _process: Option<MutexGuard<'static, ()>>,
}

impl Writing {
    /// Before anything is written: a directory that cannot be opened cannot be written to safely.
    pub(crate) fn to(folder: &Folder) -> Result<Self> {
        Ok(Self { lock: folder.to_lock().map_err(Error::at(folder.path()))? })
    }

    pub(crate) fn lock(&self, folder: &Folder) -> Result<Guard<'_>> {
        let (since, [mut pause, longest]) = (Instant::now(), PAUSE);
        loop {
            match self.lock.try_lock() {
                Some(true) => return Ok(Guard { lock: Some(&self.lock), _process: None }),
                Some(false) if since.elapsed() > PATIENCE => return Err(Error::busy(folder.path())),
                Some(false) => thread::sleep(pause),
                None => {
                    let process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
                    return Ok(Guard { lock: None, _process: Some(process) });
                }
            }
            pause = longest.min(pause * 2);
        }
    }

    /// Brings new names in the directory to the disk.
    pub(crate) fn sync(&self, folder: &Folder) -> Result<()> {
        self.lock.sync().map_err(Error::at(folder.path()))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(lock) = self.lock {
            lock.unlock();
        }
    }
}
