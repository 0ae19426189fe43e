//! Clocks that misbehave: "It may jump, also backwards; PocketKMS never assumes that it is monotonic." No operation may
//! hang, and what fell due once is not undone.

use pocketkms::{Clock, ErrorKind, ManualClock, Timestamp, Vault, api::*};
use pocketkms_tests::{
    store::{Interposed, Moment, Shared},
    vault::{Opened, START, create_key, decrypt, describe, encrypt, error, root, vault},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

fn enable_rotation(kms: &Opened, key: &str) {
    kms.enable_key_rotation(EnableKeyRotationRequest { key_id: key.into(), rotation_period_in_days: Some(90) })
        .unwrap();
}

fn rotations(kms: &Opened, key: &str) -> usize {
    let request = ListKeyRotationsRequest { key_id: key.into(), limit: Some(1000), ..Default::default() };
    kms.list_key_rotations(request).unwrap().rotations.len()
}

/// Gives up on work that never ends.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(Duration::from_secs(20)).expect("an operation that ends")
}

/// A clock that shows a later time at a single look, and is right at every other.
#[derive(Clone)]
struct Blinking {
    looks: Arc<AtomicUsize>,
    wrong_at: usize,
    days: u32,
}

const DAY: i64 = 24 * 60 * 60 * 1000;

impl Clock for Blinking {
    fn now(&self) -> Timestamp {
        let wrong = self.looks.fetch_add(1, Ordering::Relaxed) == self.wrong_at;
        if wrong { START.plus_days(self.days) } else { START }
    }
}

/// What is due at one look is not due at the next: those who looked must not wait for each other.
#[test]
fn a_clock_that_is_wrong_for_a_moment_keeps_no_operation_from_ending() {
    let mut rotated = 0;
    for wrong_at in 0..40 {
        let clock = Blinking { looks: Arc::default(), wrong_at: usize::MAX, days: 91 };
        let store = Shared::new();
        let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in(store.clone(), &root()).unwrap());
        let (key, other) = (create_key(&kms).key_id, create_key(&kms).key_id);
        let blob = encrypt(&kms, &key, b"kept");
        enable_rotation(&kms, &key);
        let request = ScheduleKeyDeletionRequest { key_id: other, pending_window_in_days: Some(30) };
        kms.schedule_key_deletion(request).unwrap();

        let clock = Blinking { looks: Arc::default(), wrong_at, ..clock };
        let kms = Opened::from(Vault::builder().clock(clock).open(store, &root()).unwrap());
        rotated += in_time(move || {
            for _ in 0..4 {
                assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
                describe(&kms, &key);
                kms.list_keys(ListKeysRequest::default()).unwrap();
                kms.vault.snapshot().unwrap();
            }
            rotations(&kms, &key)
        });
    }
    assert!(rotated > 0, "the wrong time was never looked at");
}

#[test]
fn a_clock_at_the_end_of_time_keeps_no_operation_from_ending() {
    for end in [Timestamp::from_millis(i64::MAX), Timestamp::from_millis(i64::MAX - 1)] {
        let (kms, clock) = vault();
        let key = create_key(&kms).key_id;
        let blob = encrypt(&kms, &key, b"kept");
        enable_rotation(&kms, &key);
        clock.set(end);
        in_time(move || {
            assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
            let late = create_key(&kms).key_id;
            enable_rotation(&kms, &late);
            encrypt(&kms, &late, b"late");
            let request = ScheduleKeyDeletionRequest { key_id: late.clone(), pending_window_in_days: None };
            kms.schedule_key_deletion(request).unwrap();
            kms.vault.snapshot().unwrap();
            assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
        });
    }
}

#[test]
fn a_clock_before_1970_works() {
    for millis in [i64::MIN, -1, 0] {
        let clock = ManualClock::new(Timestamp::from_millis(millis));
        let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in_memory(&root()).unwrap());
        let key = create_key(&kms).key_id;
        assert_eq!(describe(&kms, &key).creation_date, Timestamp::from_millis(millis));
        let blob = encrypt(&kms, &key, b"old");
        enable_rotation(&kms, &key);
        clock.advance_days(90);
        assert_eq!(rotations(&kms, &key), 1, "from {millis}");
        assert_eq!(decrypt(&kms, &blob).unwrap(), b"old");
        let request = ScheduleKeyDeletionRequest { key_id: key.clone(), pending_window_in_days: Some(7) };
        kms.schedule_key_deletion(request).unwrap();
        clock.advance_days(7);
        assert_eq!(error(decrypt(&kms, &blob)).kind(), ErrorKind::AccessDenied, "from {millis}");
        assert!(kms.list_keys(ListKeysRequest::default()).unwrap().keys.is_empty());
    }
}

/// A clock that was set wrong and is put right: what happened meanwhile stays, and the schedule goes on from there.
#[test]
fn a_clock_that_goes_back_undoes_nothing() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    enable_rotation(&kms, &key);
    clock.advance_days(90 * 40);
    assert_eq!(rotations(&kms, &key), 40);
    let blob = encrypt(&kms, &key, b"of the future");
    clock.set(START);
    assert_eq!(rotations(&kms, &key), 40);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"of the future");
    clock.advance_days(90 * 40);
    assert_eq!(rotations(&kms, &key), 40);
    clock.advance_days(90);
    assert_eq!(rotations(&kms, &key), 41);
}

/// A clock that was turned by centuries costs milliseconds: of more than a thousand missed rotations the latest are made.
#[test]
fn a_thousand_missed_rotations_are_caught_up_with_at_most() {
    let (kms, clock) = vault();
    let key = create_key(&kms).key_id;
    let blob = encrypt(&kms, &key, b"kept");
    enable_rotation(&kms, &key);
    clock.advance_days(365 * 3000);
    assert_eq!(rotations(&kms, &key), 1000);
    assert_eq!(decrypt(&kms, &blob).unwrap(), b"kept");
    let status = kms.get_key_rotation_status(GetKeyRotationStatusRequest { key_id: key }).unwrap();
    let next = status.next_rotation_date.unwrap().as_millis() - START.as_millis();
    assert!(next > 365 * 3000 * DAY && next <= (365 * 3000 + 90) * DAY && next % (90 * DAY) == 0);
}

/// Someone looks for the next deletion and sees none; before that is noted, another schedules one.
#[test]
fn a_deletion_that_is_scheduled_during_a_look_is_not_forgotten() {
    let clock = ManualClock::new(START);
    let store = Shared::new();
    let interposed = Interposed::new(store.clone());
    let kms = Opened::from(Vault::builder().clock(clock.clone()).create_in(interposed.clone(), &root()).unwrap());
    let (gone, kept) = (create_key(&kms).key_id, create_key(&kms).key_id);
    let scheduled = Arc::new(Mutex::new(None));
    {
        let (kms, store, gone, scheduled) = (kms.clone(), store.clone(), gone.clone(), Arc::clone(&scheduled));
        let records = store.records().len();
        interposed.at(Moment::AfterLook, move || {
            let request = ScheduleKeyDeletionRequest { key_id: gone, pending_window_in_days: Some(7) };
            *scheduled.lock().unwrap() = Some(thread::spawn(move || kms.schedule_key_deletion(request).map(drop)));
            // Until it is in the store, and a moment more, in which it could be noted.
            while store.records().len() == records {
                thread::yield_now();
            }
            thread::sleep(Duration::from_millis(50));
        });
    }
    kms.vault.snapshot().unwrap();
    scheduled.lock().unwrap().take().expect("a thread").join().unwrap().unwrap();
    clock.advance_days(7);
    // Any operation carries it out, also one that has nothing to do with that key.
    describe(&kms, &kept);
    let digits = gone.replace('-', "");
    assert!(store.names().iter().all(|name| !name.contains(&digits)));
}
