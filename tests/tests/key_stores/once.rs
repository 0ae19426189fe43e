//! A cluster is asked once for each operation, even if others write meanwhile, and never while others are kept from writing.

use pocketkms::{Audit, Kms, Result, SecretText, api::*, keys::DataKeySpec};
use pocketkms_tests::{
    alone::{Bystander, Reservable},
    cluster::{CLUSTER, TestCluster, connect, create_key_in, key_request, store_request},
    store::{Fault, Faulty, Interposed, Moment, Shared},
    vault::{Opened, builder, root},
};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

struct Scene {
    kms: Opened,
    cluster: TestCluster,
    faults: Faulty,
    bystander: Bystander,
    store: String,
    key: String,
}

/// Each call has to be stored, so that each can be kept from it.
fn scene() -> Scene {
    let (cluster, faults) = (TestCluster::default(), Faulty::new(Shared::new()));
    let store = Reservable::new(faults.clone());
    let bystander = Bystander::of(&store);
    let builder = builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone()).audit(Audit::strict());
    let kms: Opened = builder.create_in(store, &root()).unwrap().into();
    let store = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    connect(&kms, &store);
    let key = create_key_in(&kms, &store).key_id;
    let watching = bystander.clone();
    cluster.watch(move || watching.write());
    bystander.begin(&kms);
    cluster.calls();
    Scene { kms, cluster, faults, bystander, store, key }
}

fn is_asked_once<T>(scene: &Scene, methods: &[&str], operation: impl Fn(&Kms) -> Result<T>) -> T {
    scene.faults.plan(Fault::Conflict, methods.len());
    let answer = operation(&scene.kms).unwrap();
    assert!(scene.faults.recover(), "no one came between: {methods:?}");
    assert_eq!(scene.cluster.calls(), methods);
    assert_eq!(scene.bystander.writes(), methods.len(), "{methods:?}");
    answer
}

#[test]
fn an_operation_that_is_computed_again_asks_once_and_keeps_no_one_from_writing() {
    let scene = scene();
    let Scene { store, key, .. } = &scene;
    let request = || EncryptRequest { key_id: key.clone(), plaintext: vec![7].into(), ..Default::default() };
    let blob = is_asked_once(&scene, &["encrypt"], |kms| kms.encrypt(request())).ciphertext_blob;
    let decrypt = || DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    assert_eq!(is_asked_once(&scene, &["decrypt"], |kms| kms.decrypt(decrypt())).plaintext.expose(), [7]);
    let request =
        || GenerateDataKeyRequest { key_id: key.clone(), key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
    let [one, other] = [(); 2].map(|()| is_asked_once(&scene, &["encrypt"], |kms| kms.generate_data_key(request())));
    assert!(!one.plaintext.constant_time_eq(&other.plaintext));
    let request = || DecryptRequest { ciphertext_blob: Some(one.ciphertext_blob.clone()), ..Default::default() };
    let opened = is_asked_once(&scene, &["decrypt"], |kms| kms.decrypt(request()));
    assert!(opened.plaintext.constant_time_eq(&one.plaintext));
    let request = || ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        destination_key_id: key.clone(),
        ..Default::default()
    };
    is_asked_once(&scene, &["decrypt", "encrypt"], |kms| kms.re_encrypt(request()));
    let request = || GenerateRandomRequest {
        number_of_bytes: Some(32),
        custom_key_store_id: Some(store.clone()),
        ..Default::default()
    };
    is_asked_once(&scene, &["random"], |kms| kms.generate_random(request()));
    is_asked_once(&scene, &["create_key"], |kms| kms.create_key(key_request(store)));
    let id = || store.clone();
    is_asked_once(&scene, &["disconnect"], |kms| {
        kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: id() })
    });
    let request = || UpdateCustomKeyStoreRequest {
        custom_key_store_id: id(),
        cloud_hsm_cluster_id: Some(CLUSTER.into()),
        ..Default::default()
    };
    is_asked_once(&scene, &["describe"], |kms| kms.update_custom_key_store(request()));
    is_asked_once(&scene, &["describe", "connect"], |kms| {
        kms.connect_custom_key_store(ConnectCustomKeyStoreRequest { custom_key_store_id: id() })
    });
}

/// A question that comes up only when the operation is computed again is asked while others may write, too.
#[test]
fn what_has_changed_is_asked_for_again_and_keeps_no_one_from_writing() {
    let (cluster, shared) = (TestCluster::default(), Shared::new());
    let interposed = Interposed::new(shared.clone());
    let store = Reservable::new(interposed.clone());
    let bystander = Bystander::of(&store);
    let build = || builder().0.cloud_hsm_cluster(CLUSTER, cluster.clone()).audit(Audit::strict());
    let kms: Opened = build().create_in(store, &root()).unwrap().into();
    let hsm = kms.create_custom_key_store(store_request("hsm")).unwrap().custom_key_store_id;
    connect(&kms, &hsm);
    let key = create_key_in(&kms, &hsm).key_id;
    let other = build().open(shared, &root()).unwrap();
    let (changed, id) = (cluster.clone(), hsm.clone());
    // While the change is made by another handle, this one commits, and others wait for that.
    let is_changing = Arc::new(AtomicBool::new(false));
    let changing = Arc::clone(&is_changing);
    let change = move || {
        changing.store(true, Ordering::SeqCst);
        let kms = other.client();
        kms.disconnect_custom_key_store(DisconnectCustomKeyStoreRequest { custom_key_store_id: id.clone() }).unwrap();
        changed.set_password("another");
        let request = UpdateCustomKeyStoreRequest {
            custom_key_store_id: id.clone(),
            key_store_password: Some(SecretText::copy_of("another")),
            ..Default::default()
        };
        kms.update_custom_key_store(request).unwrap();
        connect(&kms, &id);
        changed.calls();
        changing.store(false, Ordering::SeqCst);
    };
    cluster.calls();
    let (watching, asked) = (bystander.clone(), Mutex::new(Some((interposed, change))));
    cluster.watch(move || {
        if !is_changing.load(Ordering::SeqCst) {
            watching.write();
        }
        // Once, after the first answer.
        let first = asked.lock().unwrap().take();
        if let Some((interposed, change)) = first {
            interposed.at(Moment::BeforeCommit, change);
        }
    });
    bystander.begin(&kms);
    let request = EncryptRequest { key_id: key, plaintext: vec![7].into(), ..Default::default() };
    let blob = kms.encrypt(request).unwrap().ciphertext_blob;
    assert_eq!(cluster.calls(), ["encrypt"], "by the new password");
    let request = DecryptRequest { ciphertext_blob: Some(blob), ..Default::default() };
    assert_eq!(kms.decrypt(request).unwrap().plaintext.expose(), [7]);
}
