//! A damaged record fails what needs it, and nothing else; what was done without it is reported beside the answer.

use crate::scene::{ALIAS, Scene, reopened};
use pocketkms::{Caller, ErrorKind, Kms, ManualClock, RootKey, Sealed, Vault, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, START, context, create_alias, create_key, decrypt, encrypt, error, explained, root, root_of},
};

/// The same records, of which one has a flipped bit.
fn with_damaged(store: &Shared, name: &str) -> Shared {
    altered(store, name, |bytes| *bytes.last_mut().expect("a tag") ^= 1)
}

fn altered(store: &Shared, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Shared {
    let store = store.copy();
    store.tamper_bytes(name, change);
    store
}

fn open(store: &Shared, days: u32, root: &RootKey) -> Opened {
    let clock = ManualClock::new(START.plus_days(days));
    Vault::builder().clock(clock).open(store.clone(), root).expect("a vault").into()
}

/// The names of records that calls found damaged.
fn found(kms: &Opened) -> Vec<String> {
    let names = |record: pocketkms::DamagedRecord| {
        assert_eq!(record.kind, ErrorKind::RecordCorrupted);
        assert!(record.explanation.contains(&record.name), "{}", record.explanation);
        record.name
    };
    kms.vault.damaged().expect("a store that answers").into_iter().map(names).collect()
}

fn key_name(key: &KeyMetadata) -> String {
    format!("key/us-east-1/{}", key.key_id.replace('-', ""))
}

/// Every record but those that the vault stands on: the header, which everything needs, the generation, which every change
/// needs, and the caller, which opening needs where no one is named.
fn names(scene: &Scene) -> Vec<String> {
    let branch_key = CreateBranchKeyRequest {
        branch_key_identifier: None,
        kms_key_id: scene.other.key_id.clone(),
        encryption_context: None,
    };
    scene.kms.create_branch_key(branch_key).expect("a branch key");
    let mut names = scene.store.names();
    names.retain(|name| !["vault", "generation", "caller"].contains(&&**name));
    for sort in ["alias", "branch-key", "branch-key-version", "deletion", "key", "material", "rotation"] {
        assert!(names.iter().any(|name| name.split('/').next() == Some(sort)), "no record of the sort {sort}");
    }
    names
}

#[test]
fn a_vault_whose_caller_is_damaged_opens_for_one_who_is_named() {
    let scene = Scene::new();
    let store = with_damaged(&scene.store, "caller");
    let builder = || Vault::builder().clock(ManualClock::new(START));
    explained(builder().open(store.clone(), &root()), ErrorKind::RecordCorrupted, &["'caller'"]);
    let caller = Caller::root("000000000000", "us-east-1").expect("a caller");
    let kms = Opened::from(builder().caller(caller).open(store, &root()).expect("a vault"));
    create_key(&kms);
    assert_eq!(decrypt(&kms, &scene.blobs[0].0).expect("a plaintext"), scene.blobs[0].1);
}

#[test]
fn a_vault_whose_generation_is_damaged_can_be_read_and_copied() {
    let scene = Scene::new();
    let store = with_damaged(&scene.store, "generation");
    let kms = reopened(&store);
    assert_eq!(decrypt(&kms, &scene.blobs[0].0).expect("a plaintext"), scene.blobs[0].1);
    encrypt(&kms, &scene.key.key_id, b"more");
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 3);
    kms.vault.snapshot().expect("a snapshot");
    explained(kms.create_key(CreateKeyRequest::default()), ErrorKind::RecordCorrupted, &["'generation'"]);
    assert_eq!(found(&kms), ["generation"]);

    // The host says what time it is, and the vault is whole again, its revision going on from where it was.
    let revision = store.records().into_iter().find(|record| record.name == "generation").expect("it").revision;
    kms.vault.confirm_time().expect("a new generation");
    assert_eq!(found(&kms), Vec::<String>::new());
    assert_eq!(kms.vault.revision().expect("a revision"), revision + 1);
    create_key(&kms);
    kms.vault.shred(&root_of(8)).expect("another root key");
    assert_eq!(decrypt(&open(&store, 0, &root_of(8)), &scene.blobs[0].0).expect("a plaintext"), scene.blobs[0].1);
}

/// The same where the record is not there at all.
#[test]
fn a_vault_whose_generation_is_gone_can_be_made_whole() {
    let scene = Scene::new();
    let store = scene.copy();
    store.replace(store.records().into_iter().filter(|record| record.name != "generation").collect());
    let kms = reopened(&store);
    assert_eq!(decrypt(&kms, &scene.blobs[0].0).expect("a plaintext"), scene.blobs[0].1);
    kms.vault.snapshot().expect("a snapshot");
    explained(kms.create_key(CreateKeyRequest::default()), ErrorKind::RecordCorrupted, &["'generation'"]);
    explained(kms.vault.shred(&root_of(8)), ErrorKind::RecordCorrupted, &["'generation'"]);

    kms.vault.confirm_time().expect("a new generation");
    assert_eq!(kms.vault.revision().expect("a revision"), 1);
    create_key(&kms);
    kms.vault.shred(&root_of(8)).expect("another root key");
    assert_eq!(decrypt(&open(&store, 0, &root_of(8)), &scene.blobs[0].0).expect("a plaintext"), scene.blobs[0].1);
}

/// What a newer version wrote there stays.
#[test]
fn a_generation_of_a_newer_version_is_not_replaced() {
    let scene = Scene::new();
    let store = altered(&scene.store, "generation", |bytes| {
        bytes[1] = 2;
        *bytes.last_mut().expect("a tag") ^= 1;
    });
    let before = store.records();
    let opened = Vault::builder().clock(ManualClock::new(START)).open(store.clone(), &root());
    assert_eq!(error(opened).kind(), ErrorKind::UnsupportedVersion);
    assert_eq!(store.records(), before);
}

#[test]
fn no_damaged_record_stops_a_list() {
    let scene = Scene::new();
    for name in names(&scene) {
        let store = with_damaged(&scene.store, &name);
        let kms = reopened(&store);
        let keys = kms.list_keys(ListKeysRequest::default()).expect("a list of keys").keys;
        assert_eq!(keys.len(), if name.starts_with("key/") { 2 } else { 3 }, "{name}");
        let aliases = kms.list_aliases(ListAliasesRequest::default()).expect("a list of aliases").aliases;
        assert_eq!(aliases.len(), usize::from(!name.starts_with("alias/")), "{name}");
        let branch_keys = kms.list_branch_keys(ListBranchKeysRequest::default()).expect("a list").branch_keys;
        assert_eq!(branch_keys.len(), usize::from(!name.starts_with("branch-key/")), "{name}");
        let key_id = scene.key.key_id.clone();
        if name != key_name(&scene.key) {
            let request = ListKeyRotationsRequest { key_id, ..Default::default() };
            let rotations = kms.list_key_rotations(request).expect("a list of rotations").rotations;
            // The first material came with the key, and is not listed.
            let of_key = format!("rotation/us-east-1/{}/", scene.key.key_id.replace('-', ""));
            let damaged = name.starts_with(&of_key) && !name.ends_with("/00000000");
            assert_eq!(rotations.len(), if damaged { 2 } else { 3 }, "{name}");
        }
        // What was left out is reported, and nothing else.
        let listed = ["key/", "alias/", "branch-key/"].iter().any(|sort| name.starts_with(sort));
        if listed {
            assert_eq!(found(&kms), [&*name]);
        }
        let verified = kms.vault.verify().expect("a store that answers");
        assert_eq!(verified.into_iter().map(|record| record.name).collect::<Vec<_>>(), [name]);
    }
}

#[test]
fn no_damaged_record_stops_a_snapshot_or_another_root_key() {
    let scene = Scene::new();
    // Among them one whose flipped bit makes it look like one of another version.
    let mut names = names(&scene);
    names.insert(0, key_name(&scene.key));
    for (number, name) in names.into_iter().enumerate() {
        let store = match number {
            0 => altered(&scene.store, &name, |bytes| bytes[1] ^= 4),
            _ => with_damaged(&scene.store, &name),
        };
        let before = store.records().into_iter().find(|record| record.name == name);
        let kms = reopened(&store);
        let snapshot = kms.vault.snapshot().expect("a snapshot");
        kms.vault.shred(&root_of(9)).expect("another root key");
        kms.vault.shred(&root_of(8)).expect("yet another root key");
        assert_eq!(found(&kms), [&*name], "reported beside the answer");
        // As it was, so that it stays damaged; but for the version, which would look like a newer one's afterwards.
        let after = store.records().into_iter().find(|record| record.name == name);
        assert!(number == 0 || after == before, "{name} is not as it was");

        let clock = || Vault::builder().clock(ManualClock::new(START));
        let copy = Opened::from(clock().open_snapshot(&snapshot, &root()).expect("a snapshot"));
        let rekeyed = open(&store, 0, &root_of(8));
        let rekeyed_copy = clock().open_snapshot(&kms.vault.snapshot().expect("a snapshot"), &root_of(8));
        let rekeyed_copy = Opened::from(rekeyed_copy.expect("a snapshot"));
        for kms in [kms, copy, rekeyed, rekeyed_copy] {
            let verified = kms.vault.verify().expect("a store that answers");
            assert_eq!(verified.into_iter().map(|record| record.name).collect::<Vec<_>>(), [&*name]);
            for (blob, plaintext) in &scene.blobs {
                match decrypt(&kms, blob) {
                    Ok(decrypted) => assert_eq!(decrypted, *plaintext),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::RecordCorrupted);
                        assert!(name.starts_with("key/") || name.starts_with("material/"), "{name}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_damaged_elsewhere_keeps_no_due_key_alive() {
    let scene = Scene::new();
    let digits = scene.going.key_id.replace('-', "");
    create_alias(&reopened(&scene.store), "alias/going", &create_key(&scene.kms).key_id);
    for name in names(&scene).into_iter().filter(|name| *name != key_name(&scene.going)) {
        let store = with_damaged(&scene.store, &name);
        let kms = open(&store, 31, &root());
        let snapshot = kms.vault.snapshot().expect("a snapshot");
        let left: Vec<_> = store.names().into_iter().filter(|name| name.contains(&digits)).collect();
        assert!(left.is_empty(), "{name}: {left:?}");
        let copy = Opened::from(
            Vault::builder().clock(ManualClock::new(START)).open_snapshot(&snapshot, &root()).expect("a snapshot"),
        );
        let request = DescribeKeyRequest { key_id: scene.going.key_id.clone(), ..Default::default() };
        assert_eq!(error(copy.describe_key(request)).kind(), ErrorKind::NotFound);
    }
}

/// The alias of a key that goes, goes with it, whatever became of the alias's record.
#[test]
fn a_damaged_alias_goes_with_its_key() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in(store.clone(), &root()).expect("a vault"));
    let (going, kept) = (create_key(&kms).key_id, create_key(&kms).key_id);
    create_alias(&kms, "alias/going", &going);
    create_alias(&kms, "alias/kept", &kept);
    create_alias(&kms, "alias/moved", &going);
    let request = UpdateAliasRequest { alias_name: "alias/moved".into(), target_key_id: kept };
    kms.update_alias(request).expect("an alias that moved");
    kms.schedule_key_deletion(ScheduleKeyDeletionRequest { key_id: going, pending_window_in_days: None })
        .expect("a key to delete");
    for alias in ["going", "moved"] {
        store.tamper_bytes(&format!("alias/000000000000/us-east-1/alias/{alias}"), |bytes| bytes.truncate(10));
    }
    clock.advance_days(31);
    kms.vault.snapshot().expect("a snapshot");
    let aliases: Vec<_> = store.names().into_iter().filter(|name| name.starts_with("alias/")).collect();
    let left = ["kept", "moved"].map(|alias| format!("alias/000000000000/us-east-1/alias/{alias}"));
    assert_eq!(aliases, left);
    // The one that went is no news any more.
    assert_eq!(found(&kms), Vec::<String>::new());
    kms.vault.verify().expect("a store that answers");
    assert_eq!(found(&kms), [&*left[1]]);
}

/// A key that is damaged itself cannot be deleted: whether it still should is written in it. It stops no one else, and its
/// deletion can be cancelled by no one either.
#[test]
fn a_damaged_key_that_should_go_stops_no_one() {
    let scene = Scene::new();
    let name = key_name(&scene.going);
    let store = with_damaged(&scene.store, &name);
    let kms = open(&store, 31, &root());
    for _ in 0..2 {
        let (blob, plaintext) = &scene.blobs[0];
        assert_eq!(decrypt(&kms, blob).expect("a whole key"), *plaintext);
        encrypt(&kms, &scene.other.key_id, b"more");
        assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 2);
    }
    let snapshot = kms.vault.snapshot().expect("a snapshot");
    assert_eq!(found(&kms), [&*name]);
    let describe = DescribeKeyRequest { key_id: scene.going.key_id.clone(), ..Default::default() };
    assert_eq!(error(kms.describe_key(describe.clone())).kind(), ErrorKind::RecordCorrupted);

    // Put back from a copy, it goes, too.
    let mended = store.copy();
    let kms_of_mended = open(&mended, 31, &root());
    let list = |kms: &Opened| kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len();
    assert_eq!(list(&kms_of_mended), 2);
    let whole = scene.store.records().into_iter().find(|record| record.name == name).expect("a copy");
    mended.tamper(&name, |record| *record = whole);
    assert_eq!(list(&kms_of_mended), 2);
    assert!(!mended.names().contains(&name));

    // Another that falls due meanwhile goes all the same.
    let later = scene.other.key_id.clone();
    let request = ScheduleKeyDeletionRequest { key_id: later.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("a key to delete");
    let kms = open(&store, 31 + 8, &root());
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 1);
    let copy = Opened::from(
        Vault::builder().clock(ManualClock::new(START)).open_snapshot(&snapshot, &root()).expect("a snapshot"),
    );
    assert_eq!(error(copy.describe_key(describe)).kind(), ErrorKind::RecordCorrupted);
}

#[test]
fn a_record_that_was_put_back_is_damaged_no_more() {
    let scene = Scene::new();
    let name = key_name(&scene.key);
    let store = with_damaged(&scene.store, &name);
    let kms = reopened(&store);
    assert_eq!(found(&kms), Vec::<String>::new(), "nothing was read yet");
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 2);
    assert_eq!(found(&kms), [&*name]);
    store.replace(scene.store.records());
    assert_eq!(found(&kms), Vec::<String>::new());
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 3);
    assert!(kms.vault.verify().expect("a store that answers").is_empty());
}

/// A page that would be all of damaged records is filled from after them.
#[test]
fn pages_run_over_damaged_records() {
    let store = Shared::new();
    let kms = Opened::from(
        Vault::builder().clock(ManualClock::new(START)).create_in(store.clone(), &root()).expect("a vault"),
    );
    let mut keys: Vec<_> = (0..12).map(|_| create_key(&kms)).collect();
    keys.sort_by_key(|key| key.key_id.replace('-', ""));
    for key in &keys[1..9] {
        store.tamper_bytes(&key_name(key), |bytes| bytes.truncate(3));
    }
    let (mut listed, mut marker) = (Vec::new(), None);
    loop {
        let page = kms.list_keys(ListKeysRequest { limit: Some(2), marker, ..Default::default() }).expect("a page");
        assert_eq!(page.truncated, page.next_marker.is_some());
        listed.extend(page.keys.into_iter().map(|key| key.key_id));
        marker = page.next_marker;
        if marker.is_none() {
            break;
        }
    }
    let whole: Vec<_> = [&keys[..1], &keys[9..]].concat().into_iter().map(|key| key.key_id).collect();
    assert_eq!(listed, whole);
    assert_eq!(found(&kms).len(), 8);
}

/// What a newer version wrote cannot be sealed under another vault key by this one, and would be lost.
#[test]
fn another_root_key_waits_for_the_version_that_wrote_a_record() {
    let scene = Scene::new();
    let store = scene.copy();
    let name = key_name(&scene.key);
    store.tamper(&name, |record| record.value = Sealed::from_stored(&[b"R\x02".as_slice(), &[7; 200]].concat()));
    let before = store.records();
    let kms = reopened(&store);
    assert_eq!(error(kms.vault.shred(&root_of(8))).kind(), ErrorKind::UnsupportedVersion);
    assert_eq!(store.records(), before);
    assert_eq!(kms.list_keys(ListKeysRequest::default()).expect("a list").keys.len(), 2);
    kms.vault.snapshot().expect("a snapshot");
}

/// What a damaged alias named is lost; its name can be had back by a caller that may delete it.
#[test]
fn a_damaged_alias_can_be_deleted_and_made_again() {
    let scene = Scene::new();
    let record = format!("alias/000000000000/us-east-1/{ALIAS}");
    let store = with_damaged(&scene.store, &record);
    let kms = open(&store, 0, &root());
    let create = |kms: &Opened, key: &KeyMetadata| {
        let (alias_name, target_key_id) = (ALIAS.into(), key.key_id.clone());
        kms.create_alias(CreateAliasRequest { alias_name, target_key_id })
    };
    let delete = |kms: &Kms| kms.delete_alias(DeleteAliasRequest { alias_name: ALIAS.into() });
    assert_eq!(error(create(&kms, &scene.other)).kind(), ErrorKind::RecordCorrupted);
    let eve = kms.vault.client_as(Caller::root("111122223333", "us-east-1").expect("a caller"));
    assert_eq!(error(delete(&eve)).kind(), ErrorKind::NotFound);
    assert!(store.names().contains(&record));

    delete(&kms).expect("the caller's own alias");
    assert!(!store.names().contains(&record));
    assert_eq!(found(&kms), Vec::<String>::new());
    create(&kms, &scene.other).expect("a name that is free");
    // The key that it named has forgotten it, and takes it along no more.
    let request = ScheduleKeyDeletionRequest { key_id: scene.key.key_id.clone(), pending_window_in_days: Some(7) };
    kms.schedule_key_deletion(request).expect("a key to delete");
    let kms = open(&store, 8, &root());
    let request = DescribeKeyRequest { key_id: ALIAS.into(), ..Default::default() };
    assert_eq!(kms.describe_key(request).expect("the other key").key_metadata.key_id, scene.other.key_id);

    // Where the key is damaged, too, nothing says whose it was: it goes all the same.
    let store = with_damaged(&with_damaged(&scene.store, &record), &key_name(&scene.key));
    delete(&open(&store, 0, &root())).expect("the caller's own alias");
    assert!(!store.names().contains(&record));
}

/// Who moves branch keys deletes the old KMS key afterwards: what was left under it must not look moved.
#[test]
fn branch_keys_are_not_moved_in_part_without_a_word() {
    let scene = Scene::new();
    let create = |id: &str| CreateBranchKeyRequest {
        branch_key_identifier: Some(id.into()),
        kms_key_id: scene.other.key_id.clone(),
        encryption_context: Some(context()),
    };
    for id in ["first", "second"] {
        scene.kms.create_branch_key(create(id)).expect("a branch key");
        scene.kms.rotate_branch_key(RotateBranchKeyRequest { branch_key_identifier: id.into() }).expect("a version");
    }
    let records: Vec<_> = scene.store.names().into_iter().filter(|name| name.starts_with("branch-key")).collect();
    assert_eq!(records.len(), 6);
    for name in records {
        let store = with_damaged(&scene.store, &name);
        let kms = reopened(&store);
        let request = RewrapBranchKeysRequest {
            source_kms_key_id: Some(scene.other.key_id.clone()),
            destination_kms_key_id: Some(scene.key.key_id.clone()),
            ..Default::default()
        };
        explained(kms.rewrap_branch_keys(request.clone()), ErrorKind::RecordCorrupted, &[&*format!("'{name}'")]);
        // All others are moved.
        let moved: Vec<_> = kms.list_branch_keys(ListBranchKeysRequest::default()).expect("a list").branch_keys;
        assert_eq!(moved.len(), if name.starts_with("branch-key/") { 1 } else { 2 }, "{name}");
        assert!(moved.iter().all(|branch_key| branch_key.kms_key_arn == scene.key.arn), "{name}");
        // Put back from a copy, it is moved, too, and the old key is needed no more.
        let whole = scene.store.records().into_iter().find(|record| record.name == name).expect("a copy");
        store.tamper(&name, |record| *record = whole);
        kms.rewrap_branch_keys(RewrapBranchKeysRequest { source_kms_key_id: None, ..request }).expect("all moved");
        kms.disable_key(DisableKeyRequest { key_id: scene.other.key_id.clone() }).expect("an old key");
        assert_eq!(kms.list_branch_keys(ListBranchKeysRequest::default()).expect("a list").branch_keys.len(), 2);
        let versions = store.records().into_iter().filter(|record| record.name.starts_with("branch-key-version/"));
        assert!(versions.into_iter().all(|record| record.revision == 2), "{name}");
    }
}

/// No one was asked whether the caller may use the destination, and there is nothing under it.
#[test]
fn a_branch_key_without_a_readable_version_is_not_moved() {
    let scene = Scene::new();
    let request = CreateBranchKeyRequest { kms_key_id: scene.other.key_id.clone(), ..Default::default() };
    scene.kms.create_branch_key(request).expect("a branch key");
    let version = scene.store.names().into_iter().find(|name| name.starts_with("branch-key-version/"));
    let kms = reopened(&with_damaged(&scene.store, &version.expect("a version")));
    let request =
        RewrapBranchKeysRequest { destination_kms_key_id: Some(scene.key.key_id.clone()), ..Default::default() };
    explained(kms.rewrap_branch_keys(request), ErrorKind::RecordCorrupted, &["branch-key-version/"]);
    let listed = kms.list_branch_keys(ListBranchKeysRequest::default()).expect("a list").branch_keys;
    assert_eq!(listed[0].kms_key_arn, scene.other.arn);
}

/// What a key's rotation needs is damaged: nothing new is encrypted, and everything else goes on.
#[test]
fn a_rotation_that_cannot_be_done_stops_encryption_alone() {
    let store = Shared::volatile();
    let clock = ManualClock::new(START);
    let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in(store.clone(), &root()).expect("a vault"));
    let (key, other) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let blob = encrypt(&kms, &key, b"kept");
    let enable = |days| EnableKeyRotationRequest { key_id: key.clone(), rotation_period_in_days: Some(days) };
    kms.enable_key_rotation(enable(90)).expect("a rotation");
    let secrets = format!("rotation-secret/us-east-1/{}", key.replace('-', ""));
    store.tamper_bytes(&secrets, |bytes| *bytes.last_mut().expect("a tag") ^= 1);
    clock.advance_days(91);

    let encryption = || EncryptRequest { key_id: key.clone(), plaintext: vec![1].into(), ..Default::default() };
    let data_key = || GenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: Some(32), ..Default::default() };
    let move_to = |destination_key_id: &str| ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        source_encryption_context: Some(context()),
        destination_key_id: destination_key_id.into(),
        ..Default::default()
    };
    explained(kms.encrypt(encryption()), ErrorKind::RecordCorrupted, &[&secrets]);
    explained(kms.generate_data_key(data_key()), ErrorKind::RecordCorrupted, &[&secrets]);
    explained(kms.re_encrypt(move_to(&key)), ErrorKind::RecordCorrupted, &[&secrets]);

    assert_eq!(decrypt(&kms, &blob).expect("the plaintext"), b"kept");
    kms.re_encrypt(move_to(&other)).expect("another ciphertext");
    kms.describe_key(DescribeKeyRequest { key_id: key.clone(), ..Default::default() }).expect("the key");
    kms.list_key_rotations(ListKeyRotationsRequest { key_id: key.clone(), ..Default::default() }).expect("a list");
    kms.vault.snapshot().expect("a snapshot");
    assert_eq!(found(&kms), [&*secrets]);

    // A new schedule does not overwrite it, since what other copies encrypted may open by nothing else.
    explained(kms.enable_key_rotation(enable(180)), ErrorKind::RecordCorrupted, &[&secrets]);
    let rotate = || RotateKeyOnDemandRequest { key_id: key.clone() };
    explained(kms.rotate_key_on_demand(rotate()), ErrorKind::RecordCorrupted, &[&secrets]);
    // Without a schedule the key works as before, and does so for good when the record is put back.
    kms.disable_key_rotation(DisableKeyRotationRequest { key_id: key.clone() }).expect("no rotation");
    kms.encrypt(encryption()).expect("a ciphertext");
    kms.rotate_key_on_demand(rotate()).expect("a rotation");
    explained(kms.enable_key_rotation(enable(90)), ErrorKind::RecordCorrupted, &[&secrets]);
    assert_eq!(found(&kms), [&*secrets]);
    store.tamper_bytes(&secrets, |bytes| *bytes.last_mut().expect("a tag") ^= 1);
    kms.enable_key_rotation(enable(90)).expect("a rotation");
    assert_eq!(found(&kms), Vec::<String>::new());
    clock.advance_days(91);
    kms.encrypt(encryption()).expect("a ciphertext under new material");
    assert_eq!(decrypt(&kms, &blob).expect("the plaintext"), b"kept");
}
