//! A batch that is killed at any moment loses no file, and one that is started again completes.
//!
//! The test starts itself as the child that does the work, and kills it after a random number of files and a random
//! moment more.

mod common;

use common::{either, files, keyring, message, open, plaintext, reader, store};
use pocketkms::{
    OsRandom, Random,
    envelope::{AlgorithmSuite, DecryptOptions},
};
use pocketkms_files::{RewrapBatch, decrypt_file, remove_abandoned};
use std::{
    env,
    io::{BufRead, BufReader, Write},
    ops::ControlFlow,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

const FILES: usize = 33;
const ROUNDS: usize = 40;

fn main() {
    let mut arguments = env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("child"), Some(directory)) => child(Path::new(&directory)),
        (Some("decrypting"), Some(directory)) => decrypting(Path::new(&directory)),
        // What a test runner asks of a harness.
        (Some("--list"), _) => println!("killed: test"),
        _ => {
            let mut halfway = 0;
            for _ in 0..ROUNDS {
                halfway += usize::from(round());
            }
            assert!(halfway > 0, "no batch was killed half-way");
            killed_while_it_decrypts();
            println!("{ROUNDS} batches of {FILES} files killed, {halfway} of them half-way: no file was lost");
        }
    }
}

/// Rewraps, and reports each file.
fn child(directory: &Path) {
    let (client, old, new) = (reader(), either(), keyring("new key"));
    RewrapBatch::new(&client, &old, &new).directory(directory, &mut |_| {
        println!("done");
        std::io::stdout().flush().unwrap();
        ControlFlow::Continue(())
    });
}

/// Decrypts, and stops half-way until it is killed.
fn decrypting(directory: &Path) {
    let (message, copy) = (directory.join("message"), directory.join("copy"));
    let options = DecryptOptions::default();
    let _ = decrypt_file(&reader(), &keyring("old"), options, &message, &copy, &mut |progress| {
        if progress.done > progress.total / 2 {
            println!("half-way");
            std::io::stdout().flush().unwrap();
            thread::sleep(Duration::from_secs(600));
        }
        ControlFlow::Continue(())
    });
}

/// What it leaves is plaintext: closed to others, found, and removed once its process is gone. Its message goes on opening.
fn killed_while_it_decrypts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("message");
    let suite = AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey;
    std::fs::write(&path, message(suite, "old", &plaintext(20_000_000))).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    let mut child = command.arg("decrypting").arg(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "half-way");
    assert_eq!(remove_abandoned(folder.path()).unwrap(), 0, "it lives");
    child.kill().unwrap();
    child.wait().unwrap();
    let left: Vec<_> = files(folder.path()).into_iter().filter(|left| *left != path).collect();
    assert_eq!(left.len(), 1);
    let metadata = std::fs::metadata(&left[0]).unwrap();
    assert!(metadata.len() > 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(remove_abandoned(folder.path()).unwrap(), 1);
    assert_eq!(files(folder.path()), [path.as_path()]);
    assert!(open(&keyring("old"), &path).is_ok());
}

/// Kills a batch until one completes. Answers whether one was killed half-way.
fn round() -> bool {
    let folder = tempfile::tempdir().unwrap();
    let stored = store(folder.path(), FILES);
    let program = env::current_exe().unwrap();
    let mut halfway = false;
    for _ in 0..2 {
        let mut command = Command::new(&program);
        let mut child = command.arg("child").arg(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut random = [0; 2];
        OsRandom.fill(&mut random).unwrap();
        for _ in 0..usize::from(random[0]) % FILES {
            if lines.next().is_none() {
                break;
            }
        }
        thread::sleep(Duration::from_micros(u64::from(random[1]) * 8));
        child.kill().unwrap();
        child.wait().unwrap();
        // Every message is there and opens, with the old key or the new one.
        let either = either();
        for (path, plaintext) in &stored {
            assert!(open(&either, path).unwrap() == *plaintext, "{} is lost", path.display());
        }
        let moved = stored.iter().filter(|(path, _)| open(&keyring("new key"), path).is_ok()).count();
        halfway |= moved > 0 && moved < FILES;
    }
    // Started again, it completes, and nothing is left behind.
    let (client, old, new) = (reader(), either(), keyring("new key"));
    let report = RewrapBatch::new(&client, &old, &new).directory(folder.path(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(report.failed, 0, "{:?}", report.failures);
    assert_eq!(report.rewrapped + report.already_done, FILES as u64);
    for (path, plaintext) in &stored {
        assert!(open(&new, path).unwrap() == *plaintext);
    }
    for path in files(folder.path()) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.ends_with(".message") || name.ends_with(".message.pocketkms-sidecar"), "{name} was left");
    }
    halfway
}
