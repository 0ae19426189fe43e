//! A vault that is locked gives nothing out to any holder, and all that there was works again when it is unlocked.

use pocketkms::{
    AuditSink, ErrorCategory, ErrorKind, ManualClock, Result, Vault,
    api::*,
    envelope::{
        AlgorithmSuite, CacheLimits, CachingMaterialsManager, DecryptOptions, EncryptOptions, EncryptionClient,
        MaterialsManager, RangeOptions, Transform,
    },
};
use pocketkms_tests::{
    driven::Driver,
    store::Shared,
    vault::{Opened, START, builder, create_key, decrypt, encrypt, error, root, root_of, vault},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

#[track_caller]
fn locked<T>(result: Result<T>) {
    let error = error(result);
    assert_eq!((error.kind(), error.name()), (ErrorKind::VaultLocked, "VaultLockedException"), "{}", error.report());
    assert_eq!(error.category(), ErrorCategory::Authenticate);
    assert!(error.message().contains("unlock it"), "{error}");
}

#[test]
fn every_call_of_every_handle_is_refused_until_it_is_unlocked() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let other = kms.vault.client_as(pocketkms::Caller::root("111122223333", "eu-central-1").unwrap());
    assert!(kms.vault.needs_saving() && !kms.vault.is_locked());
    for _ in 0..2 {
        kms.vault.clone().lock();
        kms.vault.lock();
        for vault in [&kms.vault, &kms.vault.clone()] {
            assert!(vault.is_locked() && !vault.is_closed());
            assert!(vault.needs_saving(), "what is in memory alone still is");
            locked(vault.snapshot());
            locked(vault.mark_saved(b""));
            locked(vault.shred(&root_of(8)));
            locked(vault.revision());
            locked(vault.confirm_time());
            locked(vault.time_in_doubt());
            locked(vault.damaged());
            locked(vault.verify());
            locked(vault.root_keys());
            locked(vault.add_root_key(&root_of(8), ""));
            locked(vault.rotate_vault_key(&[&root()]));
            locked(vault.finish_rotation());
            locked(vault.flush_audit());
            locked(vault.verify_audit());
            locked(vault.head());
            locked(vault.lookup_events(&LookupEventsRequest::default()));
            locked(vault.simulate(vault.caller(), &SimulateRequest::default()));
            locked(vault.client_of(vault.caller().clone()));
        }
        for kms in [&*kms, &other, &kms.vault.client()] {
            assert!(!kms.is_closed());
            locked(kms.check_open());
            locked(decrypt(kms, &blob));
            locked(kms.create_key(CreateKeyRequest::default()));
            locked(kms.list_keys(ListKeysRequest::default()));
            locked(kms.generate_random(GenerateRandomRequest { number_of_bytes: Some(1), ..Default::default() }));
            locked(kms.list_branch_keys(ListBranchKeysRequest::default()));
        }
        // Only with a root key.
        assert_eq!(error(kms.vault.unlock(&root_of(8))).kind(), ErrorKind::WrongRootKey);
        locked(decrypt(&kms, &blob));
        kms.vault.unlock(&root()).unwrap();
        assert!(!kms.vault.is_locked());
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
        other.list_keys(ListKeysRequest::default()).unwrap();
    }
    // The root key is asked although it is not needed.
    kms.vault.unlock(&root()).unwrap();
    assert_eq!(error(kms.vault.unlock(&root_of(8))).kind(), ErrorKind::WrongRootKey);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    // The events of what was called before, and none of what was refused.
    assert!(kms.vault.verify_audit().unwrap().problems.is_empty());
    let events = kms.vault.lookup_events(&LookupEventsRequest::default()).unwrap().events;
    assert_eq!(events.iter().filter(|event| event.event_name == "CreateKey").count(), 1);
}

#[test]
fn a_closed_vault_is_closed_whether_it_was_locked_or_not() {
    let (kms, _) = vault();
    kms.vault.lock();
    kms.vault.close();
    kms.vault.lock();
    assert!(kms.vault.is_closed() && !kms.vault.is_locked());
    assert_eq!(error(kms.vault.unlock(&root())).kind(), ErrorKind::VaultClosed);
    assert_eq!(error(kms.vault.snapshot()).kind(), ErrorKind::VaultClosed);
}

#[test]
fn keyrings_and_caches_come_back() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let request = CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() };
    let branch_key = kms.create_branch_key(request).unwrap().branch_key_identifier;
    let client = EncryptionClient::default();
    let keyring = Arc::new(kms.keyring(&key, &[]));
    let hierarchical = Arc::new(kms.hierarchical_keyring(&branch_key, Duration::from_secs(3600)).unwrap());
    let limits = CacheLimits::default();
    let caching =
        |keyring| CachingMaterialsManager::new(keyring, Arc::new(clock.clone()), limits).map(Arc::new).unwrap();
    let managers: [Arc<dyn MaterialsManager>; 4] =
        [Arc::clone(&keyring) as _, Arc::clone(&hierarchical) as _, caching(keyring), caching(hierarchical)];
    let encrypt = |manager: &Arc<dyn MaterialsManager>| client.encrypt(&**manager, EncryptOptions::default(), b"kept");
    let decrypt = |manager: &Arc<dyn MaterialsManager>, message: &[u8]| {
        client.decrypt(&**manager, DecryptOptions::default(), message)
    };
    let messages: Vec<_> = managers.iter().map(|manager| encrypt(manager).unwrap().message).collect();
    for _ in 0..2 {
        kms.vault.lock();
        // One that is made meanwhile, too.
        let late: Arc<dyn MaterialsManager> = caching(Arc::new(kms.keyring(&key, &[])));
        locked(encrypt(&late));
        for (manager, message) in managers.iter().zip(&messages) {
            locked(encrypt(manager));
            locked(decrypt(manager, message));
        }
        kms.vault.unlock(&root()).unwrap();
        for (manager, message) in managers.iter().zip(&messages) {
            assert_eq!(decrypt(manager, message).unwrap().plaintext.expose(), b"kept");
        }
        // They keep data keys again.
        for manager in [&managers[2], &managers[3], &late] {
            let keys = [(); 2].map(|()| encrypt(manager).unwrap().header.encrypted_data_keys);
            assert_eq!(keys[0], keys[1]);
        }
    }
}

#[test]
fn streams_lose_their_keys_for_good() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let client = EncryptionClient::default();
    let keyring: Arc<dyn MaterialsManager> = Arc::new(kms.keyring(&key, &[]));
    let plaintext = [7; 100];
    let (unsigned, signed) =
        (AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKey, AlgorithmSuite::AlgAes256GcmHkdfSha512CommitKeyEcdsaP384);
    for suite in [unsigned, signed].map(Some) {
        let options = || EncryptOptions { frame_length: Some(10), algorithm_suite: suite, ..EncryptOptions::default() };
        let message = client.encrypt(&*keyring, options(), &plaintext).unwrap().message;
        let begun = || {
            let mut encryptor = client.encryptor(&*keyring, options()).unwrap();
            encryptor.update_vec(&plaintext[..50]).unwrap();
            let mut decryptor = client.decryptor(Arc::clone(&keyring), DecryptOptions::default());
            assert!(!decryptor.update_vec(&message[..message.len() / 2 + 200]).unwrap().is_empty());
            let ranges = RangeOptions { accept_unverified_signature: true, ..RangeOptions::default() };
            (encryptor, decryptor, client.range_reader(&*keyring, &ranges, &message).unwrap())
        };
        let (mut encryptor, mut decryptor, reader) = begun();
        let (mut at_its_end, ..) = begun();
        // The header has not come: it asks when it has.
        let mut early = client.decryptor(Arc::clone(&keyring), DecryptOptions::default());
        early.update_vec(&message[..10]).unwrap();
        kms.vault.lock();
        let part = &message[usize::try_from(reader.locate(&(0..10)).unwrap().start).unwrap()..];
        locked(encryptor.update_vec(&plaintext[50..]));
        locked(at_its_end.finish());
        locked(decryptor.update_vec(&message[message.len() / 2 + 200..]));
        locked(reader.open(&(0..10), part).map(drop));
        assert!(encryptor.header().encrypted_data_keys.len() == 1 && decryptor.encryption_context().is_some());
        kms.vault.unlock(&root()).unwrap();
        assert_eq!(error(encryptor.finish()).kind(), ErrorKind::StreamState);
        assert_eq!(error(decryptor.finish()).kind(), ErrorKind::StreamState);
        locked(reader.open(&(0..10), part).map(drop));
        assert_eq!(early.update_vec(&message[10..]).unwrap(), plaintext);
        early.finish().unwrap();
        let (mut encryptor, ..) = begun();
        encryptor.finish().unwrap();
    }
}

#[test]
fn a_stream_of_other_keys_goes_on() {
    let ((kms, _), (other, _)) = (vault(), vault());
    let client = EncryptionClient::default();
    let keyring = other.keyring(&create_key(&other).key_id, &[]);
    let mut encryptor = client.encryptor(&keyring, EncryptOptions::default()).unwrap();
    kms.vault.lock();
    encryptor.update_vec(b"plaintext").unwrap();
    encryptor.finish().unwrap();
}

/// What another process did to the root keys meanwhile counts.
#[test]
fn the_vault_is_found_as_it_is_by_then() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let builder = || Vault::builder().clock(clock.clone());
    let kms = Opened::from(builder().create_in(store.clone(), &root()).unwrap());
    let blob = encrypt(&kms, &create_key(&kms).key_id, b"kept");
    let other = builder().open(store.clone(), &root()).unwrap();
    let before = store.records();
    kms.vault.lock();
    let id = other.root_keys().unwrap()[0].id.clone();
    other.add_root_key(&root_of(8), "new").unwrap();
    other.remove_root_key(&id).unwrap();
    other.rotate_vault_key(&[&root_of(8)]).unwrap();
    assert_eq!(error(kms.vault.unlock(&root())).kind(), ErrorKind::WrongRootKey);
    locked(decrypt(&kms, &blob));
    kms.vault.unlock(&root_of(8)).unwrap();
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    // One that was put back is refused, and another vault, too.
    kms.vault.lock();
    store.replace(before.clone());
    assert_eq!(error(kms.vault.unlock(&root())).kind(), ErrorKind::RolledBack);
    assert!(kms.vault.is_locked());
    let stranger = Shared::new();
    builder().create_in(stranger.clone(), &root()).unwrap();
    store.replace(stranger.records());
    assert_eq!(error(kms.vault.unlock(&root())).kind(), ErrorKind::WrongRootKey);
    locked(decrypt(&kms, &blob));
}

#[test]
fn a_store_that_is_waited_for_is_unlocked_in_steps() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let passphrase = || pocketkms::RootKey::from_passphrase(b"a passphrase".to_vec()).unwrap();
    let driver = Driver::new(store.clone(), true);
    let kms = Opened::from(driver.create(Vault::builder().clock(clock), &passphrase()).unwrap());
    let key = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
    kms.vault.lock();
    locked(driver.run(|| kms.create_key(CreateKeyRequest::default())));
    assert_eq!(error(driver.run(|| kms.vault.unlock(&root()))).kind(), ErrorKind::WrongRootKey);
    assert!(kms.vault.is_locked());
    driver.run(|| kms.vault.unlock(&passphrase())).unwrap();
    let request = DescribeKeyRequest { key_id: key, ..Default::default() };
    driver.run(|| kms.describe_key(request.clone())).unwrap();
}

/// Threads that use it meanwhile see whole answers or that it is locked.
#[test]
fn locking_under_load_harms_no_one() {
    let (builder, _) = builder();
    let kms = Opened::from(builder.create_in_memory(&root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let client = EncryptionClient::default();
    let message = {
        let keyring = kms.keyring(&key, &[]);
        client.encrypt(&keyring, EncryptOptions::default(), &vec![1; 100_000]).unwrap().message
    };
    let is_done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let keyring: Arc<dyn MaterialsManager> = Arc::new(kms.keyring(&key, &[]));
                while !is_done.load(std::sync::atomic::Ordering::SeqCst) {
                    let each = |result: Result<()>| {
                        if let Err(error) = result {
                            assert_eq!(error.kind(), ErrorKind::VaultLocked, "{}", error.report());
                        }
                    };
                    each(decrypt(&kms, &blob).map(|plaintext| assert_eq!(plaintext, b"kept")));
                    let tags = vec![Tag { tag_key: "a".into(), tag_value: "b".into() }];
                    each(kms.tag_resource(TagResourceRequest { key_id: key.clone(), tags }));
                    let mut decryptor = client.decryptor(Arc::clone(&keyring), DecryptOptions::default());
                    let whole = message.chunks(10_000).try_fold(Vec::new(), |mut all, piece| {
                        all.append(&mut decryptor.update_vec(piece)?);
                        Ok(all)
                    });
                    each(whole.map(|whole| assert_eq!(whole, vec![1; 100_000])));
                }
            });
        }
        for _ in 0..200 {
            kms.vault.lock();
            locked(decrypt(&kms, &blob));
            kms.vault.unlock(&root()).unwrap();
            assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
        }
        is_done.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    assert_eq!(kms.vault.verify().unwrap(), [], "nothing was taken for damaged");
    assert!(kms.vault.verify_audit().unwrap().problems.is_empty());
}

struct Panics;

impl AuditSink for Panics {
    fn events(&self, _: &[AuditEvent]) -> Result<()> {
        panic!("the app's own fault")
    }
}

/// The app's own code hears of the events that waited, and may panic.
#[test]
fn a_sink_that_panics_does_not_keep_the_vault_open() {
    let (builder, _) = builder();
    let kms = Opened::from(builder.audit_sink(Panics).create_in_memory(&root()).unwrap());
    let _ = catch_unwind(AssertUnwindSafe(|| create_key(&kms)));
    let _ = catch_unwind(AssertUnwindSafe(|| kms.vault.lock()));
    assert!(kms.vault.is_locked());
}

/// As one that is there at once: the whole database was put back while it was locked.
#[test]
fn a_store_that_is_waited_for_and_was_put_back_is_refused() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let driver = Driver::new(store.clone(), true);
    let kms = Opened::from(driver.create(Vault::builder().clock(clock), &root()).unwrap());
    let before = store.records();
    driver.run(|| kms.vault.add_root_key(&root_of(8), "new")).unwrap();
    kms.vault.lock();
    store.replace(before);
    assert_eq!(error(driver.run(|| kms.vault.unlock(&root()))).kind(), ErrorKind::RolledBack);
    assert!(kms.vault.is_locked());
}
