//! A batch that is killed at any moment loses no file, and one that is started again completes.
//!
//! The test starts itself as the child that does the work, and kills it after a random number of files and a random
//! moment more.

mod common;

use common::{either, files, keyring, open, reader, store};
use pocketkms::{OsRandom, Random};
use pocketkms_files::RewrapBatch;
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
        // What a test runner asks of a harness.
        (Some("--list"), _) => println!("killed: test"),
        _ => {
            let mut halfway = 0;
            for _ in 0..ROUNDS {
                halfway += usize::from(round());
            }
            assert!(halfway > 0, "no batch was killed half-way");
            println!("{ROUNDS} batches of {FILES} files killed, {halfway} of them half-way: no file was lost");
        }
    }
}

/// Rewraps, and tells of each file.
fn child(directory: &Path) {
    let (client, old, new) = (reader(), either(), keyring("new key"));
    RewrapBatch::new(&client, &old, &new).directory(directory, &mut |_| {
        println!("done");
        std::io::stdout().flush().unwrap();
        ControlFlow::Continue(())
    });
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
