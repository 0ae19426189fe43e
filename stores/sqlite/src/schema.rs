//! The tables of the file, and which version of them it has. Specified in docs/formats.md.

use pocketkms::{Error, ErrorKind, StoreError, StoreErrorKind};
use rusqlite::{Connection, TransactionBehavior};

/// "PKMS", in the header of the file: distinguishes a vault from any other database.
const APPLICATION: i32 = 0x504B_4D53;

/// What makes a file of each version from the one before, the first from an empty file. The version is the number of steps
/// that were made. `WITHOUT ROWID`: a record lies where its name is found.
pub(crate) const STEPS: &[&str] = &["CREATE TABLE records (
    name TEXT PRIMARY KEY NOT NULL COLLATE BINARY,
    revision INTEGER NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID"];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A database without anything in it.
    Empty,
    /// A vault's, with so many steps made.
    Version(usize),
    /// Somebody else's.
    Foreign,
}

fn kind(connection: &Connection) -> rusqlite::Result<Kind> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    let tables = "SELECT count(*) FROM sqlite_schema";
    Ok(match number("application_id")? {
        APPLICATION => Kind::Version(usize::try_from(number("user_version")?).unwrap_or(usize::MAX)),
        0 if connection.query_row(tables, (), |row| row.get::<_, i64>(0))? == 0 => Kind::Empty,
        _ => Kind::Foreign,
    })
}

/// Whether there is anything in the file.
pub(crate) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(kind(connection)? == Kind::Empty)
}

/// Brings a file up to the latest of `steps`, all of it or nothing. One of a later version is refused, and so is a database
/// that is no vault.
pub(crate) fn bring_up(connection: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
    let refuse = |kind| match kind {
        Kind::Version(version) if version > steps.len() => Err(newer(version)),
        Kind::Foreign => Err(StoreError::new(
            StoreErrorKind::Damaged,
            Error::new(ErrorKind::StoreDamaged, "the file is a database of another program, and no vault"),
        )),
        other => Ok(other),
    };
    if refuse(kind(connection).map_err(super::failure::failed)?)? == Kind::Version(steps.len()) {
        return Ok(());
    }
    let mut migrate = || {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Others may have done it meanwhile.
        let found = kind(&transaction)?;
        let made = match found {
            Kind::Empty => 0,
            Kind::Version(version) => version,
            Kind::Foreign => return Ok(found),
        };
        for step in steps.get(made..).unwrap_or_default() {
            transaction.execute_batch(step)?;
        }
        if made < steps.len() {
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", i32::try_from(steps.len()).unwrap_or(i32::MAX))?;
            transaction.commit()?;
        }
        Ok(found)
    };
    refuse(migrate().map_err(super::failure::failed)?).map(drop)
}

/// That no later version has changed the tables since the file was opened.
pub(crate) fn check(connection: &Connection) -> Result<(), StoreError> {
    let mut version = connection.prepare_cached("PRAGMA user_version").map_err(super::failure::failed)?;
    let version: i32 = version.query_row((), |row| row.get(0)).map_err(super::failure::failed)?;
    match usize::try_from(version) {
        Ok(version) if version <= STEPS.len() => Ok(()),
        other => Err(newer(other.unwrap_or(usize::MAX))),
    }
}

fn newer(version: usize) -> StoreError {
    let error = Error::new(
        ErrorKind::UnsupportedVersion,
        "the vault's file was written by a newer version of PocketKMS: update this one",
    );
    StoreError::other(error.explain(format!("its tables have version {version}; this one knows {}", STEPS.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(connection: &Connection) -> Kind {
        kind(connection).unwrap()
    }

    fn open() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    const LATER: &[&str] =
        &[STEPS[0], "CREATE TABLE second (one INTEGER) STRICT; INSERT INTO second VALUES (1)", "SELECT 1"];

    #[test]
    fn a_later_version_brings_the_file_up_and_keeps_what_is_in_it() {
        let mut file = open();
        bring_up(&mut file, STEPS).unwrap();
        file.execute("INSERT INTO records VALUES ('a', 1, x'00')", ()).unwrap();
        for _ in 0..2 {
            bring_up(&mut file, LATER).unwrap();
            assert_eq!(version(&file), Kind::Version(3));
            let count =
                |table| file.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| row.get::<_, i64>(0));
            assert_eq!((count("records").unwrap(), count("second").unwrap()), (1, 1));
        }
        // This version keeps out from now on.
        assert!(bring_up(&mut file, STEPS).unwrap_err().to_string().contains("newer version"));
        assert!(check(&file).unwrap_err().to_string().contains("newer version"));
        assert_eq!(version(&file), Kind::Version(3));
    }

    #[test]
    fn a_step_that_fails_undoes_those_before_it() {
        let mut file = open();
        bring_up(&mut file, STEPS).unwrap();
        bring_up(&mut file, &[STEPS[0], "CREATE TABLE second (one INTEGER)", "CREATE TABLE second (one INTEGER)"])
            .unwrap_err();
        assert_eq!(version(&file), Kind::Version(1));
        bring_up(&mut file, LATER).unwrap();
    }

    #[test]
    fn what_another_program_made_is_left_alone() {
        let mut file = open();
        file.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
        assert!(bring_up(&mut file, STEPS).unwrap_err().to_string().contains("another program"));
        assert_eq!(version(&file), Kind::Foreign);
        let mut file = open();
        file.pragma_update(None, "application_id", 7).unwrap();
        assert!(bring_up(&mut file, STEPS).is_err());
    }
}
