//! A vault of very many keys in a file: how long it takes to open, how much memory, and each operation beside the same on a vault
//! of 100 keys, in turns.
//!
//! `cargo bench -p pocketkms-benches --bench many_keys -- 1000000`; 10,000 keys if nothing is said. It fails where the memory of
//! a process that opens the vault and uses it is beyond what was promised.

mod loader;

use loader::load;
use pocketkms::{
    Kms, RootKey, Secret, Vault,
    api::{
        CreateAliasRequest, CreateKeyRequest, DecryptRequest, DescribeKeyRequest, EncryptRequest, ListAliasesRequest,
        ListKeysRequest,
    },
};
use pocketkms_sqlite::VaultFile;
use std::{
    env, fs,
    hint::black_box,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

const FEW: usize = 100;
const MANY: usize = 10_000;
const ROUNDS: usize = 101;
/// What a process may have in memory that opens a vault and uses it, in kibibytes.
const MEMORY: u64 = 100 * 1024;

fn root() -> RootKey {
    RootKey::from_bytes(&[7; 32]).expect("32 bytes")
}

fn open(path: &Path) -> Kms {
    Vault::builder().open_file(path, &root()).expect("the vault").client()
}

/// A vault, and keys of it all over the place.
struct Side {
    kms: Kms,
    ids: Vec<String>,
    /// Keys that were used for the first time, and calls of others.
    new: usize,
    at: usize,
    created: usize,
}

impl Side {
    fn new(path: &Path, ids: Vec<String>) -> Self {
        Self { kms: open(path), ids, new: 0, at: 0, created: 0 }
    }

    /// One of as many keys as the other side has at all, spread over the vault: an app uses some of its keys again and again.
    fn next(&mut self) -> String {
        self.at = (self.at + 1) % FEW;
        self.ids[self.at * (self.ids.len() / FEW)].clone()
    }

    /// A key that was not used before, as long as there is one.
    fn next_new(&mut self) -> String {
        self.new = (self.new + 7919) % self.ids.len();
        self.ids[self.new].clone()
    }

    fn describe(&mut self) {
        let request = DescribeKeyRequest { key_id: self.next(), ..Default::default() };
        black_box(self.kms.describe_key(request).expect("a key"));
    }

    fn describe_new(&mut self) {
        let request = DescribeKeyRequest { key_id: self.next_new(), ..Default::default() };
        black_box(self.kms.describe_key(request).expect("a key"));
    }

    fn encrypt_and_decrypt(&mut self) {
        let request =
            EncryptRequest { key_id: self.next(), plaintext: Secret::from(vec![1; 1024]), ..Default::default() };
        let blob = self.kms.encrypt(request).expect("a ciphertext").ciphertext_blob;
        let request = DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() };
        black_box(self.kms.decrypt(request).expect("a plaintext"));
    }

    fn list(&mut self) {
        black_box(self.kms.list_keys(ListKeysRequest::default()).expect("keys"));
    }

    fn create(&mut self) {
        black_box(self.kms.create_key(CreateKeyRequest::default()).expect("a key"));
    }

    fn name(&mut self) {
        self.created += 1;
        let target_key_id = self.next();
        let alias_name = format!("alias/{}", self.created);
        let request = CreateAliasRequest { alias_name, target_key_id: target_key_id.clone() };
        self.kms.create_alias(request).expect("an alias");
        let request = ListAliasesRequest { key_id: Some(target_key_id), ..Default::default() };
        assert!(!self.kms.list_aliases(request).expect("aliases").aliases.is_empty());
    }
}

/// What is measured: its name, how many calls of it at once, and a call.
type Operation = (&'static str, usize, fn(&mut Side));

/// The median of how much longer an operation takes on the first side than on the second; and its time there.
fn beside(many: &mut Side, few: &mut Side, calls: usize, operation: fn(&mut Side)) -> (f64, f64) {
    let time = |side: &mut Side| {
        let start = Instant::now();
        (0..calls).for_each(|_| operation(side));
        start.elapsed().as_secs_f64()
    };
    let mut times: Vec<_> = (0..ROUNDS).map(|_| (time(many), time(few))).collect();
    times.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (many, few) = times[ROUNDS / 2];
    #[expect(clippy::cast_precision_loss, reason = "at most 100")]
    let calls = calls as f64;
    (many / few, many / calls)
}

/// The most memory that this process ever had, in kibibytes, where the system says so.
fn memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// In a process of its own: opens the vault, uses it, and prints how long the opening took and how much memory all of it.
fn child(path: &Path, ids: &Path) {
    let start = Instant::now();
    let kms = open(path);
    let opened = start.elapsed();
    let ids = fs::read_to_string(ids).expect("the ids");
    let mut side = Side { kms, ids: ids.lines().take(FEW).map(String::from).collect(), new: 0, at: 0, created: 0 };
    (0..FEW).for_each(|_| side.encrypt_and_decrypt());
    side.list();
    println!("{} {}", opened.as_micros(), memory().unwrap_or(0));
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [mode, path, ids] = &*arguments
        && mode == "child"
    {
        return child(Path::new(path), Path::new(ids));
    }
    // What `cargo test --benches` asks for is that this compiles.
    if env::args().any(|argument| argument == "--test") {
        return;
    }
    let many = arguments.first().map_or(MANY, |number| number.parse().expect("a number of keys"));
    let folder = tempfile::tempdir().expect("a temporary directory");
    let place = |name: &str| -> PathBuf { folder.path().join(name) };
    let start = Instant::now();
    let ids = [("many.vault", many), ("few.vault", FEW)].map(|(name, count)| load(&place(name), &root(), count));
    println!("{many} keys loaded in {:.0} s", start.elapsed().as_secs_f64());
    let size = fs::metadata(place("many.vault")).map_or(0, |file| file.len());

    fs::write(place("ids"), ids[0].join("\n")).expect("a file");
    let mut opened = Vec::new();
    let mut most = 0;
    for _ in 0..5 {
        let this = env::current_exe().expect("this program");
        let output =
            Command::new(this).arg("child").args([place("many.vault"), place("ids")]).output().expect("a child");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
        let [time, memory] = &*numbers else { panic!("{}", String::from_utf8_lossy(&output.stderr)) };
        opened.push(*time);
        most = most.max(*memory);
    }
    opened.sort_unstable();

    let [many_ids, few_ids] = ids;
    let (mut large, mut small) = (Side::new(&place("many.vault"), many_ids), Side::new(&place("few.vault"), few_ids));
    println!("\n| {many} keys, {} MiB | |\n|---|---:|", size >> 20);
    println!("| opened in | {} us |", opened[2]);
    println!("| memory of a process that opens and uses it | {} MiB |", most >> 10);
    println!("\n| operation | with {many} keys | beside {FEW} keys |\n|---|---:|---:|");
    let operations: [Operation; 6] = [
        ("DescribeKey", 100, Side::describe),
        ("DescribeKey of a key that is new to the handle", 100, Side::describe_new),
        ("Encrypt and Decrypt of 1 KiB", 50, Side::encrypt_and_decrypt),
        ("ListKeys, a page of 100", 2, Side::list),
        ("CreateKey", 1, Side::create),
        ("CreateAlias and ListAliases of the key", 1, Side::name),
    ];
    for (name, calls, operation) in operations {
        let (ratio, time) = beside(&mut large, &mut small, calls, operation);
        println!("| {name} | {:.1} us | {ratio:.2} |", time * 1e6);
    }
    assert!(most <= MEMORY, "a process that opens the vault takes {most} KiB");
}
