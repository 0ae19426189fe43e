//! `EnableKeyRotation`, `DisableKeyRotation`, `GetKeyRotationStatus`, `RotateKeyOnDemand`, `ListKeyRotations`.

use super::{
    Execute,
    due::{note_rotation, note_synchronization},
    imported, imports_everywhere, materials,
    multi_region::check_primary,
    page::{List, Page},
    quotas::quota,
    rotation_secret,
    target::{permit, update},
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        DisableKeyRotationRequest, EnableKeyRotationRequest, GetKeyRotationStatusRequest, GetKeyRotationStatusResponse,
        IncludeKeyMaterial, ListKeyRotationsRequest, ListKeyRotationsResponse, Request, RotateKeyOnDemandRequest,
        RotateKeyOnDemandResponse, RotationsListEntry,
    },
    error::{Error, ErrorKind, Result},
    key::{KeyMaterialState, KeySpec, KeyState, OriginType, RotationRecord, RotationSchedule, RotationType},
    store::{RecordName, Transaction},
};
use alloc::{format, string::ToString};

/// The period where none is given.
const DEFAULT_PERIOD_DAYS: i32 = 365;
/// The most on-demand rotations of one key (`RotateKeyOnDemand`).
const MAX_ON_DEMAND: u32 = 25;

/// Only a symmetric encryption key with material from KMS has a schedule.
fn check_schedulable(permit: &Permit) -> Result<()> {
    check(permit, &[OriginType::AwsKms])
}

/// Only a symmetric encryption key with its material in KMS can have several.
fn check_rotatable(permit: &Permit) -> Result<()> {
    check(permit, &[OriginType::AwsKms, OriginType::External])
}

fn check(permit: &Permit, origins: &[OriginType]) -> Result<()> {
    let key = permit.key();
    let what = if key.spec != KeySpec::SymmetricDefault {
        format!("key spec is {}", key.spec)
    } else if !origins.contains(&key.origin) {
        format!("origin is {}", key.origin)
    } else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::UnsupportedOperation,
        format!("{} {what} which is not valid for this operation.", key.arn()),
    ))
}

impl Execute for EnableKeyRotationRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let rotation_period_in_days = self.rotation_period_in_days;
        let question = Question { rotation_period_in_days, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_schedulable(&permit)?;
        check_primary(&permit)?;
        let days = self.rotation_period_in_days.unwrap_or(DEFAULT_PERIOD_DAYS);
        let period_days = u32::try_from(days).unwrap_or(u32::MAX);
        let now = transaction.now();
        if let Some(schedule) = &permit.key().rotation
            && schedule.period_days == period_days
            && !schedule.is_beyond_its_period(now)
        {
            // Enabling again with the same period changes nothing, so that a repeated call does not put off rotation. A date
            // beyond the period is repaired, though: it was set when the clock was wrong. So are secrets that are gone.
            return rotation_secret::make_up(transaction, permit.key(), schedule);
        }
        let schedule = RotationSchedule { period_days, next: now.plus_days(period_days) };
        rotation_secret::renew(transaction, permit.key(), &schedule)?;
        update(transaction, &permit, |key| key.rotation = Some(schedule))
    }
}

impl Execute for DisableKeyRotationRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_schedulable(&permit)?;
        check_primary(&permit)?;
        if permit.key().rotation.is_some() {
            rotation_secret::retire(transaction, permit.key())?;
        }
        update(transaction, &permit, |key| key.rotation = None)
    }
}

impl Execute for GetKeyRotationStatusRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GetKeyRotationStatusResponse> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_schedulable(&permit)?;
        let key = permit.key();
        // While a key waits for its deletion its status is false; it comes back if the deletion is cancelled.
        let waiting = matches!(key.state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion);
        let schedule = key.rotation.as_ref().filter(|_| !waiting);
        Ok(GetKeyRotationStatusResponse {
            key_rotation_enabled: schedule.is_some(),
            key_id: key.arn(),
            rotation_period_in_days: schedule.and_then(|schedule| i32::try_from(schedule.period_days).ok()),
            next_rotation_date: schedule.map(|schedule| schedule.next),
            // Rotation happens at once here, so none is ever in progress.
            on_demand_rotation_start_date: None,
        })
    }
}

impl Execute for RotateKeyOnDemandRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<RotateKeyOnDemandResponse> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_rotatable(&permit)?;
        check_primary(&permit)?;
        let most = quota(transaction, |quotas| quotas.on_demand_rotations_per_key, MAX_ON_DEMAND);
        if permit.key().on_demand_rotations >= most {
            return Err(Error::new(
                ErrorKind::LimitExceeded,
                format!(
                    "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be \
                     performed for this key: {}",
                    permit.key().arn()
                ),
            ));
        }
        let mut key = if permit.key().origin == OriginType::External {
            imports_everywhere::rotate(transaction, permit.key())?;
            imported::rotate(transaction, permit.key())?.ok_or_else(|| {
                imports_everywhere::nothing_pending(permit.key())
                    .explain("import other material first, with the ImportType NEW_KEY_MATERIAL")
            })?
        } else {
            materials::rotate_on_demand(transaction, &permit)?
        };
        key.on_demand_rotations = key.on_demand_rotations.saturating_add(1);
        if let Some(schedule) = &key.rotation {
            rotation_secret::renew(transaction, &key, schedule)?;
        }
        transaction.put_changed(permit.key(), &key)?;
        let key_id = key.arn();
        let now = transaction.now();
        note_rotation(transaction, now, &key, RotationType::OnDemand);
        note_synchronization(transaction, now, &key);
        Ok(RotateKeyOnDemandResponse { key_id })
    }
}

impl Execute for ListKeyRotationsRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListKeyRotationsResponse> {
        let include = self.include_key_material.map_or("", IncludeKeyMaterial::as_str);
        let list = List {
            arguments: &[&self.key_id, include],
            ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref())
        };
        let page = Page::of(&list, transaction, caller)?;
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_rotatable(&permit)?;
        let key = permit.key();
        let place = key.material_place();
        let prefix = RecordName::rotations(&place, &key.id);
        // The first material came with the key and is no rotation; it has the number 0.
        let first = RecordName::rotation(&place, &key.id, 0);
        let is_all = self.include_key_material == Some(IncludeKeyMaterial::AllKeyMaterial);
        let start = if is_all { None } else { Some(first.as_str()) };
        let pending = key.pending_material();
        let pending_state = match pending {
            Some(id) if !imports_everywhere::is_everywhere(transaction, key, &id)? => {
                KeyMaterialState::PendingMultiRegionImportAndRotation
            }
            _ => KeyMaterialState::PendingRotation,
        };
        let is_listed = |record: &RotationRecord| is_all || pending != Some(record.material);
        let (records, next_marker) = page.records(transaction, &prefix, start, is_listed)?;
        let rotation_type =
            |record: &RotationRecord| record.origin.rotation_type().filter(|_| pending != Some(record.material));
        let entry = |record: RotationRecord| RotationsListEntry {
            rotation_date: rotation_type(&record).map(|_| record.date),
            rotation_type: rotation_type(&record),
            key_id: key.arn(),
            key_material_id: record.material.to_string(),
            key_material_description: record.description,
            import_state: record.import_state,
            key_material_state: if key.current_material == Some(record.material) {
                KeyMaterialState::Current
            } else if pending == Some(record.material) {
                pending_state
            } else {
                KeyMaterialState::NonCurrent
            },
            expiration_model: record.expiration,
            valid_to: record.valid_to,
        };
        Ok(ListKeyRotationsResponse {
            rotations: records.into_iter().map(|(_, record)| entry(record)).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}
