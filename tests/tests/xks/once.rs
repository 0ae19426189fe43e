//! A proxy is asked once for each operation, even if others write meanwhile, and never while others are kept from writing.

use crate::common::{KEY, connect, disconnect, store_request};
use pocketkms::{
    Audit, Kms, Result,
    api::*,
    keys::{DataKeySpec, OriginType},
};
use pocketkms_tests::{
    alone::{Bystander, Reservable},
    store::{Fault, Faulty, Shared},
    vault::{Opened, builder, root},
    xks::{ExternalKey, Proxy, Seen},
};

struct Scene {
    kms: Opened,
    proxy: Proxy,
    faults: Faulty,
    bystander: Bystander,
}

fn is_asked_once<T>(scene: &Scene, operations: &[&str], call: impl Fn(&Kms) -> Result<T>) -> T {
    scene.faults.plan(Fault::Conflict, operations.len());
    let answer = call(&scene.kms).unwrap();
    assert!(scene.faults.recover(), "no one came between: {operations:?}");
    let seen: Vec<Seen> = scene.proxy.take_seen();
    assert_eq!(seen.iter().map(|seen| &*seen.operation).collect::<Vec<_>>(), operations);
    assert_eq!(scene.bystander.writes(), operations.len(), "{operations:?}");
    // The id that the proxy was told is that of the event, whichever attempt it was that was stored.
    let told = seen.last().and_then(|seen| seen.body["requestMetadata"]["kmsRequestId"].as_str()).unwrap();
    let mut events = scene.kms.vault.audit_events(LookupEventsRequest::default()).map(Result::unwrap);
    assert!(events.any(|event| event.cloud_trail_event.contains(told)), "{operations:?}");
    answer
}

#[test]
fn an_operation_that_is_computed_again_asks_once_and_keeps_no_one_from_writing() {
    let faults = Faulty::new(Shared::new());
    let store = Reservable::new(faults.clone());
    let bystander = Bystander::of(&store);
    let (builder, clock) = builder();
    let proxy = Proxy::new(&clock);
    proxy.keys(|keys| keys.put(KEY, ExternalKey::new(1)));
    let builder = builder.xks_transport(proxy.clone()).audit(Audit::strict());
    let kms: Opened = builder.create_in(store, &root()).unwrap().into();
    let watching = bystander.clone();
    proxy.watch(move || watching.write());
    bystander.begin(&kms);
    let scene = Scene { kms, proxy, faults, bystander };

    let made = is_asked_once(&scene, &["health"], |kms| kms.create_custom_key_store(store_request()));
    let store = made.custom_key_store_id;
    is_asked_once(&scene, &["health"], |kms| connect(kms, &store));
    let request = || CreateKeyRequest {
        origin: Some(OriginType::ExternalKeyStore),
        custom_key_store_id: Some(store.clone()),
        xks_key_id: Some(KEY.into()),
        ..Default::default()
    };
    let key = is_asked_once(&scene, &["metadata"], |kms| kms.create_key(request())).key_metadata.key_id;
    let request = || EncryptRequest { key_id: key.clone(), plaintext: vec![7].into(), ..Default::default() };
    let blob = is_asked_once(&scene, &["encrypt"], |kms| kms.encrypt(request())).ciphertext_blob;
    let request = || DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
    assert_eq!(is_asked_once(&scene, &["decrypt"], |kms| kms.decrypt(request())).plaintext.expose(), [7]);
    let request =
        || GenerateDataKeyRequest { key_id: key.clone(), key_spec: Some(DataKeySpec::Aes256), ..Default::default() };
    let made = is_asked_once(&scene, &["encrypt"], |kms| kms.generate_data_key(request()));
    let request = || DecryptRequest { ciphertext_blob: Some(made.ciphertext_blob.clone()), ..Default::default() };
    let opened = is_asked_once(&scene, &["decrypt"], |kms| kms.decrypt(request()));
    assert!(opened.plaintext.constant_time_eq(&made.plaintext));
    let request = || ReEncryptRequest {
        ciphertext_blob: Some(blob.clone()),
        destination_key_id: key.clone(),
        ..Default::default()
    };
    is_asked_once(&scene, &["decrypt", "encrypt"], |kms| kms.re_encrypt(request()));
    disconnect(&scene.kms, &store);
    let request = || UpdateCustomKeyStoreRequest {
        custom_key_store_id: store.clone(),
        xks_proxy_authentication_credential: store_request().xks_proxy_authentication_credential,
        ..Default::default()
    };
    is_asked_once(&scene, &["health"], |kms| kms.update_custom_key_store(request()));
}
