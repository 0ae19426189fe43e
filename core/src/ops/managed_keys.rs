//! Keys that AWS manages: one of each service in an account and Region, made when somebody first uses it through the service (AWS KMS
//! Developer Guide, "AWS managed keys").
//!
//! Such a key is used through its service alone: that is what its policy says, which no one can change, since it lets no one.

use super::{materials, quotas, registry, rotation_secret};
use crate::{
    access::{AccountPermit, Caller, KeyPolicyRecord, Question, Session, authorize_managed},
    api::KeyIdForm,
    audit::Event,
    clock::Timestamp,
    error::Result,
    key::{
        AliasRecord, KeyId, KeyManagerType, KeyRecord, KeyReference, KeySpec, KeyState, KeyUsageType, OriginType,
        RotationSchedule,
    },
    store::{Cause, RecordName, Transaction},
};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
    string::{String, ToString},
    sync::Arc,
};

/// What their aliases begin with.
pub(super) const RESERVED: &str = "alias/aws/";
/// They rotate every year.
const PERIOD_DAYS: u32 = 365;

/// Whether an alias is that of the service's key.
fn is_of(service: &str, alias: &str) -> bool {
    let (Some(name), Some(named)) = (service.split('.').next(), alias.strip_prefix(RESERVED)) else { return false };
    // The key for volumes has their name, not that of the service that keeps them.
    named == name || (name, named) == ("ec2", "ebs")
}

/// Makes the key of a service where the request names it, there is none yet, and the caller may use it.
///
/// It is a commit of its own, before the operation. Nothing is made for a caller that would be denied: the alias is not there then, as
/// before.
pub(super) fn make_on_first_use(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<()> {
    let Question { caller, operation, .. } = *question;
    // Most callers call by themselves: they pay for no more than this look.
    let Some(service) = caller.session().and_then(Session::via_service) else { return Ok(()) };
    if operation.key_id_form() != KeyIdForm::Any {
        return Ok(());
    }
    let Ok(KeyReference::Alias(alias, place)) = KeyReference::parse(text, operation.error_of_bad_arn()) else {
        return Ok(());
    };
    if !is_of(service, alias.as_str()) {
        return Ok(());
    }
    let is_own = |(account, region)| account == *caller.account() && region == *caller.region();
    let name = RecordName::alias(caller.account(), caller.region(), alias.as_str());
    if !place.is_none_or(is_own) || transaction.peek::<AliasRecord>(name.clone())?.is_some() {
        return Ok(());
    }
    // What is refused makes nothing.
    quotas::count_by_key(transaction, question, None)?;
    let mut bytes = [0; 16];
    transaction.draw_id(&mut bytes)?;
    let id = KeyId::from_random(bytes, false);
    let key = record(caller, id, transaction.now(), alias.as_str(), service);
    let policy = Arc::new(KeyPolicyRecord::new(&document(&key, service))?);
    let mut guard = registry::guard(transaction, caller, Some(caller.account()))?;
    guard.policy = Some(Arc::clone(&policy));
    let Ok(permit) = authorize_managed(question, &key, &guard) else { return Ok(()) };
    transaction.vault().transact(Cause::Caller, transaction.turn(), |making| {
        if making.get::<AliasRecord>(name.clone())?.is_none() {
            make(making, &permit, key.clone(), &policy, name.clone())?;
        }
        Ok(())
    })
}

fn make(
    transaction: &mut Transaction<'_>,
    permit: &AccountPermit<'_>,
    mut key: KeyRecord,
    policy: &KeyPolicyRecord,
    alias: RecordName,
) -> Result<()> {
    let created = key.created;
    transaction.put(RecordName::policy(&key.region, &key.id), policy)?;
    materials::create(transaction, permit, &mut key, None)?;
    let schedule = RotationSchedule { period_days: PERIOD_DAYS, next: created.plus_days(PERIOD_DAYS) };
    rotation_secret::renew(transaction, &key, &schedule)?;
    key.rotation = Some(schedule);
    transaction.put(alias, &AliasRecord { target: key.id, created, updated: created })?;
    transaction.put(RecordName::account_key(&key.account, &key.region, key.id.as_bytes()), &())?;
    transaction.put_key(&key)?;
    transaction.record(Event::made_by_aws(created, &Arc::new(key)));
    Ok(())
}

fn record(caller: &Caller, id: KeyId, created: Timestamp, alias: &str, service: &str) -> KeyRecord {
    let name = service.split('.').next().unwrap_or(service);
    KeyRecord {
        id,
        account: caller.account().clone(),
        region: caller.region().clone(),
        created,
        description: format!("Default key that protects my {name} data when no other key is defined"),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsageType::EncryptDecrypt,
        origin: OriginType::AwsKms,
        manager: KeyManagerType::Aws,
        state: KeyState::Enabled,
        has_policy: true,
        grants: 0,
        tags: BTreeMap::new(),
        current_material: None,
        materials: 0,
        aliases: BTreeSet::from([alias.to_string()]),
        on_demand_rotations: 0,
        rotation: None,
        deletion: None,
        imported: None,
        multi_region: None,
        primary_state: None,
        custom_key_store: None,
        is_detached: false,
        cloud_hsm_cluster: None,
        external_key: None,
    }
}

/// Everyone of the account may use the key through the service, and look at it.
fn document(key: &KeyRecord, service: &str) -> String {
    let name = service.split('.').next().unwrap_or(service);
    let (account, partition) = (&key.account, key.region.partition());
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{name}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {name} for all principals in the account that are authorized to use {name}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{service}"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}
