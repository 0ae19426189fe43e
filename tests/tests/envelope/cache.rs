//! The data-key cache: what shares a data key, and what must not.

use pocketkms::{
    ErrorKind, Kms, ManualClock, RootKey, Timestamp, Vault,
    api::{CreateKeyRequest, DisableKeyRequest, EnableKeyRequest, RotateKeyOnDemandRequest},
    envelope::{
        AlgorithmSuite, CacheLimits, CacheOptions, CachingMaterialsManager, CommitmentPolicy, DecryptOptions,
        EncryptOptions, EncryptedDataKey, EncryptionClient,
    },
};
use std::{sync::Arc, time::Duration};

const NOW: i64 = 1_700_000_000_000;

struct Setup {
    kms: Kms,
    key: String,
    clock: ManualClock,
    client: EncryptionClient,
    cache: CachingMaterialsManager,
}

fn setup(limits: CacheLimits) -> Setup {
    let clock = ManualClock::new(Timestamp::from_millis(NOW));
    let kms = Vault::builder()
        .clock(clock.clone())
        .create_in_memory(&RootKey::from_bytes(&[7; 32]).unwrap())
        .unwrap()
        .client();
    let key = kms.create_key(CreateKeyRequest::default()).unwrap().key_metadata.key_id;
    let cache =
        CachingMaterialsManager::new(Arc::new(kms.keyring(&key, &[])), Arc::new(clock.clone()), limits).unwrap();
    Setup { kms, key, clock, client: EncryptionClient::default(), cache }
}

impl Setup {
    /// Encrypts, and gives the encrypted data key: equal ones mean that the data key is shared.
    fn data_key(&self, options: EncryptOptions) -> EncryptedDataKey {
        let encrypted = self.client.encrypt(&self.cache, options, b"0123456789").unwrap();
        let decrypted = self.client.decrypt(&self.cache, DecryptOptions::default(), &encrypted.message).unwrap();
        assert_eq!(decrypted.plaintext.expose(), b"0123456789");
        encrypted.header.encrypted_data_keys[0].clone()
    }

    fn plain(&self) -> EncryptedDataKey {
        self.data_key(EncryptOptions::default())
    }
}

fn for_context(value: &str) -> EncryptOptions {
    EncryptOptions { encryption_context: [("order", value)].into(), ..Default::default() }
}

/// As the other languages name them, an age in seconds.
#[test]
fn limits_by_name_are_the_defaults_where_they_are_left_out() {
    assert_eq!(CacheLimits::from(CacheOptions::default()), CacheLimits::default());
    let all = CacheOptions { max_entries: Some(1), max_age: Some(1.5), max_messages: Some(2), max_bytes: Some(3) };
    let expected = CacheLimits { max_entries: 1, max_age: Duration::from_millis(1500), max_messages: 2, max_bytes: 3 };
    assert_eq!(CacheLimits::from(all), expected);
    let aged = |age| CacheLimits::from(CacheOptions { max_age: Some(age), ..CacheOptions::default() }).max_age;
    for (age, expected) in [(-1.0, 0), (f64::NAN, 0), (f64::NEG_INFINITY, 0), (2.0, 2)] {
        assert_eq!(aged(age), Duration::from_secs(expected));
    }
    assert_eq!([f64::INFINITY, f64::MAX].map(aged), [Duration::MAX; 2]);
}

#[test]
fn messages_of_one_kind_share_a_data_key_and_nothing_else() {
    let setup = setup(CacheLimits::default());
    let first = setup.client.encrypt(&setup.cache, EncryptOptions::default(), b"one").unwrap();
    let second = setup.client.encrypt(&setup.cache, EncryptOptions::default(), b"one").unwrap();
    assert_eq!(first.header.encrypted_data_keys, second.header.encrypted_data_keys);
    assert_ne!(first.header.message_id, second.header.message_id);
    assert_ne!(first.message[first.message.len() - 60..], second.message[second.message.len() - 60..]);

    assert_ne!(setup.plain(), setup.data_key(for_context("1")), "another context");
    assert_ne!(setup.data_key(for_context("2")), setup.data_key(for_context("1")), "another value");
    let required = EncryptOptions { required_encryption_context_keys: vec!["order".into()], ..for_context("1") };
    let unstored = setup.client.encrypt(&setup.cache, required, b"").unwrap().header.encrypted_data_keys[0].clone();
    assert_ne!(setup.data_key(for_context("1")), unstored, "another split of the context");
}

#[test]
fn a_suite_without_derivation_never_shares_a_data_key() {
    let mut setup = setup(CacheLimits::default());
    setup.client = setup.client.commitment_policy(CommitmentPolicy::ForbidEncryptAllowDecrypt);
    let options = |suite| EncryptOptions { algorithm_suite: Some(suite), ..Default::default() };
    let (plain, derived) =
        (AlgorithmSuite::AlgAes256GcmIv12Tag16NoKdf, AlgorithmSuite::AlgAes256GcmIv12Tag16HkdfSha256);
    assert_ne!(setup.data_key(options(plain)), setup.data_key(options(plain)));
    assert_eq!(setup.data_key(options(derived)), setup.data_key(options(derived)));
}

#[test]
fn a_rotation_is_seen_immediately() {
    let setup = setup(CacheLimits::default());
    let before = setup.plain();
    assert_eq!(setup.plain(), before);
    setup.kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: setup.key.clone() }).unwrap();
    assert_ne!(setup.plain(), before);
}

#[test]
fn a_disabled_key_is_seen_immediately() {
    let setup = setup(CacheLimits::default());
    let encrypted = setup.client.encrypt(&setup.cache, EncryptOptions::default(), b"secret").unwrap();
    setup.client.decrypt(&setup.cache, DecryptOptions::default(), &encrypted.message).unwrap();
    setup.kms.disable_key(DisableKeyRequest { key_id: setup.key.clone() }).unwrap();
    let error = setup.client.encrypt(&setup.cache, EncryptOptions::default(), b"secret").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Disabled);
    let error = setup.client.decrypt(&setup.cache, DecryptOptions::default(), &encrypted.message).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::UnableToDecryptDataKey);
    assert!(error.explanation().unwrap().contains("DisabledException"), "{error}");
    setup.kms.enable_key(EnableKeyRequest { key_id: setup.key.clone() }).unwrap();
    setup.client.decrypt(&setup.cache, DecryptOptions::default(), &encrypted.message).unwrap();
}

#[test]
fn entries_end_by_age_messages_and_bytes() {
    let setup = setup(CacheLimits { max_messages: 3, max_bytes: 100, ..CacheLimits::default() });
    let first = setup.plain();
    setup.clock.set(Timestamp::from_millis(NOW + 59_999));
    assert_eq!(setup.plain(), first);
    setup.clock.set(Timestamp::from_millis(NOW + 60_000));
    let second = setup.plain();
    assert_ne!(second, first, "too old");
    assert_eq!([setup.plain(), setup.plain()], [second.clone(), second.clone()]);
    let third = setup.plain();
    assert_ne!(third, second, "three messages");

    let long = |length| {
        let encrypted = setup.client.encrypt(&setup.cache, EncryptOptions::default(), &vec![0; length]).unwrap();
        encrypted.header.encrypted_data_keys[0].clone()
    };
    assert_eq!(long(90), third);
    assert_ne!(long(1), third, "more than a hundred bytes");
    assert_ne!(long(101), long(1), "longer than any entry may take");
    setup.cache.clear();
    assert_ne!(long(1), third);
}

#[test]
fn a_clock_that_goes_backwards_ends_an_entry() {
    let setup = setup(CacheLimits::default());
    let first = setup.plain();
    setup.clock.set(Timestamp::from_millis(NOW - 1));
    assert_ne!(setup.plain(), first);
}

#[test]
fn the_least_recently_used_entry_goes_first() {
    // Each message takes an entry to encrypt and one to decrypt.
    let setup = setup(CacheLimits { max_entries: 4, ..CacheLimits::default() });
    let (one, two) = (setup.data_key(for_context("1")), setup.data_key(for_context("2")));
    assert_eq!(setup.data_key(for_context("1")), one);
    setup.data_key(for_context("3"));
    assert_eq!(setup.data_key(for_context("1")), one);
    assert_ne!(setup.data_key(for_context("2")), two);
}

#[test]
fn a_stream_of_unknown_length_has_its_own_data_key() {
    let setup = setup(CacheLimits::default());
    let first = setup.client.encryptor(&setup.cache, EncryptOptions::default()).unwrap();
    let second = setup.client.encryptor(&setup.cache, EncryptOptions::default()).unwrap();
    assert_ne!(first.header().encrypted_data_keys, second.header().encrypted_data_keys);
}

#[test]
fn limits_that_cache_nothing_are_refused() {
    let keyring = || Arc::new(setup(CacheLimits::default()).kms.keyring("alias/x", &[]));
    let default = CacheLimits::default();
    for limits in [
        CacheLimits { max_entries: 0, ..default },
        CacheLimits { max_age: Duration::ZERO, ..default },
        CacheLimits { max_messages: 0, ..default },
        CacheLimits { max_messages: (1 << 32) + 1, ..default },
    ] {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(NOW)));
        let error = CachingMaterialsManager::new(keyring(), clock, limits).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Validation);
    }
}
