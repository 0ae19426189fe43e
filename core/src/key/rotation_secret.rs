//! What the materials of automatic rotations are derived from, where a vault lives in copies of itself.
//!
//! Two devices that open the same snapshot after the due date must come to the same material, and so must the snapshot
//! when it is opened again, although no one saved the one that was in memory. So the material follows from a secret that
//! the snapshot has, and the date. Anyone who has both the snapshot and its root key can compute it, too, until a new
//! secret is made.

use super::{KeyId, KeyRecord, MaterialId, MaterialRecord, RotationSchedule};
use crate::{
    clock::{DAY_MILLIS, Timestamp},
    crypto::{Provider, Sealer},
    secret::{Secret, SecretArray},
};
use alloc::vec::Vec;

/// The label under which a secret derives materials.
const LABEL: &[u8] = b"PocketKMS Due Key Material 1";
/// How many secrets are kept: that of the schedule, and former ones, by which another copy may still have rotated.
const MOST_SECRETS: usize = 8;
/// At how many dates of one secret, the next one and those before it, a material that is not known is looked for: all that a
/// key can have rotated at, but for those that no one makes up for either (`lifecycle`).
const MOST_PAST_DATES: i64 = 1000;
/// At how many later ones: another copy's clock may have been ahead, by 16 years at least. Each costs some microseconds for
/// a ciphertext that was forged.
const FUTURE_DATES: i64 = 64;
/// Secret, date, period.
const LENGTH: usize = 32 + 8 + 4;

/// The rotation secrets of a key, the latest first. They are wiped on drop.
pub(crate) struct RotationSecrets(Vec<RotationSecret>);

struct RotationSecret {
    secret: SecretArray<32>,
    /// The schedule when it was last looked at, by which the dates are known after it was replaced.
    schedule: RotationSchedule,
}

impl RotationSecrets {
    /// The value of the record, as [`RotationSecrets::to_bytes`] writes it.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (entries, []) = bytes.as_chunks::<LENGTH>() else { return None };
        if !(1..=MOST_SECRETS).contains(&entries.len()) {
            return None;
        }
        let read = |entry: &[u8; LENGTH]| {
            let (secret, rest) = entry.split_first_chunk::<32>()?;
            let (next, period_days) = rest.split_first_chunk::<8>()?;
            let next = Timestamp::from_millis(i64::from_be_bytes(*next));
            let period_days = u32::from_be_bytes(*period_days.first_chunk()?);
            Some(RotationSecret {
                secret: SecretArray::copy_of(secret)?,
                schedule: RotationSchedule { period_days, next },
            })
        };
        entries.iter().map(read).collect::<Option<_>>().map(Self)
    }

    /// The value of the record.
    pub(crate) fn to_bytes(&self) -> Secret {
        let mut bytes = Secret::zeroed(self.0.len() * LENGTH);
        for (to, RotationSecret { secret, schedule }) in bytes.expose_mut().chunks_exact_mut(LENGTH).zip(&self.0) {
            let next = schedule.next.as_millis().to_be_bytes();
            let period = schedule.period_days.to_be_bytes();
            for (to, from) in to.iter_mut().zip(secret.expose().iter().chain(&next).chain(&period)) {
                *to = *from;
            }
        }
        bytes
    }

    /// With a new secret for `schedule`, and the former ones. `replaced` is the schedule until now, where there was one.
    pub(crate) fn with(
        former: Option<&Self>,
        replaced: Option<&RotationSchedule>,
        secret: SecretArray<32>,
        schedule: &RotationSchedule,
    ) -> Self {
        let new = RotationSecret { secret, schedule: schedule.clone() };
        let former = former.map(|former| former.retired(replaced)).unwrap_or_default();
        Self([new].into_iter().chain(former).take(MOST_SECRETS).collect())
    }

    /// The same ones, none of them in use any more.
    pub(crate) fn without_schedule(&self, replaced: Option<&RotationSchedule>) -> Self {
        Self(self.retired(replaced))
    }

    fn retired(&self, replaced: Option<&RotationSchedule>) -> Vec<RotationSecret> {
        let entries = self.0.iter().enumerate().filter_map(|(number, RotationSecret { secret, schedule })| {
            let schedule = replaced.filter(|_| number == 0).unwrap_or(schedule).clone();
            Some(RotationSecret { secret: SecretArray::copy_of(secret.expose())?, schedule })
        });
        entries.collect()
    }

    /// The material of the rotation that falls due at `date`.
    pub(crate) fn derive(&self, provider: &Provider, key: &KeyId, date: Timestamp) -> Option<MaterialRecord> {
        self.0.first().map(|entry| MaterialRecord::symmetric(entry.derive(provider, key, date).expose()))
    }

    /// The material with that reference, if it belongs to a rotation of `key` that another copy of the vault did and this one
    /// did not, however long ago: no copy may ever have stored it.
    pub(crate) fn find(
        &self,
        provider: &Provider,
        key: &KeyRecord,
        now: Timestamp,
        reference: &[u8; 16],
    ) -> Option<MaterialRecord> {
        let mut candidates = self.0.iter().enumerate().flat_map(|(number, entry)| {
            // The first entry belongs to the schedule in force.
            let schedule = key.rotation.as_ref().filter(|_| number == 0).unwrap_or(&entry.schedule);
            dates(schedule, key.created, now)
                .map(|date| MaterialRecord::symmetric(entry.derive(provider, &key.id, date).expose()))
        });
        candidates.find(|material| MaterialId::of(provider, &key.id, material).reference() == reference)
    }
}

impl RotationSecret {
    fn derive(&self, provider: &Provider, key: &KeyId, date: Timestamp) -> SecretArray<32> {
        let mut context = [0; 24];
        for (to, from) in context.iter_mut().zip(key.as_bytes().iter().chain(&date.as_millis().to_be_bytes())) {
            *to = *from;
        }
        Sealer::new(provider, self.secret.expose(), LABEL).derived_key(&context)
    }
}

/// The first date of a schedule after now, those before it back to the key's creation, and some that come later.
fn dates(schedule: &RotationSchedule, created: Timestamp, now: Timestamp) -> impl Iterator<Item = Timestamp> + use<> {
    let (first, now) = (schedule.next.as_millis(), now.as_millis());
    let period = i64::from(schedule.period_days.max(1)) * DAY_MILLIS;
    let next = if first > now { 0 } else { now.saturating_sub(first) / period + 1 };
    let before_first = first.saturating_sub(created.as_millis()).max(0) / period;
    let past =
        (0..=next.saturating_add(before_first)).take_while(|back| *back < MOST_PAST_DATES).map(move |back| next - back);
    let future = (1..=FUTURE_DATES).map(move |ahead| next.saturating_add(ahead));
    past.chain(future).map(move |number| Timestamp::from_millis(first.saturating_add(number.saturating_mul(period))))
}
