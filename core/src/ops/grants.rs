//! `CreateGrant`, `ListGrants`, `ListRetirableGrants`, `RetireGrant`, `RevokeGrant`.

use super::{
    Execute,
    grant_store::{self as store, check_id, limits},
    page::{List, Page},
    quotas::{effective, quota},
    registry, stop_if_dry_run,
    target::{self, permit, update},
    validate::{invalid, missing},
};
use crate::{
    access::{
        Caller, GrantRecord, GrantTerms, NewGrant, Question, authorize_to_retire, bad_token, denied, named,
        not_a_principal,
    },
    api::{
        CreateGrantRequest, CreateGrantResponse, GrantConstraints, GrantListEntry, GrantOperation, ListGrantsRequest,
        ListGrantsResponse, ListRetirableGrantsRequest, Request, RetireGrantRequest, RevokeGrantRequest,
    },
    clock::Timestamp,
    error::{Error, ErrorKind, Result},
    key::{KeyManagerType, KeyRecord, KeySpec, KeyUsageType},
    store::{RecordName, Transaction},
};
use alloc::{format, string::String, sync::Arc, vec::Vec};

/// The most grants on a key (AWS KMS Developer Guide, "Resource quotas").
const MAX_GRANTS_PER_KEY: u32 = 50_000;

impl CreateGrantRequest {
    /// The one of two members that must be there.
    fn grantee(&self) -> Result<&String> {
        match (&self.grantee_principal, &self.grantee_service_principal) {
            (Some(_), Some(_)) => {
                Err(invalid("You cannot specify GranteePrincipal and GranteeServicePrincipal in the same request."))
            }
            (Some(one), None) | (None, Some(one)) => Ok(one),
            (None, None) => Err(missing("granteePrincipal")),
        }
    }

    /// The grant that the request describes, its id and date still to be made.
    fn written(&self, caller: &Caller, now: i64) -> Result<GrantTerms> {
        let grantee = self.grantee()?;
        let retiring = match (&self.retiring_principal, &self.retiring_service_principal) {
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "You cannot specify RetiringPrincipal and RetiringServicePrincipal in the same request.",
                ));
            }
            (one, other) => one.as_ref().or(other.as_ref()),
        };
        let constraints = self.constraints.clone().unwrap_or_default();
        if self.grantee_service_principal.is_some() && (constraints.source_arn.is_none() || retiring.is_none()) {
            return Err(invalid(
                "A grant to a GranteeServicePrincipal must have a SourceArn constraint and a RetiringPrincipal or \
                 RetiringServicePrincipal.",
            ));
        }
        for pairs in
            [&constraints.encryption_context_equals, &constraints.encryption_context_subset].into_iter().flatten()
        {
            limits(pairs)?;
        }
        for principal in [Some(grantee), retiring].into_iter().flatten() {
            named(principal)?;
        }
        // Several times the same operation is the same grant.
        let mut operations: Vec<GrantOperation> = Vec::new();
        for operation in &self.operations {
            if !operations.contains(operation) {
                operations.push(*operation);
            }
        }
        if operations.is_empty() {
            return Err(invalid("A grant must have at least one operation."));
        }
        let GrantConstraints { encryption_context_equals, encryption_context_subset, source_arn } = constraints;
        Ok(GrantTerms {
            id: String::new(),
            name: self.name.clone(),
            created: now,
            effective: None,
            grantee: grantee.clone(),
            retiring: retiring.cloned(),
            issuer: caller.account().clone(),
            operations,
            equals: encryption_context_equals,
            subset: encryption_context_subset,
            source: source_arn,
        })
    }
}

/// Refuses what the key cannot do (AWS KMS Developer Guide, "Grant operations").
fn check_operations(key: &KeyRecord, grant: &GrantTerms) -> Result<()> {
    let symmetric = key.spec == KeySpec::SymmetricDefault;
    for operation in &grant.operations {
        let fits = match operation {
            GrantOperation::CreateGrant | GrantOperation::DescribeKey | GrantOperation::RetireGrant => true,
            GrantOperation::Encrypt
            | GrantOperation::Decrypt
            | GrantOperation::ReEncryptFrom
            | GrantOperation::ReEncryptTo => key.usage == KeyUsageType::EncryptDecrypt,
            GrantOperation::GenerateDataKey
            | GrantOperation::GenerateDataKeyWithoutPlaintext
            | GrantOperation::GenerateDataKeyPair
            | GrantOperation::GenerateDataKeyPairWithoutPlaintext => symmetric,
            GrantOperation::Sign | GrantOperation::Verify => key.usage == KeyUsageType::SignVerify,
            GrantOperation::GenerateMac | GrantOperation::VerifyMac => key.usage == KeyUsageType::GenerateVerifyMac,
            GrantOperation::DeriveSharedSecret => key.usage == KeyUsageType::KeyAgreement,
            GrantOperation::Encapsulate | GrantOperation::Decapsulate => {
                key.usage == KeyUsageType::EncapsulateDecapsulate
            }
            GrantOperation::GetPublicKey => !symmetric && key.usage != KeyUsageType::GenerateVerifyMac,
        };
        if !fits {
            return Err(invalid(format!("The operation {operation} is not valid for the KMS key {}.", key.arn())));
        }
    }
    if !symmetric && (grant.equals.is_some() || grant.subset.is_some()) {
        return Err(invalid("Encryption context constraints are valid for symmetric encryption KMS keys only."));
    }
    Ok(())
}

impl Execute for CreateGrantRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<CreateGrantResponse> {
        let mut written = self.written(caller, transaction.now().as_millis())?;
        let terms = written.terms();
        let question = Question {
            new_grant: Some(NewGrant { written: &written, terms: &terms }),
            encryption_context: written.equals.as_ref().or(written.subset.as_ref()),
            grant_tokens: self.grant_tokens.as_deref().unwrap_or_default(),
            ..Question::new(caller, Self::OPERATION)
        };
        let permit = permit(transaction, &question, &self.key_id)?;
        let key = permit.key();
        check_operations(key, &written)?;
        for principal in [Some(&written.grantee), written.retiring.as_ref()].into_iter().flatten() {
            if !registry::may_exist(transaction, &named(principal)?)? {
                return Err(not_a_principal(principal).explain("the registry does not have it"));
            }
        }

        written.id = store::new_id(transaction, key, &written)?;
        let known = store::find(transaction, key, &written.id)?.is_some();
        let most = quota(transaction, |quotas| quotas.grants_per_key, MAX_GRANTS_PER_KEY);
        if !known && key.grants >= most && key.manager == KeyManagerType::Customer {
            return Err(Error::new(ErrorKind::LimitExceeded, format!("A KMS key can have at most {most} grants.")));
        }
        written.effective = effective(transaction, written.created);
        stop_if_dry_run(self.dry_run)?;
        let grant_token = store::token(transaction, key, &written.id)?;
        if !known {
            store::put(transaction, key, &written)?;
            update(transaction, &permit, |key| key.grants = key.grants.saturating_add(1))?;
        }
        Ok(CreateGrantResponse { grant_token, grant_id: written.id })
    }
}

/// A grant as lists show it.
fn entry(key: &KeyRecord, grant: &GrantTerms) -> GrantListEntry {
    // A principal is named by its ARN, a service by its name.
    let split = |text: Option<&String>| {
        let (arn, service) = (|text: &&String| text.starts_with("arn:"), |text: &&String| !text.starts_with("arn:"));
        (text.filter(arn).cloned(), text.filter(service).cloned())
    };
    let (grantee_principal, grantee_service_principal) = split(Some(&grant.grantee));
    let (retiring_principal, retiring_service_principal) = split(grant.retiring.as_ref());
    GrantListEntry {
        key_id: key.arn(),
        grant_id: grant.id.clone(),
        name: grant.name.clone(),
        creation_date: Timestamp::from_millis(grant.created),
        grantee_principal,
        retiring_principal,
        issuing_account: format!("arn:{}:iam::{}:root", key.region.partition(), grant.issuer),
        operations: grant.operations.clone(),
        constraints: grant.constraints(),
        grantee_service_principal,
        retiring_service_principal,
    }
}

impl Execute for ListGrantsRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListGrantsResponse> {
        let filters =
            [&Some(self.key_id.clone()), &self.grant_id, &self.grantee_principal, &self.grantee_service_principal];
        let arguments: Vec<&str> = filters.iter().map(|filter| filter.as_deref().unwrap_or_default()).collect();
        let list = List {
            arguments: &arguments,
            default: 50,
            ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref())
        };
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        let key = permit.key();
        let page = Page::of(&list, transaction, caller)?;
        if let Some(id) = &self.grant_id {
            check_id(id)?;
            if store::find(transaction, key, id)?.is_none() {
                return Err(unknown(id));
            }
        }
        let fits = |grant: &GrantRecord| {
            let grant = &grant.written;
            let wanted = [&self.grantee_principal, &self.grantee_service_principal];
            wanted.into_iter().flatten().all(|principal| *principal == grant.grantee)
                && self.grant_id.as_ref().is_none_or(|id| *id == grant.id)
        };
        let prefix = RecordName::grants(&key.region, key.id.as_bytes());
        let (found, next_marker) = page.records(transaction, &prefix, None, fits)?;
        Ok(ListGrantsResponse {
            grants: found.iter().map(|(_, grant)| entry(key, &grant.written)).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}

impl Execute for ListRetirableGrantsRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListGrantsResponse> {
        let wanted = match (&self.retiring_principal, &self.retiring_service_principal) {
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "You cannot specify RetiringPrincipal and RetiringServicePrincipal in the same request.",
                ));
            }
            (one, other) => one.as_ref().or(other.as_ref()).ok_or_else(|| missing("retiringPrincipal"))?,
        };
        let permit = target::account_permit(transaction, &Question::new(caller, Self::OPERATION))?;
        let principal = named(wanted)?;
        // An AWS service's grants are those of many accounts, and theirs to see: no service calls here.
        if wanted.split(':').nth(4) != Some(permit.account().as_str()) {
            return Err(invalid("The retiring principal must be in the account of the caller."));
        }
        let list = List {
            arguments: &[wanted],
            default: 50,
            ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref())
        };
        let page = Page::of(&list, transaction, caller)?;
        let prefix = RecordName::retirables(permit.region(), &store::place(transaction, &principal.index_text()));
        let (entries, next_marker) = page.records(transaction, &prefix, None, |(): &()| true)?;
        let mut grants = Vec::new();
        for (name, ()) in entries {
            let Some((id, grant)) = name.retirable_grant() else { continue };
            let Some(key) = target::by_id(transaction, caller, &id)? else { continue };
            // The index only finds; whom the grant names decides.
            let grant = store::find(transaction, &key, grant)?;
            if let Some(grant) = grant.filter(|grant| grant.retiring.as_ref() == Some(&principal)) {
                grants.push(entry(&key, &grant.written));
            }
        }
        Ok(ListGrantsResponse { grants, truncated: next_marker.is_some(), next_marker })
    }
}

fn unknown(id: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("Grant ID {id} not found"))
}

impl RetireGrantRequest {
    /// The text that names the key, and the id of the grant.
    fn grant(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<(String, String)> {
        match (&self.grant_token, &self.key_id, &self.grant_id) {
            (Some(token), None, None) => {
                let (key, id) = store::read_token(token)?;
                let key = target::by_id(transaction, caller, &key)?.ok_or_else(bad_token)?;
                Ok((key.arn(), id))
            }
            (None, Some(key), Some(id)) => Ok((key.clone(), id.clone())),
            _ => Err(invalid("You must specify either a GrantToken, or both a KeyId and a GrantId.")),
        }
    }
}

impl Execute for RetireGrantRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let (text, id) = self.grant(transaction, caller)?;
        check_id(&id)?;
        let question = Question::new(caller, Self::OPERATION);
        let key = target::key_of(transaction, &question, &text)?;
        transaction.touched.key(&key);
        transaction.touched.grant(&id);
        let grant = match store::find(transaction, &key, &id)? {
            Some(grant) => grant,
            None if self.grant_token.is_some() => return Err(bad_token()),
            // Another account's grants are as little its business as its keys.
            None if key.account != *caller.account() => return Err(denied(&question, &text)),
            None => return Err(unknown(&id)),
        };
        let question = Question {
            retired_grant: Some(&grant.written),
            encryption_context: grant.written.equals.as_ref().or(grant.written.subset.as_ref()),
            ..question
        };
        let guard = target::guard_of(transaction, &question, &key)?;
        let permit = authorize_to_retire(&question, Arc::clone(&key), &guard, &grant)?;
        stop_if_dry_run(self.dry_run)?;
        store::delete(transaction, permit.key(), &grant.written)?;
        update(transaction, &permit, |key| key.grants = key.grants.saturating_sub(1))
    }
}

impl Execute for RevokeGrantRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let permit = permit(transaction, &Question::new(caller, Self::OPERATION), &self.key_id)?;
        check_id(&self.grant_id)?;
        let grant = store::find(transaction, permit.key(), &self.grant_id)?.ok_or_else(|| unknown(&self.grant_id))?;
        stop_if_dry_run(self.dry_run)?;
        store::delete(transaction, permit.key(), &grant.written)?;
        update(transaction, &permit, |key| key.grants = key.grants.saturating_sub(1))
    }
}
