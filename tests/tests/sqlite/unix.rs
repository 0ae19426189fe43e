//! Modes, links and forks.

use super::{builder, create, folder, names, open, try_open};
use pocketkms::{
    ErrorKind,
    api::{CreateKeyRequest, DescribeKeyRequest},
};
use pocketkms_sqlite::{Backup, VaultFile};
use pocketkms_tests::vault::{create_key, decrypt, encrypt, error, explained, root};
use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::exit,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn no_one_but_the_owner_may_open_any_of_the_files() {
    let (folder, path) = folder();
    let vault = create(&path);
    create_key(&vault);
    let copy = folder.path().join("copy.vault");
    vault.vault.backup(&copy).unwrap();
    assert_eq!(names(&path), ["copy.vault", "keys.vault", "keys.vault-shm", "keys.vault-wal"]);
    for name in names(&path) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
}

#[test]
fn an_empty_file_that_all_may_write_becomes_private() {
    let (folder, path) = folder();
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    create_key(&create(&path));
    for name in names(&path) {
        assert_eq!(mode(&folder.path().join(&name)), 0o600, "{name}");
    }
}

#[test]
fn links_and_what_is_no_file_are_refused() {
    let (folder, path) = folder();
    drop(create(&path));
    let link = folder.path().join("link.vault");
    symlink(&path, &link).unwrap();
    explained(try_open(&link), ErrorKind::Store, &["a symbolic link"]);
    assert_eq!(error(builder().create_file(&link, &root())).kind(), ErrorKind::Store);
    assert_eq!(error(builder().open_or_create_file(&link, &root())).kind(), ErrorKind::Store);
    // One that leads nowhere leads nowhere.
    let dangling = folder.path().join("dangling.vault");
    symlink(folder.path().join("elsewhere"), &dangling).unwrap();
    assert_eq!(error(builder().create_file(&dangling, &root())).kind(), ErrorKind::Store);
    assert!(!folder.path().join("elsewhere").exists());
    explained(try_open(Path::new("/dev/null")), ErrorKind::Store, &["neither a file nor a directory"]);
    // Under another name SQLite would not find the log, and two processes would overwrite each other's changes.
    let other = folder.path().join("other.vault");
    fs::hard_link(&path, &other).unwrap();
    for name in [&path, &other] {
        explained(try_open(name), ErrorKind::Store, &["hard links"]);
        assert_eq!(error(builder().open_or_create_file(name, &root())).kind(), ErrorKind::Store);
    }
    fs::remove_file(&other).unwrap();
    // A directory may be reached by a link: it is resolved once.
    symlink(folder.path(), folder.path().join("here")).unwrap();
    create_key(&open(&folder.path().join("here/keys.vault")));
}

#[test]
fn a_file_that_was_replaced_while_it_was_open_is_neither_written_to_nor_read() {
    let (folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    fs::rename(&path, folder.path().join("moved.vault")).unwrap();
    let request = DescribeKeyRequest { key_id: key, ..Default::default() };
    explained(vault.describe_key(request), ErrorKind::Store, &["moved, removed or replaced"]);
    explained(vault.create_key(CreateKeyRequest::default()), ErrorKind::Store, &["moved, removed or replaced"]);
    fs::write(&path, "another file").unwrap();
    explained(vault.create_key(CreateKeyRequest::default()), ErrorKind::Store, &["moved, removed or replaced"]);
}

/// A forked child that does `work` and ends without anything of the test's around it. Whatever goes wrong in it, it ends:
/// one that hangs is killed by the system.
fn child(work: impl FnOnce() -> bool) -> libc::pid_t {
    // Safe as far as tests go: the child calls what the parent's other threads do not hold, and exits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        unsafe { libc::alarm(60) };
        // The runner of the tests keeps what a panic prints, and shows it to no one here.
        std::panic::set_hook(Box::new(|panic| drop(writeln!(io::stderr(), "in a forked child: {panic}"))));
        exit(i32::from(!std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or(false)));
    }
    assert!(child > 0);
    child
}

/// Whether the child has ended, and well; nothing while it lives.
fn ended(child: libc::pid_t, options: libc::c_int) -> Option<bool> {
    let mut status = 0;
    let found = unsafe { libc::waitpid(child, &raw mut status, options) };
    assert!(found == 0 || found == child);
    (found == child).then(|| libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0)
}

/// Whether that went well in a forked child.
fn in_child(work: impl FnOnce() -> bool) -> bool {
    ended(child(work), 0) == Some(true)
}

/// Set when it is dropped, also by a panic: a thread that waits for it would never end.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_forked_child_opens_the_vault_by_itself() {
    let (_folder, path) = folder();
    let vault = create(&path);
    let key = create_key(&vault).key_id;
    let blob = encrypt(&vault, &key, b"kept");
    for _ in 0..20 {
        let made = in_child(|| {
            let refused = error(decrypt(&vault, &blob));
            let opened = open(&path);
            refused.kind() == ErrorKind::VaultClosed
                && refused.message().contains("forked")
                && error(vault.create_key(CreateKeyRequest::default())).kind() == ErrorKind::VaultClosed
                && decrypt(&opened, &blob).unwrap() == b"kept"
                && opened.create_key(CreateKeyRequest::default()).is_ok()
        });
        assert!(made);
        // The parent goes on.
        create_key(&vault);
        assert_eq!(decrypt(&vault, &blob).unwrap(), b"kept");
    }
    assert_eq!(vault.vault.verify().unwrap(), []);
    let keys = vault.list_keys(pocketkms::api::ListKeysRequest::default()).unwrap().keys;
    assert_eq!(keys.len(), 41);
}

/// The locks that a child believes to have are what would go wrong: the parent closes the file, and the log with it,
/// while the child writes.
#[test]
fn a_child_keeps_what_it_wrote_when_the_parent_closes_the_file() {
    let (_folder, path) = folder();
    let vault = create(&path);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        // Calls are under way at each fork, but not so many that the vault, all of which each child verifies, grows without end.
        scope.spawn(|| {
            while !is_over.load(Ordering::SeqCst) {
                create_key(&vault);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let _over = Over(&is_over);
        for _ in 0..10 {
            let child = child(|| {
                let opened = open(&path);
                (0..5).all(|_| {
                    let made = opened.create_key(CreateKeyRequest::default()).expect("a key");
                    opened.vault.verify().expect("a vault").is_empty() && !made.key_metadata.arn.is_empty()
                })
            });
            // Opened and closed all the time.
            let done = loop {
                match ended(child, libc::WNOHANG) {
                    Some(done) => break done,
                    None => drop(open(&path)),
                }
            };
            assert!(done);
        }
    });
    assert_eq!(vault.vault.verify().unwrap(), []);
}
