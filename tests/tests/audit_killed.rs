//! Several processes that use the keys of one vault in a file and are killed, also while they store what waits of its audit trail, count it or
//! remove what is old of it: the trail is whole, no event is there twice or counted twice, and no more is lost than `Audit` says.
//!
//! The test starts itself as the children, and kills them (SIGKILL) after a random number of answers and a random moment more.
//! `POCKETKMS_KILLS` says how often; 56 times if nothing is said.

use pocketkms::{
    Audit, AuditFormat, Caller, Clock, Kms, OsRandom, Random, SystemClock, Timestamp, Vault,
    api::{BillItem, BillRequest, EncryptRequest, GetKeyLastUsageRequest, ListKeysRequest, LookupEventsRequest},
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
/// How many calls a child makes until it asks when the key was last used.
const USES: usize = 150;
/// Where one more process removes what is older than a moment.
const KEPT_SHORT: &str = "kept short";
const MODES: [&str; 4] = ["strict", "window", "patient", KEPT_SHORT];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &*arguments.iter().map(|argument| &**argument).collect::<Vec<_>>() {
        ["child", path, mode, key, "keeper"] => keeper(Path::new(path), mode, key),
        ["child", path, mode, key, name] => child(Path::new(path), mode, key, name),
        // What a test runner asks of a harness.
        ["--list", ..] => println!("audit_killed: test"),
        _ => {
            let kills = env::var("POCKETKMS_KILLS").map_or(56, |number| number.parse().expect("a number of kills"));
            let (mut answers, mut lost) = (0, 0);
            for mode in MODES {
                let folder = tempfile::tempdir().expect("a temporary directory");
                let path = folder.path().join("killed.vault");
                let vault = Vault::builder().create_file(&path, &root()).expect("a vault");
                let key = create_key(&vault.client()).key_id;
                for round in 0..usize::div_ceil(kills, MODES.len() * PROCESSES) {
                    let (answered, missing) = kill(&path, mode, &key, round);
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

fn audit_of(mode: &str) -> Audit {
    match mode {
        "strict" => Audit::strict(),
        "patient" => Audit::window(Duration::from_secs(1_000_000)),
        _ => Audit::window(Duration::from_millis(WINDOW.into())),
    }
}

fn open(path: &Path, mode: &str) -> Vault {
    Vault::builder().audit(audit_of(mode)).open_file(path, &root()).expect("the vault")
}

fn principal(name: &str) -> String {
    format!("arn:aws:iam::000000000000:user/{name}")
}

/// Calls until it is killed, and says after each call when it had ended, by the vault's clock.
fn child(path: &Path, mode: &str, key: &str, name: &str) {
    let vault = open(path, mode);
    // Of an account of its own the calls are counted also where their events are removed.
    let caller = match mode {
        KEPT_SHORT => Caller::root(name, "us-east-1"),
        _ => vault.caller().with(None, None, Some(&principal(name))),
    };
    let kms = vault.client_as(caller.expect("a caller"));
    let plaintext = || b"x".to_vec().into();
    let call = || match mode {
        KEPT_SHORT => kms.list_keys(ListKeysRequest::default()).map(drop),
        _ => kms.encrypt(EncryptRequest { key_id: key.into(), plaintext: plaintext(), ..Default::default() }).map(drop),
    };
    let mut output = std::io::stdout().lock();
    for calls in 1.. {
        call().expect("an answer");
        let ended = SystemClock.now().as_millis();
        writeln!(output, "{ended}").and_then(|()| output.flush()).expect("somebody reads this");
        if calls % USES == 0 && mode != KEPT_SHORT {
            // Counts what the trail has, in commits of its own.
            last_usage(&kms, key).expect("it was used");
        }
    }
}

/// Writes out what there is and removes what is old, until it is killed.
fn keeper(path: &Path, mode: &str, key: &str) {
    let vault = open(path, mode);
    loop {
        let mut lines = 0;
        let count = vault.export_audit(AuditFormat::JsonLines, LookupEventsRequest::default(), |text| {
            lines += u64::from(text.starts_with('{') && text.ends_with('}'));
            Ok(())
        });
        assert_eq!(count.expect("the trail can be read"), lines);
        vault
            .client()
            .encrypt(EncryptRequest { key_id: key.into(), plaintext: b"x".to_vec().into(), ..Default::default() })
            .expect("a ciphertext");
        let before = Timestamp::from_millis(SystemClock.now().as_millis() - 5);
        vault.remove_audit_before(before).expect("the trail can be shortened");
        println!("0");
    }
}

/// The id of the event of the last use.
fn last_usage(kms: &Kms, key: &str) -> Option<String> {
    let request = GetKeyLastUsageRequest { key_id: key.into() };
    kms.get_key_last_usage(request).expect("the key is there").key_last_usage.cloud_trail_event_id
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
fn kill(path: &Path, mode: &str, key: &str, round: usize) -> (usize, usize) {
    let mut names: Vec<_> = (0..PROCESSES)
        .map(|process| match mode {
            KEPT_SHORT => format!("{:012}", 1 + round * PROCESSES + process),
            _ => format!("{mode}-{round}-{process}"),
        })
        .collect();
    if mode == KEPT_SHORT {
        names.push("keeper".into());
    }
    let children: Vec<_> = names.iter().map(|name| start(path, [mode, key, name])).collect();
    let killed = children.into_iter().zip(names.clone()).map(|(mut child, name)| {
        thread::spawn(move || {
            let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
            let most = if name == "keeper" { 8 } else { 2500 };
            let mut said: Vec<_> =
                lines.by_ref().take(usize::from(random() % most)).map(|line| line.expect("text")).collect();
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
    assert_eq!(report.problems, [], "{mode}");
    assert_eq!(vault.verify().expect("the vault is whole"), []);
    check_last_usage(&vault, mode, key);
    let (mut answers, mut lost) = (0, 0);
    for (name, ended) in names.iter().zip(killed).filter(|(name, _)| *name != "keeper") {
        let stored = if mode == KEPT_SHORT { counted(&vault, name) } else { of_principal(&vault, &principal(name)) };
        // One may have happened without an answer.
        assert!(stored <= ended.len() + 1, "{name}: {stored} events of {} calls", ended.len());
        let missing = ended.len().saturating_sub(stored);
        match mode {
            "strict" => assert_eq!(missing, 0, "{name}"),
            "patient" => assert!(missing <= MOST_WAITING, "{name}: {missing} are missing"),
            _ => {
                // A call that began later than that after another had ended stored the event of that one before it was answered. The
                // last one began after the last but one had ended.
                let began = ended.iter().nth_back(1).copied().unwrap_or_default();
                let due = ended.iter().filter(|ended| *ended + i64::from(WINDOW) < began).count();
                assert!(stored >= due, "{name}: {stored} events of {due} that were due");
            }
        }
        answers += ended.len();
        lost += missing;
    }
    (answers, lost)
}

/// How many events the trail has of a principal's uses of the key, each of which is there once.
fn of_principal(vault: &Vault, principal: &str) -> usize {
    let request = LookupEventsRequest {
        principal: Some(principal.into()),
        event_name: Some("Encrypt".into()),
        max_results: Some(1000),
        ..Default::default()
    };
    let ids: Vec<_> = vault.audit_events(request).map(|event| event.expect("an event").event_id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an event is there twice");
    ids.len()
}

/// How many requests of an account were counted, this month and the one before.
fn counted(vault: &Vault, account: &str) -> usize {
    let newest = vault.lookup_events(&LookupEventsRequest::default()).expect("a page").events;
    let event = &newest.first().expect("an event").cloud_trail_event;
    let (_, date) = event.split_once("\"eventTime\":\"").expect("its time");
    let (year, month): (u32, u32) = (date[..4].parse().expect("a year"), date[5..7].parse().expect("a month"));
    let before = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    let requests = |(year, month)| {
        let month = format!("{year}-{month:02}");
        let usage = vault.bill(&BillRequest { month, account_id: Some(account.into()), ..Default::default() });
        let usage = usage.expect("a bill").usage.into_iter();
        usage.filter(|usage| usage.item == BillItem::Requests).map(|usage| usage.quantity).sum::<u64>()
    };
    usize::try_from(requests((year, month)) + requests(before)).expect("not so many")
}

/// That the last use of the key is the latest that the trail has, unless that was removed.
fn check_last_usage(vault: &Vault, mode: &str, key: &str) {
    let last = last_usage(&vault.client(), key);
    let request =
        LookupEventsRequest { event_name: Some("Encrypt".into()), max_results: Some(1000), ..Default::default() };
    let uses: Vec<_> = vault.audit_events(request).map(|event| event.expect("an event")).collect();
    let latest = uses.iter().map(|event| event.event_time).max();
    let found = uses.iter().find(|event| Some(&event.event_id) == last.as_ref());
    match found {
        Some(event) => assert_eq!(Some(event.event_time), latest),
        None => assert!(uses.is_empty() && (last.is_none() || mode == KEPT_SHORT), "{mode}: {last:?}"),
    }
}
