//! What an open handle notices of a store, or a record of it, that was put back from a copy, every seal in order.

use pocketkms::{
    ErrorKind, Record,
    api::{
        CreateKeyRequest, DeleteAliasRequest, DescribeKeyRequest, ListAliasesRequest, UpdateAliasRequest,
        UpdateKeyDescriptionRequest,
    },
};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, describe, error, explained, root},
};

/// A vault, another process that has it open, and a key.
fn scene() -> (Shared, Opened, Opened, String) {
    let store = Shared::new();
    let kms = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let other = open(&store);
    (store, kms, other, key)
}

fn open(store: &Shared) -> Opened {
    builder().0.open(store.clone(), &root()).unwrap().into()
}

fn update_description(kms: &Opened, key: &str, description: &str) {
    let request = UpdateKeyDescriptionRequest { key_id: key.into(), description: description.into() };
    kms.update_key_description(request).unwrap();
}

fn update_alias(kms: &Opened, key: &str) {
    let request = UpdateAliasRequest { alias_name: "alias/one".into(), target_key_id: key.into() };
    kms.update_alias(request).unwrap();
}

fn record_of(key: &str) -> String {
    format!("key/us-east-1/{}", key.replace('-', ""))
}

fn stored(store: &Shared, name: &str) -> Record {
    store.records().into_iter().find(|record| record.name == name).unwrap()
}

#[test]
fn a_store_that_goes_back_is_refused_until_it_is_opened_again() {
    let (store, kms, _, key) = scene();
    let old = store.records();
    update_description(&kms, &key, "new");
    store.replace(old);
    for _ in 0..2 {
        let request = DescribeKeyRequest { key_id: key.clone(), ..Default::default() };
        explained(kms.describe_key(request), ErrorKind::RolledBack, &["older state", "'generation'"]);
        assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::RolledBack);
    }
    // It is the vault of that time, for anyone who opens it then.
    assert_eq!(describe(&open(&store), &key).description, "");
}

#[test]
fn a_store_that_was_put_back_and_changed_since_is_another_one() {
    let (store, kms, _, key) = scene();
    let old = store.records();
    update_description(&kms, &key, "new");
    // What this handle knows best it has read.
    describe(&kms, &key);
    update_description(&open(&store), &key, "newer");
    describe(&kms, &key);
    store.replace(old);
    let other = open(&store);
    for number in 0..5 {
        update_description(&other, &key, &number.to_string());
    }
    let request = DescribeKeyRequest { key_id: key.clone(), ..Default::default() };
    explained(kms.describe_key(request), ErrorKind::RolledBack, &["put back", "names other commits"]);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::RolledBack);
}

#[test]
fn a_record_that_is_put_back_is_named() {
    let (store, kms, other, key) = scene();
    let old = stored(&store, &record_of(&key));
    update_description(&kms, &key, "new");
    describe(&other, &key);
    store.tamper(&old.name, |record| *record = old.clone());
    let words = ["rolled back", &*record_of(&key), "revision 1, and had 2"];
    let request = || DescribeKeyRequest { key_id: key.clone(), ..Default::default() };
    explained(kms.describe_key(request()), ErrorKind::RecordCorrupted, &words);
    // What it has open counts until the vault is changed.
    assert_eq!(describe(&other, &key).description, "new");
    create_key(&kms);
    explained(other.describe_key(request()), ErrorKind::RecordCorrupted, &words);
    for kms in [&kms, &other] {
        let names: Vec<_> = kms.vault.verify().unwrap().into_iter().map(|damaged| damaged.name).collect();
        assert_eq!(names, [record_of(&key)]);
    }
    // No one else's key suffers.
    create_key(&other);
}

#[test]
fn a_list_passes_over_an_alias_that_is_put_back() {
    let (store, kms, _, key) = scene();
    create_alias(&kms, "alias/one", &key);
    create_alias(&kms, "alias/two", &key);
    let name = "alias/000000000000/us-east-1/alias/one";
    let old = stored(&store, name);
    update_alias(&kms, &create_key(&kms).key_id);
    store.tamper(name, |record| *record = old.clone());
    let listed = kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases;
    assert_eq!(listed.into_iter().map(|alias| alias.alias_name).collect::<Vec<_>>(), ["alias/two"]);
    assert_eq!(kms.vault.damaged().unwrap()[0].name, name);
}

/// A record that was deleted and made again begins with revision 1, too.
#[test]
fn what_another_process_made_again_is_not_taken_for_an_old_record() {
    let (_, kms, other, key) = scene();
    let second = create_key(&kms).key_id;
    for _ in 0..5 {
        create_alias(&kms, "alias/one", &key);
        for target in [&second, &key, &second] {
            update_alias(&kms, target);
        }
        assert_eq!(describe(&kms, "alias/one").key_id, second);
        assert_eq!(describe(&other, "alias/one").key_id, second);
        other.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
        create_alias(&other, "alias/one", &key);
        assert_eq!(describe(&kms, "alias/one").key_id, key);
        kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    }
    assert_eq!((kms.vault.verify().unwrap(), other.vault.verify().unwrap()), (vec![], vec![]));
}

#[test]
fn a_damaged_generation_is_named_at_the_opening_and_not_replaced_by_it() {
    let (store, kms, other, key) = scene();
    drop((kms, other));
    store.tamper_bytes("generation", |bytes| *bytes.last_mut().unwrap() ^= 1);
    let damaged = stored(&store, "generation");
    for _ in 0..2 {
        let kms = open(&store);
        let names: Vec<_> = kms.vault.damaged().unwrap().into_iter().map(|damaged| damaged.name).collect();
        assert_eq!(names, ["generation"]);
        describe(&kms, &key);
        assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::RecordCorrupted);
        assert_eq!(stored(&store, "generation"), damaged);
    }
    let kms = open(&store);
    kms.vault.confirm_time().unwrap();
    create_key(&kms);
    assert_eq!(kms.vault.damaged().unwrap(), []);
}

/// Anyone who writes the store can write any number beside a record; its seal is another matter.
#[test]
fn a_number_that_no_one_sealed_counts_for_nothing() {
    let (store, kms, _, key) = scene();
    create_alias(&kms, "alias/one", &key);
    let name = "alias/000000000000/us-east-1/alias/one";
    let old = stored(&store, name);
    let second = create_key(&kms).key_id;
    update_alias(&kms, &second);
    store.tamper(name, |record| *record = old.clone());
    store.tamper("generation", |record| record.revision += 100_000);
    let request = || DescribeKeyRequest { key_id: "alias/one".into(), ..Default::default() };
    explained(kms.describe_key(request()), ErrorKind::RecordCorrupted, &[name, "revision 1, and had 2"]);
    // What has nothing to do with it is read all the same, and nothing can be changed.
    describe(&kms, &key);
    assert_eq!(error(kms.create_key(CreateKeyRequest::default())).kind(), ErrorKind::RecordCorrupted);
    // The number is forgotten when it is gone.
    store.tamper("generation", |record| record.revision -= 100_000);
    describe(&kms, &key);
    create_key(&kms);
}

#[test]
fn a_record_that_this_handle_deleted_does_not_come_back() {
    let (store, kms, _, key) = scene();
    create_alias(&kms, "alias/one", &key);
    let old = stored(&store, "alias/000000000000/us-east-1/alias/one");
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    store.replace(store.records().into_iter().chain([old]).collect());
    let request = || DescribeKeyRequest { key_id: "alias/one".into(), ..Default::default() };
    explained(kms.describe_key(request()), ErrorKind::RecordCorrupted, &["revision 1, and was deleted"]);
    // It can be cleared away, and the name used again.
    kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() }).unwrap();
    create_alias(&kms, "alias/one", &key);
    assert_eq!(describe(&kms, "alias/one").key_id, key);
}

/// The header is not opened again while its revision is the same, and a copy takes it along.
#[test]
fn a_snapshot_opens_whatever_became_of_the_header() {
    let (store, kms, _, key) = scene();
    store.tamper_bytes("vault", |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert!(builder().0.open(store.clone(), &root()).is_err());
    let snapshot = kms.vault.snapshot().unwrap();
    let copy = Opened::from(builder().0.open_snapshot(&snapshot, &root()).unwrap());
    assert_eq!(describe(&copy, &key).key_id, key);
}
