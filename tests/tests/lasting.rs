//! What must hold of a vault that lasts: its clock may be wrong, others use its store, and it is opened again.

use pocketkms::{
    Caller, Clock, ClockTrust, ErrorKind, ManualClock, Timestamp, Vault, VaultBuilder,
    api::*,
    keys::{ExpirationModelType, KeySpec, KeyState},
};
use pocketkms_tests::{
    imports::{external_key, import_request},
    store::{Fault, Faulty, Shared},
    vault::{
        Opened, START, builder, create_alias, create_key, decrypt, describe, encrypt, error, explained, refused, root,
        root_of, vault,
    },
};

/// A clock that no one turns, as far as the vault knows.
#[derive(Clone)]
struct OnTheWall(ManualClock);

impl Clock for OnTheWall {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

/// A vault in a store that lasts, with a system's clock.
fn lasting() -> (Opened, ManualClock, Shared) {
    let (clock, store) = (ManualClock::new(START), Shared::new());
    let kms = Opened::from(Vault::builder().clock(OnTheWall(clock.clone())).create_in(store.clone(), &root()).unwrap());
    (kms, clock, store)
}

fn reopened(store: &Shared, clock: &ManualClock) -> Opened {
    Vault::builder().clock(OnTheWall(clock.clone())).open(store.clone(), &root()).unwrap().into()
}

fn schedule(kms: &Opened, key: &str, days: i32) -> Timestamp {
    let request = ScheduleKeyDeletionRequest { key_id: key.into(), pending_window_in_days: Some(days) };
    kms.schedule_key_deletion(request).unwrap().deletion_date.unwrap()
}

fn enable(kms: &Opened, key: &str, days: i32) {
    let request = EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: Some(days) };
    kms.enable_key_rotation(request).unwrap();
}

fn next_rotation(kms: &Opened, key: &str) -> Timestamp {
    let request = GetKeyRotationStatusRequest { key_id: key.into() };
    kms.get_key_rotation_status(request).unwrap().next_rotation_date.unwrap()
}

fn count(kms: &Opened) -> usize {
    kms.list_keys(ListKeysRequest::default()).unwrap().keys.len()
}

/// What has expired is not removed while the clock is in doubt, and not made the current material either.
#[test]
fn a_key_is_not_rotated_to_material_that_expired_on_a_clock_in_doubt() {
    let (kms, clock, _) = lasting();
    let key = external_key(&kms, KeySpec::SymmetricDefault);
    let import = |material: &[u8], valid_to: Option<Timestamp>| {
        let request = ImportKeyMaterialRequest {
            import_type: Some(ImportType::NewKeyMaterial),
            expiration_model: valid_to.is_none().then_some(ExpirationModelType::KeyMaterialDoesNotExpire),
            valid_to,
            ..import_request(&kms, &key, material)
        };
        kms.import_key_material(request).unwrap().key_material_id
    };
    let first = import(&[1; 32], None);
    import(&[2; 32], Some(START.plus_days(10)));
    let rotate = || kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: key.key_id.clone() });
    clock.set(START.plus_days(36_500));
    assert!(kms.vault.time_in_doubt().unwrap());
    let none = format!("No available key material pending rotation for the key: {}.", key.arn);
    refused(rotate(), ErrorKind::KmsInvalidState, &none);
    let described = describe(&kms, &key.key_id);
    assert_eq!((described.current_key_material_id, described.key_state), (first, KeyState::Enabled));
    encrypt(&kms, &key.key_id, b"goes on");
    // The clock is right again, and what waited is there.
    clock.set(START.plus_days(1));
    rotate().unwrap();
}

#[test]
fn a_clock_that_jumped_deletes_nothing_until_it_is_confirmed() {
    let (kms, clock, store) = lasting();
    let (gone, key) = (create_key(&kms).key_id, create_key(&kms).key_id);
    schedule(&kms, &gone, 7);
    clock.set(START.plus_days(36_500));
    // By no way: a list, a call with the key, one with another, a snapshot, after opening again.
    for kms in [&kms, &reopened(&store, &clock)] {
        assert!(kms.vault.time_in_doubt().unwrap());
        assert_eq!(count(kms), 2);
        assert_eq!(describe(kms, &gone).key_state.as_str(), "PendingDeletion");
        encrypt(kms, &key, b"goes on");
        kms.vault.snapshot().unwrap();
        assert_eq!(count(kms), 2);
    }
    // The clock is right again, and the deletion can be cancelled as if nothing had happened.
    clock.set(START.plus_days(1));
    assert!(!kms.vault.time_in_doubt().unwrap());
    assert_eq!(count(&kms), 2);
    kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: gone.clone() }).unwrap();

    schedule(&kms, &gone, 7);
    clock.set(START.plus_days(100));
    assert_eq!(count(&kms), 2);
    kms.vault.confirm_time().unwrap();
    assert!(!kms.vault.time_in_doubt().unwrap());
    assert_eq!(count(&kms), 1);
    assert!(!reopened(&store, &clock).vault.time_in_doubt().unwrap(), "it was written down");
}

#[test]
fn a_vault_in_use_deletes_on_time() {
    let (kms, clock, _) = lasting();
    let (gone, key) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let blob = encrypt(&kms, &key, b"kept");
    schedule(&kms, &gone, 7);
    for day in 1..=7 {
        assert_eq!(count(&kms), 2, "day {day}");
        clock.set(START.plus_days(day));
        // Nothing that changes the vault.
        decrypt(&kms, &blob).unwrap();
    }
    assert_eq!(count(&kms), 1);
}

/// The time that a vault was used at outlasts the process, also where nothing was changed.
#[test]
fn a_vault_that_is_only_read_knows_the_time_when_it_is_opened_again() {
    let (kms, clock, store) = lasting();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    for day in 1..=30 {
        clock.set(START.plus_days(day));
        decrypt(&reopened(&store, &clock), &blob).unwrap();
    }
    assert!(!reopened(&store, &clock).vault.time_in_doubt().unwrap());
    clock.set(START.plus_days(33));
    assert!(!reopened(&store, &clock).vault.time_in_doubt().unwrap());
    clock.set(START.plus_days(37));
    assert!(reopened(&store, &clock).vault.time_in_doubt().unwrap());
}

type Build = fn(VaultBuilder, ManualClock) -> VaultBuilder;

#[test]
fn who_may_turn_the_clock_is_believed() {
    let day = 36_500;
    let built: [(&str, Build, Shared, usize); 4] = [
        ("a clock that is turned", |builder, clock| builder.clock(clock), Shared::new(), 0),
        ("a vault in memory", |builder, clock| builder.clock(OnTheWall(clock)), Shared::volatile(), 0),
        (
            "trusted",
            |builder, clock| builder.clock(OnTheWall(clock)).clock_trust(ClockTrust::Trusted),
            Shared::new(),
            0,
        ),
        (
            "in memory, and not trusted",
            |builder, clock| builder.clock(OnTheWall(clock)).clock_trust(ClockTrust::System),
            Shared::volatile(),
            1,
        ),
    ];
    for (name, build, store, left) in built {
        let clock = ManualClock::new(START);
        let kms = Opened::from(build(Vault::builder(), clock.clone()).create_in(store, &root()).unwrap());
        let key = create_key(&kms).key_id;
        schedule(&kms, &key, 7);
        clock.set(START.plus_days(day));
        assert_eq!(count(&kms), left, "{name}");
    }
}

/// A clock that was wrong for one call sets the next rotation a century ahead.
#[test]
fn a_schedule_beyond_its_period_is_repaired() {
    // Where the clock is trusted, by enabling rotation again.
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 365);
    clock.set(START.plus_days(36_500));
    describe(&kms, &key);
    clock.set(START.plus_days(1));
    assert!(next_rotation(&kms, &key) > START.plus_days(36_500));
    enable(&kms, &key, 365);
    assert_eq!(next_rotation(&kms, &key), START.plus_days(366));
    enable(&kms, &key, 365);
    assert_eq!(next_rotation(&kms, &key), START.plus_days(366));

    // Where it is not, by itself.
    let (kms, clock, _) = lasting();
    let key = create_key(&kms).key_id;
    enable(&kms, &key, 365);
    clock.set(START.plus_days(36_500));
    describe(&kms, &key);
    clock.set(START.plus_days(1));
    assert_eq!(next_rotation(&kms, &key), START.plus_days(366));
}

/// Material and all, and by whatever it does, although it never asked for that key or for a list.
#[test]
fn a_deletion_that_another_process_scheduled_is_carried_out() {
    let (builder, clock) = builder();
    let store = Shared::new();
    let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
    let other = Opened::from(Vault::builder().clock(clock.clone()).open(store.clone(), &root()).unwrap());
    let (gone, key) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let blob = encrypt(&kms, &key, b"kept");
    schedule(&other, &gone, 7);
    drop(other);
    let digits = gone.replace('-', "");
    clock.advance_days(7);
    assert!(store.names().iter().any(|name| name.contains(&digits)));
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    assert!(store.names().iter().all(|name| !name.contains(&digits)));
}

#[test]
fn no_date_is_beyond_the_years_that_every_language_has() {
    for millis in [i64::MIN, i64::MAX, Timestamp::MIN.as_millis() - 1, Timestamp::MAX.as_millis() + 1] {
        let time = Timestamp::from_millis(millis);
        assert!((Timestamp::MIN..=Timestamp::MAX).contains(&time));
        assert!((Timestamp::MIN..=Timestamp::MAX).contains(&time.plus_days(u32::MAX)));
    }
    for seconds in ["1e300", "-1e300", "253402300800", "9007199254740993"] {
        let time: Timestamp = serde_json::from_str(seconds).unwrap();
        assert!((Timestamp::MIN..=Timestamp::MAX).contains(&time), "{seconds}");
    }
    let clock = ManualClock::new(Timestamp::MAX);
    let kms = Opened::from(Vault::builder().clock(clock).create_in_memory(&root()).unwrap());
    let (key, gone) = (create_key(&kms), create_key(&kms));
    enable(&kms, &key.key_id, 2560);
    assert!(key.creation_date < next_rotation(&kms, &key.key_id));
    assert!(next_rotation(&kms, &key.key_id) <= Timestamp::MAX);
    // The waiting period is whole: the vault's clock stops before the last year is over.
    let date = schedule(&kms, &gone.key_id, 30);
    assert_eq!(date, gone.creation_date.plus_days(30));
    assert_eq!(count(&kms), 2);
}

#[test]
fn a_vault_remembers_whom_it_was_made_for() {
    let clock = ManualClock::new(START);
    let builder = || Vault::builder().clock(clock.clone());
    let store = Shared::new();
    let kms = Opened::from(
        builder().account_id("111122223333").region("eu-central-1").create_in(store.clone(), &root()).unwrap(),
    );
    let key = create_key(&kms);
    let blob = encrypt(&kms, &key.key_id, b"kept");
    let snapshot = kms.vault.snapshot().unwrap();
    let opened = [builder().open(store, &root()).unwrap(), builder().open_snapshot(&snapshot, &root()).unwrap()];
    for kms in opened.map(Opened::from) {
        assert_eq!(kms.caller(), &Caller::root("111122223333", "eu-central-1").unwrap());
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
        assert_eq!(count(&kms), 1);
    }
    // Each part can be named alone, and a caller goes before both.
    let open = |builder: VaultBuilder| builder.open_snapshot(&snapshot, &root()).unwrap().caller().clone();
    assert_eq!(open(builder().region("us-west-2")), Caller::root("111122223333", "us-west-2").unwrap());
    assert_eq!(open(builder().account_id("444455556666")), Caller::root("444455556666", "eu-central-1").unwrap());
    let other = Caller::root("444455556666", "us-west-2").unwrap();
    assert_eq!(open(builder().region("eu-west-1").caller(other.clone())), other);
    // A principal is remembered, too.
    let alice = Caller::root("111122223333", "eu-central-1")
        .unwrap()
        .with_principal("arn:aws:iam::111122223333:user/a")
        .unwrap();
    let kms = Opened::from(builder().caller(alice.clone()).create_in_memory(&root()).unwrap());
    let snapshot = kms.vault.snapshot().unwrap();
    assert_eq!(builder().open_snapshot(&snapshot, &root()).unwrap().caller(), &alice);
    refused(
        builder().account_id("1").open_snapshot(&snapshot, &root()),
        ErrorKind::Validation,
        "'1' is not an account id: twelve digits",
    );
}

/// Anyone who calls another Region learns in which their keys are; of other accounts no one learns anything.
#[test]
fn a_key_that_is_not_found_says_where_the_vault_has_keys() {
    let (builder, _) = builder();
    let kms =
        Opened::from(builder.account_id("111122223333").region("eu-central-1").create_in_memory(&root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let stranger = kms.vault.client_as(Caller::root("000000000000", "us-east-1").unwrap());
    let traveller = kms.vault.client_as(Caller::root("111122223333", "us-east-1").unwrap());
    for (kms, words) in [
        (stranger, ["you call as account 000000000000 in us-east-1", "no keys"]),
        (traveller, ["you call as account 111122223333 in us-east-1", "keys in eu-central-1"]),
    ] {
        explained(decrypt(&kms, &blob), ErrorKind::AccessDenied, &words);
        let request = DescribeKeyRequest { key_id: key.clone(), ..Default::default() };
        let error = error(kms.describe_key(request));
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let explanation = error.explanation().unwrap_or_default();
        assert!(words.iter().all(|word| explanation.contains(word)), "{}", error.report());
        assert!(words[0].contains("1111") || !error.report().contains("111122223333"), "{}", error.report());
    }
}

/// As long as somebody else is always faster: the error comes late, and nothing was changed.
#[test]
fn a_vault_that_others_keep_changing_is_given_up_in_the_end() {
    let faulty = Faulty::new(Shared::new());
    let kms = Opened::from(builder().0.create_in(faulty.clone(), &root()).unwrap());
    faulty.plan(Fault::ConflictAlways, 0);
    let error = error(kms.create_key(CreateKeyRequest::default()));
    assert_eq!(error.kind(), ErrorKind::DependencyTimeout);
    faulty.plan(Fault::ConflictAlways, 0);
    assert_eq!(kms.vault.shred(&root_of(8)).unwrap_err().kind(), ErrorKind::DependencyTimeout);
    faulty.recover();
    assert_eq!(count(&kms), 0);
    create_key(&kms);
}

/// What is encrypted waits for the rotation; what is decrypted does not.
#[test]
fn a_due_rotation_that_cannot_be_stored_stops_encryption_alone() {
    let faulty = Faulty::new(Shared::new());
    let (builder, clock) = builder();
    let kms = Opened::from(builder.create_in(faulty.clone(), &root()).unwrap());
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    let former = describe(&kms, &key).current_key_material_id;
    enable(&kms, &key, 90);
    clock.advance_days(91);
    let encrypt_more =
        || kms.encrypt(EncryptRequest { key_id: key.clone(), plaintext: vec![1].into(), ..Default::default() });
    for fault in [Fault::CommitRefused, Fault::ConflictAlways] {
        faulty.plan(fault, 0);
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
        let kind = error(encrypt_more()).kind();
        assert!(matches!(kind, ErrorKind::Store | ErrorKind::DependencyTimeout), "{kind:?}");
        faulty.recover();
    }
    encrypt_more().unwrap();
    assert_ne!(describe(&kms, &key).current_key_material_id, former);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
}

/// A store that takes no changes keeps no one from reading what has nothing to do with them.
#[test]
fn a_due_deletion_that_cannot_be_stored_stops_only_its_key() {
    let faulty = Faulty::new(Shared::new());
    let (builder, clock) = builder();
    let kms = Opened::from(builder.create_in(faulty.clone(), &root()).unwrap());
    let (gone, key) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let blob = encrypt(&kms, &key, b"kept");
    create_alias(&kms, "alias/gone", &gone);
    create_alias(&kms, "alias/kept", &key);
    schedule(&kms, &gone, 7);
    clock.advance_days(8);
    faulty.plan(Fault::CommitRefused, 0);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    let request = DescribeKeyRequest { key_id: gone.clone(), ..Default::default() };
    assert_eq!(error(kms.describe_key(request.clone())).kind(), ErrorKind::Store);
    // Lists show what is there after it.
    let listed = |kms: &Opened| {
        let aliases = kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases;
        let keys = kms.list_keys(ListKeysRequest::default()).unwrap().keys;
        let names: Vec<_> = aliases.into_iter().map(|alias| alias.alias_name).collect();
        (keys.into_iter().map(|key| key.key_id).collect::<Vec<_>>(), names)
    };
    let kept = (vec![key], vec!["alias/kept".to_string()]);
    assert_eq!(listed(&kms), kept);
    faulty.recover();
    assert_eq!(error(kms.describe_key(request)).kind(), ErrorKind::NotFound);
    assert_eq!(listed(&kms), kept);
}
