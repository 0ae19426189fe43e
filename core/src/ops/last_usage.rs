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
        // In a commit of its own, and once: while the operation is computed again, no one else of this process can write. What cannot be
        // counted is not known: a key that is taken for unused may be deleted.
        if transaction.turn().is_none() {
            transaction.vault().count_events()?;
        }
        if !transaction.has_trail()? && !transaction.is_audited() {
            return Err(Error::new(ErrorKind::UnsupportedOperation, "the vault does not record how its keys are used")
                .explain("it has no audit trail: open it with one"));
        }
        let key = permit.key();
        let counted = transaction.get::<CountedTo>(RecordName::counted())?;
        let last = transaction.get::<LastUse>(RecordName::last_use(&key.region, &key.id))?;
        // A trail that has nothing begins now.
        let since = counted.map_or(transaction.now(), |counted| counted.begin());
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
