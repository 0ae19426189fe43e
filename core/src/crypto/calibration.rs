//! What a passphrase hash is to cost, from how long it is to take on this machine.

use super::{Argon2Cost, Provider};
use crate::{
    clock::Monotonic,
    error::{Error, ErrorKind, Result},
    secret::Secret,
};
use core::time::Duration;

/// OWASP's least for Argon2id: 19 MiB, 2 passes, 1 lane. No target is low enough to go below it.
const LEAST: Argon2Cost = Argon2Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 };
const MIB: u64 = 1024;
/// Larger memory is slower by the KiB, since it fits no cache: what was found for a part of it is tried before it counts.
const ATTEMPTS: usize = 3;

/// A cost that takes about that long here, from OWASP's least up to `most`: first more memory, and more passes where there is no more.
/// One lane, since the time is measured with one.
pub(crate) fn calibrated(
    provider: &Provider,
    clock: &dyn Monotonic,
    target: Duration,
    mut most: Argon2Cost,
) -> Result<Argon2Cost> {
    if most.memory_kib < LEAST.memory_kib || most.passes < LEAST.passes {
        let words = "the limit on the cost is below the least that a passphrase is hashed with: 19 MiB and 2 passes";
        return Err(Error::new(ErrorKind::Validation, words));
    }
    let mut cost = LEAST;
    for _ in 0..ATTEMPTS {
        let begun = clock.elapsed();
        provider.argon2id(&Secret::copy_of(b"calibration"), &[0; 16], cost)?;
        let taken = clock.elapsed().saturating_sub(begun);
        let next = scaled(cost, taken, target, most);
        if is_near(next, cost) {
            return Ok(next);
        }
        if taken > target {
            // So much memory is slow here: what is missing later is made up for by passes.
            most.memory_kib = next.memory_kib;
        }
        cost = next;
    }
    Ok(cost)
}

fn scaled(cost: Argon2Cost, taken: Duration, target: Duration, most: Argon2Cost) -> Argon2Cost {
    let wanted = u128::from(work(cost)) * target.as_nanos() / taken.as_nanos().max(1);
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
    // As in RFC 9106: three passes, and as much memory as there is time for.
    let three = 3.min(most.passes);
    let passes = if wanted / u64::from(three) < u64::from(LEAST.memory_kib) { LEAST.passes } else { three };
    let memory = (wanted / u64::from(passes) / MIB * MIB).clamp(LEAST.memory_kib.into(), most.memory_kib.into());
    let passes = if memory < u64::from(most.memory_kib) {
        u64::from(passes)
    } else {
        (wanted / memory).clamp(passes.into(), most.passes.into())
    };
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Argon2Cost { memory_kib: narrow(memory), passes: narrow(passes), lanes: LEAST.lanes }
}

/// Within a tenth.
fn is_near(one: Argon2Cost, other: Argon2Cost) -> bool {
    work(one).abs_diff(work(other)) * 10 <= work(other)
}

/// How many KiB are gone through.
fn work(cost: Argon2Cost) -> u64 {
    u64::from(cost.memory_kib) * u64::from(cost.passes)
}
