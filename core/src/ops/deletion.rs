//! `ScheduleKeyDeletion`, `CancelKeyDeletion`. What happens after the waiting period stands in `due`.

use super::{Execute, reminder, target::permit};
use crate::{
    access::{Caller, Question},
    api::{
        CancelKeyDeletionRequest, CancelKeyDeletionResponse, Request, ScheduleKeyDeletionRequest,
        ScheduleKeyDeletionResponse,
    },
    error::Result,
    key::{KeyRecord, KeyState, PendingDeletion},
    store::Transaction,
};

/// The waiting period where none is given, also the longest.
const DEFAULT_WINDOW_DAYS: i32 = 30;

impl Execute for ScheduleKeyDeletionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ScheduleKeyDeletionResponse> {
        let days = self.pending_window_in_days.unwrap_or(DEFAULT_WINDOW_DAYS);
        // As the request has it: AWS's condition key is absent where the request leaves the window out.
        let pending_window_in_days = self.pending_window_in_days;
        let question = Question { pending_window_in_days, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        let window_days = u32::try_from(days).unwrap_or(u32::MAX);
        // "KMS will not delete a multi-Region primary key with existing replica keys": its waiting period begins when the last of
        // them is gone.
        let shared = permit.key().multi_region.as_ref().filter(|_| !permit.key().is_replica());
        let has_replicas = shared.is_some_and(|shared| !shared.replicas.is_empty());
        let date = (!has_replicas).then(|| transaction.now().plus_days(window_days));
        let key = KeyRecord {
            state: if has_replicas { KeyState::PendingReplicaDeletion } else { KeyState::PendingDeletion },
            deletion: Some(PendingDeletion { window_days, date }),
            ..permit.key().clone()
        };
        transaction.put_key(&key)?;
        if let Some(date) = date {
            reminder::put(transaction, &key, date)?;
        }
        Ok(ScheduleKeyDeletionResponse {
            key_id: key.arn(),
            deletion_date: date,
            key_state: key.state,
            pending_window_in_days: days,
        })
    }
}

impl Execute for CancelKeyDeletionRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CancelKeyDeletionResponse> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        reminder::remove_deletion(transaction, permit.key())?;
        // Disabled, so that nothing that was stopped starts again by itself; unless it waits for material anyway.
        let state = if permit.key().lacks_material() { KeyState::PendingImport } else { KeyState::Disabled };
        let key = KeyRecord { state, deletion: None, ..permit.key().clone() };
        transaction.put_key(&key)?;
        Ok(CancelKeyDeletionResponse { key_id: key.arn() })
    }
}
