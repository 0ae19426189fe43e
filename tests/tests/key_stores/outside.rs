//! What is done outside is done once, and undone where the vault could not store what it was for.

use pocketkms::{
    ErrorKind, MemoryStore, Vault,
    api::*,
    steps::{Step, Steps},
};
use pocketkms_tests::{
    cluster::{CLUSTER, PASSWORD, TestCluster, connect, create_key_in, describe_store, key_request, store_request},
    driven::Driver,
    store::{Fault, Faulty, Interposed, Moment, Shared},
    vault::{Opened, builder, describe, error, root},
};

fn connected(kms: &Opened) -> String {
    let store = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    connect(kms, &store);
    store
}

/// A vault with a connected store, and another process that has it open.
struct Scene {
    cluster: TestCluster,
    store: Interposed,
    kms: Opened,
    hsm: String,
    other: Vault,
}

fn scene() -> Scene {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let store = Interposed::new(shared.clone());
    let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms = Opened::from(build().create_in(store.clone(), &root()).unwrap());
    let hsm = connected(&kms);
    let other = build().open(shared, &root()).unwrap();
    Scene { cluster, store, kms, hsm, other }
}

#[test]
fn a_key_whose_record_could_not_be_stored_is_deleted_again() {
    let cluster = TestCluster::default();
    let store = Faulty::new(MemoryStore::new());
    let vault = builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone()).create_in(store.clone(), &root()).unwrap();
    let kms = Opened::from(vault);
    let hsm = connected(&kms);
    store.plan(Fault::CommitRefused, 0);
    assert_eq!(error(kms.create_key(key_request(&hsm))).kind(), ErrorKind::Store);
    assert!(store.recover() && cluster.keys().is_empty(), "{:?}", cluster.keys());
    create_key_in(&kms, &hsm);
    assert_eq!(cluster.keys().len(), 1);
}

#[test]
fn what_others_came_before_is_stored_with_the_key_that_was_made() {
    let Scene { cluster, store, kms, hsm, other } = scene();
    let id = hsm.clone();
    // Another process connects the store once more, while the key is being made.
    store.at(Moment::BeforeCommit, move || connect(&other.client(), &id));
    let key = create_key_in(&kms, &hsm);
    assert_eq!(cluster.keys(), [format!("hsm-{}", key.key_id)]);
    let is_of_key = |call: &&&str| call.ends_with("_key");
    assert_eq!(cluster.calls().iter().filter(is_of_key).collect::<Vec<_>>(), [&"create_key"]);
}

/// A store that made a change, and did not say so: what was made for it is not deleted.
#[test]
fn a_key_whose_record_is_stored_stays_whatever_the_store_says() {
    for (fault, says) in [
        (Fault::RepeatedThenGetFails, None),
        (Fault::RepeatedThenSilent, Some("stays in the AWS CloudHSM cluster: whether the KMS key")),
    ] {
        let cluster = TestCluster::default();
        let store = Faulty::new(MemoryStore::new());
        let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
        let kms = Opened::from(build().create_in(store.clone(), &root()).unwrap());
        let hsm = connected(&kms);
        store.plan(fault, 0);
        let refused = error(kms.create_key(key_request(&hsm)));
        assert_eq!(refused.kind(), ErrorKind::Store, "{fault:?}");
        let said = refused.explanation().unwrap_or_default();
        assert_eq!(said.contains("AWS CloudHSM"), says.is_some(), "{said}");
        assert!(said.contains(says.unwrap_or_default()), "{said}");
        assert!(store.recover());
        let key = kms.list_keys(ListKeysRequest::default()).unwrap().keys.remove(0).key_id;
        assert_eq!(cluster.keys(), [format!("hsm-{key}")], "{fault:?}");
        let request = EncryptRequest { key_id: key, plaintext: vec![7].into(), ..Default::default() };
        kms.encrypt(request).unwrap();
    }
}

/// The first run has made the key, and what it was for has changed until the next one.
#[test]
fn what_the_last_run_has_no_use_for_is_deleted_again() {
    let Scene { cluster, store, kms, hsm, other } = scene();
    let id = hsm.clone();
    store.at(Moment::BeforeCommit, move || {
        let request = DisconnectCustomKeyStoreRequest { custom_key_store_id: id };
        other.client().disconnect_custom_key_store(request).unwrap();
    });
    assert_eq!(error(kms.create_key(key_request(&hsm))).kind(), ErrorKind::CustomKeyStoreInvalidState);
    assert!(cluster.keys().is_empty(), "{:?}", cluster.keys());
}

/// What fails is undone, but never at the cost of a key that is there.
#[test]
fn the_key_of_another_kms_key_is_not_deleted_again() {
    let cluster = TestCluster::default();
    let kms = Opened::from(builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone()).create_in_memory(&root()).unwrap());
    let hsm = connected(&kms);
    cluster.set_id("the-only-one");
    let key = create_key_in(&kms, &hsm);
    let request = EncryptRequest { key_id: key.key_id, plaintext: vec![7].into(), ..Default::default() };
    let blob = kms.encrypt(request).unwrap().ciphertext_blob;
    let refused = error(kms.create_key(key_request(&hsm)));
    assert_eq!(refused.kind(), ErrorKind::CloudHsmClusterInvalidConfiguration);
    assert!(refused.explanation().unwrap().contains("the id of another one"), "{refused:?}");
    assert_eq!(cluster.keys(), ["the-only-one"]);
    let request = DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() };
    assert_eq!(kms.decrypt(request).unwrap().plaintext.expose(), [7]);
    // An id that is none leads to no record, and its key is taken away again.
    cluster.set_id("not an id");
    let refused = error(kms.create_key(key_request(&hsm)));
    assert!(refused.explanation().unwrap().contains("an id that is none"), "{refused:?}");
    assert_eq!(cluster.keys(), ["the-only-one"]);
}

#[test]
fn a_store_that_is_waited_for_has_each_thing_done_once() {
    for lease in [false, true] {
        let cluster = TestCluster::default();
        let driver = Driver::new(MemoryStore::new(), lease);
        let vault = driver.create(builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone()), &root()).unwrap();
        let kms = vault.client();
        let made = driver.run(|| kms.create_custom_key_store(store_request("hsm"))).unwrap();
        let store = made.custom_key_store_id;
        cluster.calls();
        let connect =
            || kms.connect_custom_key_store(ConnectCustomKeyStoreRequest { custom_key_store_id: store.clone() });
        driver.run(connect).unwrap();
        assert_eq!(cluster.calls(), ["describe", "connect"]);
        let key = driver.run(|| kms.create_key(key_request(&store))).unwrap().key_metadata;
        assert_eq!(cluster.calls(), ["create_key"]);
        assert_eq!(cluster.keys(), [format!("hsm-{}", key.key_id)]);
        let request = || EncryptRequest { key_id: key.key_id.clone(), plaintext: vec![7].into(), ..Default::default() };
        let blob = driver.run(|| kms.encrypt(request())).unwrap().ciphertext_blob;
        let request = || DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
        assert_eq!(driver.run(|| kms.decrypt(request())).unwrap().plaintext.expose(), [7]);
        let describe = || kms.describe_custom_key_stores(DescribeCustomKeyStoresRequest::default());
        assert_eq!(driver.run(describe).unwrap().custom_key_stores.len(), 1);
    }
}

/// In a store that is waited for, too, nothing stays that was made for nothing, and nothing that was made for a key that is gone.
#[test]
fn a_store_that_is_waited_for_leaves_no_key_behind() {
    let cluster = TestCluster::default();
    let store = Faulty::new(MemoryStore::new());
    let driver = Driver::new(store.clone(), true);
    let (builder, clock) = builder();
    let vault = driver.create(builder.cloud_hsm_cluster(CLUSTER, cluster.clone()), &root()).unwrap();
    let kms = vault.client();
    let hsm = driver.run(|| kms.create_custom_key_store(store_request("hsm"))).unwrap().custom_key_store_id;
    let connecting = || kms.connect_custom_key_store(ConnectCustomKeyStoreRequest { custom_key_store_id: hsm.clone() });
    driver.run(connecting).unwrap();
    let create = || kms.create_key(key_request(&hsm));
    store.plan(Fault::CommitRefused, 0);
    assert_eq!(error(driver.run(create)).kind(), ErrorKind::Store);
    assert!(store.recover() && cluster.keys().is_empty(), "{:?}", cluster.keys());
    // Given up before its commit was made.
    let mut steps = Steps::new();
    while !matches!(driver.step(&mut steps, create), Step::Commit(_)) {}
    assert_eq!(cluster.keys().len(), 1);
    drop(steps);
    assert_eq!(cluster.keys().len(), 1, "it may be on its way");
    cluster.forget_keys();
    let mut steps = Steps::new();
    let mut made = 0;
    while made == 0 {
        assert!(!matches!(driver.step(&mut steps, create), Step::Commit(_) | Step::Done(_)), "nothing was asked for");
        made = cluster.keys().len();
    }
    drop(steps);
    assert!(cluster.keys().is_empty(), "{:?}", cluster.keys());

    let key = driver.run(create).unwrap().key_metadata.key_id;
    let request = || ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
    driver.run(|| kms.schedule_key_deletion(request())).unwrap();
    clock.advance_days(8);
    driver.run(|| kms.list_keys(ListKeysRequest::default())).unwrap();
    assert!(cluster.keys().is_empty(), "{:?}", cluster.keys());
}

#[test]
fn a_snapshot_has_the_store_and_its_keys_and_no_record_shows_the_password() {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms = Opened::from(build().create_in(shared.clone(), &root()).unwrap());
    let store = connected(&kms);
    let key = create_key_in(&kms, &store);
    let request = EncryptRequest { key_id: key.key_id.clone(), plaintext: vec![7].into(), ..Default::default() };
    let blob = kms.encrypt(request).unwrap().ciphertext_blob;
    let snapshot = kms.vault.snapshot().unwrap();
    let hidden = |bytes: &[u8]| !bytes.windows(PASSWORD.len()).any(|window| window == PASSWORD.as_bytes());
    assert!(hidden(&snapshot) && shared.records().iter().all(|record| hidden(record.value.as_bytes())));
    let copy = Opened::from(build().open_snapshot(&snapshot, &root()).unwrap());
    assert_eq!(describe_store(&copy, &store).connection_state, Some(ConnectionStateType::Connected));
    let request = || DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    assert_eq!(copy.decrypt(request()).unwrap().plaintext.expose(), [7]);
    // Elsewhere, without the cluster, the key is known, and that it cannot be used is told.
    let elsewhere = Opened::from(Vault::builder().open_snapshot(&snapshot, &root()).unwrap());
    assert_eq!(describe(&elsewhere, &key.key_id).custom_key_store_id, Some(store));
    let refused = error(elsewhere.decrypt(request()));
    assert_eq!(refused.kind(), ErrorKind::KmsInvalidState);
    assert!(refused.message().ends_with("cannot be used: there is no such cluster."), "{refused}");
}

/// Damage stays where it is: the key is there, and cannot be used.
#[test]
fn a_damaged_store_takes_no_key_with_it() {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms = Opened::from(build().create_in(shared.clone(), &root()).unwrap());
    let store = connected(&kms);
    let key = create_key_in(&kms, &store);
    drop(kms);
    shared.tamper_bytes(&format!("key-store/000000000000/us-east-1/{store}"), |bytes| bytes[40] ^= 1);
    let kms = Opened::from(build().open(shared, &root()).unwrap());
    assert_eq!(describe(&kms, &key.key_id).key_state, pocketkms::keys::KeyState::Unavailable);
    let request = EncryptRequest { key_id: key.key_id, plaintext: vec![7].into(), ..Default::default() };
    assert_eq!(error(kms.encrypt(request)).kind(), ErrorKind::KmsInvalidState);
    let request = DescribeCustomKeyStoresRequest { custom_key_store_id: Some(store), ..Default::default() };
    assert_eq!(error(kms.describe_custom_key_stores(request)).kind(), ErrorKind::RecordCorrupted);
}
