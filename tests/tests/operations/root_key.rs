//! `Vault::shred` and `Vault::rotate_vault_key`: another vault key, and the data stays.

use super::common::fails_with;
use pocketkms::{Argon2Cost, ErrorKind, RootKey, Vault, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, decrypt, describe, encrypt, explained, root, root_of, vault},
};

/// A passphrase whose hashing takes no time, since the test has no secrets.
fn passphrase(text: &str) -> RootKey {
    let cost = Argon2Cost { memory_kib: 8, passes: 1, lanes: 1 };
    RootKey::from_passphrase_with_cost(text.to_string(), cost).expect("a passphrase")
}

fn open(snapshot: &[u8], root: &RootKey) -> pocketkms::Result<Opened> {
    builder().0.open_snapshot(snapshot, root).map(Opened::from)
}

/// A vault's data, and the proof that it is whole.
struct Data {
    key: KeyMetadata,
    blobs: Vec<Blob>,
}

impl Data {
    fn make(kms: &Opened) -> Self {
        let key_id = create_key(kms).key_id;
        create_alias(kms, "alias/orders", &key_id);
        let tags = vec![Tag { tag_key: "team".into(), tag_value: "shop".into() }];
        kms.tag_resource(TagResourceRequest { key_id: key_id.clone(), tags }).unwrap();
        let blobs = (0..3_u8)
            .map(|number| {
                let blob = encrypt(kms, &key_id, &[number]);
                kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key_id.clone() }).unwrap();
                blob
            })
            .collect();
        Self { key: describe(kms, &key_id), blobs }
    }

    #[track_caller]
    fn is_whole(&self, kms: &Opened) {
        assert_eq!(describe(kms, "alias/orders"), self.key);
        let request = ListResourceTagsRequest { key_id: self.key.key_id.clone(), ..Default::default() };
        assert_eq!(kms.list_resource_tags(request).unwrap().tags[0].tag_value, "shop");
        for (number, blob) in (0_u8..).zip(&self.blobs) {
            assert_eq!(decrypt(kms, blob).unwrap(), [number]);
        }
    }
}

#[test]
fn the_new_root_key_opens_the_vault_and_the_old_one_does_not() {
    let (kms, _) = vault();
    let data = Data::make(&kms);
    let before = kms.vault.snapshot().unwrap();
    kms.vault.shred(&root_of(8)).unwrap();
    data.is_whole(&kms);
    let after = kms.vault.snapshot().unwrap();
    data.is_whole(&open(&after, &root_of(8)).unwrap());
    fails_with(open(&after, &root()), ErrorKind::WrongRootKey, "is not this vault's");

    // What was made before stays as it was: it opens with the old root key, and with that alone.
    data.is_whole(&open(&before, &root()).unwrap());
    fails_with(open(&before, &root_of(8)), ErrorKind::WrongRootKey, "is not this vault's");
}

#[test]
fn a_passphrase_and_raw_bytes_take_turns() {
    let (kms, _) = vault();
    let data = Data::make(&kms);
    kms.vault.shred(&passphrase("correct horse")).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    data.is_whole(&open(&snapshot, &passphrase("correct horse")).unwrap());
    fails_with(open(&snapshot, &root()), ErrorKind::WrongRootKey, "sealed with a passphrase; raw bytes were given");
    fails_with(open(&snapshot, &passphrase("Correct horse")), ErrorKind::WrongRootKey, "is not this vault's");
    // The vault keeps the cost that it was made with, whatever the one who opens it says.
    let costly = RootKey::from_passphrase_with_cost(
        b"correct horse".to_vec(),
        Argon2Cost { memory_kib: 16, passes: 2, lanes: 1 },
    );
    data.is_whole(&open(&snapshot, &costly.unwrap()).unwrap());

    kms.vault.shred(&passphrase("battery staple")).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    data.is_whole(&open(&snapshot, &passphrase("battery staple")).unwrap());
    fails_with(open(&snapshot, &passphrase("correct horse")), ErrorKind::WrongRootKey, "is not this vault's");

    kms.vault.shred(&root()).unwrap();
    let snapshot = kms.vault.snapshot().unwrap();
    data.is_whole(&open(&snapshot, &root()).unwrap());
    fails_with(
        open(&snapshot, &passphrase("battery staple")),
        ErrorKind::WrongRootKey,
        "sealed with 32 raw bytes; a passphrase was given",
    );
}

#[test]
fn every_record_in_the_store_is_resealed() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let data = Data::make(&kms);
    let (before, kept) = (store.records(), store.kept().len());
    kms.vault.shred(&root_of(8)).unwrap();
    let after = store.records();
    assert_eq!(store.kept().len(), kept);
    // Those of the trail, too, to which the shredding has added its own.
    for old in &before {
        let new = after.iter().find(|new| new.name == old.name).unwrap();
        assert_ne!(old.value.as_bytes(), new.value.as_bytes(), "{} is as it was", old.name);
    }
    let reopen = |root: &RootKey| Vault::builder().clock(clock.clone()).open(store.clone(), root).map(Opened::from);
    data.is_whole(&reopen(&root_of(8)).unwrap());
    explained(reopen(&root()), ErrorKind::WrongRootKey, &[]);

    // Also to the same root key: anyone who saw the vault key has no use for it any more.
    kms.vault.rotate_vault_key(&[&root_of(8)]).unwrap();
    let again = store.records();
    assert!(after.iter().zip(&again).all(|(old, new)| old.value.as_bytes() != new.value.as_bytes()));
    data.is_whole(&reopen(&root_of(8)).unwrap());
}

#[test]
fn work_goes_on_after_the_change() {
    let (kms, clock) = vault();
    let data = Data::make(&kms);
    kms.vault.shred(&root_of(8)).unwrap();
    let another = create_key(&kms);
    let blob = encrypt(&kms, &another.key_id, b"later");
    let request = EnableKeyRotationRequest { key_id: another.key_id.clone(), rotation_period_in_days: None };
    kms.enable_key_rotation(request).unwrap();
    clock.advance_days(365);
    assert_ne!(describe(&kms, &another.key_id).current_key_material_id, another.current_key_material_id);
    let opened = open(&kms.vault.snapshot().unwrap(), &root_of(8)).unwrap();
    assert_eq!(decrypt(&opened, &blob).unwrap(), b"later");
    data.is_whole(&opened);
}

#[test]
fn a_root_key_has_32_bytes_and_a_passphrase_at_least_one() {
    for length in [0, 16, 31, 33, 64] {
        let message = format!("a root key has 32 bytes, not {length}");
        fails_with(RootKey::from_bytes(&vec![0; length]), ErrorKind::Validation, &message);
    }
    fails_with(RootKey::from_passphrase(Vec::new()), ErrorKind::Validation, "the passphrase is empty");
    for cost in [
        Argon2Cost { memory_kib: 7, passes: 1, lanes: 1 },
        Argon2Cost { memory_kib: 8, passes: 0, lanes: 1 },
        Argon2Cost { memory_kib: 8, passes: 1, lanes: 0 },
        Argon2Cost { memory_kib: u32::MAX, passes: 1, lanes: 1 },
    ] {
        let refused = RootKey::from_passphrase_with_cost(b"passphrase".to_vec(), cost);
        fails_with(refused, ErrorKind::Validation, "outside the limits");
    }
}
