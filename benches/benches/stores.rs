//! Encrypt on each store beside the bare AEAD with key set-up, and how many keys a second a file takes from several threads.
//!
//! `cargo bench -p pocketkms-benches --bench stores`. The calls take turns in one run; quote the ratios, since the times belong to
//! the machine and its mood. What a file takes is bounded by its disk: the time of a bare sync stands beside it.

use pocketkms::{
    Audit, Change, CommitError, Kms, NONCE_LENGTH, Provider, Record, RootKey, Secret, Store, StoreError, Vault,
    api::{CreateKeyRequest, EncryptRequest},
};
use pocketkms_sqlite::SqliteStore;
use std::{
    fs::File,
    hint::black_box,
    io::Write,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

const SIZE: usize = 1024;
const ROUNDS: usize = 301;
const CALLS: u32 = 100;
const SYNCS: usize = 200;
const LONG: Duration = Duration::from_secs(10);

/// A file whose handle looks once a second what others changed.
struct Leased(SqliteStore);

impl Store for Leased {
    fn get(&self, name: &str) -> Result<Option<Record>, StoreError> {
        self.0.get(name)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.0.scan(prefix, after, limit)
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        self.0.commit(changes)
    }

    fn generation(&self) -> Result<u64, StoreError> {
        self.0.generation()
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(1)
    }
}

fn root() -> RootKey {
    RootKey::from_bytes(&[7; 32]).expect("32 bytes")
}

fn sqlite(folder: &Path, name: &str) -> SqliteStore {
    SqliteStore::create(folder.join(name)).expect("a file")
}

fn vault(store: impl Store, audit: Audit) -> Kms {
    Vault::builder().audit(audit).create_in(store, &root()).expect("a vault").client()
}

fn in_memory(audit: Audit) -> Kms {
    Vault::builder().audit(audit).create_in_memory(&root()).expect("a vault").client()
}

/// A call of Encrypt under a new key.
fn encrypt(kms: Kms) -> impl FnMut() {
    let key_id = kms.create_key(CreateKeyRequest::default()).expect("a key").key_metadata.key_id;
    let request = EncryptRequest { key_id, plaintext: Secret::from(vec![1; SIZE]), ..Default::default() };
    move || drop(black_box(kms.execute(black_box(&request)).expect("a ciphertext")))
}

fn bare() -> impl FnMut() {
    let (key, nonce, aead) = ([7; 32], [0; NONCE_LENGTH], Provider::default().aead);
    let plaintext = vec![1; SIZE];
    move || {
        let mut data = black_box(&plaintext).clone();
        let tag = aead.seal(black_box(&key), &nonce, b"", &mut data).expect("sealed");
        drop(black_box((tag, data)));
    }
}

/// A call, and its name.
type Call = (&'static str, Box<dyn FnMut()>);

/// The median and the mean times of a call of each, which take turns. One call in a thousand stores the events of the others, which
/// only the mean shows.
fn in_turns(calls: &mut [Call]) -> Vec<(f64, f64)> {
    let mut times = vec![Vec::with_capacity(ROUNDS); calls.len()];
    for _ in 0..ROUNDS {
        for ((_, call), times) in calls.iter_mut().zip(&mut times) {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            times.push(start.elapsed().as_secs_f64() / f64::from(CALLS));
        }
    }
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    #[expect(clippy::cast_precision_loss, reason = "far fewer")]
    let mean = |times: &Vec<f64>| times.iter().sum::<f64>() / ROUNDS as f64;
    times.iter().map(|times| (times[ROUNDS / 2], mean(times))).collect()
}

fn encrypting(folder: &Path) {
    let mut calls: Vec<Call> = vec![
        ("bare AEAD", Box::new(bare())),
        ("in memory", Box::new(encrypt(in_memory(Audit::default())))),
        ("in memory, no audit", Box::new(encrypt(in_memory(Audit::off())))),
        ("SQLite, a check per call", Box::new(encrypt(vault(sqlite(folder, "checked.vault"), Audit::default())))),
        ("the same, no audit", Box::new(encrypt(vault(sqlite(folder, "checked-off.vault"), Audit::off())))),
        ("SQLite, on a lease", Box::new(encrypt(vault(Leased(sqlite(folder, "leased.vault")), Audit::default())))),
        ("the same, no audit", Box::new(encrypt(vault(Leased(sqlite(folder, "leased-off.vault")), Audit::off())))),
    ];
    let times = in_turns(&mut calls);
    println!("| Encrypt of 1 KiB | a call, median | mean | beside the bare AEAD |\n|---|---:|---:|---:|");
    for ((name, _), (median, mean)) in calls.iter().zip(&times) {
        println!("| {name} | {:.2} us | {:.2} us | {:.2} |", median * 1e6, mean * 1e6, mean / times[0].1);
    }
}

/// How long a file of this disk takes to be synced after a page was written to it.
fn sync(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("synced")).expect("a file");
    let mut times: Vec<_> = (0..SYNCS)
        .map(|_| {
            let start = Instant::now();
            file.write_all(&[0; 4096]).and_then(|()| file.sync_data()).expect("a disk that works");
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[SYNCS / 2]
}

/// How many keys a second so many threads create.
fn creating(kms: &Kms, threads: usize) -> f64 {
    let created = AtomicUsize::new(0);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while start.elapsed() < LONG {
                    kms.create_key(CreateKeyRequest::default()).expect("a key");
                    created.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    #[expect(clippy::cast_precision_loss, reason = "far fewer")]
    let created = created.into_inner() as f64;
    created / start.elapsed().as_secs_f64()
}

fn main() {
    // What `cargo test --benches` asks for is that this compiles.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    encrypting(folder.path());
    let before = sync(folder.path());
    println!("\n| CreateKey in a file | keys a second | of a bare sync's rate |\n|---|---:|---:|");
    for threads in [1, 2, 4, 8, 16] {
        let kms = vault(sqlite(folder.path(), &format!("{threads}.vault")), Audit::default());
        let rate = creating(&kms, threads);
        println!("| {threads} threads | {rate:.0} | {:.2} |", rate * before);
    }
    println!(
        "\nA page is written and synced in {:.2} ms (after it all: {:.2} ms).",
        before * 1e3,
        sync(folder.path()) * 1e3
    );
}
