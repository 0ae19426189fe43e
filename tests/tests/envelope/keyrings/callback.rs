//! The callback keyring: an app that wraps data keys with the Encrypt and Decrypt of a KMS elsewhere.

use super::{context, encrypt, opens, opens_not};
use pocketkms::{
    EncryptionContext, Error, ErrorKind, Kms, Provider, Result, Secret,
    api::{DecryptRequest, DisableKeyRequest, EncryptRequest},
    envelope::{
        AlgorithmSuite, CacheLimits, CachingMaterialsManager, CallbackKeyring, DataKeyWrapper, DecryptOptions,
        EncryptedDataKey, EncryptionClient, MultiKeyring, Purpose, RawAesKeyring, WrappedDataKey,
    },
};
use pocketkms_tests::vault::{create_key, explained, vault};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// An app with a KMS elsewhere. What it does wrong can be chosen.
struct App {
    elsewhere: Kms,
    key: String,
    provider_info: Option<Vec<u8>>,
    cut: usize,
    fingerprint: Option<Vec<u8>>,
    wrapped: AtomicUsize,
}

impl App {
    fn new() -> Self {
        let elsewhere = vault().0.vault.client();
        let key = create_key(&elsewhere).arn;
        Self { elsewhere, key, provider_info: None, cut: 0, fingerprint: None, wrapped: AtomicUsize::new(0) }
    }
}

impl DataKeyWrapper for App {
    fn wrap_data_key(
        &self,
        data_key: &Secret,
        encryption_context: &EncryptionContext,
        algorithm_suite: AlgorithmSuite,
    ) -> Result<WrappedDataKey> {
        self.wrapped.fetch_add(1, Ordering::SeqCst);
        assert_eq!(data_key.len(), algorithm_suite.data_key_length());
        let response = self.elsewhere.encrypt(EncryptRequest {
            key_id: self.key.clone(),
            plaintext: Secret::copy_of(data_key.expose()),
            encryption_context: Some(encryption_context.clone()),
            ..Default::default()
        })?;
        let provider_info = self.provider_info.clone().unwrap_or(response.key_id.into_bytes());
        Ok(WrappedDataKey { provider_info, ciphertext: response.ciphertext_blob.into_vec() })
    }

    fn unwrap_data_key(
        &self,
        key: &EncryptedDataKey,
        encryption_context: &EncryptionContext,
        _: AlgorithmSuite,
    ) -> Result<Secret> {
        if key.provider_info != self.key.as_bytes() {
            return Err(Error::new(ErrorKind::NotFound, "the HSM has no such key"));
        }
        let response = self.elsewhere.decrypt(DecryptRequest {
            ciphertext_blob: Some(key.ciphertext.clone().into()),
            encryption_context: Some(encryption_context.clone()),
            ..Default::default()
        })?;
        Ok(Secret::copy_of(&response.plaintext.expose()[self.cut..]))
    }

    fn fingerprint(&self, _: Purpose<'_>) -> Result<Option<Vec<u8>>> {
        Ok(self.fingerprint.clone())
    }
}

fn keyring(provider_id: &str, app: App) -> CallbackKeyring {
    CallbackKeyring::new(provider_id, Arc::new(app)).expect("a keyring")
}

#[test]
fn what_an_app_does_wrong() {
    explained(CallbackKeyring::new("", Arc::new(App::new())), ErrorKind::Validation, &["provider id", "empty"]);
    for info in ["", "alias/orders", "arn:aws:kms:us-east-1:111122223333:alias/orders"] {
        let app = App { provider_info: Some(info.into()), ..App::new() };
        explained(encrypt(&keyring("aws-kms", app)), ErrorKind::InvalidArn, &["ARN of a KMS key", info]);
    }
    let too_long = App { provider_info: Some(vec![b'a'; 65_536]), ..App::new() };
    explained(encrypt(&keyring("hsm", too_long)), ErrorKind::LimitExceeded, &["65,535"]);
    let short = keyring("hsm", App { cut: 1, ..App::new() });
    opens_not(&short, &encrypt(&short).expect("a message"), &["the data key has 31 bytes", "needs 32"]);
}

#[test]
fn errors_of_the_app() {
    let app = App::new();
    app.elsewhere.disable_key(DisableKeyRequest { key_id: app.key.clone() }).expect("a key");
    let disabled = keyring("hsm", app);
    explained(encrypt(&disabled), ErrorKind::Disabled, &["is disabled"]);

    let message = encrypt(&keyring("hsm", App::new())).expect("a message");
    opens_not(&disabled, &message, &["provider 'hsm', key 'arn:aws:kms:", "the HSM has no such key"]);
    opens_not(&keyring("hsm-2", App::new()), &message, &["no keyring is for this provider and key"]);
}

#[test]
fn messages_of_a_callback_keyring_are_those_of_a_kms_keyring() {
    let app = App::new();
    let kms = app.elsewhere.keyring(&app.key, &[]);
    let callback = keyring("aws-kms", app);
    opens(&kms, &encrypt(&callback).expect("a message"));
    opens(&callback, &encrypt(&kms).expect("a message"));
}

#[test]
fn beside_other_keyrings() {
    let raw = || RawAesKeyring::new(&Provider::default(), "test", "key", &Secret::from(vec![7; 32])).expect("a key");
    let callback = Arc::new(keyring("hsm", App::new()));
    let both = MultiKeyring::new(Some(Arc::new(raw())), vec![callback.clone()]).expect("keyrings");
    let message = encrypt(&both).expect("a message");
    opens(&*callback, &message);
    opens(&raw(), &message);
    let none = MultiKeyring::new(None, vec![Arc::new(keyring("hsm", App::new()))]).expect("a keyring");
    opens_not(&none, &message, &["none of the 2", "1. provider 'test', key 'key'", "2. provider 'hsm'", "no such key"]);
}

/// The app's own code was told to stop while it was asked: that is no answer of one key among several.
#[test]
fn a_cancellation_is_the_error_of_the_call() {
    struct Stopped(AtomicUsize);
    impl Stopped {
        fn stop<T>(&self) -> Result<T> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Err(Error::new(ErrorKind::KeyUnavailable, "stop").cancelling())
        }
    }
    impl DataKeyWrapper for Stopped {
        fn wrap_data_key(&self, _: &Secret, _: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey> {
            self.stop()
        }

        fn unwrap_data_key(&self, _: &EncryptedDataKey, _: &EncryptionContext, _: AlgorithmSuite) -> Result<Secret> {
            self.stop()
        }
    }
    let (one, other) = (Arc::new(keyring("hsm", App::new())), Arc::new(keyring("hsm", App::new())));
    let message = encrypt(&MultiKeyring::new(Some(one), vec![other.clone()]).expect("keyrings")).expect("a message");
    let app = Arc::new(Stopped(AtomicUsize::new(0)));
    let stopped = Arc::new(CallbackKeyring::new("hsm", app.clone()).expect("a keyring"));
    // The next keyring could open it, and is not asked; neither is this one for the other data key.
    let keyring = MultiKeyring::new(None, vec![stopped, other]).expect("keyrings");
    let client = EncryptionClient::new(Provider::default());
    let options = DecryptOptions { encryption_context: context(), ..Default::default() };
    let error = client.decrypt(&keyring, options, &message).err().expect("it was cancelled");
    assert!(error.is_cancellation() && error.kind() == ErrorKind::KeyUnavailable, "{error:?}");
    assert_eq!((error.message(), app.0.load(Ordering::SeqCst)), ("stop", 1));
}

#[test]
fn cached_only_if_the_app_says_what_it_wraps_with() {
    let wrapped = |fingerprint| {
        let app = Arc::new(App { fingerprint, ..App::new() });
        let (_, clock) = vault();
        let keyring = Arc::new(CallbackKeyring::new("hsm", app.clone()).expect("a keyring"));
        let cache = CachingMaterialsManager::new(keyring, Arc::new(clock), CacheLimits::default()).expect("a cache");
        for _ in 0..3 {
            opens(&cache, &encrypt(&cache).expect("a message"));
        }
        app.wrapped.load(Ordering::SeqCst)
    };
    assert_eq!(wrapped(None), 3);
    assert_eq!(wrapped(Some(b"key 1".to_vec())), 1);
}

#[test]
fn behind_a_cache_the_app_refuses_by_the_context() {
    /// Wraps for one tenant, as long as it may.
    #[derive(Default)]
    struct Tenant {
        has_left: AtomicBool,
    }
    impl Tenant {
        fn check(&self, seen: &EncryptionContext) -> Result<()> {
            assert_eq!(*seen, context());
            if self.has_left.load(Ordering::SeqCst) {
                return Err(Error::new(ErrorKind::AccessDenied, "the tenant has left"));
            }
            Ok(())
        }
    }
    impl DataKeyWrapper for Tenant {
        fn wrap_data_key(&self, key: &Secret, seen: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey> {
            self.check(seen)?;
            Ok(WrappedDataKey { provider_info: Vec::new(), ciphertext: key.expose().to_vec() })
        }

        fn unwrap_data_key(
            &self,
            key: &EncryptedDataKey,
            seen: &EncryptionContext,
            _: AlgorithmSuite,
        ) -> Result<Secret> {
            self.check(seen)?;
            Ok(Secret::copy_of(&key.ciphertext))
        }

        fn fingerprint(&self, purpose: Purpose<'_>) -> Result<Option<Vec<u8>>> {
            self.check(purpose.encryption_context())?;
            Ok(Some(Vec::new()))
        }
    }
    let app = Arc::new(Tenant::default());
    let (_, clock) = vault();
    let keyring = Arc::new(CallbackKeyring::new("tenants", app.clone()).expect("a keyring"));
    let cache = CachingMaterialsManager::new(keyring, Arc::new(clock), CacheLimits::default()).expect("a cache");
    let message = encrypt(&cache).expect("a message");
    opens(&cache, &message);
    app.has_left.store(true, Ordering::SeqCst);
    opens_not(&cache, &message, &["the tenant has left"]);
    explained(encrypt(&cache), ErrorKind::AccessDenied, &["the tenant has left"]);
}

#[test]
fn the_context_comes_along() {
    struct Looks;
    impl DataKeyWrapper for Looks {
        fn wrap_data_key(&self, key: &Secret, seen: &EncryptionContext, _: AlgorithmSuite) -> Result<WrappedDataKey> {
            assert_eq!(*seen, context());
            Ok(WrappedDataKey { provider_info: b"none".to_vec(), ciphertext: key.expose().to_vec() })
        }

        fn unwrap_data_key(
            &self,
            key: &EncryptedDataKey,
            seen: &EncryptionContext,
            _: AlgorithmSuite,
        ) -> Result<Secret> {
            assert_eq!(*seen, context());
            assert_eq!((&*key.provider_id, &*key.provider_info), ("looks", &b"none"[..]));
            Ok(Secret::copy_of(&key.ciphertext))
        }
    }
    let keyring = CallbackKeyring::new("looks", Arc::new(Looks)).expect("a keyring");
    opens(&keyring, &encrypt(&keyring).expect("a message"));
}
