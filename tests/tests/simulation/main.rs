//! Several handles over one store that fails, by seeds: every answered call is there, no half of one is, and no handle sees
//! anything older than its lease. `SIMULATION_SEEDS` says how many seeds are played; a failure names its seed.

mod model;

use model::{Act, Model, Seen};
use pocketkms::{ErrorKind, ManualClock, Monotonic, Result, Vault, api::*, keys::KeyState};
use pocketkms_tests::{
    store::{Fault, Faulty, Leased, Shared},
    vault::{Opened, START, decrypt, encrypt, root},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Acts of one seed.
const ACTS: usize = 40;
const LEASE: u64 = 500;

/// A monotonic clock in milliseconds that is moved by hand.
#[derive(Clone, Default)]
struct Stopwatch(Arc<AtomicU64>);

impl Monotonic for Stopwatch {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}

/// xorshift64*: the same numbers for a seed on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }
}

/// A process that has the vault open.
struct Process {
    faulty: Faulty,
    kms: Opened,
    lease: u64,
}

struct World {
    store: Shared,
    clock: ManualClock,
    time: Stopwatch,
    processes: Vec<Process>,
    model: Model,
}

impl World {
    fn new() -> Self {
        let (store, clock) = (Shared::new(), ManualClock::new(START));
        Vault::builder().clock(clock.clone()).create_in(store.clone(), &root()).unwrap();
        let mut world =
            Self { store, clock, time: Stopwatch::default(), processes: Vec::new(), model: Model::default() };
        for lease in [0, 0, LEASE] {
            let process = world.process(lease);
            world.processes.push(process);
        }
        world
    }

    fn process(&self, lease: u64) -> Process {
        let store = Leased { store: Box::new(self.store.clone()), lease: Duration::from_millis(lease) };
        let faulty = Faulty::new(store);
        let builder = Vault::builder().clock(self.clock.clone()).monotonic(self.time.clone());
        Process { kms: Opened::from(builder.open(faulty.clone(), &root()).unwrap()), faulty, lease }
    }

    fn now(&self) -> u64 {
        self.time.0.load(Ordering::SeqCst)
    }
}

/// Carries out an act, and says what the model has to know of it.
fn carry_out(kms: &Opened, model: &Model, act: Act) -> Result<Option<String>> {
    let id = |key: usize| model.keys[key].id.clone();
    match act {
        Act::Create => {
            let key = kms.create_key(CreateKeyRequest::default())?.key_metadata.key_id;
            return Ok(Some(key));
        }
        Act::Disable(key) => kms.disable_key(DisableKeyRequest { key_id: id(key) })?,
        Act::Enable(key) => kms.enable_key(EnableKeyRequest { key_id: id(key) })?,
        Act::Alias(key, name) => {
            kms.create_alias(CreateAliasRequest { alias_name: name.into(), target_key_id: id(key) })?;
        }
        Act::Unalias(name) => kms.delete_alias(DeleteAliasRequest { alias_name: name.into() })?,
        Act::Rotate(key) => drop(kms.rotate_key_on_demand(RotateKeyOnDemandRequest { key_id: id(key) })?),
        Act::Schedule(key) => {
            let request = ScheduleKeyDeletionRequest { key_id: id(key), pending_window_in_days: Some(7) };
            kms.schedule_key_deletion(request)?;
        }
        Act::Cancel(key) => drop(kms.cancel_key_deletion(CancelKeyDeletionRequest { key_id: id(key) })?),
    }
    Ok(None)
}

/// What a handle sees of a key.
fn see(kms: &Opened, id: &str) -> Result<Seen> {
    match kms.describe_key(DescribeKeyRequest { key_id: id.into(), ..Default::default() }) {
        Ok(response) => Ok(match response.key_metadata.key_state {
            KeyState::Enabled => Seen::Enabled,
            KeyState::Disabled => Seen::Disabled,
            KeyState::PendingDeletion => Seen::Pending,
            state => panic!("{state}"),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Seen::Gone),
        Err(error) => Err(error),
    }
}

/// All that the model knows is in the store, and nothing else.
fn check(world: &World, situation: &str) {
    let kms = world.process(0).kms;
    assert_eq!(kms.vault.verify().unwrap(), [], "{situation}");
    let mut keys: Vec<_> =
        kms.list_keys(ListKeysRequest::default()).unwrap().keys.into_iter().map(|key| key.key_id).collect();
    keys.sort_unstable();
    assert_eq!(keys, world.model.ids(), "{situation}");
    let aliases = kms.list_aliases(ListAliasesRequest::default()).unwrap().aliases;
    let aliases: Vec<_> = aliases.into_iter().map(|alias| (alias.alias_name, alias.target_key_id.unwrap())).collect();
    assert_eq!(aliases, world.model.aliases(), "{situation}");
    for key in &world.model.keys {
        assert_eq!(see(&kms, &key.id).unwrap(), key.seen, "{situation}");
        for blob in &key.blobs {
            match decrypt(&kms, blob) {
                Ok(plaintext) => assert!(key.seen == Seen::Enabled && plaintext == b"kept", "{situation}"),
                Err(error) => assert_ne!(key.seen, Seen::Enabled, "{situation}: {}", error.report()),
            }
        }
    }
    if world.model.keys.iter().all(|key| key.seen == Seen::Gone) {
        assert_eq!(world.store.names(), ["caller", "generation", "vault"], "{situation}");
    }
}

fn play(seed: u64) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut world = World::new();
    // What was true when: the model, until which moment.
    let mut history: Vec<(u64, Model)> = Vec::new();
    for number in 0..ACTS {
        let at = random.below(world.processes.len());
        world.time.0.fetch_add(random.next() % 300, Ordering::SeqCst);
        match random.below(10) {
            0 => {
                history.push((world.now(), world.model.clone()));
                world.clock.advance_days(4);
                world.model.pass_days(4);
            }
            1 => world.processes[at] = world.process(world.processes[at].lease),
            2 => world.processes[at].kms.vault.refresh(),
            _ => {}
        }
        let situation = format!("seed {seed}, act {number}");
        // Somebody looks at a key.
        if !world.model.keys.is_empty() {
            let key = random.below(world.model.keys.len());
            let Process { kms, lease, .. } = &world.processes[at];
            let looks = see(kms, &world.model.keys[key].id).unwrap();
            let oldest = world.now().saturating_sub(*lease);
            let past = history.iter().filter(|(until, _)| *lease > 0 && *until > oldest);
            let allowed: Vec<_> =
                past.map(|(_, model)| model).chain([&world.model]).map(|model| model.seen(key)).collect();
            assert!(allowed.contains(&looks), "{situation}: {looks:?} where the lease allows {allowed:?}");
            if looks == Seen::Enabled && world.model.keys[key].seen == Seen::Enabled {
                let blob = encrypt(kms, &world.model.keys[key].id, b"kept").into_vec();
                world.model.keys[key].blobs.push(blob);
            }
        }
        // Somebody changes something, and something may go wrong.
        let Some(act) = world.model.choose(random.below(9), random.next()) else { continue };
        let situation = format!("{situation}, {act:?}");
        let process = &world.processes[at];
        let fault = (random.below(3) == 0).then(|| Fault::ONCE[random.below(Fault::ONCE.len())]);
        if let Some(fault) = fault {
            process.faulty.plan(fault, random.below(3));
        }
        let result = carry_out(&process.kms, &world.model, act);
        let happened = process.faulty.recover();
        match result {
            Ok(made) => {
                history.push((world.now(), world.model.clone()));
                world.model.apply(act, made);
            }
            Err(error) => {
                assert!(happened, "{situation}: {}", error.report());
                assert_eq!(error.kind(), ErrorKind::Store, "{situation}, {fault:?}: {}", error.report());
            }
        }
        if number % 8 == 7 {
            check(&world, &situation);
        }
    }
    world.clock.advance_days(7);
    world.model.pass_days(7);
    check(&world, &format!("seed {seed}, at the end"));
}

#[test]
fn several_handles_over_a_store_that_fails_see_one_vault() {
    let seeds = std::env::var("SIMULATION_SEEDS").map_or(200, |seeds| seeds.parse().expect("a number"));
    (0..seeds).for_each(play);
}
