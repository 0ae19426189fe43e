//! Several processes that use the keys of one vault in a file and are killed, also while they store what waits of its audit trail: the
//! trail is whole, no event is there twice, and no more is lost than `Audit` says.
//!
//! The test starts itself as the children, and kills them (SIGKILL) after a random number of answers and a random moment more.
//! `POCKETKMS_KILLS` says how often; 40 times if nothing is said.

use pocketkms::{
    Audit, Clock, OsRandom, Random, SystemClock, Vault,
    api::{DescribeKeyRequest, LookupEventsRequest},
};
use pocketkms_sqlite::VaultFile;
use pocketkms_tests::vault::{create_key, root};
use std::{
    collections::BTreeSet,
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const PROCESSES: usize = 3;
/// How long events may wait, in milliseconds.
const WINDOW: u32 = 20;
/// How many may, however long.
const MOST_WAITING: usize = 1000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &*arguments.iter().map(|argument| &**argument).collect::<Vec<_>>() {
        ["child", path, audit, key, name] => child(Path::new(path), audit, key, name),
        // What a test runner asks of a harness.
        ["--list", ..] => println!("audit_killed: test"),
        _ => {
            let kills = env::var("POCKETKMS_KILLS").map_or(40, |number| number.parse().expect("a number of kills"));
            let (mut answers, mut lost) = (0, 0);
            for audit in ["strict", "window", "patient"] {
                let folder = tempfile::tempdir().expect("a temporary directory");
                let path = folder.path().join("killed.vault");
                let vault = Vault::builder().create_file(&path, &root()).expect("a vault");
                let key = create_key(&vault.client()).key_id;
                for round in 0..usize::div_ceil(kills, 3 * PROCESSES) {
                    let (answered, missing) = kill(&path, audit, &key, round);
                    answers += answered;
                    lost += missing;
                }
            }
            assert!(answers > kills, "the children were killed before they did anything");
            assert!(lost > 0, "no child was killed while events waited");
            println!("{answers} answered calls, of which {lost} left no event, each within its window");
        }
    }
}

fn audit_of(name: &str) -> Audit {
    match name {
        "strict" => Audit::strict(),
        "window" => Audit::window(Duration::from_millis(WINDOW.into())),
        _ => Audit::window(Duration::from_secs(1_000_000)),
    }
}

fn principal(name: &str) -> String {
    format!("arn:aws:iam::000000000000:user/{name}")
}

/// Uses the key until it is killed, and says after each call when it began, by the vault's clock.
fn child(path: &Path, audit: &str, key: &str, name: &str) {
    let vault = Vault::builder().audit(audit_of(audit)).open_file(path, &root()).expect("the vault");
    let caller = vault.caller().with(None, None, Some(&principal(name))).expect("a caller");
    let kms = vault.client_as(caller);
    let mut output = std::io::stdout().lock();
    loop {
        let began = SystemClock.now().as_millis();
        kms.describe_key(DescribeKeyRequest { key_id: key.into(), ..Default::default() }).expect("an answer");
        writeln!(output, "{began}").and_then(|()| output.flush()).expect("somebody reads this");
    }
}

fn start(path: &Path, arguments: [&str; 3]) -> Child {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.arg("child").arg(path).args(arguments).stdout(Stdio::piped()).spawn().expect("a child")
}

fn random() -> u16 {
    let mut random = [0; 2];
    OsRandom.fill(&mut random).expect("randomness");
    u16::from_le_bytes(random)
}

/// Has children use the vault, kills each in the middle, and looks at the trail. Returns how many calls they were answered, and of how
/// many of these there is no event.
fn kill(path: &Path, audit: &str, key: &str, round: usize) -> (usize, usize) {
    let names: Vec<_> = (0..PROCESSES).map(|process| format!("{audit}-{round}-{process}")).collect();
    let children: Vec<_> = names.iter().map(|name| start(path, [audit, key, name])).collect();
    let killed = children.into_iter().map(|mut child| {
        thread::spawn(move || {
            let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
            let mut said: Vec<_> =
                lines.by_ref().take(usize::from(random() % 2500)).map(|line| line.expect("text")).collect();
            thread::sleep(Duration::from_micros(u64::from(random() % 10_000)));
            child.kill().expect("the child is there");
            child.wait().expect("it ends");
            // What was written before the end was answered before the end.
            said.extend(lines.map_while(Result::ok));
            said.iter().filter_map(|line| line.parse().ok()).collect::<Vec<i64>>()
        })
    });
    let killed: Vec<_> = killed.collect::<Vec<_>>().into_iter().map(|child| child.join().expect("no panic")).collect();
    let vault = Vault::builder().open_file(path, &root()).expect("the vault");
    let report = vault.verify_audit().expect("the trail");
    assert_eq!(report.problems, [], "{audit}");
    assert_eq!(vault.verify().expect("the vault is whole"), []);
    let (mut answers, mut lost) = (0, 0);
    for (name, began) in names.iter().zip(killed) {
        let of_it =
            LookupEventsRequest { principal: Some(principal(name)), max_results: Some(1000), ..Default::default() };
        let ids: Vec<_> = vault.audit_events(of_it).map(|event| event.expect("an event").event_id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an event is there twice");
        // One may have happened without an answer.
        assert!(ids.len() <= began.len() + 1, "{name}: {} events of {} calls", ids.len(), began.len());
        let missing = began.len().saturating_sub(ids.len());
        match audit {
            "strict" => assert_eq!(missing, 0, "{name}"),
            "window" => {
                // A call that began later than that after another stored the event of that one before it was answered.
                let newest = began.last().copied().unwrap_or_default();
                let due = began.iter().filter(|began| *began + i64::from(WINDOW) < newest).count();
                assert!(ids.len() >= due, "{name}: {} events of {due} that were due", ids.len());
            }
            _ => assert!(missing <= MOST_WAITING, "{name}: {missing} are missing"),
        }
        answers += began.len();
        lost += missing;
    }
    (answers, lost)
}
