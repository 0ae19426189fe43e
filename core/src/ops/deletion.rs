//! `ScheduleKeyDeletion`, `CancelKeyDeletion`. What happens after the waiting period stands in `settle`.

use super::{
    Execute,
    settle::unschedule,
    target::{Named, permit},
};
use crate::{
    access::Caller,
    api::{
        CancelKeyDeletionRequest, CancelKeyDeletionResponse, Request, ScheduleKeyDeletionRequest,
        ScheduleKeyDeletionResponse,
    },
    error::Result,
    key::{KeyRecord, KeyState, PendingDeletion},
    store::{RecordName, Transaction},
};

/// The waiting period where none is given, also the longest.
const DEFAULT_WINDOW_DAYS: i32 = 30;

impl Execute for ScheduleKeyDeletionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ScheduleKeyDeletionResponse> {
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::ById, None)?;
        let days = self.pending_window_in_days.unwrap_or(DEFAULT_WINDOW_DAYS);
        let window_days = u32::try_from(days).unwrap_or(u32::MAX);
        let date = transaction.now().plus_days(window_days);
        let key = KeyRecord {
            state: KeyState::PendingDeletion,
            deletion: Some(PendingDeletion { window_days, date: Some(date) }),
            ..permit.key().clone()
        };
        transaction.put(RecordName::key(&key.region, key.id.as_bytes()), &key)?;
        transaction.put(RecordName::deletion(date, &key.region, &key.id), &())?;
        Ok(ScheduleKeyDeletionResponse {
            key_id: key.arn(),
            deletion_date: Some(date),
            key_state: key.state,
            pending_window_in_days: days,
        })
    }
}

impl Execute for CancelKeyDeletionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CancelKeyDeletionResponse> {
        let permit = permit(transaction, caller, Self::OPERATION, &self.key_id, Named::ById, None)?;
        unschedule(transaction, permit.key())?;
        // Disabled, so that nothing that was stopped starts again by itself.
        let key = KeyRecord { state: KeyState::Disabled, deletion: None, ..permit.key().clone() };
        transaction.put(RecordName::key(&key.region, key.id.as_bytes()), &key)?;
        Ok(CancelKeyDeletionResponse { key_id: key.arn() })
    }
}
