//! A process that is killed in the middle of calls that change its vault: every call that was answered is there, no half of
//! one is, and every record opens.
//!
//! The test starts itself as the child that does the work, and kills it (SIGKILL) after a random number of answers and a
//! random moment more. `POCKETKMS_KILLS` says how often; 200 times if nothing is said.

use pocketkms::{
    OsRandom, Random, Vault,
    api::{
        CreateKeyRequest, DeleteAliasRequest, ListAliasesRequest, ListKeyRotationsRequest, ListKeysRequest,
        RotateKeyOnDemandRequest, ScheduleKeyDeletionRequest,
    },
};
use pocketkms_sqlite::VaultFile;
use pocketkms_tests::vault::{Opened, create_alias, describe, encrypt, root};
use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

/// Kills of one vault, after which another begins: each look at it reads all of it.
const KILLS_OF_ONE: usize = 20;
const THREADS: usize = 2;

fn main() {
    let mut arguments = env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (Some("child"), Some(path)) => child(Path::new(&path)),
        // What a test runner asks of a harness.
        (Some("--list"), _) => println!("killed: test"),
        _ => {
            let kills = env::var("POCKETKMS_KILLS").map_or(200, |number| number.parse().expect("a number of kills"));
            let (mut done, mut answers, mut unanswered) = (0, 0, 0);
            while done < kills {
                let folder = tempfile::tempdir().expect("a temporary directory");
                let path = folder.path().join("killed.vault");
                let mut known = BTreeSet::new();
                for _ in 0..KILLS_OF_ONE.min(kills - done) {
                    let before = known.len();
                    kill(&path, &mut known);
                    answers += known.len() - before;
                    unanswered += check(&path, &known);
                    done += 1;
                }
            }
            assert!(answers > kills, "the children were killed before they did anything");
            assert!(unanswered > 0, "no child was killed in the middle of a call");
            println!(
                "{kills} processes killed, {answers} answered calls are all there; {unanswered} keys without an answer are whole"
            );
        }
    }
}

fn open(path: &Path) -> Opened {
    Vault::builder().open_or_create_file(path, &root()).expect("the vault").into()
}

/// Changes the vault until it is killed, and says what was answered, each in one line.
fn child(path: &Path) {
    let kms = open(path);
    let answered = |line: String| {
        let mut output = std::io::stdout().lock();
        output.write_all((line + "\n").as_bytes()).and_then(|()| output.flush()).expect("somebody reads this");
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let key = kms.create_key(CreateKeyRequest::default()).expect("a new key").key_metadata.key_id;
                    answered(format!("key {key}"));
                    create_alias(&kms, &format!("alias/{key}"), &key);
                    answered(format!("alias {key}"));
                    let blob = encrypt(&kms, &key, key.as_bytes());
                    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.clone() }).expect("a usable key");
                    answered(format!("blob {key} {}", hex::encode(&*blob)));
                    answered(format!("rotated {key}"));
                    kms.delete_alias(DeleteAliasRequest { alias_name: format!("alias/{key}") }).expect("the alias");
                    answered(format!("unnamed {key}"));
                    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: key.clone(), ..Default::default() })
                        .expect("the key");
                    answered(format!("scheduled {key}"));
                }
            });
        }
    });
}

/// Starts a child, and kills it in the middle. Adds what it said was answered.
fn kill(path: &Path, known: &mut BTreeSet<String>) {
    let mut command = Command::new(env::current_exe().expect("this program"));
    let mut child = command.arg("child").arg(path).stdout(Stdio::piped()).spawn().expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let mut random = [0; 2];
    OsRandom.fill(&mut random).expect("randomness");
    // Now and then before the first answer: while the vault is made or opened.
    for _ in 0..random[0] % 16 {
        known.insert(lines.next().expect("a child that goes on").expect("text"));
    }
    thread::sleep(Duration::from_micros(u64::from(random[1]) * 40));
    child.kill().expect("the child is there");
    child.wait().expect("it ends");
    // What was written before the end was answered before the end.
    known.extend(lines.map_while(Result::ok));
}

/// Looks for all that was answered, and for halves. Says how many keys are there whose answer was not seen.
fn check(path: &Path, known: &BTreeSet<String>) -> usize {
    let kms = open(path);
    assert_eq!(kms.vault.verify().expect("the vault is whole"), []);
    let all: BTreeSet<_> = pages(|marker| {
        let page = kms.list_keys(ListKeysRequest { marker, ..Default::default() }).expect("a list");
        (page.keys.into_iter().map(|key| key.key_id).collect(), page.next_marker)
    });
    let aliases: BTreeSet<_> = pages(|marker| {
        let page = kms.list_aliases(ListAliasesRequest { marker, ..Default::default() }).expect("a list");
        (page.aliases.into_iter().filter_map(|alias| alias.target_key_id).collect(), page.next_marker)
    });
    assert!(aliases.is_subset(&all), "an alias leads to no key");
    let was = |what: &str, key: &str| known.contains(&format!("{what} {key}"));
    for key in &all {
        let metadata = describe(&kms, key);
        let is_scheduled = metadata.deletion_date.is_some();
        assert!(is_scheduled || !was("scheduled", key), "a deletion is lost");
        assert!(!was("unnamed", key) || !aliases.contains(key), "a deleted alias is there");
        assert!(!was("alias", key) || aliases.contains(key) || was("rotated", key), "an alias is lost");
        // Usable with all its materials, whether somebody saw it made or not.
        let rotations = kms.list_key_rotations(ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() });
        let rotations = rotations.expect("a list").rotations.len();
        assert!(rotations == 1 || !was("rotated", key), "a rotation is lost");
        if !is_scheduled {
            encrypt(&kms, key, b"whole");
        }
    }
    for line in known {
        let words: Vec<_> = line.split(' ').collect();
        assert!(all.contains(words[1]), "a key is lost");
        if let ["blob", key, blob] = *words {
            if describe(&kms, key).deletion_date.is_some() {
                continue;
            }
            let blob = hex::decode(blob).expect("what the child wrote");
            assert_eq!(pocketkms_tests::vault::decrypt(&kms, &blob).expect("its material"), key.as_bytes());
        }
    }
    all.iter().filter(|key| !was("key", key)).count()
}

/// All pages of a list.
fn pages(page: impl Fn(Option<String>) -> (Vec<String>, Option<String>)) -> BTreeSet<String> {
    let (mut all, mut marker) = (BTreeSet::new(), None);
    loop {
        let (items, next) = page(marker);
        all.extend(items);
        match next {
            Some(next) => marker = Some(next),
            None => return all,
        }
    }
}
