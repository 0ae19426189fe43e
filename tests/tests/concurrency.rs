//! Many threads on one vault, and on several vaults of one store: what was answered is not lost, and what may happen
//! once happens once.

use pocketkms::{ErrorKind, Result, Vault, api::*};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_alias, create_key, decrypt, describe, encrypt, root, root_of, vault},
};
use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

const THREADS: usize = 8;

/// Runs the same in every thread, each with its number, and gives what each answered.
fn in_parallel<T: Send>(work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || work(number))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).collect()
    })
}

fn key_ids(kms: &Opened) -> BTreeSet<String> {
    let keys = kms.list_keys(ListKeysRequest { limit: Some(1000), ..Default::default() }).unwrap();
    assert!(!keys.truncated);
    keys.keys.into_iter().map(|key| key.key_id).collect()
}

fn rotate(kms: &Opened, key: &str) -> Result<RotateKeyOnDemandResponse> {
    kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.into() })
}

fn rotations(kms: &Opened, key: &str) -> Vec<RotationsListEntry> {
    let request = ListKeyRotationsRequest { key_id: key.into(), limit: Some(1000), ..Default::default() };
    kms.list_key_rotations(request).unwrap().rotations
}

#[test]
fn what_was_answered_is_there() {
    let (kms, _) = vault();
    let answered = in_parallel(|thread| {
        let mut blobs = Vec::new();
        let mut keys = Vec::new();
        for round in 0..10 {
            let key = kms.create_key(CreateKeyRequest::default()).unwrap().key_metadata.key_id;
            create_alias(&kms, &format!("alias/{thread}-{round}"), &key);
            let plaintext = format!("thread {thread}, round {round}");
            blobs.push((encrypt(&kms, &key, plaintext.as_bytes()), plaintext.clone()));
            rotate(&kms, &key).unwrap();
            blobs.push((encrypt(&kms, &key, plaintext.as_bytes()), plaintext));
            keys.push(key);
        }
        (keys, blobs)
    });
    let snapshot = Vault::builder().open_snapshot(&kms.vault.snapshot().unwrap(), &root()).unwrap().into();
    for kms in [&kms, &snapshot] {
        let mut keys = BTreeSet::new();
        for (created, blobs) in &answered {
            keys.extend(created.iter().cloned());
            for (blob, plaintext) in blobs {
                assert_eq!(decrypt(kms, blob).unwrap(), plaintext.as_bytes());
            }
        }
        assert_eq!(key_ids(kms), keys);
        for (thread, (created, _)) in answered.iter().enumerate() {
            for (round, key) in created.iter().enumerate() {
                assert_eq!(describe(kms, &format!("alias/{thread}-{round}")).key_id, *key);
            }
        }
    }
}

/// Each reads, changes and writes the same record: the classic lost update.
#[test]
fn no_change_of_the_same_key_is_lost() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    in_parallel(|thread| {
        for round in 0..6 {
            let tag = Tag { tag_key: format!("{thread}-{round}"), tag_value: String::new() };
            let request = TagResourceRequest { key_id: key.clone(), tags: vec![tag] };
            kms.execute(&request).unwrap();
        }
    });
    let tags = kms.list_resource_tags(ListResourceTagsRequest { key_id: key, ..Default::default() }).unwrap().tags;
    assert_eq!(tags.len(), 6 * THREADS);
}

#[test]
fn a_limit_holds() {
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let results: Vec<_> = in_parallel(|_| (0..5).map(|_| rotate(&kms, &key)).collect::<Vec<_>>());
    let (done, refused): (Vec<_>, Vec<_>) = results.into_iter().flatten().partition(Result::is_ok);
    assert_eq!((done.len(), refused.len()), (25, 5 * THREADS - 25));
    assert!(refused.into_iter().all(|result| result.unwrap_err().kind() == ErrorKind::LimitExceeded));
    let materials: BTreeSet<_> = rotations(&kms, &key).into_iter().map(|rotation| rotation.key_material_id).collect();
    assert_eq!(materials.len(), 25);

    let aliases: Vec<_> = in_parallel(|thread| {
        let alias = |number| format!("alias/{thread}-{number}");
        let request = |number| CreateAliasRequest { alias_name: alias(number), target_key_id: key.clone() };
        (0..10).map(|number| kms.execute(&request(number))).collect::<Vec<_>>()
    });
    assert_eq!(aliases.into_iter().flatten().flatten().count(), 50);
}

#[test]
fn one_alone_gets_a_name() {
    let (kms, _) = vault();
    let keys: Vec<_> = (0..THREADS).map(|_| create_key(&kms).key_id).collect();
    for round in 0..10 {
        let alias = format!("alias/{round}");
        let results = in_parallel(|thread| {
            let request = CreateAliasRequest { alias_name: alias.clone(), target_key_id: keys[thread].clone() };
            kms.execute(&request)
        });
        let winner = results.iter().position(Result::is_ok).expect("a winner");
        assert_eq!(describe(&kms, &alias).key_id, keys[winner]);
        for (thread, result) in results.into_iter().enumerate() {
            assert_eq!(result.err().map(|error| error.kind()), (thread != winner).then_some(ErrorKind::AlreadyExists));
        }
    }
}

#[test]
fn what_falls_due_happens_once() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let gone = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let lost = encrypt(&kms, &gone, b"lost");
    kms.enable_key_rotation(EnableKeyRotationRequest { key_id: key.clone(), ..Default::default() }).unwrap();
    let request = ScheduleKeyDeletionRequest { key_id: gone, pending_window_in_days: None };
    kms.schedule_key_deletion(request).unwrap();
    for year in 1..=5 {
        clock.advance_days(365);
        in_parallel(|_| {
            assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
            assert_eq!(decrypt(&kms, &lost).unwrap_err().kind(), ErrorKind::AccessDenied);
        });
        assert_eq!(rotations(&kms, &key).len(), year);
    }
    assert_eq!(key_ids(&kms), [key].into());
}

/// Readers and writers go on while the root key is replaced again and again, and notice nothing.
#[test]
fn a_new_root_key_disturbs_no_one() {
    const ROUNDS: u8 = 40;
    let (kms, _) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    for _ in 0..10 {
        create_key(&kms);
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for thread in 0..4 {
            let (kms, key, blob, done) = (&kms, &key, &blob, &done);
            scope.spawn(move || {
                for round in 0.. {
                    if done.load(Ordering::Relaxed) {
                        break;
                    }
                    assert_eq!(decrypt(kms, blob).unwrap(), b"kept");
                    kms.list_keys(ListKeysRequest::default()).unwrap();
                    let description = format!("{thread} {round}");
                    let request = UpdateKeyDescriptionRequest { key_id: key.clone(), description };
                    kms.execute(&request).unwrap();
                    if round % 10 == 0 {
                        kms.vault.snapshot().unwrap();
                    }
                }
            });
        }
        for round in 0..ROUNDS {
            kms.vault.shred(&root_of(round)).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    let reopened =
        Opened::from(Vault::builder().open_snapshot(&kms.vault.snapshot().unwrap(), &root_of(ROUNDS - 1)).unwrap());
    assert_eq!(decrypt(&reopened, &blob).unwrap(), b"kept");
    assert_eq!(key_ids(&reopened), key_ids(&kms));
}

/// As several processes on one database.
#[test]
fn several_vaults_on_one_store_lose_nothing() {
    let store = Shared::new();
    let first = Opened::from(builder().0.create_in(store.clone(), &root()).unwrap());
    let key = create_key(&first).key_id;
    let answered = in_parallel(|thread| {
        let kms = Opened::from(builder().0.open(store.clone(), &root()).unwrap());
        (0..6)
            .map(|round| {
                let tag = Tag { tag_key: format!("{thread}-{round}"), tag_value: String::new() };
                let request = TagResourceRequest { key_id: key.clone(), tags: vec![tag] };
                kms.execute(&request).unwrap();
                let _ = rotate(&kms, &key);
                encrypt(&kms, &key, b"shared")
            })
            .collect::<Vec<_>>()
    });
    for blob in answered.iter().flatten() {
        assert_eq!(decrypt(&first, blob).unwrap(), b"shared");
    }
    let tags = first.list_resource_tags(ListResourceTagsRequest { key_id: key.clone(), ..Default::default() });
    assert_eq!(tags.unwrap().tags.len(), 6 * THREADS);
    assert_eq!(rotations(&first, &key).len(), 25);
}
