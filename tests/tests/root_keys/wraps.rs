//! Adding, removing and replacing.

use super::{RemoteKey, Scene, passphrase};
use pocketkms::{ErrorKind, Provider, RootKey, RootKeyKind, Vault, api::CreateKeyRequest};
use pocketkms_tests::{
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, create_key, decrypt, encrypt, explained, root, root_of},
};
use std::sync::atomic::Ordering;

#[test]
fn several_root_keys_open_one_vault() {
    let scene = Scene::new();
    let elsewhere = RemoteKey::default();
    let vault = &scene.kms.vault;
    vault.add_root_key(&root_of(8), "server").unwrap();
    vault.add_root_key(&passphrase("correct horse"), "admin").unwrap();
    vault.add_root_key(&passphrase("battery staple"), "deputy").unwrap();
    vault.add_root_key(&elsewhere.root("arn:aws:kms:key/1"), "AWS").unwrap();
    let recovery = vault.add_recovery_key("safe").unwrap();
    let text = recovery.text.expose();
    for root in [
        root(),
        root_of(8),
        passphrase("correct horse"),
        passphrase("battery staple"),
        elsewhere.root("arn:aws:kms:key/1"),
        RootKey::from_recovery_key(text).unwrap(),
    ] {
        scene.opens(&root);
        let snapshot = vault.snapshot().unwrap();
        let copy = Opened::from(Vault::builder().open_snapshot(&snapshot, &root).unwrap());
        assert_eq!(decrypt(&copy, &scene.blob).unwrap(), b"kept");
    }
    for root in [root_of(9), passphrase("Correct horse"), elsewhere.root("arn:aws:kms:key/2")] {
        explained(scene.open(&root), ErrorKind::WrongRootKey, &[]);
    }

    let infos = vault.root_keys().unwrap();
    let described: Vec<_> = infos.iter().map(|info| (info.kind, &*info.label, info.opened, info.in_use)).collect();
    let of = |kind, label, in_use| (kind, label, true, in_use);
    assert_eq!(
        described,
        [
            of(RootKeyKind::Bytes, "", true),
            of(RootKeyKind::Bytes, "server", false),
            of(RootKeyKind::Passphrase, "admin", false),
            of(RootKeyKind::Passphrase, "deputy", false),
            of(RootKeyKind::Callback, "AWS", false),
            of(RootKeyKind::Recovery, "safe", false),
        ]
    );
    assert_eq!(infos[5].id, recovery.id);
    assert_eq!(infos[4].name.as_deref(), Some("arn:aws:kms:key/1"));
    assert_eq!(infos.iter().map(|info| info.cost.map(|cost| cost.memory_kib)).collect::<Vec<_>>()[2..4], [Some(8); 2]);
    assert!(infos.iter().all(|info| info.created == pocketkms_tests::vault::START));
}

/// Whatever the vault holds: no record but the header is touched, and those that each commit writes.
#[test]
fn a_root_key_comes_and_goes_in_small_commits() {
    let scene = Scene::new();
    for _ in 0..20 {
        create_key(&scene.kms);
    }
    let before = scene.store.kept();
    let id = scene.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    let id = scene.kms.vault.replace_root_key(&id, &passphrase("third")).unwrap();
    scene.kms.vault.remove_root_key(&id).unwrap();
    let after = scene.store.kept();
    let changed = before.iter().zip(&after).filter(|(old, new)| old != new).map(|(_, new)| &*new.name);
    assert_eq!(changed.collect::<Vec<_>>(), ["vault"]);
    for root in [root_of(8), passphrase("third")] {
        explained(scene.open(&root), ErrorKind::WrongRootKey, &[]);
    }
}

#[test]
fn the_last_root_key_that_a_person_can_keep_stays() {
    let scene = Scene::new();
    let vault = &scene.kms.vault;
    let first = scene.id("");
    let words = ["last root key", "add another one first"];
    explained(vault.remove_root_key(&first), ErrorKind::LastRootKey, &words);
    // One that another's service must unwrap does not count: that may be gone one day.
    let elsewhere = RemoteKey::default();
    let callback = vault.add_root_key(&elsewhere.root("hsm"), "HSM").unwrap();
    explained(vault.remove_root_key(&first), ErrorKind::LastRootKey, &words);
    let before = scene.store.records();
    explained(vault.replace_root_key(&first, &elsewhere.root("hsm 2")), ErrorKind::LastRootKey, &words);
    assert_eq!(scene.store.records(), before);
    let recovery = vault.add_recovery_key("").unwrap();
    vault.remove_root_key(&first).unwrap();
    explained(vault.remove_root_key(&recovery.id), ErrorKind::LastRootKey, &words);
    vault.remove_root_key(&callback).unwrap();
    for unknown in [&*first, "", "00", "no id at all"] {
        explained(vault.remove_root_key(unknown), ErrorKind::NotFound, &["no root key of that id"]);
        explained(vault.replace_root_key(unknown, &root()), ErrorKind::NotFound, &["no root key of that id"]);
    }
}

/// A key elsewhere that wraps and does not unwrap would be a way out of the vault only.
#[test]
fn a_root_key_counts_when_it_has_opened_the_vault() {
    let scene = Scene::new();
    let elsewhere = RemoteKey::default();
    for refusal in [&elsewhere.refuses_to_wrap, &elsewhere.refuses_to_unwrap] {
        refusal.store(true, Ordering::Relaxed);
        let before = scene.store.records();
        let added = scene.kms.vault.add_root_key(&elsewhere.root("hsm"), "");
        explained(added, ErrorKind::KeyUnavailable, &["elsewhere: out of order"]);
        assert_eq!(scene.store.records(), before);
        let created = builder().0.create_in_memory(&elsewhere.root("hsm"));
        explained(created, ErrorKind::KeyUnavailable, &["elsewhere: out of order"]);
        refusal.store(false, Ordering::Relaxed);
    }
    scene.kms.vault.add_root_key(&elsewhere.root("hsm"), "").unwrap();
    elsewhere.refuses_to_unwrap.store(true, Ordering::Relaxed);
    explained(scene.open(&elsewhere.root("hsm")), ErrorKind::KeyUnavailable, &["elsewhere: out of order"]);
    scene.opens(&root());
}

/// The second commit of an addition says that it was opened.
#[test]
fn the_rest_of_an_addition_that_failed_does_not_count() {
    let faulty = Faulty::new(Shared::new());
    let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).unwrap());
    let first = kms.vault.root_keys().unwrap().remove(0).id;
    faulty.plan(Fault::CommitRefused, 1);
    explained(kms.vault.add_root_key(&root_of(8), "second"), ErrorKind::Store, &[]);
    faulty.recover();
    let infos = kms.vault.root_keys().unwrap();
    assert_eq!(infos.iter().map(|info| info.opened).collect::<Vec<_>>(), [true, false]);
    explained(kms.vault.remove_root_key(&first), ErrorKind::LastRootKey, &[]);
    // It opens the vault all the same, and counts from then on.
    let second = Opened::from(builder().0.open(faulty.clone(), &root_of(8)).unwrap());
    assert!(second.vault.root_keys().unwrap()[1].opened);
    kms.vault.remove_root_key(&first).unwrap();
    explained(builder().0.open(faulty, &root()), ErrorKind::WrongRootKey, &[]);
}

#[test]
fn labels_and_numbers_are_bounded() {
    let scene = Scene::new();
    let vault = &scene.kms.vault;
    vault.add_root_key(&root_of(8), &"ü".repeat(64)).unwrap();
    for label in ["x".repeat(129), "two\nlines".into(), "ü".repeat(65)] {
        explained(vault.add_root_key(&root_of(9), &label), ErrorKind::Validation, &["at most 128 bytes"]);
    }
    for name in [String::new(), "x".repeat(257)] {
        let root = RootKey::from_callback(&name, RemoteKey::default());
        explained(root, ErrorKind::Validation, &["1 to 256 bytes"]);
    }
    for number in 0..4 {
        vault.add_root_key(&passphrase(&format!("passphrase {number}")), &format!("{number}")).unwrap();
    }
    let words = ["at most 4 root keys of a vault are passphrases"];
    explained(vault.add_root_key(&passphrase("fifth"), ""), ErrorKind::LimitExceeded, &words);
    let second = scene.id("");
    explained(vault.replace_root_key(&second, &passphrase("fifth")), ErrorKind::LimitExceeded, &words);
    for number in 6..16 {
        vault.add_root_key(&root_of(100 + number), &format!("{number}")).unwrap();
    }
    explained(vault.add_root_key(&root_of(9), ""), ErrorKind::LimitExceeded, &["at most 16 root keys"]);
    scene.opens(&root_of(115));
    // One takes the place of another all the same.
    vault.replace_root_key(&scene.id("2"), &passphrase("fifth")).unwrap();
    vault.replace_root_key(&scene.id("15"), &root_of(9)).unwrap();
    for root in [passphrase("fifth"), root_of(9), passphrase("passphrase 3")] {
        scene.opens(&root);
    }
    explained(scene.open(&passphrase("passphrase 2")), ErrorKind::WrongRootKey, &[]);
}

#[test]
fn a_new_root_key_is_random_and_can_be_kept() {
    let (one, another) =
        (RootKey::generate(&Provider::default()).unwrap(), RootKey::generate(&Provider::default()).unwrap());
    let bytes = one.to_bytes().unwrap();
    assert_eq!(bytes.len(), 32);
    assert!(bytes.expose() != another.to_bytes().unwrap().expose());
    let snapshot = builder().0.create_in_memory(&one).unwrap().snapshot().unwrap();
    builder().0.open_snapshot(&snapshot, &RootKey::from_bytes(bytes.expose()).unwrap()).unwrap();
    for other in [passphrase("x"), RemoteKey::default().root("x")] {
        explained(other.to_bytes(), ErrorKind::Validation, &["32 raw bytes"]);
    }
}

/// Other processes notice at their next change, and go on where their own root key is still there.
#[test]
fn other_processes_follow() {
    let scene = Scene::new();
    scene.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    let (by_first, by_second) = (scene.opens(&root()), scene.opens(&root_of(8)));
    scene.kms.vault.add_root_key(&root_of(9), "third").unwrap();
    create_key(&by_first);
    scene.kms.vault.remove_root_key(&scene.id("second")).unwrap();
    create_key(&by_first);
    let words = ["root key was replaced by another process", "open it again"];
    explained(by_second.create_key(CreateKeyRequest::default()), ErrorKind::WrongRootKey, &words);
    explained(by_second.vault.root_keys(), ErrorKind::WrongRootKey, &words);
    // One that was rotated twice in the meantime.
    for _ in 0..2 {
        scene.kms.vault.rotate_vault_key(&[&root(), &root_of(9)]).unwrap();
    }
    assert_eq!(decrypt(&by_first, &scene.blob).unwrap(), b"kept");
    encrypt(&scene.opens(&root_of(9)), &scene.key, b"more");
    // Of two that change root keys at the same time, both are heard.
    let (one, other) = (scene.opens(&root()), scene.opens(&root_of(9)));
    one.vault.add_root_key(&root_of(10), "").unwrap();
    other.vault.add_root_key(&root_of(11), "").unwrap();
    scene.opens(&root_of(10));
    scene.opens(&root_of(11));
}

/// Who takes away the root key that it was opened by goes on, and replacing it is no interruption at all.
#[test]
fn ones_own_root_key_can_be_taken_away() {
    let scene = Scene::new();
    scene.kms.vault.add_root_key(&root_of(8), "second").unwrap();
    scene.kms.vault.remove_root_key(&scene.id("")).unwrap();
    create_key(&scene.kms);
    assert!(scene.kms.vault.root_keys().unwrap().iter().all(|info| !info.in_use));
    let other = scene.opens(&root_of(8));
    other.vault.replace_root_key(&scene.id("second"), &root_of(9)).unwrap();
    assert!(other.vault.root_keys().unwrap()[0].in_use);
    other.vault.rotate_vault_key(&[&root_of(9)]).unwrap();
    assert_eq!(decrypt(&other, &scene.blob).unwrap(), b"kept");
    assert_eq!(other.vault.root_keys().unwrap()[0].label, "second");
}
