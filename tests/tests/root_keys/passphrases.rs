//! How much the hash of a passphrase costs where a time is asked for.

use super::Scene;
use pocketkms::{
    Argon2Cost, ErrorKind, Monotonic, PasswordHash, PrimitiveArgon2Cost, PrimitiveError, Provider, RootKey,
    RootKeyKind, Vault,
};
use pocketkms_tests::vault::{builder, explained, root};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A clock that nothing but hashing moves on.
#[derive(Default)]
struct Worked(AtomicU64);

impl Monotonic for Worked {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }
}

/// A machine that goes through a KiB in so many nanoseconds, and half as fast through more than 64 MiB.
struct Machine {
    nanos: AtomicU64,
    clock: &'static Worked,
}

impl PasswordHash for Machine {
    fn argon2id(
        &self,
        text: &[u8],
        _: &[u8; 16],
        cost: PrimitiveArgon2Cost,
        key: &mut [u8; 32],
    ) -> Result<(), PrimitiveError> {
        let slower = if cost.memory_kib > 64 * 1024 { 2 } else { 1 };
        let work = u64::from(cost.memory_kib) * u64::from(cost.passes);
        self.clock.0.fetch_add(work * slower * self.nanos.load(Ordering::Relaxed), Ordering::Relaxed);
        key[..4].copy_from_slice(&cost.memory_kib.to_be_bytes());
        key[4] = *text.first().expect("a passphrase");
        Ok(())
    }
}

static WORKED: Worked = Worked(AtomicU64::new(0));
static MACHINE: Machine = Machine { nanos: AtomicU64::new(0), clock: &WORKED };

struct Shared;
impl Monotonic for Shared {
    fn elapsed(&self) -> Duration {
        WORKED.elapsed()
    }
}

fn for_time(millis: u64) -> RootKey {
    let root = RootKey::from_passphrase("correct horse".to_owned()).expect("a passphrase");
    root.calibrated_to(Duration::from_millis(millis), Arc::new(Shared)).expect("a root key")
}

/// The cost that a new vault gets on a machine of that speed, and how long its hash takes there.
fn found(nanos: u64, root: &RootKey) -> (Argon2Cost, Duration) {
    MACHINE.nanos.store(nanos, Ordering::Relaxed);
    let builder = Vault::builder().provider(Provider { password: &MACHINE, ..Provider::default() });
    let vault = builder.create_in_memory(root).expect("a vault");
    let info = vault.root_keys().expect("the root keys").remove(0);
    assert_eq!(info.kind, RootKeyKind::Passphrase);
    let cost = info.cost.expect("the cost of a passphrase");
    let begun = WORKED.elapsed();
    MACHINE.argon2id(b"x", &[0; 16], cost.into(), &mut [0; 32]).expect("a hash");
    (cost, WORKED.elapsed().saturating_sub(begun))
}

/// One test, since the machine is one.
#[test]
fn a_passphrase_takes_about_the_time_that_was_asked_for() {
    let least = Argon2Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
    // From a phone of old to a server.
    for (nanos, millis) in [(3000, 1000), (1000, 1000), (1000, 500), (500, 500), (300, 250), (200, 1000)] {
        let (cost, taken) = found(nanos, &for_time(millis));
        let target = Duration::from_millis(millis);
        assert!(taken < target * 5 / 4 && taken > target * 3 / 4, "{nanos} {millis}: {taken:?} for {cost:?}");
        assert!(cost.memory_kib >= least.memory_kib && cost.passes >= least.passes, "{cost:?}");
    }
    // Never below what OWASP recommends, and never above what an opener allows.
    assert_eq!(found(100_000, &for_time(100)).0, least);
    assert_eq!(found(1, &for_time(0)).0, least);
    for nanos in [0, 1] {
        let most = Argon2Cost { lanes: 1, ..RootKey::DEFAULT_MAX_COST };
        assert_eq!(found(nanos, &for_time(60_000)).0, most);
    }
    let limit = Argon2Cost { memory_kib: 32 * 1024, passes: 4, lanes: 1 };
    let (cost, _) = found(1, &for_time(60_000).with_max_cost(limit).unwrap());
    assert_eq!(cost, limit);
    let limit = Argon2Cost { memory_kib: 1024, ..limit };
    let slow = Vault::builder().provider(Provider { password: &MACHINE, ..Provider::default() });
    let refused = slow.create_in_memory(&for_time(100).with_max_cost(limit).unwrap());
    explained(refused, ErrorKind::Validation, &["19 MiB and 2 passes"]);

    // To open a vault, nothing is measured.
    MACHINE.nanos.store(1000, Ordering::Relaxed);
    let builder = || builder().0.provider(Provider { password: &MACHINE, ..Provider::default() });
    let snapshot = builder().create_in_memory(&for_time(100)).unwrap().snapshot().unwrap();
    let begun = WORKED.elapsed();
    builder().open_snapshot(&snapshot, &for_time(10_000)).unwrap();
    assert!(WORKED.elapsed().saturating_sub(begun) < Duration::from_millis(150), "one hash of 100 ms");
}

#[test]
fn a_time_is_for_passphrases_alone_and_instead_of_a_cost() {
    let clock = || Arc::new(Worked::default());
    let target = Duration::from_millis(100);
    explained(root().calibrated_to(target, clock()), ErrorKind::Validation, &["only a passphrase"]);
    let chosen = RootKey::from_passphrase_with_cost("x".to_owned(), Argon2Cost::default()).unwrap();
    explained(chosen.calibrated_to(target, clock()), ErrorKind::Validation, &["either a cost or a time"]);
    // On this machine, with the clock of the system.
    let scene = Scene::new();
    let real = RootKey::from_passphrase("correct horse".to_owned()).unwrap();
    let real = real.calibrated_to(Duration::from_millis(1), Arc::new(pocketkms::SystemMonotonic::default())).unwrap();
    scene.kms.vault.add_root_key(&real, "").unwrap();
    scene.opens(&real);
    scene.opens(&RootKey::from_passphrase("correct horse".to_owned()).unwrap());
}
