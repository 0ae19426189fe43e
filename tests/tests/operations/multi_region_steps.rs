//! Any sequence of steps on a multi-Region key, beside a model of it: what is shared is in step, and every ciphertext opens in every
//! Region that has the key.

use super::common::elsewhere;
use pocketkms::{Clock, ErrorKind, Kms, ManualClock, Result, Vault, api::*, keys::KeyState};
use pocketkms_tests::{
    store::Shared,
    vault::{Opened, builder, create_multi_region_key, decrypt, describe, encrypt, root},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

const REGIONS: [&str; 4] = ["us-east-1", "eu-central-1", "eu-west-1", "ap-southeast-2"];

/// What is done, in the Region of that number, and to another.
#[derive(Clone, Copy, Debug)]
enum Step {
    Replicate(usize, usize),
    MakePrimary(usize, usize),
    Rotate(usize),
    EnableRotation(usize),
    DisableRotation(usize),
    Encrypt(usize),
    Enable(usize),
    Disable(usize),
    Schedule(usize),
    Cancel(usize),
    Wait(u32),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let region = || 0..REGIONS.len();
    // Most calls are for the primary, which the run finds by itself.
    let caller = || prop_oneof![3 => Just(usize::MAX), 1 => region()];
    let step = prop_oneof![
        4 => (caller(), region()).prop_map(|(at, to)| Step::Replicate(at, to)),
        3 => (caller(), region()).prop_map(|(at, to)| Step::MakePrimary(at, to)),
        2 => caller().prop_map(Step::Rotate),
        2 => caller().prop_map(Step::EnableRotation),
        1 => caller().prop_map(Step::DisableRotation),
        3 => region().prop_map(Step::Encrypt),
        3 => region().prop_map(Step::Enable),
        1 => region().prop_map(Step::Disable),
        2 => region().prop_map(Step::Schedule),
        2 => region().prop_map(Step::Cancel),
        3 => (1..120_u32).prop_map(Step::Wait),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..60)
}

/// What a key of a Region is expected to be.
#[derive(Clone, Copy, Debug)]
struct Key {
    state: KeyState,
    gone_at: Option<i64>,
}

struct World {
    store: Shared,
    clock: ManualClock,
    kms: Opened,
    id: String,
    keys: BTreeMap<usize, Key>,
    primary: usize,
    blobs: Vec<Blob>,
}

const WINDOW: i64 = 7 * 24 * 3_600_000;

impl World {
    fn new(lasts: bool) -> Self {
        let (builder, clock) = builder();
        let store = if lasts { Shared::new() } else { Shared::volatile() };
        let kms = Opened::from(builder.create_in(store.clone(), &root()).unwrap());
        let id = create_multi_region_key(&kms).key_id;
        let keys = BTreeMap::from([(0, Key { state: KeyState::Enabled, gone_at: None })]);
        Self { store, clock, kms, id, keys, primary: 0, blobs: Vec::new() }
    }

    fn client(&self, region: usize) -> Kms {
        elsewhere(&self.kms, "000000000000", REGIONS[region])
    }

    fn now(&self) -> i64 {
        self.clock.now().as_millis()
    }

    /// What time does: it deletes keys, and then a primary that waited for them begins to wait itself.
    fn catch_up(&mut self) {
        let now = self.now();
        self.keys.retain(|_, key| key.gone_at.is_none_or(|at| at > now));
        if self.keys.len() == 1
            && let Some(key) = self.keys.get_mut(&self.primary)
            && key.state == KeyState::PendingReplicaDeletion
        {
            *key = Key { state: KeyState::PendingDeletion, gone_at: Some(now + WINDOW) };
        }
    }

    /// Why an operation on what all share is refused in a Region, if it is.
    fn refusal(&self, region: usize) -> Option<ErrorKind> {
        match self.keys.get(&region).map(|key| key.state) {
            None => Some(ErrorKind::NotFound),
            Some(KeyState::Disabled) => Some(ErrorKind::Disabled),
            Some(KeyState::Enabled) => (region != self.primary).then_some(ErrorKind::UnsupportedOperation),
            Some(_) => Some(ErrorKind::KmsInvalidState),
        }
    }

    /// Why something that needs no enabled key is refused.
    fn refusal_of_waiting(&self, region: usize) -> Option<ErrorKind> {
        match self.keys.get(&region).map(|key| key.state) {
            None => Some(ErrorKind::NotFound),
            Some(KeyState::Enabled | KeyState::Disabled) => None,
            Some(_) => Some(ErrorKind::KmsInvalidState),
        }
    }

    fn take(&mut self, step: Step) {
        let at = |region: usize| if region == usize::MAX { self.primary } else { region };
        let key_id = self.id.clone();
        let enabled = Key { state: KeyState::Enabled, gone_at: None };
        match step {
            Step::Replicate(from, to) => {
                let from = at(from);
                let exists = self.keys.contains_key(&to).then_some(ErrorKind::AlreadyExists);
                let request = ReplicateKeyRequest { key_id, replica_region: REGIONS[to].into(), ..Default::default() };
                expect(self.client(from).replicate_key(request), self.refusal(from).or(exists), step);
                if self.refusal(from).or(exists).is_none() {
                    self.keys.insert(to, enabled);
                }
            }
            Step::MakePrimary(from, to) => {
                let from = at(from);
                let refusal = self.refusal(from).or_else(|| match self.keys.get(&to).map(|key| key.state) {
                    _ if to == from => Some(ErrorKind::UnsupportedOperation),
                    None => Some(ErrorKind::NotFound),
                    Some(KeyState::Enabled) => None,
                    Some(KeyState::Disabled) => Some(ErrorKind::Disabled),
                    Some(_) => Some(ErrorKind::KmsInvalidState),
                });
                let request = UpdatePrimaryRegionRequest { key_id, primary_region: REGIONS[to].into() };
                expect(self.client(from).update_primary_region(request), refusal, step);
                if refusal.is_none() {
                    self.primary = to;
                }
            }
            Step::Rotate(from) => {
                let from = at(from);
                let answer = self.client(from).rotate_key_on_demand(RotateKeyOnDemandRequest { key_id });
                expect(answer, self.refusal(from), step);
            }
            Step::EnableRotation(from) => {
                let from = at(from);
                let request = EnableKeyRotationRequest { key_id, rotation_period_in_days: Some(90) };
                expect(self.client(from).enable_key_rotation(request), self.refusal(from), step);
            }
            Step::DisableRotation(from) => {
                let from = at(from);
                let answer = self.client(from).disable_key_rotation(DisableKeyRotationRequest { key_id });
                expect(answer, self.refusal(from), step);
            }
            Step::Encrypt(region) => {
                if self.keys.get(&region).is_some_and(|key| key.state == KeyState::Enabled) {
                    self.blobs.push(encrypt(&self.client(region), &key_id, b"kept"));
                }
            }
            Step::Enable(region) => {
                let answer = self.client(region).enable_key(EnableKeyRequest { key_id });
                expect(answer, self.refusal_of_waiting(region), step);
                if self.refusal_of_waiting(region).is_none() {
                    self.keys.insert(region, enabled);
                }
            }
            Step::Disable(region) => {
                let answer = self.client(region).disable_key(DisableKeyRequest { key_id });
                expect(answer, self.refusal_of_waiting(region), step);
                if self.refusal_of_waiting(region).is_none() {
                    self.keys.insert(region, Key { state: KeyState::Disabled, gone_at: None });
                }
            }
            Step::Schedule(region) => {
                let request = ScheduleKeyDeletionRequest { key_id, pending_window_in_days: Some(7) };
                let refusal = self.refusal_of_waiting(region);
                expect(self.client(region).schedule_key_deletion(request), refusal, step);
                if refusal.is_none() {
                    let waits = region == self.primary && self.keys.len() > 1;
                    let key = if waits {
                        Key { state: KeyState::PendingReplicaDeletion, gone_at: None }
                    } else {
                        Key { state: KeyState::PendingDeletion, gone_at: Some(self.now() + WINDOW) }
                    };
                    self.keys.insert(region, key);
                }
            }
            Step::Cancel(region) => {
                let answer = self.client(region).cancel_key_deletion(CancelKeyDeletionRequest { key_id });
                let refusal = match self.keys.get(&region).map(|key| key.state) {
                    None => Some(ErrorKind::NotFound),
                    Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion) => None,
                    Some(_) => Some(ErrorKind::KmsInvalidState),
                };
                expect(answer, refusal, step);
                if refusal.is_none() {
                    self.keys.insert(region, Key { state: KeyState::Disabled, gone_at: None });
                }
            }
            Step::Wait(days) => {
                self.clock.advance_days(days);
                // The first call after it does what time does.
                let _ = self.kms.list_keys(ListKeysRequest::default());
                self.catch_up();
            }
            Step::Reopen => {
                let builder = Vault::builder().clock(self.clock.clone());
                self.kms = builder.open(self.store.clone(), &root()).unwrap().into();
            }
        }
    }

    /// What every Region shows is the same where it is shared, and what the model says where it is not.
    fn check(&self) {
        let mut shared = None;
        for (region, key) in &self.keys {
            let kms = self.client(*region);
            let metadata = describe(&kms, &self.id);
            assert_eq!(metadata.key_state, key.state, "{}", REGIONS[*region]);
            assert_eq!(metadata.deletion_date.map(pocketkms::Timestamp::as_millis), key.gone_at);
            let list = ListKeyRotationsRequest { key_id: self.id.clone(), limit: Some(1000), ..Default::default() };
            let rotations: Vec<_> = kms.list_key_rotations(list).unwrap().rotations;
            let rotations: Vec<_> =
                rotations.into_iter().map(|one| (one.key_material_id, one.rotation_date, one.rotation_type)).collect();
            let regions = metadata.multi_region_configuration.unwrap();
            let mut places: Vec<_> = regions.replica_keys.iter().map(|place| place.region.clone()).collect();
            places.sort();
            let status = GetKeyRotationStatusRequest { key_id: self.id.clone() };
            let status = kms.get_key_rotation_status(status).unwrap();
            let is_shown = !matches!(key.state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion);
            let schedule = is_shown.then_some((status.rotation_period_in_days, status.next_rotation_date));
            let seen = (metadata.current_key_material_id, rotations, regions.primary_key, places);
            let (known, known_schedule) = shared.get_or_insert_with(|| (seen.clone(), schedule));
            assert_eq!(*known, seen);
            *known_schedule = known_schedule.or(schedule);
            assert!(schedule.is_none_or(|schedule| Some(schedule) == *known_schedule));
            assert_eq!(known.2.region, REGIONS[self.primary]);
        }
        let mut replicas: Vec<_> = self.keys.keys().filter(|region| **region != self.primary).collect();
        replicas.sort_by_key(|region| REGIONS[**region]);
        let replicas: Vec<_> = replicas.into_iter().map(|region| REGIONS[*region].to_string()).collect();
        assert_eq!(shared.map(|(seen, _)| seen.3).unwrap_or_default(), replicas);
        for blob in &self.blobs {
            for (number, region) in REGIONS.iter().enumerate() {
                let opened = decrypt(&self.client(number), blob).map_err(|error| error.kind());
                let expected = match self.keys.get(&number).map(|key| key.state) {
                    None => Err(ErrorKind::AccessDenied),
                    Some(KeyState::Enabled) => Ok(b"kept".to_vec()),
                    Some(KeyState::Disabled) => Err(ErrorKind::Disabled),
                    Some(_) => Err(ErrorKind::KmsInvalidState),
                };
                assert_eq!(opened, expected, "{region}");
            }
        }
        if self.keys.is_empty() {
            let digits = self.id.trim_start_matches("mrk-");
            let left: Vec<_> = self.store.names().into_iter().filter(|name| name.contains(digits)).collect();
            assert!(left.iter().all(|name| name.starts_with("deleted-key/")), "{left:?}");
        }
    }
}

#[track_caller]
fn expect<T>(answer: Result<T>, refusal: Option<ErrorKind>, step: Step) {
    assert_eq!(answer.err().map(|error| error.kind()), refusal, "{step:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_keys_of_all_regions_stay_in_step(steps in steps(), lasts in any::<bool>()) {
        let mut world = World::new(lasts);
        for (number, step) in steps.into_iter().enumerate() {
            world.take(step);
            if number % 4 == 3 {
                world.check();
            }
        }
        world.check();
    }
}
