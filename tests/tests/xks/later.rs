//! A host whose proxy answers later, as a browser's: the run that asks comes to nothing, and the next one asks for the very same.

use crate::common::{KEY, connect, store_request};
use pocketkms::{
    Kms, Result,
    api::*,
    keys::{DataKeySpec, OriginType},
    steps::Steps,
};
use pocketkms_tests::{
    driven::Driver,
    elsewhere::waiting,
    later::Later,
    store::Shared,
    vault::{Opened, builder, root},
    xks::{ExternalKey, Proxy},
};

struct Scene {
    kms: Opened,
    proxy: Proxy,
    later: Later<Proxy>,
    /// Where the vault's store has to be waited for, too.
    driver: Option<Driver>,
}

impl Scene {
    fn new(driver: Option<Driver>) -> Self {
        let (builder, clock) = builder();
        let proxy = Proxy::new(&clock);
        proxy.keys(|keys| keys.put(KEY, ExternalKey::new(1)));
        let later = Later::new(proxy.clone());
        let builder = builder.provider(waiting()).xks_transport(later.clone());
        let kms: Opened = match &driver {
            Some(driver) => driver.create(builder, &root()).unwrap().into(),
            None => builder.create_in_memory(&root()).unwrap().into(),
        };
        Self { kms, proxy, later, driver }
    }

    /// Carries out an operation that asks the proxy for these, each once.
    fn call<T>(&self, operations: &[&str], call: impl Fn(&Kms) -> Result<T>) -> T {
        let answer = self.run(|| {}, &call).unwrap();
        let seen = self.proxy.take_seen();
        assert_eq!(seen.iter().map(|seen| &*seen.operation).collect::<Vec<_>>(), operations);
        answer
    }

    fn run<T>(&self, meanwhile: impl FnMut(), call: impl Fn(&Kms) -> Result<T>) -> Result<T> {
        match &self.driver {
            Some(driver) => {
                let mut steps = Steps::new();
                self.later.run(meanwhile, || driver.go_on(&mut steps, || call(&self.kms))).0
            }
            None => self.later.run(meanwhile, || call(&self.kms)).0,
        }
    }

    fn key(&self) -> String {
        let store = self.call(&["health"], |kms| kms.create_custom_key_store(store_request())).custom_key_store_id;
        self.call(&["health"], |kms| connect(kms, &store));
        let request = || CreateKeyRequest {
            origin: Some(OriginType::ExternalKeyStore),
            custom_key_store_id: Some(store.clone()),
            xks_key_id: Some(KEY.into()),
            ..Default::default()
        };
        self.call(&["metadata"], |kms| kms.create_key(request())).key_metadata.key_id
    }
}

/// In memory, and over a store that has to be waited for.
fn scenes() -> [Scene; 2] {
    [Scene::new(None), Scene::new(Some(Driver::new(Shared::new(), true)))]
}

#[test]
fn each_answer_is_asked_for_once_and_counts_for_the_next_run() {
    for scene in scenes() {
        let key = scene.key();
        let request = || EncryptRequest { key_id: key.clone(), plaintext: vec![7].into(), ..Default::default() };
        let blob = scene.call(&["encrypt"], |kms| kms.encrypt(request())).ciphertext_blob;
        let decrypt = |blob: &Blob| DecryptRequest { ciphertext_blob: Some(blob.clone()), ..Default::default() };
        assert_eq!(scene.call(&["decrypt"], |kms| kms.decrypt(decrypt(&blob))).plaintext.expose(), [7]);
        let request = || GenerateDataKeyRequest {
            key_id: key.clone(),
            key_spec: Some(DataKeySpec::Aes256),
            ..Default::default()
        };
        let made = scene.call(&["encrypt"], |kms| kms.generate_data_key(request()));
        let opened = scene.call(&["decrypt"], |kms| kms.decrypt(decrypt(&made.ciphertext_blob)));
        assert!(opened.plaintext.constant_time_eq(&made.plaintext));
        let request = || ReEncryptRequest {
            ciphertext_blob: Some(blob.clone()),
            destination_key_id: key.clone(),
            ..Default::default()
        };
        let moved = scene.call(&["decrypt", "encrypt"], |kms| kms.re_encrypt(request())).ciphertext_blob;
        assert_eq!(scene.call(&["decrypt"], |kms| kms.decrypt(decrypt(&moved))).plaintext.expose(), [7]);
    }
}

#[test]
fn what_others_do_meanwhile_counts_and_is_not_confused_with_it() {
    for scene in scenes() {
        let key = scene.key();
        let others = |work: &dyn Fn(&Kms)| match &scene.driver {
            Some(driver) => driver
                .run(|| {
                    work(&scene.kms);
                    Ok(())
                })
                .unwrap(),
            None => work(&scene.kms),
        };
        let request = || EncryptRequest { key_id: key.clone(), plaintext: vec![7].into(), ..Default::default() };
        // A call of another's between the runs keeps nothing for this one, and takes nothing of it.
        let other = || others(&|kms| drop(kms.list_keys(ListKeysRequest::default())));
        scene.run(other, |kms| kms.encrypt(request())).unwrap();
        scene.proxy.take_seen();
        let disable = || others(&|kms| drop(kms.disable_key(DisableKeyRequest { key_id: key.clone() })));
        let error = scene.run(disable, |kms| kms.encrypt(request())).unwrap_err();
        assert_eq!(error.name(), "DisabledException");
        assert_eq!(scene.proxy.take_seen().len(), 1);
    }
}
