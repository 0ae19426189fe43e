//! A store of a vault in one file.

use crate::{
    connection, failure,
    failure::{failed, refused},
    fork,
    place::Place,
    pool::{Pool, Reuse},
    schema,
};
use pocketkms::{Change, CommitError, Effect, Error, ErrorKind, Record, Result, Sealed, Store, StoreError};
use rusqlite::{Connection, OptionalExtension, Row};
use std::{path::Path, sync::Arc};

/// Records in a file of SQLite's. Clones share its connections; the last one that is dropped closes them.
///
/// [`VaultFile`](crate::VaultFile) makes vaults of files. This is for code that puts something in between.
#[derive(Clone)]
pub struct SqliteStore(Arc<Handle>);

struct Handle {
    pool: Arc<Pool>,
    /// Whether the file was not there before.
    is_new: bool,
}

impl Drop for Handle {
    fn drop(&mut self) {
        fork::close(&self.pool);
    }
}

/// What may be in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Records,
    Nothing,
    Anything,
}

impl SqliteStore {
    /// The store in that file, which is made: it must not be there, or hold nothing.
    pub fn create(path: impl AsRef<Path>) -> Result<Self> {
        Self::begin(path.as_ref(), Expected::Nothing, None)
    }

    /// The store in that file, which must be there.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::begin(path.as_ref(), Expected::Records, None)
    }

    /// The store in that file, which is made where it is not there.
    pub fn open_or_create(path: impl AsRef<Path>) -> Result<Self> {
        Self::begin(path.as_ref(), Expected::Anything, None)
    }

    /// As [`open_or_create`](Self::open_or_create), by a system of files of SQLite's that was registered under a name: for
    /// tests whose disk fails.
    #[doc(hidden)]
    pub fn open_or_create_by(path: impl AsRef<Path>, vfs: &str) -> Result<Self> {
        Self::begin(path.as_ref(), Expected::Anything, Some(vfs.to_string()))
    }

    /// As [`open`](Self::open), by such a system of files.
    pub(crate) fn open_by(path: &Path, vfs: Option<&str>) -> Result<Self> {
        Self::begin(path, Expected::Records, vfs.map(ToString::to_string))
    }

    fn begin(path: &Path, expected: Expected, vfs: Option<String>) -> Result<Self> {
        let place = Place::of(path)?;
        let mut is_new = false;
        let pool = fork::open(|| {
            if expected != Expected::Records {
                is_new = place.make()?;
                if !is_new {
                    place.make_private()?;
                }
            }
            let pool = Self::connect(&place, path, expected, vfs);
            // Of a file that could not become a store there is nothing to keep, unless another process has begun with it.
            if pool.is_err() && is_new {
                place.remove_if_empty();
            }
            pool
        })?;
        Ok(Self(Arc::new(Handle { pool, is_new })))
    }

    fn connect(place: &Place, path: &Path, expected: Expected, vfs: Option<String>) -> Result<Pool> {
        let no_vault = |why| refused(ErrorKind::NotFound, "there is no vault in that file: create one", path, why);
        let Some(identity) = place.look()? else { return Err(no_vault("there is no such file")) };
        let opening = |error: StoreError| Error::from(connection::named(place, error)).caused_by(at(path));
        let mut writer = connection::open_any(place, vfs.as_deref()).map_err(opening)?;
        if expected == Expected::Records && schema::is_empty(&writer).map_err(failed).map_err(opening)? {
            return Err(no_vault("the file is empty"));
        }
        schema::bring_up(&mut writer, schema::STEPS).map_err(opening)?;
        connection::keep_log(&writer).map_err(opening)?;
        if expected == Expected::Nothing && holds_records(&writer).map_err(failed).map_err(opening)? {
            return Err(place.is_taken());
        }
        Ok(Pool::new(place.clone(), identity, vfs, writer))
    }

    /// Copies the log into the file, as far as no one reads what is older. A new vault begins there and not in its log alone, so that its
    /// file is never taken for an empty one. It is no loss where that fails: the log is as good.
    pub(crate) fn copy_log(&self) {
        let _ = self
            .pool()
            .write(|writer| (writer.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(())), Reuse::Yes));
    }

    /// Removes a file that was not there before and that no vault came into: what is left where none could be made.
    pub(crate) fn remove_unused(&self) {
        if !self.0.is_new {
            return;
        }
        let _ = self.pool().write(|writer| {
            // Under the lock that a commit needs: another process may have made a vault of it meanwhile, or be about to, and that one
            // looks again whether the file is still there.
            if begin(writer).is_ok() && holds_records(writer).is_ok_and(|holds| !holds) {
                self.pool().remove_files();
            }
            ((), Reuse::No)
        });
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.0.pool
    }
}

fn holds_records(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM records)", (), |row| row.get(0))
}

/// Which file an error is about.
fn at(path: &Path) -> Error {
    refused(ErrorKind::Store, "the vault's file cannot be opened", path, "see the error")
}

impl Store for SqliteStore {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.pool().read(|reader| get(&reader.connection, name).map_err(failed))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.pool().read(|reader| scan(&reader.connection, prefix, after, limit).map_err(failed))
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        Change::check_bounds(&changes).map_err(CommitError::Failed)?;
        let pool = self.pool();
        let commit = |writer: &mut Connection| {
            // Again under the lock, which may have been waited for: what is written to a file without a name is lost.
            let begun = pool.check_place().and_then(|()| begin(writer)).and_then(|()| pool.check_place());
            let done = begun.map_err(CommitError::Failed).and_then(|()| commit(writer, &changes));
            let ended = roll_back(writer);
            let is_whole = matches!(done, Ok(()) | Err(CommitError::Conflict));
            (done, if is_whole { ended } else { Reuse::No })
        };
        pool.write(commit).unwrap_or_else(|error| Err(CommitError::Failed(error)))
    }

    /// The lock on the file that a commit needs, taken earlier. A fork ends it.
    fn reserve(&self) -> Result<(), StoreError> {
        self.pool().write(|writer| {
            let begun = begin(writer);
            let reuse = if begun.is_ok() { Reuse::Yes } else { Reuse::No };
            (begun, reuse)
        })?
    }

    fn release(&self) {
        self.pool().after_write(roll_back);
    }

    fn generation(&self) -> Result<u64, StoreError> {
        let pool = self.pool();
        // What is read of a file that lost its name is not what others see.
        pool.check_place()?;
        pool.read(|reader| {
            let read = || Ok(revision(&reader.connection, "generation")?.unwrap_or(0));
            reader.generation(read).map_err(failed)
        })
    }
}

/// A number of the file as a revision.
fn number(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(index)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(index, value))
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let value = Sealed::from_stored(row.get_ref(2)?.as_blob()?);
    Ok(Record { name: row.get(0)?, revision: number(row, 1)?, value })
}

fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<Record>> {
    let sql = "SELECT name, revision, value FROM records WHERE name = ?1";
    connection.prepare_cached(sql)?.query_row([name], record).optional()
}

fn revision(connection: &Connection, name: &str) -> rusqlite::Result<Option<u64>> {
    let sql = "SELECT revision FROM records WHERE name = ?1";
    connection.prepare_cached(sql)?.query_row([name], |row| number(row, 0)).optional()
}

/// One statement, which sees one moment.
fn scan(connection: &Connection, prefix: &str, after: Option<&str>, limit: usize) -> rusqlite::Result<Vec<Record>> {
    let sql = "SELECT name, revision, value FROM records
        WHERE name >= ?1 AND name > ?2 AND substr(name, 1, length(?1)) = ?1 ORDER BY name LIMIT ?3";
    // Bounded from above, too: what begins with the prefix is in one piece, but SQLite would read on after it.
    let bounded = "SELECT name, revision, value FROM records
        WHERE name >= ?1 AND name > ?2 AND name < ?4 ORDER BY name LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let after = after.unwrap_or("");
    match after_all(prefix) {
        Some(end) => {
            let mut statement = connection.prepare_cached(bounded)?;
            statement.query_map((prefix, after, limit, end), record)?.collect()
        }
        None => connection.prepare_cached(sql)?.query_map((prefix, after, limit), record)?.collect(),
    }
}

/// The first name after all that begin with a prefix; nothing where no name is.
fn after_all(prefix: &str) -> Option<String> {
    let (last, front) = prefix.as_bytes().split_last()?;
    // Names are printable ASCII.
    (*last < 0x7f).then(|| format!("{}{}", str::from_utf8(front).unwrap_or_default(), char::from(last + 1)))
}

/// Begins to write, unless that was begun: from then on other connections only read.
fn begin(writer: &Connection) -> Result<(), StoreError> {
    if writer.is_autocommit() { writer.execute_batch("BEGIN IMMEDIATE").map_err(failed) } else { Ok(()) }
}

/// Ends what is begun, without a change.
fn roll_back(writer: &Connection) -> Reuse {
    let is_over = writer.is_autocommit() || writer.execute_batch("ROLLBACK").is_ok();
    if is_over { Reuse::Yes } else { Reuse::No }
}

/// What was begun, with changes and up to its end.
fn commit(writer: &Connection, changes: &[Change]) -> Result<(), CommitError> {
    schema::check(writer).map_err(CommitError::Failed)?;
    if !make(writer, changes).map_err(failed).map_err(CommitError::Failed)? {
        return Err(CommitError::Conflict);
    }
    writer.execute_batch("COMMIT").map_err(|error| {
        let error_for = if failure::may_have_happened(&error) { CommitError::Unknown } else { CommitError::Failed };
        error_for(failed(error))
    })
}

/// Makes the changes, if every record has the expected revision.
fn make(writer: &Connection, changes: &[Change]) -> rusqlite::Result<bool> {
    for change in changes {
        if revision(writer, &change.name)? != change.expected {
            return Ok(false);
        }
    }
    for Change { name, expected, effect } in changes {
        match effect {
            Effect::Keep => {}
            Effect::Put(value) => {
                let next = expected.unwrap_or(0).saturating_add(1);
                let next = i64::try_from(next).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(1, i64::MAX))?;
                let sql = match expected {
                    None => "INSERT INTO records (name, revision, value) VALUES (?1, ?2, ?3)",
                    Some(_) => "UPDATE records SET revision = ?2, value = ?3 WHERE name = ?1",
                };
                writer.prepare_cached(sql)?.execute((name, next, value.as_bytes()))?;
            }
            Effect::Delete => {
                writer.prepare_cached("DELETE FROM records WHERE name = ?1")?.execute([name])?;
            }
        }
    }
    Ok(true)
}
