//! `GetKeyLastUsage`: from what is counted of the audit trail (`store/trail/counts`).

use super::{Execute, target::permit};
use crate::{
    access::{Caller, Question},
    api::{GetKeyLastUsageRequest, GetKeyLastUsageResponse, KeyLastUsageData, Request},
    audit::{CountedTo, LastUse},
    error::{Error, ErrorKind, Result},
    store::{RecordName, Transaction},
};
use alloc::string::ToString;

impl Execute for GetKeyLastUsageRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GetKeyLastUsageResponse> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        if !transaction.has_trail()? {
            return Err(Error::new(ErrorKind::UnsupportedOperation, "the vault does not record how its keys are used")
                .explain("it has no audit trail: open it with one"));
        }
        // In a commit of its own, and once: while the operation is computed again, no one else of this process can write.
        if transaction.turn().is_none()
            && let Err(error) = transaction.vault().count_events()
            && transaction.vault().is_waiting()
        {
            return Err(error);
        }
        let key = permit.key();
        let counted = transaction.get::<CountedTo>(RecordName::counted())?;
        let last = transaction.get::<LastUse>(RecordName::last_use(&key.region, &key.id))?;
        // Where nothing is counted yet, nothing was used since the trail began.
        let since = counted.map_or(key.created, |counted| counted.begin());
        Ok(GetKeyLastUsageResponse {
            key_id: key.id.to_string(),
            key_last_usage: last.map_or_else(KeyLastUsageData::default, |last| KeyLastUsageData {
                operation: Some(last.operation),
                timestamp: Some(last.time()),
                cloud_trail_event_id: Some(last.event.clone()),
                kms_request_id: Some(last.request.clone()),
            }),
            tracking_start_date: since.max(key.created),
            key_creation_date: key.created,
        })
    }
}
