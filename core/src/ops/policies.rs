//! `PutKeyPolicy`, `GetKeyPolicy`, `ListKeyPolicies`.

use super::{
    Execute,
    quotas::quota,
    registry,
    target::{guard_of, permit, policy_of, update},
    validate::invalid,
};
use crate::{
    access::{Caller, Guard, KeyPolicyRecord, Question, check_lockout, default_document},
    api::{
        GetKeyPolicyRequest, GetKeyPolicyResponse, ListKeyPoliciesRequest, ListKeyPoliciesResponse,
        PutKeyPolicyRequest, Request,
    },
    error::{Error, ErrorKind, Result, Untrusted},
    key::KeyRecord,
    store::{RecordName, Transaction},
};
use alloc::{format, string::ToString, sync::Arc, vec::Vec};

/// The most bytes of a key policy (AWS KMS Developer Guide, "Resource quotas").
const MAX_POLICY_BYTES: u32 = 32_768;
/// The only name of a policy.
const NAME: &str = "default";

fn check_name(name: Option<&str>) -> Result<()> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(name) => Err(Error::new(ErrorKind::NotFound, format!("No such policy exists: {}", Untrusted(name)))
            .explain("the only policy of a key is named 'default'")),
    }
}

/// The policy that a request puts to a key, checked: it must be one, and let the caller change it again.
pub(super) fn checked(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key: &KeyRecord,
    guard: &Guard,
    document: &str,
    bypass: Option<bool>,
) -> Result<Arc<KeyPolicyRecord>> {
    let most = quota(transaction, |quotas| quotas.key_policy_bytes, MAX_POLICY_BYTES);
    if document.len() as u64 > u64::from(most) {
        let text = format!("The policy document exceeds the limit of {most} bytes.");
        return Err(Error::new(ErrorKind::LimitExceeded, text));
    }
    let record = Arc::new(KeyPolicyRecord::new(document)?);
    for named in record.policy().named() {
        if !registry::may_exist(transaction, named)? {
            return Err(Error::new(
                ErrorKind::MalformedPolicyDocument,
                "Policy contains a statement with one or more invalid principals.",
            )
            .explain(format!("the registry does not have {}", Untrusted(&named.index_text()))));
        }
    }
    if bypass != Some(true) {
        check_lockout(question, key, &Guard { policy: Some(Arc::clone(&record)), ..guard.clone() })?;
    }
    Ok(record)
}

/// Stores a key's policy. The key's record says that there is one, so that none can get lost unnoticed, and a key without
/// one costs no look.
pub(super) fn put(transaction: &mut Transaction<'_>, key: &KeyRecord, policy: &KeyPolicyRecord) -> Result<()> {
    transaction.put(RecordName::policy(&key.region, &key.id), policy)
}

impl Execute for PutKeyPolicyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let bypass = self.bypass_policy_lockout_safety_check;
        let policy_name = Some(self.policy_name.as_deref().unwrap_or(NAME));
        let question = Question {
            bypass_policy_lockout_safety_check: bypass,
            policy_name,
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_name(policy_name)?;
        let guard = guard_of(transaction, &question, permit.key())?;
        let policy = checked(transaction, &question, permit.key(), &guard, &self.policy, bypass)?;
        put(transaction, permit.key(), &policy)?;
        update(transaction, &permit, |key| key.has_policy = true)
    }
}

impl Execute for GetKeyPolicyRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<GetKeyPolicyResponse> {
        let policy_name = Some(self.policy_name.as_deref().unwrap_or(NAME));
        let question = Question { policy_name, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        check_name(policy_name)?;
        let key = permit.key();
        let policy = match policy_of(transaction, key)? {
            Some(policy) => policy.document().to_string(),
            None => default_document(&key.account, &key.region),
        };
        Ok(GetKeyPolicyResponse { policy, policy_name: NAME.into() })
    }
}

impl Execute for ListKeyPoliciesRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListKeyPoliciesResponse> {
        permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        // There is one page, so no marker was ever given.
        if self.marker.is_some() {
            return Err(invalid("Marker is not one that a truncated answer gave."));
        }
        Ok(ListKeyPoliciesResponse { policy_names: Vec::from([NAME.into()]), next_marker: None, truncated: false })
    }
}
