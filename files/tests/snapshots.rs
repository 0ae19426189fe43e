//! A snapshot in a file: the new one or the one before, whenever its process ends.
//!
//! The test starts itself as the child that saves, and kills it after a random moment.

use pocketkms::{
    ErrorKind, OsRandom, Random, RootKey, Vault,
    api::{CreateKeyRequest, ListKeysRequest},
};
use pocketkms_files::{Error, remove_abandoned, save_snapshot};
use std::{
    env, fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

const ROUNDS: usize = 60;

fn main() {
    let mut arguments = env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("child"), Some(path)) => child(Path::new(&path)),
        // What a test runner asks of a harness.
        (Some("--list"), _) => println!("snapshots: test"),
        _ => {
            what_is_refused_leaves_the_file();
            a_file_of_its_own();
            let replaced = (0..ROUNDS).filter(|_| killed()).count();
            assert!(replaced > 0, "no snapshot was saved before the end");
            println!("{ROUNDS} processes killed while they saved: each file opened, {replaced} with a later snapshot");
        }
    }
}

fn root() -> RootKey {
    RootKey::from_bytes(&[7; 32]).unwrap()
}

fn vault(keys: usize) -> Vault {
    let vault = Vault::builder().create_in_memory(&root()).unwrap();
    (0..keys).for_each(|_| drop(vault.client().create_key(CreateKeyRequest::default()).unwrap()));
    vault
}

/// How many keys a file has.
fn keys(path: &Path) -> usize {
    let vault = Vault::builder().open_snapshot(&fs::read(path).unwrap(), &root()).unwrap();
    assert!(vault.verify().unwrap().is_empty());
    vault.client().list_keys(ListKeysRequest { limit: Some(1000), ..Default::default() }).unwrap().keys.len()
}

fn what_is_refused_leaves_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let vault = vault(1);
    let is_io = |path: &Path| matches!(save_snapshot(&vault, path), Err(Error::Io { .. }));
    assert!(is_io(folder.path()), "a directory");
    assert!(is_io(&folder.path().join("missing/vault")), "a directory that is not there");
    #[cfg(unix)]
    {
        let (link, target) = (folder.path().join("link"), folder.path().join("target"));
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        assert!(is_io(&link), "a link");
        assert_eq!(fs::read(&target).unwrap(), b"kept");
    }
    assert!(vault.needs_saving());
    let path = folder.path().join("vault");
    save_snapshot(&vault, &path).unwrap();
    assert!(!vault.needs_saving());
    let saved = fs::read(&path).unwrap();
    for (end, kind) in [(Vault::lock as fn(&Vault), ErrorKind::VaultLocked), (Vault::close, ErrorKind::VaultClosed)] {
        end(&vault);
        let refused = save_snapshot(&vault, &path);
        assert!(matches!(refused, Err(Error::Message(error)) if error.kind() == kind));
        assert_eq!(fs::read(&path).unwrap(), saved);
    }
    let left = fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().ends_with(".tmp")));
    assert_eq!(left.count(), 0);
}

fn a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    let vault = vault(2);
    save_snapshot(&vault, &path).unwrap();
    assert_eq!(keys(&path), 2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    vault.client().create_key(CreateKeyRequest::default()).unwrap();
    assert!(vault.needs_saving());
    save_snapshot(&vault, &path).unwrap();
    assert_eq!(keys(&path), 3);
}

/// Saves as fast as it can, with one key more each time, and reports each.
fn child(path: &Path) {
    let vault = Vault::builder().open_snapshot(&fs::read(path).unwrap(), &root()).unwrap();
    loop {
        vault.client().create_key(CreateKeyRequest::default()).unwrap();
        println!("saving");
        std::io::stdout().flush().unwrap();
        save_snapshot(&vault, path).unwrap();
        println!("saved");
        std::io::stdout().flush().unwrap();
    }
}

/// Says whether a later snapshot than the first was there in the end.
fn killed() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault");
    save_snapshot(&vault(1), &path).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    let mut child = command.arg("child").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let mut random = [0; 2];
    OsRandom.fill(&mut random).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..random[0] % 6 {
        lines.next().unwrap().unwrap();
    }
    thread::sleep(Duration::from_micros(u64::from(random[1]) * 20));
    child.kill().unwrap();
    child.wait().unwrap();
    // What it reported before it was killed.
    let saved = usize::from(random[0] % 6) / 2 + lines.map_while(Result::ok).filter(|line| line == "saved").count();
    let found = keys(&path);
    assert!(found > saved && found <= saved + 2, "{found} keys, after {saved} saved with one more than 1");
    remove_abandoned(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "a killed process leaves nothing that stays");
    found > 1
}
