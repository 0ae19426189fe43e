//! Operations in steps, over a store that has to be waited for: all as in one that answers at once.

use pocketkms::{
    ErrorKind, ManualClock, Result, RootKey, Store, Vault,
    api::*,
    keys::KeySpec,
    steps::{Step, Steps},
};
use pocketkms_tests::{
    driven::Driver,
    store::{Fault, Faulty, Interposed, Moment, Shared},
    store_suite::sight,
    vault::{Opened, START, create_alias, create_key, create_key_of, describe, error, explained, root},
};

fn builder(clock: &ManualClock) -> pocketkms::VaultBuilder {
    Vault::builder().clock(clock.clone())
}

/// A vault in a store that fails on request, with one key; and another handle on it that needs no steps.
fn scene(lease: bool) -> (Driver, Opened, Faulty, Shared, ManualClock) {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let faulty = Faulty::new(store.clone());
    let driver = Driver::new(faulty.clone(), lease);
    let kms = Opened::from(driver.create(builder(&clock), &root()).unwrap());
    let other = other(&store, &clock);
    create_alias(&other, "alias/kept", &create_key(&other).key_id);
    driver.fetched.forget();
    (driver, kms, faulty, store, clock)
}

fn other(store: &Shared, clock: &ManualClock) -> Opened {
    Opened::from(builder(clock).open(store.clone(), &root()).unwrap())
}

#[test]
fn without_a_driver_nothing_is_claimed() {
    let (driver, kms, ..) = scene(true);
    explained(kms.create_key(CreateKeyRequest::default()), ErrorKind::Store, &["Fetched::step"]);
    assert!(driver.run(|| kms.create_key(CreateKeyRequest::default())).is_ok());
}

/// What is done to the key of the alias `alias/kept`, in this order: one operation each.
type Change = fn(&Opened, &str) -> Result<()>;

const CHANGES: [(&str, Change); 9] = [
    ("CreateKey", |kms, _| kms.create_key(CreateKeyRequest::default()).map(drop)),
    ("CreateAlias", |kms, id| {
        kms.create_alias(CreateAliasRequest { alias_name: "alias/one".into(), target_key_id: id.into() })
    }),
    ("CreateGrant", |kms, id| {
        let request = CreateGrantRequest {
            key_id: id.into(),
            grantee_principal: Some("arn:aws:iam::000000000000:user/u".into()),
            operations: vec![GrantOperation::Encrypt],
            name: Some("once".into()),
            ..Default::default()
        };
        kms.create_grant(request).map(drop)
    }),
    ("RotateKeyOnDemand", |kms, id| kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: id.into() }).map(drop)),
    ("EnableKeyRotation", |kms, id| {
        kms.enable_key_rotation(EnableKeyRotationRequest { key_id: id.into(), rotation_period_in_days: Some(90) })
    }),
    ("a rotation falls due", |kms, id| {
        kms.encrypt(EncryptRequest { key_id: id.into(), plaintext: b"x".to_vec().into(), ..Default::default() })
            .map(drop)
    }),
    ("DeleteAlias", |kms, _| kms.delete_alias(DeleteAliasRequest { alias_name: "alias/one".into() })),
    ("ScheduleKeyDeletion", |kms, id| {
        let request = ScheduleKeyDeletionRequest { key_id: id.into(), pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).map(drop)
    }),
    ("a deletion falls due", |kms, _| kms.list_keys(ListKeysRequest::default()).map(drop)),
];

/// Each change meets a fault at its first read or commit, then at its second, until it needs no more.
#[test]
fn faults_at_each_step_are_those_of_any_store() {
    for fault in Fault::ONCE {
        for lease in [true, false] {
            let (driver, kms, faulty, store, clock) = scene(lease);
            let id = describe(&other(&store, &clock), "alias/kept").key_id;
            let mut struck = 0;
            for (name, change) in CHANGES {
                match name {
                    "a rotation falls due" => clock.set(START.plus_days(100)),
                    "a deletion falls due" => clock.set(START.plus_days(110)),
                    _ => {}
                }
                let before = sight(&other(&store, &clock));
                for spared in 0.. {
                    faulty.plan(fault, spared);
                    let result = driver.run(|| change(&kms, &id));
                    let happened = faulty.recover();
                    struck += usize::from(happened);
                    let other = other(&store, &clock);
                    let (after, situation) = (sight(&other), format!("{name}, {fault:?} after {spared}"));
                    assert_eq!(other.vault.verify().unwrap(), [], "{situation}");
                    driver.fetched.check(store.get("generation").unwrap());
                    assert_eq!(driver.run(|| Ok(sight_in_steps(&kms))).unwrap().len(), after.len(), "{situation}");
                    let Err(error) = result else { break };
                    assert!(happened, "{situation}: {}", error.report());
                    assert_eq!(error.kind(), ErrorKind::Store, "{situation}: {}", error.report());
                    assert!(after == before || name.contains("due"), "{situation}: nothing was changed, it said");
                }
            }
            assert!(struck > 0, "{fault:?} never happened");
        }
    }
}

/// Of a run that is given up nothing is seen.
fn sight_in_steps(kms: &Opened) -> Vec<String> {
    let Ok(keys) = kms.list_keys(ListKeysRequest::default()) else { return Vec::new() };
    let Ok(aliases) = kms.list_aliases(ListAliasesRequest::default()) else { return Vec::new() };
    let keys = keys.keys.into_iter().map(|key| key.key_id);
    keys.chain(aliases.aliases.into_iter().map(|alias| alias.alias_name)).collect()
}

#[test]
fn what_others_do_between_two_steps_is_computed_again() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let interposed = Interposed::new(store.clone());
    let driver = Driver::new(interposed.clone(), true);
    let kms = Opened::from(driver.create(builder(&clock), &root()).unwrap());
    let id = driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
    let disturb = |change: fn(&Opened, &str)| {
        let (other, id) = (other(&store, &clock), id.clone());
        interposed.at(Moment::BeforeCommit, move || change(&other, &id));
    };
    // The same record, another one, and one that forbids the change.
    disturb(|other, id| {
        other
            .update_key_description(UpdateKeyDescriptionRequest { key_id: id.into(), description: "theirs".into() })
            .unwrap();
    });
    driver.run(|| kms.disable_key(DisableKeyRequest { key_id: id.clone() })).unwrap();
    assert_eq!(describe(&other(&store, &clock), &id).description, "theirs");
    disturb(|other, _| drop(create_key(other)));
    driver.run(|| kms.enable_key(EnableKeyRequest { key_id: id.clone() })).unwrap();
    assert_eq!(other(&store, &clock).list_keys(ListKeysRequest::default()).unwrap().keys.len(), 2);
    disturb(|other, id| {
        let request = ScheduleKeyDeletionRequest { key_id: id.into(), pending_window_in_days: None };
        other.schedule_key_deletion(request).unwrap();
    });
    let refused = error(driver.run(|| kms.disable_key(DisableKeyRequest { key_id: id.clone() })));
    assert_eq!(refused.kind(), ErrorKind::KmsInvalidState);
    // Who is always overtaken gives up at last.
    let (driver, kms, faulty, ..) = scene(true);
    faulty.plan(Fault::ConflictAlways, 0);
    let late = error(driver.run(|| kms.create_key(CreateKeyRequest::default())));
    assert_eq!(late.kind(), ErrorKind::DependencyTimeout);
}

#[test]
fn what_is_held_needs_no_fetch_until_others_change_something() {
    let (driver, kms, _, store, clock) = scene(true);
    let encrypts = || {
        let request =
            EncryptRequest { key_id: "alias/kept".into(), plaintext: b"x".to_vec().into(), ..Default::default() };
        driver.run(|| kms.execute(&request)).map(drop)
    };
    encrypts().unwrap();
    let reads = driver.reads();
    for _ in 0..10 {
        encrypts().unwrap();
    }
    assert_eq!(driver.reads(), reads, "all was held");
    // Own changes are known without a look.
    driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap();
    let generation = store.get("generation").unwrap();
    let reads = driver.reads();
    driver.fetched.check(generation.clone());
    encrypts().unwrap();
    assert_eq!(driver.reads(), reads, "the generation is as it was held");
    // Those of others from the next check on.
    let other = other(&store, &clock);
    let id = describe(&other, "alias/kept").key_id;
    other.disable_key(DisableKeyRequest { key_id: id }).unwrap();
    encrypts().unwrap();
    driver.fetched.check(store.get("generation").unwrap());
    assert_eq!(error(encrypts()).kind(), ErrorKind::Disabled);
    assert!(driver.reads() > reads);
}

/// Two operations of one handle are under way at the same time, in every order of their steps.
#[test]
fn operations_under_way_beside_each_other_do_not_mix() {
    for order in 0..64_u32 {
        let store = Shared::new();
        let clock = ManualClock::new(START);
        let driver = Driver::new(store.clone(), true);
        let kms = Opened::from(driver.create(builder(&clock), &root()).unwrap());
        driver.fetched.forget();
        let fetched = driver.fetched.clone();
        let mut under_way = [(Steps::new(), None), (Steps::new(), None)];
        let mut turn = order;
        while under_way.iter().any(|(_, answer)| answer.is_none()) {
            let index = if under_way[0].1.is_some() {
                1
            } else if under_way[1].1.is_some() {
                0
            } else {
                (turn & 1) as usize
            };
            turn = turn.rotate_right(1);
            let (steps, answer) = &mut under_way[index];
            let request = CreateKeyRequest { description: Some(format!("{index}")), ..Default::default() };
            match fetched.step(steps, || kms.create_key(request.clone())) {
                Step::Done(done) => *answer = Some(done.unwrap().key_metadata),
                Step::Commit(changes) => fetched.committed(steps, store.commit(changes)),
                Step::Read(wanted) => {
                    let found = wanted.into_iter().map(|wanted| wanted.read(&store)).collect();
                    fetched.found(steps, found);
                }
            }
        }
        let other = other(&store, &clock);
        for (index, (_, answer)) in under_way.iter().enumerate() {
            let key = answer.as_ref().unwrap();
            assert_eq!(key.description, index.to_string());
            assert_eq!(describe(&other, &key.key_id).description, index.to_string(), "order {order}");
        }
        assert_eq!(other.list_keys(ListKeysRequest::default()).unwrap().keys.len(), 2);
    }
}

#[test]
fn opening_is_driven_and_hashes_a_passphrase_once() {
    let (store, clock) = (Shared::new(), ManualClock::new(START));
    let passphrase = || RootKey::from_passphrase(b"a passphrase".to_vec()).unwrap();
    let driver = Driver::new(store.clone(), true);
    assert_eq!(error(driver.open(builder(&clock), &passphrase())).kind(), ErrorKind::NotFound);
    let vault = driver.create(builder(&clock).account_id("123456789012"), &passphrase()).unwrap();
    assert_eq!(
        error(Driver::new(store.clone(), true).create(builder(&clock), &root())).kind(),
        ErrorKind::AlreadyExists
    );
    assert_eq!(error(Driver::new(store.clone(), true).open(builder(&clock), &root())).kind(), ErrorKind::WrongRootKey);
    drop(vault);
    let driver = Driver::new(store.clone(), true);
    let vault = Opened::from(driver.open(builder(&clock), &passphrase()).unwrap());
    assert_eq!(vault.vault.caller().account().to_string(), "123456789012");
    let key = driver.run(|| vault.create_key(CreateKeyRequest::default())).unwrap().key_metadata.key_id;
    // As a snapshot, and back.
    let snapshot = driver.run(|| vault.vault.snapshot()).unwrap();
    let copy = Opened::from(builder(&clock).open_snapshot(&snapshot, &passphrase()).unwrap());
    assert_eq!(describe(&copy, &key).key_id, key);
    assert_eq!(driver.run(|| vault.vault.verify()).unwrap(), []);
    assert_eq!(driver.run(|| vault.vault.revision()).unwrap(), copy.vault.revision().unwrap());
}

#[test]
fn creation_survives_lost_answers() {
    for fault in [Fault::AnswerLost, Fault::RequestLost, Fault::CommitRefused] {
        let (store, clock) = (Shared::new(), ManualClock::new(START));
        let faulty = Faulty::new(store.clone());
        let driver = Driver::new(faulty.clone(), true);
        faulty.plan(fault, 0);
        let made = driver.create(builder(&clock), &root());
        let happened = faulty.recover();
        assert!(happened);
        match fault {
            Fault::CommitRefused => assert_eq!(error(made).kind(), ErrorKind::Store),
            Fault::AnswerLost | Fault::RequestLost => {
                let kms = Opened::from(made.unwrap_or_else(|error| panic!("{fault:?}: {}", error.report())));
                driver.run(|| kms.create_key(CreateKeyRequest::default())).unwrap();
                assert_eq!(other(&store, &clock).list_keys(ListKeysRequest::default()).unwrap().keys.len(), 1);
            }
            _ => unreachable!(),
        }
    }
}

/// Branch keys are moved by a commit each.
#[test]
fn an_operation_of_several_commits_goes_on_where_it_was() {
    let (driver, kms, _, store, clock) = scene(false);
    let key = describe(&other(&store, &clock), "alias/kept").key_id;
    for _ in 0..3 {
        let request = CreateBranchKeyRequest { kms_key_id: key.clone(), ..Default::default() };
        driver.run(|| kms.create_branch_key(request.clone())).unwrap();
    }
    let request = RotateKeyOnDemandRequest { key_id: key.clone() };
    driver.run(|| kms.rotate_key_on_demand(request.clone())).unwrap();
    let revision = driver.run(|| kms.vault.revision()).unwrap();
    let response = driver.run(|| kms.rewrap_branch_keys(RewrapBranchKeysRequest::default())).unwrap();
    assert_eq!(response.branch_keys, 3);
    assert_eq!(driver.run(|| kms.vault.revision()).unwrap(), revision + 3);
}

/// However often a request has to wait for the store, it is one; also where its quota goes by the type of a key that was not fetched.
#[test]
fn a_request_counts_once() {
    let (driver, kms, _, store, clock) = scene(false);
    let pair = create_key_of(&other(&store, &clock), KeySpec::EccNistP256);
    let quota = |name: &str| RequestQuota { quota_name: name.into(), requests: 2, seconds: None };
    kms.vault.set_request_quotas(Some(&[quota("CreateKey"), quota("ECC")])).unwrap();
    let create = || kms.create_key(CreateKeyRequest::default()).map(drop);
    let sign = || {
        let request = SignRequest {
            key_id: pair.key_id.clone(),
            message: b"message".to_vec().into(),
            message_type: None,
            grant_tokens: None,
            signing_algorithm: *pair.signing_algorithms.iter().flatten().next().unwrap(),
            dry_run: None,
        };
        kms.sign(request).map(drop)
    };
    for _ in 0..2 {
        driver.run(create).unwrap();
        driver.run(sign).unwrap();
    }
    assert_eq!(error(driver.run(create)).kind(), ErrorKind::Throttling);
    assert_eq!(error(driver.run(sign)).kind(), ErrorKind::Throttling);
}
