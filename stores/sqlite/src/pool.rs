//! The connections to one file: each call has one for itself.

use crate::{
    connection::{self, Reader},
    failure::{forked, replaced},
    place::{Identity, Place},
    process,
};
use pocketkms::StoreError;
use rusqlite::Connection;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Connections that are kept when no one needs them.
const KEPT: usize = 16;

pub(crate) struct Pool {
    place: Place,
    identity: Identity,
    vfs: Option<String>,
    /// The process that it was opened in.
    process: u64,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Reader>,
    writer: Option<Connection>,
    /// Whether a call writes.
    is_writing: bool,
    /// How many calls have a connection.
    inside: usize,
    /// Whether calls wait until the process was forked.
    is_paused: bool,
}

impl Pool {
    /// With a first connection, that of writers.
    pub(crate) fn new(place: Place, identity: Identity, vfs: Option<String>, writer: Connection) -> Self {
        let state = Mutex::new(State { writer: Some(writer), ..State::default() });
        Self { place, identity, vfs, process: process::current(), state, changed: Condvar::new() }
    }

    /// Whether it was opened in that process.
    pub(crate) fn is_of(&self, process: u64) -> bool {
        self.process == process
    }

    pub(crate) fn vfs(&self) -> Option<&str> {
        self.vfs.as_deref()
    }

    /// Reads, beside other readers and a writer.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Reader) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut inside = self.enter(false)?;
        let reader = match inside.idle.take() {
            Some(reader) => reader,
            None => Reader::new(self.connect()?),
        };
        let done = work(&reader);
        // One that has failed is not used again.
        match done {
            Ok(_) => inside.idle = Some(reader),
            Err(_) => self.discard(reader.connection),
        }
        done
    }

    /// Writes, one at a time.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&mut Connection) -> (T, Reuse)) -> Result<T, StoreError> {
        let _inside = self.enter(true)?;
        let idle = self.state().writer.take();
        let mut writer = match idle {
            Some(writer) => writer,
            None => self.connect()?,
        };
        let (done, reuse) = work(&mut writer);
        match reuse {
            Reuse::Yes => self.state().writer = Some(writer),
            Reuse::No => self.discard(writer),
        }
        Ok(done)
    }

    /// Does something with the connection of the last write, if that was kept.
    pub(crate) fn after_write(&self, work: impl FnOnce(&Connection) -> Reuse) {
        let Ok(_inside) = self.enter(true) else { return };
        let idle = self.state().writer.take();
        let Some(writer) = idle else { return };
        match work(&writer) {
            Reuse::Yes => self.state().writer = Some(writer),
            Reuse::No => self.discard(writer),
        }
    }

    fn connect(&self) -> Result<Connection, StoreError> {
        self.check_place()?;
        let connection = connection::open(&self.place, self.vfs())?;
        // By its path SQLite may have opened another file after all.
        self.check_place()?;
        Ok(connection)
    }

    /// That the file still has its name.
    pub(crate) fn check_place(&self) -> Result<(), StoreError> {
        if self.place.is_still(self.identity) { Ok(()) } else { Err(replaced()) }
    }

    /// Removes the file and its log.
    pub(crate) fn remove_files(&self) {
        if self.check_place().is_ok() {
            self.place.remove_with_log();
        }
    }

    /// Waits until the call may go on.
    fn enter(&self, is_writer: bool) -> Result<Inside<'_>, StoreError> {
        // In a child not even the lock may be touched.
        if !self.is_of(process::current()) {
            return Err(forked());
        }
        let mut state = self.state();
        while state.is_paused || (is_writer && state.is_writing) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.inside += 1;
        state.is_writing |= is_writer;
        let idle = if is_writer { None } else { state.idle.pop() };
        Ok(Inside { pool: self, idle, is_writer })
    }

    /// Closes all connections when the calls under way are done, and lets no one in until it goes on.
    pub(crate) fn pause(&self) {
        let mut state = self.state();
        state.is_paused = true;
        while state.inside > 0 {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let (idle, writer) = (std::mem::take(&mut state.idle), state.writer.take());
        idle.into_iter().map(|reader| reader.connection).chain(writer).for_each(connection::close_quickly);
    }

    pub(crate) fn go_on(&self) {
        self.state().is_paused = false;
        self.changed.notify_all();
    }

    /// The last one checkpoints the log and removes it.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        let (idle, writer) = (std::mem::take(&mut state.idle), state.writer.take());
        idle.into_iter().map(|reader| reader.connection).chain(writer).for_each(|connection| self.discard(connection));
    }

    /// Closes a connection. The last one to a file that has lost its name leaves the log alone that is there now: SQLite goes by the number
    /// of the inode alone, which a file on another volume at the same place may have, too.
    fn discard(&self, connection: Connection) {
        match self.check_place() {
            Ok(()) => drop(connection),
            Err(_) => connection::close_quickly(connection),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a connection is good for the next call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reuse {
    Yes,
    No,
}

/// A call that has a connection.
struct Inside<'p> {
    pool: &'p Pool,
    idle: Option<Reader>,
    is_writer: bool,
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        if state.idle.len() < KEPT {
            state.idle.extend(self.idle.take());
        } else if self.idle.is_some() {
            // Closed while the call still counts, and without keeping others out.
            drop(state);
            self.idle.take().map(|reader| reader.connection).into_iter().for_each(|idle| self.pool.discard(idle));
            state = self.pool.state();
        }
        state.inside -= 1;
        state.is_writing &= !self.is_writer;
        let is_waited_for = self.is_writer || (state.is_paused && state.inside == 0);
        drop(state);
        if is_waited_for {
            self.pool.changed.notify_all();
        }
    }
}
