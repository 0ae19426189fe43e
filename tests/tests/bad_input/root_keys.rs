//! Keys that do not fit, and headers of vaults that were altered.

use crate::scene::{Scene, flips};
use pocketkms::{Argon2Cost, ErrorKind, Kms, PasswordHash, Provider, Result, RootKey, Sealed, SecretArray};
use pocketkms_tests::{
    store::Shared,
    vault::{builder, create_key, decrypt, encrypt, error, explained, root, root_of},
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least that is allowed, so that hundreds of attempts take no time.
const COST: Argon2Cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn passphrase(text: &str) -> RootKey {
    RootKey::from_passphrase_with_cost(text.to_owned(), COST).expect("a passphrase")
}

/// Opens what is in a store, and in a snapshot of it.
fn open_both(store: &Shared, snapshot: &[u8], root: &RootKey) -> [Result<Kms>; 2] {
    [Kms::builder().open(store.clone(), root), Kms::builder().open_snapshot(snapshot, root)]
}

fn vault(root: &RootKey) -> (Shared, Vec<u8>) {
    let store = Shared::new();
    let kms = builder().0.create_in(store.clone(), root).expect("a vault");
    create_key(&kms);
    (store, kms.snapshot().expect("a snapshot"))
}

#[test]
fn a_wrong_root_key_opens_nothing() {
    let (store, snapshot) = vault(&root());
    let mut almost = [7; 32];
    almost[31] ^= 1;
    for wrong in [RootKey::from_bytes(&almost).unwrap(), root_of(8), root_of(0)] {
        for result in open_both(&store, &snapshot, &wrong) {
            explained(result, ErrorKind::WrongRootKey, &["root key or passphrase is not this vault's"]);
        }
    }
    assert!(open_both(&store, &snapshot, &root()).iter().all(Result::is_ok));
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let (store, snapshot) = vault(&passphrase("correct horse"));
    for wrong in ["Correct horse", "correct horse ", "correct hors", "correct horse\0", "corr\u{435}ct horse"] {
        for result in open_both(&store, &snapshot, &passphrase(wrong)) {
            explained(result, ErrorKind::WrongRootKey, &["root key or passphrase is not this vault's"]);
        }
    }
    // The vault's own cost counts, not the one that is given.
    let dearer = Argon2Cost { memory_kib: 64, passes: 2, lanes: 1 };
    let dearer = RootKey::from_passphrase_with_cost("correct horse".to_owned(), dearer).unwrap();
    assert!(open_both(&store, &snapshot, &dearer).iter().all(Result::is_ok));
}

#[test]
fn a_passphrase_for_raw_bytes_is_named_so() {
    let (store, snapshot) = vault(&root());
    for result in open_both(&store, &snapshot, &passphrase("correct horse")) {
        let words = ["sealed with 32 raw bytes", "a passphrase was given"];
        explained(result, ErrorKind::WrongRootKey, &words);
    }
    let (store, snapshot) = vault(&passphrase("correct horse"));
    for result in open_both(&store, &snapshot, &root()) {
        let words = ["sealed with a passphrase", "raw bytes were given"];
        explained(result, ErrorKind::WrongRootKey, &words);
    }
}

#[test]
fn what_is_no_root_key() {
    for length in [0, 1, 16, 31, 33, 64] {
        let words = [&*format!("32 bytes, not {length}")];
        explained(RootKey::from_bytes(&vec![1; length]), ErrorKind::Validation, &words);
    }
    explained(RootKey::from_passphrase(Vec::new()), ErrorKind::Validation, &["passphrase is empty"]);
    let cost = Argon2Cost { memory_kib: u32::MAX, passes: 1, lanes: 1 };
    let root = RootKey::from_passphrase_with_cost(b"x".to_vec(), cost);
    explained(root, ErrorKind::Validation, &["Argon2id cost", "outside the limits"]);
}

/// Every bit of the header, in the store and in the snapshot.
#[test]
fn an_altered_header_is_refused() {
    // More than the cost that `passphrase` has is refused unpaid.
    let modest = Argon2Cost { memory_kib: 4096, passes: 8, lanes: 4 };
    for root in [root(), passphrase("correct horse").with_max_cost(modest).expect("a limit")] {
        let (store, snapshot) = vault(&root);
        let header = store.records().into_iter().find(|record| record.name == "vault").expect("a header").value;
        for (at, flipped) in flips(header.as_bytes()) {
            let altered = store.copy();
            altered.tamper("vault", |record| record.value = Sealed::from_stored(&flipped));
            let mut altered_snapshot = snapshot.clone();
            altered_snapshot[26..185].copy_from_slice(&flipped);
            for result in open_both(&altered, &altered_snapshot, &root) {
                let error = error(result);
                let expected: &[ErrorKind] = match at {
                    1 => &[ErrorKind::UnsupportedVersion],
                    // What kind of root key it is; the cost, which is outside of the limits, more than is allowed, or leads
                    // to another key.
                    18..31 => &[ErrorKind::RecordCorrupted, ErrorKind::WrongRootKey, ErrorKind::LimitExceeded],
                    // Up to the commitment another key comes of it; after it the tag tells, before it the first byte.
                    2..18 | 31..111 => &[ErrorKind::WrongRootKey],
                    _ => &[ErrorKind::RecordCorrupted],
                };
                assert!(expected.contains(&error.kind()), "byte {at}: {error}");
                assert!(error.message().len() > 20, "byte {at}: {error}");
            }
        }
        assert!(open_both(&store, &snapshot, &root).iter().all(Result::is_ok));
    }
}

#[test]
fn a_header_that_ends_early_or_late_is_refused() {
    let (store, _) = vault(&root());
    let header = store.records().into_iter().find(|record| record.name == "vault").expect("a header").value;
    let header = header.as_bytes();
    for bytes in (0..header.len()).map(|length| header[..length].to_vec()).chain([[header, &[0]].concat()]) {
        let altered = store.copy();
        altered.tamper("vault", |record| record.value = Sealed::from_stored(&bytes));
        explained(Kms::builder().open(altered, &root()), ErrorKind::RecordCorrupted, &["header was altered"]);
    }
}

#[test]
fn a_header_of_a_later_version_is_named_so() {
    let (store, _) = vault(&root());
    store.tamper_bytes("vault", |bytes| bytes[1] = 2);
    let words = ["the vault has format version 2", "reads 1", "update it"];
    explained(Kms::builder().open(store, &root()), ErrorKind::UnsupportedVersion, &words);
}

/// A forged header must not make its reader work for hours or allocate terabytes.
#[test]
fn an_absurd_cost_is_refused_before_it_costs_anything() {
    let root = passphrase("correct horse");
    let (store, snapshot) = vault(&root);
    for (memory, passes, lanes) in [
        (u32::MAX, 1, 1),
        (Argon2Cost::MAX_MEMORY_KIB + 1, 1, 1),
        (8, u32::MAX, 1),
        (8, Argon2Cost::MAX_PASSES + 1, 1),
        (u32::MAX, u32::MAX, u32::MAX),
        (1024, 1, Argon2Cost::MAX_LANES + 1),
        (8, 0, 1),
        (8, 1, 0),
        (0, 0, 0),
        (7, 1, 1),
    ] {
        let mut fields = Vec::new();
        for number in [memory, passes, lanes] {
            fields.extend_from_slice(&u32::to_be_bytes(number));
        }
        for result in with_cost(&store, &snapshot, &fields, &root) {
            let words = ["Argon2id cost", "outside the limits"];
            explained(result, ErrorKind::RecordCorrupted, &words);
        }
    }
}

/// What comes of opening the vault and its snapshot with another cost in the header. Panics where that costs anything.
fn with_cost(store: &Shared, snapshot: &[u8], fields: &[u8], root: &RootKey) -> [Result<Kms>; 2] {
    static PASSWORD: Counted = Counted(AtomicUsize::new(0));
    let altered = store.copy();
    altered.tamper_bytes("vault", |bytes| bytes[19..31].copy_from_slice(fields));
    let mut altered_snapshot = snapshot.to_vec();
    altered_snapshot[26 + 19..26 + 31].copy_from_slice(fields);
    let builder = || Kms::builder().provider(Provider { password: &PASSWORD, ..Provider::default() });
    let opened = [builder().open(altered, root), builder().open_snapshot(&altered_snapshot, root)];
    assert_eq!(PASSWORD.0.load(Ordering::Relaxed), 0, "a passphrase was hashed");
    opened
}

/// Within what the format allows, whoever opens says how much it may cost: a forged header does not.
#[test]
fn a_cost_above_the_limit_of_the_opener_is_refused_before_it_costs_anything() {
    let default = passphrase("correct horse");
    let (store, snapshot) = vault(&default);
    let fields = |cost: [u32; 3]| cost.map(u32::to_be_bytes).concat();
    for cost in [[1 << 20, 32, 16], [(256 << 10) + 1, 1, 1], [8, 11, 1]] {
        for result in with_cost(&store, &snapshot, &fields(cost), &default) {
            let [memory, passes, lanes] = cost;
            let asked = format!("asks for an Argon2id cost of {memory} KiB, {passes} passes and {lanes} lanes");
            let words = [&*asked, "allows 262144 KiB, 10 passes and 16 lanes", "Raise its limit"];
            explained(result, ErrorKind::LimitExceeded, &words);
        }
    }
    let modest = Argon2Cost { memory_kib: 100, passes: 3, lanes: 2 };
    let strict = passphrase("correct horse").with_max_cost(modest).expect("a limit");
    for cost in [[101, 3, 2], [100, 4, 2], [100, 3, 3]] {
        for result in with_cost(&store, &snapshot, &fields(cost), &strict) {
            explained(result, ErrorKind::LimitExceeded, &["allows 100 KiB, 3 passes and 2 lanes"]);
        }
    }
    let absurd = Argon2Cost { memory_kib: u32::MAX, ..modest };
    explained(passphrase("x").with_max_cost(absurd), ErrorKind::Validation, &["outside the limits"]);
    // What a root key makes, it opens.
    let costly = Argon2Cost { memory_kib: 8, passes: 12, lanes: 1 };
    let costly = RootKey::from_passphrase_with_cost(b"correct horse".to_vec(), costly).expect("a root key");
    let (store, snapshot) = vault(&costly);
    assert!(open_both(&store, &snapshot, &costly).iter().all(Result::is_ok));
    let raised = Argon2Cost { passes: 12, ..RootKey::DEFAULT_MAX_COST };
    let raised = passphrase("correct horse").with_max_cost(raised).expect("a limit");
    assert!(open_both(&store, &snapshot, &raised).iter().all(Result::is_ok));
    for result in open_both(&store, &snapshot, &passphrase("correct horse")) {
        explained(result, ErrorKind::LimitExceeded, &["12 passes"]);
    }
}

/// Counts how often it is asked.
struct Counted(AtomicUsize);

impl PasswordHash for Counted {
    fn argon2id(&self, passphrase: &[u8], salt: &[u8; 16], cost: Argon2Cost) -> Result<SecretArray<32>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Provider::default().password.argon2id(passphrase, salt, cost)
    }
}

/// It takes long on purpose, so once must do.
#[test]
fn a_passphrase_is_hashed_once_for_an_opening() {
    static PASSWORD: Counted = Counted(AtomicUsize::new(0));
    let root = passphrase("correct horse");
    let (store, snapshot) = vault(&root);
    let builder = || Kms::builder().provider(Provider { password: &PASSWORD, ..Provider::default() });
    builder().open(store, &root).unwrap();
    assert_eq!(PASSWORD.0.swap(0, Ordering::Relaxed), 1);
    builder().open_snapshot(&snapshot, &root).unwrap();
    assert_eq!(PASSWORD.0.swap(0, Ordering::Relaxed), 1);
}

#[test]
fn a_replaced_root_key_opens_nothing_any_more() {
    let scene = Scene::new();
    let store = scene.copy();
    let kms = crate::scene::reopened(&store);
    let before = kms.snapshot().unwrap();
    kms.change_root_key(&root_of(8)).unwrap();
    let after = kms.snapshot().unwrap();
    for result in open_both(&store, &after, &root()) {
        explained(result, ErrorKind::WrongRootKey, &["not this vault's"]);
    }
    for result in open_both(&store, &after, &root_of(8)) {
        let kms = result.unwrap();
        for (blob, plaintext) in &scene.blobs {
            assert_eq!(decrypt(&kms, blob).unwrap(), *plaintext);
        }
        encrypt(&kms, &scene.key.key_id, b"more");
    }
    // As documented: who keeps an old snapshot and the old root key keeps what was in it.
    assert!(Kms::builder().open_snapshot(&before, &root()).is_ok());
    explained(Kms::builder().open_snapshot(&before, &root_of(8)), ErrorKind::WrongRootKey, &["not this vault's"]);
    scene.is_unharmed();
}
