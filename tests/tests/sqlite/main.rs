//! Vaults in files.

mod backup;
mod file;
mod suite;
#[cfg(unix)]
mod unix;

use pocketkms::{Result, Vault, VaultBuilder};
use pocketkms_sqlite::VaultFile;
use pocketkms_tests::vault::{Opened, root};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A directory of a test's own, and the path of a vault in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("keys.vault");
    (folder, path)
}

fn builder() -> VaultBuilder {
    pocketkms_tests::vault::builder().0
}

fn create(path: &Path) -> Opened {
    builder().create_file(path, &root()).expect("a new vault").into()
}

fn open(path: &Path) -> Opened {
    try_open(path).expect("the vault").into()
}

fn try_open(path: &Path) -> Result<Vault> {
    builder().open_file(path, &root())
}

/// What is in the directory of a vault.
fn names(path: &Path) -> Vec<String> {
    let entries = path.parent().expect("a directory").read_dir().expect("it is there");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
