//! `ReplicateKey`, `UpdatePrimaryRegion`.

use super::{
    Execute, OtherRegionCharge, imports_everywhere,
    keys::{check_count, metadata, unused},
    multi_region::{not_primary, shared_of_primary},
    policies, registry, tags,
    target::{self, permit},
    validate::invalid,
};
use crate::{
    access::{Caller, NewKey, Question, default_document},
    api::{
        Action, CreateKeyRequest, CreateKeyResponse, Operation, ReplicateKeyRequest, ReplicateKeyResponse, Request,
        UpdatePrimaryRegionRequest,
    },
    audit::{Call, Event, Touched},
    error::{Error, ErrorKind, Result, Untrusted},
    key::{KeyRecord, KeyState, MultiRegionKeyType, MultiRegionRecord, OriginType, Region},
    shape::{Shape, Value},
    store::{RecordName, Transaction},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    sync::Arc,
};

/// The caller as it calls in another Region.
fn there(caller: &Caller, member: &str, region: &str) -> Result<Caller> {
    let region: Region = region.parse()?;
    caller.in_region(&region).map_err(|_| {
        invalid(format!("{member} '{}' is in another partition than the caller's Region.", Untrusted(region.as_str())))
    })
}

/// Records a call that one in another Region led to.
fn record_there(
    transaction: &mut Transaction<'_>,
    operation: Operation,
    caller: Caller,
    request: Value<'_>,
    (key, answer): (KeyRecord, Value<'_>),
) {
    if transaction.is_audited() {
        let mut touched = Touched::default();
        touched.key(&Arc::new(key));
        let call = Call::Kms(operation);
        let event = Event::call(transaction.now(), call, &Arc::new(caller), request);
        transaction.record(event.answered(call, answer).about(touched));
    }
}

impl Execute for ReplicateKeyRequest {
    fn charge_in_other_region(&self) -> Option<OtherRegionCharge<'_>> {
        Some(OtherRegionCharge { region: &self.replica_region, operation: Operation::CreateKey, requests: 2 })
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ReplicateKeyResponse> {
        let there = there(caller, "ReplicaRegion", &self.replica_region)?;
        let replica_region = Some(self.replica_region.as_str());
        let question = Question { replica_region, ..Question::new(caller, Self::OPERATION) };
        let permit = permit(transaction, &question, &self.key_id)?;
        let shared = shared_of_primary(&permit)?;
        let primary = permit.key();

        let tags = self.tags.as_deref().unwrap_or_default();
        let bypass = self.bypass_policy_lockout_safety_check;
        let question = Question {
            action: Action::CreateKey,
            new_key: Some(NewKey {
                spec: primary.spec,
                usage: primary.usage,
                origin: primary.origin,
                multi_region: Some(MultiRegionKeyType::Replica),
            }),
            bypass_policy_lockout_safety_check: bypass,
            tags,
            ..Question::new(&there, Self::OPERATION)
        };
        let account = target::account_permit(transaction, &question)?;
        if !tags.is_empty() {
            target::account_permit(transaction, &question.with_action(Action::TagResource))?;
        }
        let region = account.region().clone();
        unused(transaction, &region, primary.id)?;
        let merged = tags::merged(transaction, &BTreeMap::new(), tags)?;
        check_count(transaction, account.account(), &region)?;

        let mut shared = MultiRegionRecord::clone(shared);
        shared.replicas.push(region.clone());
        let mut replica = KeyRecord {
            region,
            created: transaction.now(),
            description: self.description.clone().unwrap_or_default(),
            // No operation sees it between the commits, since there is one: what all Regions share is there already.
            state: KeyState::Enabled,
            has_policy: self.policy.is_some(),
            grants: 0,
            tags: merged,
            aliases: BTreeSet::new(),
            deletion: None,
            multi_region: Some(Arc::new(shared.clone())),
            primary_state: None,
            ..primary.clone()
        };
        if replica.origin == OriginType::External {
            imports_everywhere::begin(transaction, primary, &mut replica)?;
        }
        let policy = match &self.policy {
            Some(document) => {
                let guard = registry::guard(transaction, &there, Some(&replica.account))?;
                let policy = policies::checked(transaction, &question, &replica, &guard, document, bypass)?;
                policies::put(transaction, &replica, &policy)?;
                document.clone()
            }
            None => default_document(&replica.account, &replica.region),
        };
        transaction.put(RecordName::account_key(&replica.account, &replica.region, replica.id.as_bytes()), &())?;
        transaction.put_key(&replica)?;
        transaction.put_shared(&replica, &shared)?;

        // As AWS answers: the replica is being created, and has no material yet.
        let creating = KeyRecord { state: KeyState::Creating, current_material: None, ..replica.clone() };
        let key_metadata = metadata(&creating);
        let created = CreateKeyRequest {
            policy: self.policy.clone(),
            description: self.description.clone(),
            key_usage: Some(replica.usage),
            key_spec: Some(replica.spec),
            origin: Some(replica.origin),
            bypass_policy_lockout_safety_check: bypass,
            tags: self.tags.clone(),
            multi_region: Some(true),
            ..Default::default()
        };
        let answer = CreateKeyResponse { key_metadata };
        record_there(transaction, Operation::CreateKey, there, created.value(), (replica, answer.value()));
        Ok(ReplicateKeyResponse {
            replica_key_metadata: Some(answer.key_metadata),
            replica_policy: Some(policy),
            replica_tags: self.tags.clone().filter(|tags| !tags.is_empty()),
        })
    }
}

impl Execute for UpdatePrimaryRegionRequest {
    fn charge_in_other_region(&self) -> Option<OtherRegionCharge<'_>> {
        Some(OtherRegionCharge { region: &self.primary_region, operation: Self::OPERATION, requests: 1 })
    }

    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let there = there(caller, "PrimaryRegion", &self.primary_region)?;
        let primary_region = Some(self.primary_region.as_str());
        let question = Question { primary_region, ..Question::new(caller, Self::OPERATION) };
        let primary = permit(transaction, &question, &self.key_id)?;
        shared_of_primary(&primary)?;
        if primary.key().region == *there.region() {
            let text = format!("{} is the primary key already.", primary.key().arn());
            return Err(Error::new(ErrorKind::UnsupportedOperation, text));
        }
        let question = Question { primary_region, ..Question::new(&there, Self::OPERATION) };
        let replica = permit(transaction, &question, &primary.key().arn_in(there.region()))?;
        // What is shared as it was read last: the replica may have been brought up to the present.
        let shared = replica.key().multi_region.as_ref().filter(|_| replica.key().is_replica());
        let shared = shared.ok_or_else(|| not_primary(replica.key(), false))?;
        let (old, new) = (&primary.key().region, &replica.key().region);
        let swapped = shared.replicas.iter().map(|region| if region == new { old } else { region }.clone());
        let shared =
            MultiRegionRecord { primary: new.clone(), replicas: swapped.collect(), ..MultiRegionRecord::clone(shared) };
        transaction.put_shared(replica.key(), &shared)?;
        record_there(
            transaction,
            Self::OPERATION,
            there.clone(),
            self.value(),
            (replica.key().clone(), Value::Nothing),
        );
        // An event in each Region, of the key that is there.
        transaction.touched = Touched::default();
        transaction.touched.key(&Arc::new(primary.key().clone()));
        Ok(())
    }
}
