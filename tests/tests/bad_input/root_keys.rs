//! Keys that do not fit, and headers of vaults that were altered.

use crate::scene::{Scene, flips};
use pocketkms::{
    Argon2Cost, ErrorKind, PasswordHash, PrimitiveArgon2Cost, PrimitiveError, Provider, Result, RootKey, Sealed, Vault,
};
use pocketkms_tests::{
    format::Wrap,
    store::Shared,
    vault::{Opened, builder, create_key, decrypt, encrypt, error, explained, root, root_of},
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least that is allowed, so that hundreds of attempts take no time.
const COST: Argon2Cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };

fn passphrase(text: &str) -> RootKey {
    RootKey::from_passphrase_with_cost(text.to_owned(), COST).expect("a passphrase")
}

/// Opens what is in a store, and in a snapshot of it.
fn open_both(store: &Shared, snapshot: &[u8], root: &RootKey) -> [Result<Opened>; 2] {
    [Vault::builder().open(store.clone(), root), Vault::builder().open_snapshot(snapshot, root)]
        .map(|opened| opened.map(Opened::from))
}

fn vault(root: &RootKey) -> (Shared, Vec<u8>) {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), root).expect("a vault"));
    create_key(&kms);
    (store, kms.vault.snapshot().expect("a snapshot"))
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
        let wrap = Wrap::read(header.as_bytes());
        for (at, flipped) in flips(header.as_bytes()) {
            let altered = store.copy();
            altered.tamper("vault", |record| record.value = Sealed::from_stored(&flipped));
            let mut altered_snapshot = snapshot.clone();
            altered_snapshot[30..30 + flipped.len()].copy_from_slice(&flipped);
            for result in open_both(&altered, &altered_snapshot, &root) {
                let error = error(result);
                let cost = wrap.parameters.start..wrap.parameters.start + 12;
                let expected: &[ErrorKind] = match at {
                    1 => &[ErrorKind::UnsupportedVersion],
                    // The cost, which is outside of the limits, more than is allowed, or leads to another key.
                    _ if cost.contains(&at) => {
                        &[ErrorKind::RecordCorrupted, ErrorKind::WrongRootKey, ErrorKind::LimitExceeded]
                    }
                    // Another vault or wrap, when it was made, of what kind: then there is another key, or nothing adds up.
                    2..52 => &[ErrorKind::WrongRootKey, ErrorKind::RecordCorrupted],
                    _ if wrap.parameters.contains(&at) || wrap.sealed.contains(&at) => &[ErrorKind::WrongRootKey],
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
        explained(Vault::builder().open(altered, &root()), ErrorKind::RecordCorrupted, &["header was altered"]);
    }
}

#[test]
fn a_header_of_a_later_version_is_named_so() {
    let (store, _) = vault(&root());
    store.tamper_bytes("vault", |bytes| bytes[1] = 2);
    let words = ["the vault has format version 2", "reads 1", "update it"];
    explained(Vault::builder().open(store, &root()), ErrorKind::UnsupportedVersion, &words);
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
fn with_cost(store: &Shared, snapshot: &[u8], fields: &[u8], root: &RootKey) -> [Result<Opened>; 2] {
    static PASSWORD: Counted = Counted(AtomicUsize::new(0));
    let altered = store.copy();
    altered.tamper_bytes("vault", |bytes| bytes[52..64].copy_from_slice(fields));
    let mut altered_snapshot = snapshot.to_vec();
    altered_snapshot[30 + 52..30 + 64].copy_from_slice(fields);
    let builder = || Vault::builder().provider(Provider { password: &PASSWORD, ..Provider::default() });
    let opened = [builder().open(altered, root), builder().open_snapshot(&altered_snapshot, root)];
    assert_eq!(PASSWORD.0.load(Ordering::Relaxed), 0, "a passphrase was hashed");
    opened.map(|opened| opened.map(Opened::from))
}

/// Within what the format allows, the opener says how much it may cost: a forged header does not.
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
    fn argon2id(
        &self,
        passphrase: &[u8],
        salt: &[u8; 16],
        cost: PrimitiveArgon2Cost,
        key: &mut [u8; 32],
    ) -> Result<(), PrimitiveError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Provider::default().password.argon2id(passphrase, salt, cost, key)
    }
}

/// Each at the most that the opener allows for one: a few of them, however the header was forged.
#[test]
fn a_forged_header_costs_a_few_hashes() {
    static PASSWORD: Counted = Counted(AtomicUsize::new(0));
    let (store, _) = vault(&passphrase("correct horse"));
    let header = store.records().into_iter().find(|record| record.name == "vault").expect("a header").value;
    let header = header.as_bytes();
    let (wraps, _) = pocketkms_tests::format::wraps(header);
    let wrap = |number: u8| {
        let mut bytes = header[wraps[0].clone()].to_vec();
        bytes[0] = number;
        bytes
    };
    let list = |count: u8, first: u8| {
        let mut bytes = vec![count];
        (0..count).for_each(|number| bytes.extend(wrap(first + number)));
        bytes
    };
    let tag = [0; 32];
    let rotating = |first: u8, second: u8| {
        [&header[..18], &[0, 0, 0, 2], &list(first, 0)[..], &[1], &[0; 112], &list(second, 100), &tag].concat()
    };
    let steady = |count: u8| [&header[..22], &list(count, 0)[..], &[0], &tag].concat();
    for (bytes, most) in [(steady(5), 5), (steady(6), 0), (steady(17), 0), (rotating(5, 5), 5), (rotating(5, 1), 6)] {
        let store = store.copy();
        store.tamper("vault", |record| record.value = Sealed::from_stored(&bytes));
        let builder = Vault::builder().provider(Provider { password: &PASSWORD, ..Provider::default() });
        let kind = if most == 0 { ErrorKind::RecordCorrupted } else { ErrorKind::WrongRootKey };
        explained(builder.open(store, &passphrase("correct horse")), kind, &[]);
        assert_eq!(PASSWORD.0.swap(0, Ordering::Relaxed), most);
    }
}

/// It takes long on purpose, so once must do.
#[test]
fn a_passphrase_is_hashed_once_for_an_opening() {
    static PASSWORD: Counted = Counted(AtomicUsize::new(0));
    let root = passphrase("correct horse");
    let (store, snapshot) = vault(&root);
    let builder = || Vault::builder().provider(Provider { password: &PASSWORD, ..Provider::default() });
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
    let before = kms.vault.snapshot().unwrap();
    kms.vault.shred(&root_of(8)).unwrap();
    let after = kms.vault.snapshot().unwrap();
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
    assert!(Vault::builder().open_snapshot(&before, &root()).is_ok());
    explained(Vault::builder().open_snapshot(&before, &root_of(8)), ErrorKind::WrongRootKey, &["not this vault's"]);
    scene.is_unharmed();
}

/// What a passphrase was hashed to beforehand opens the vault that it was hashed for, and no other.
#[test]
fn a_derived_key_opens_its_vault_alone() {
    let ((store, snapshot), (_, other)) = (vault(&passphrase("right")), vault(&passphrase("right")));
    let derived = |text: &str, snapshot: Option<&[u8]>| {
        let bytes = passphrase(text).derive(&Provider::default(), snapshot).expect("a derived key");
        RootKey::from_derived(bytes.expose()).expect("a root key")
    };
    for opened in open_both(&store, &snapshot, &derived("right", Some(&snapshot))) {
        opened.expect("the vault");
    }
    for wrong in [derived("wrong", Some(&snapshot)), derived("right", Some(&other)), derived("right", None)] {
        for result in open_both(&store, &snapshot, &wrong) {
            assert_eq!(error(result).kind(), ErrorKind::WrongRootKey);
        }
    }
    // For a vault that is made with it, which the passphrase opens then.
    let (store, snapshot) = vault(&derived("right", None));
    for opened in open_both(&store, &snapshot, &passphrase("right")) {
        opened.expect("the vault");
    }
    assert_eq!(error(RootKey::from_derived(b"short")).kind(), ErrorKind::Validation);
}
