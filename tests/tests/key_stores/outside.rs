//! What is done outside is done once, and undone where the vault could not store what it was for.

use pocketkms::{ErrorKind, MemoryStore, Vault, api::*};
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
fn of_an_attempt_that_others_came_before_nothing_stays() {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let store = Interposed::new(shared.clone());
    let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone());
    let kms = Opened::from(build().create_in(store.clone(), &root()).unwrap());
    let hsm = connected(&kms);
    // Another process connects the store once more, while the key is being made.
    let (other, id) = (build().open(shared, &root()).unwrap(), hsm.clone());
    store.at(Moment::BeforeCommit, move || connect(&other.client(), &id));
    let key = create_key_in(&kms, &hsm);
    assert_eq!(cluster.keys(), [format!("hsm-{}", key.key_id)], "one was deleted again");
    assert_eq!(cluster.calls().iter().filter(|call| **call == "create_key").count(), 2);
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
