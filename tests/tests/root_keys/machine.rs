//! Root keys in variables and files.

use pocketkms::{ErrorKind, RootKey};
use pocketkms_roots::HostRootKey;
use pocketkms_tests::vault::{builder, explained, root_of};
use std::{
    fs,
    path::{Path, PathBuf},
};

const KEY: [u8; 32] = [0xa5; 32];
const BASE64: &str = "paWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaU=";

fn encodings() -> Vec<Vec<u8>> {
    let digits = hex::encode(KEY);
    let mut texts = vec![KEY.to_vec()];
    for text in [&*digits, &digits.to_uppercase(), BASE64, BASE64.trim_end_matches('=')] {
        texts.extend([text.to_owned(), format!("{text}\n"), format!(" {text}\r\n")].map(String::into_bytes));
    }
    texts
}

/// Whether it opens a vault of `KEY`.
fn is_key(root: &RootKey) -> bool {
    root.to_bytes().expect("the bytes of a root key").expose() == KEY
}

#[test]
fn what_is_read_as_32_bytes() {
    for text in encodings() {
        assert!(is_key(&RootKey::from_encoded(&text).unwrap()), "{text:?}");
    }
    // The other alphabet, with the characters in which they differ.
    let bytes = [0xfb; 32];
    for text in ["+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=", "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s"] {
        assert_eq!(RootKey::from_encoded(text.as_bytes()).unwrap().to_bytes().unwrap().expose(), bytes);
    }
    // White space belongs to raw bytes.
    let mut raw = [b'\n'; 32];
    raw[0] = 0xff;
    assert_eq!(RootKey::from_encoded(&raw).unwrap().to_bytes().unwrap().expose(), raw);

    let digits = hex::encode(KEY);
    for text in [
        "",
        " ",
        "correct horse battery staple 123",
        "00112233445566778899aabbccddeeff",
        &digits[1..],
        &format!("{digits}0"),
        &format!("0x{digits}"),
        &digits.replace('5', "g"),
        &BASE64.replace('p', "*"),
        &format!("{BASE64}="),
        &BASE64[4..],
    ] {
        let words = ["64 hexadecimal digits, 44 characters of base64, or 32 raw bytes"];
        let result = RootKey::from_encoded(text.as_bytes());
        if let Err(error) = &result {
            assert!(text.trim().is_empty() || !error.report().contains(text), "{}", error.report());
        }
        explained(result, ErrorKind::Validation, &words);
    }
    explained(RootKey::from_encoded(&[0; 31]), ErrorKind::Validation, &[]);
    explained(RootKey::from_encoded(&[0; 33]), ErrorKind::Validation, &[]);
}

#[test]
fn a_variable_holds_text() {
    // Set by cargo, and no root key.
    explained(RootKey::from_env("CARGO_MANIFEST_DIR"), ErrorKind::Validation, &["variable CARGO_MANIFEST_DIR"]);
    for name in ["POCKETKMS_NO_SUCH_VARIABLE", "", "A=B", "A\0B"] {
        explained(RootKey::from_env(name), ErrorKind::NotFound, &["is not set, or is empty"]);
    }
    // A child of this program finds what it was started with.
    let child = |value: &str| {
        let child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "machine::the_child", "--ignored", "--quiet"])
            .env("POCKETKMS_ROOT_KEY", value)
            .output()
            .unwrap();
        child.status.success()
    };
    assert!(child(BASE64) && child(&hex::encode(KEY)));
    assert!(!child("") && !child(&hex::encode([1; 32])));
}

#[test]
#[ignore = "a_variable_holds_text starts it"]
fn the_child() {
    assert!(is_key(&RootKey::from_env("POCKETKMS_ROOT_KEY").unwrap()));
}

#[cfg(unix)]
fn file(folder: &Path, contents: &[u8], mode: u32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("root key");
    let _ = fs::remove_file(&path);
    fs::write(&path, contents).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    path
}

#[cfg(unix)]
#[test]
fn a_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    for contents in encodings() {
        for mode in [0o600, 0o400] {
            assert!(is_key(&RootKey::from_file(file(folder.path(), &contents, mode)).unwrap()));
        }
    }
    for mode in [0o640, 0o604, 0o644, 0o620, 0o602, 0o666, 0o610, 0o601] {
        let path = file(folder.path(), &KEY, mode);
        let words = ["others can read or write it", &*format!("{mode:04o}"), "chmod 600"];
        explained(RootKey::from_file(path), ErrorKind::Validation, &words);
    }
    explained(RootKey::from_file(folder.path().join("none")), ErrorKind::NotFound, &["there is no file"]);
    explained(RootKey::from_file(folder.path()), ErrorKind::Validation, &["no regular file"]);
    explained(RootKey::from_file("/dev/zero"), ErrorKind::Validation, &["no regular file"]);
    let path = file(folder.path(), &[b' '; 4096], 0o600);
    explained(RootKey::from_file(path), ErrorKind::Validation, &["too long"]);
    let path = file(folder.path(), b"correct horse battery staple 123", 0o600);
    explained(RootKey::from_file(path), ErrorKind::Validation, &["a text is a passphrase"]);
}

/// The links of a volume of Kubernetes: the file leads through `..data` to a folder with a date.
#[cfg(unix)]
#[test]
fn links_are_followed_to_the_file_that_is_looked_at() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let dated = folder.path().join("..2026_11_29");
    fs::create_dir(&dated).unwrap();
    file(&dated, &KEY, 0o600);
    symlink("..2026_11_29", folder.path().join("..data")).unwrap();
    symlink("..data/root key", folder.path().join("root key")).unwrap();
    let path = folder.path().join("root key");
    assert!(is_key(&RootKey::from_file(&path).unwrap()));
    file(&dated, &KEY, 0o644);
    explained(RootKey::from_file(&path), ErrorKind::Validation, &["others can read"]);
}

/// What a container runtime mounts: memory, read-only. In a namespace of its own, so that nothing of this machine changes.
#[cfg(target_os = "linux")]
#[test]
fn a_mounted_secret_may_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path().to_str().unwrap();
    let program = std::env::current_exe().unwrap();
    let child = |options: &str| {
        let script = format!(
            "mount -t tmpfs tmpfs '{mount}' && printf %s {BASE64} > '{mount}/key' && chmod 644 '{mount}/key' && \
             mount -o remount,{options} '{mount}' && exec '{}' --exact machine::the_mounted_child --ignored --quiet",
            program.display()
        );
        let output = std::process::Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
            .env("POCKETKMS_MOUNT", mount)
            .output()
            .expect("util-linux has unshare");
        let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        (output.status.success(), text)
    };
    let (is_read, text) = child("ro");
    assert!(is_read, "{text}");
    // As `/tmp` and `/dev/shm` are on many machines: everybody's.
    let (is_read, text) = child("rw");
    assert!(!is_read && text.contains("others can read or write it"), "{text}");
}

#[test]
#[ignore = "a_mounted_secret_may_be_readable starts it"]
fn the_mounted_child() {
    let mount = std::env::var("POCKETKMS_MOUNT").unwrap();
    match RootKey::from_file(Path::new(&mount).join("key")) {
        Ok(root) => assert!(is_key(&root)),
        Err(error) => panic!("{}", error.report()),
    }
}

#[cfg(unix)]
#[test]
fn a_vault_opens_with_what_a_machine_keeps() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), BASE64.as_bytes(), 0o600);
    let vault = builder().0.create_in_memory(&RootKey::from_file(&path).unwrap()).unwrap();
    let snapshot = vault.snapshot().unwrap();
    builder().0.open_snapshot(&snapshot, &RootKey::from_bytes(&KEY).unwrap()).unwrap();
    explained(builder().0.open_snapshot(&snapshot, &root_of(8)), ErrorKind::WrongRootKey, &[]);
}
