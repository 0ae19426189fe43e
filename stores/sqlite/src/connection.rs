//! One connection to the file, set up as every connection is.

use crate::{failure::failed, place::Place};
use pocketkms::{StoreError, StoreErrorKind};
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{
    cell::Cell,
    thread,
    time::{Duration, Instant},
};

/// How long a connection waits for others' writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the file of a vault.
pub(crate) fn open(place: &Place, vfs: Option<&str>) -> Result<Connection, StoreError> {
    let connection = open_any(place, vfs)?;
    keep_log(&connection).map_err(|error| named(place, error))?;
    Ok(connection)
}

/// Opens a file that may be no vault yet, and changes nothing in it. For reading and writing: a connection that only reads needs
/// that, too, to recover the log of a process that died.
pub(crate) fn open_any(place: &Place, vfs: Option<&str>) -> Result<Connection, StoreError> {
    patiently(|| try_open(place, vfs)).map_err(|error| named(place, error))
}

/// SQLite says no more than that it cannot open a file where it cannot make the log's files beside it.
pub(crate) fn named(place: &Place, error: StoreError) -> StoreError {
    if error.kind() == StoreErrorKind::Other && place.is_read_only() {
        return StoreError::new(StoreErrorKind::ReadOnly, error);
    }
    error
}

/// Has the file keep a log beside it (WAL), so that readers and a writer do not wait for each other.
pub(crate) fn keep_log(connection: &Connection) -> Result<(), StoreError> {
    let set = || connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get::<_, String>(0));
    match patiently(set)?.as_str() {
        "wal" => Ok(()),
        _ => Err(StoreError::other("the file system has no shared memory, which SQLite's log needs")),
    }
}

/// Not every lock that is needed to begin with is waited for by SQLite.
fn patiently<T>(work: impl Fn() -> rusqlite::Result<T>) -> Result<T, StoreError> {
    let since = Instant::now();
    loop {
        match work() {
            Err(error) if is_busy(&error) && since.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(2)),
            done => return done.map_err(failed),
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

/// What a connection does while another one has the lock that it needs. SQLite's own waiting looks again after 100 ms
/// in the end, and would hardly ever find the moment between two commits of a process that writes all the time.
fn wait_for_others() -> impl FnMut(i32) -> bool + Send {
    let mut since = Instant::now();
    move |looks| {
        if looks == 0 {
            since = Instant::now();
        }
        thread::sleep(Duration::from_micros(if looks < 10 { 200 } else { 1000 }));
        since.elapsed() < PATIENCE
    }
}

fn try_open(place: &Place, vfs: Option<&str>) -> rusqlite::Result<Connection> {
    // Nothing is created here. A connection is used by one thread at a time, and needs no lock of its own.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let mut connection = match vfs {
        Some(vfs) => Connection::open_with_flags_and_vfs(place.path(), flags, vfs),
        None => Connection::open_with_flags(place.path(), flags),
    }?;
    connection.busy_handler(Some(wait_for_others()))?;
    for (config, value) in [
        // What is in the file is not trusted.
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
    ] {
        connection.set_db_config(config, value)?;
    }
    connection.execute_batch(
        "PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA secure_delete = ON;",
    )?;
    Ok(connection)
}

/// A connection that reads.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    /// The generation, and SQLite's number of the state of the file that it was read in.
    generation: Cell<Option<(i64, u64)>>,
}

impl Reader {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, generation: Cell::new(None) }
    }

    /// What `read` gives; asked only where a commit has changed the file since.
    pub(crate) fn generation(&self, read: impl FnOnce() -> rusqlite::Result<u64>) -> rusqlite::Result<u64> {
        // Before the generation is read: what is committed in between changes the number again.
        let state = self.connection.prepare_cached("PRAGMA data_version")?.query_row((), |row| row.get(0))?;
        if let Some((seen, generation)) = self.generation.get()
            && seen == state
        {
            return Ok(generation);
        }
        let generation = read()?;
        self.generation.set(Some((state, generation)));
        Ok(generation)
    }
}

/// Closes a connection without a checkpoint, which takes a while, and without the removal of the log.
pub(crate) fn close_quickly(connection: Connection) {
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    drop(connection);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On Apple's systems `fullfsync` makes SQLite ask for `F_FULLFSYNC`; elsewhere it is without effect.
    #[test]
    fn a_connection_waits_for_the_disk_and_leaves_nothing_of_what_was_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::of(&folder.path().join("settings.vault")).unwrap();
        assert!(place.make().unwrap());
        let connection = open(&place, None).unwrap();
        let setting = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
        for (name, value) in [
            ("synchronous", 2),
            ("fullfsync", 1),
            ("checkpoint_fullfsync", 1),
            ("secure_delete", 1),
            ("cell_size_check", 1),
            ("mmap_size", 0),
            ("temp_store", 2),
        ] {
            assert_eq!(setting(name), value, "{name}");
        }
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!(mode, "wal");
        for (config, value) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        ] {
            assert_eq!(connection.db_config(config).unwrap(), value);
        }
    }
}
