//! `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`.

use super::{
    Execute,
    due::expired_keys,
    managed_keys::RESERVED,
    page::{List, Page},
    quotas::quota,
    target::{self, permit},
    validate::invalid,
};
use crate::{
    access::{Caller, Permit, Question},
    api::{
        AliasListEntry, CreateAliasRequest, DeleteAliasRequest, ListAliasesRequest, ListAliasesResponse, Request,
        UpdateAliasRequest,
    },
    error::{Echo, Error, ErrorKind, Result},
    key::{ALIAS_PREFIX, AliasName, AliasRecord, KeyRecord, KeySpec},
    store::{RecordName, Transaction, unless_damaged},
};
use alloc::{format, string::ToString, vec::Vec};

/// The most aliases of one key (AWS KMS Developer Guide, "Resource quotas").
const MAX_ALIASES_PER_KEY: u32 = 50;

/// An alias name of a form that can exist.
fn alias_name(name: &str) -> Result<AliasName> {
    if !name.starts_with(ALIAS_PREFIX) {
        return Err(invalid(format!(
            "Alias must start with the prefix \"{ALIAS_PREFIX}\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )));
    }
    // The pattern has the colon for alias ARNs; the name itself cannot hold one (CreateAlias, AliasName).
    name.parse::<AliasName>().ok().filter(|_| !name.contains(':')).ok_or_else(|| {
        invalid(format!(
            "Invalid alias name '{}': letters, digits, /, _ and - must follow '{ALIAS_PREFIX}'",
            Echo(name)
        ))
    })
}

/// Notes that an alias names a key.
fn add(transaction: &mut Transaction<'_>, key: &KeyRecord, alias: &AliasName) -> Result<()> {
    let mut key = key.clone();
    key.aliases.insert(alias.to_string());
    let most = quota(transaction, |quotas| quotas.aliases_per_key, MAX_ALIASES_PER_KEY);
    if key.aliases.len() as u64 > u64::from(most) {
        return Err(Error::new(ErrorKind::LimitExceeded, format!("A KMS key can have at most {most} aliases.")));
    }
    transaction.put_key(&key)
}

/// Notes that an alias names a key no more.
fn remove(transaction: &mut Transaction<'_>, key: &KeyRecord, alias: &AliasName) -> Result<()> {
    let mut key = key.clone();
    key.aliases.remove(alias.as_str());
    transaction.put_key(&key)
}

impl Execute for CreateAliasRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let name = alias_name(&self.alias_name)?;
        if name.as_str().starts_with(RESERVED) {
            return Err(Error::new(
                ErrorKind::InvalidAliasName,
                format!("The alias name cannot begin with '{RESERVED}', which is reserved."),
            ));
        }
        let question = Question::new(caller, Self::OPERATION);
        let arn = target::alias_arn(caller, &name);
        // Asked before anything is looked up, so that no one without the permission learns which aliases there are.
        target::account_permit(transaction, &question.of_alias(&arn))?;
        let permit = permit(transaction, &question, &self.target_key_id)?;
        let record = RecordName::alias(&arn.account, &arn.region, &arn.resource);
        if let Some(alias) = transaction.get::<AliasRecord>(record.clone())? {
            // One whose key fell due goes with it, and the name is free.
            if target::permit_of_alias(transaction, &question, &alias)?.is_some() {
                let message = format!("An alias with the name {arn} already exists");
                return Err(Error::new(ErrorKind::AlreadyExists, message));
            }
        }
        add(transaction, permit.key(), &name)?;
        let now = transaction.now();
        transaction.put(record, &AliasRecord { target: permit.key().id, created: now, updated: now })
    }
}

impl Execute for UpdateAliasRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let name = alias_name(&self.alias_name)?;
        let arn = target::alias_arn(caller, &name);
        let question = Question::new(caller, Self::OPERATION);
        target::account_permit(transaction, &question.of_alias(&arn))?;
        let alias = target::alias(transaction, caller, &arn)?;
        let permit = permit(transaction, &question, &self.target_key_id)?;
        if let Some(old) = target::permit_of_alias(transaction, &question, &alias)? {
            let (old, new) = (old.key(), permit.key());
            let symmetric = |key: &KeyRecord| key.spec == KeySpec::SymmetricDefault;
            if old.usage != new.usage || symmetric(old) != symmetric(new) {
                return Err(invalid(
                    "The current and the new KMS key of an alias must be of the same type and have the same key usage. \
                     Use DeleteAlias and CreateAlias instead.",
                ));
            }
            if old.id != new.id {
                remove(transaction, old, &name)?;
                add(transaction, new, &name)?;
            }
        }
        let record = RecordName::alias(&arn.account, &arn.region, &arn.resource);
        let updated = transaction.now();
        transaction.put(record, &AliasRecord { target: permit.key().id, created: alias.created, updated })
    }
}

impl Execute for DeleteAliasRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let name = alias_name(&self.alias_name)?;
        let arn = target::alias_arn(caller, &name);
        let question = Question::new(caller, Self::OPERATION);
        target::account_permit(transaction, &question.of_alias(&arn))?;
        // An alias that outlived its key can be cleared away.
        let permits = match unless_damaged(target::alias(transaction, caller, &arn))? {
            Some(alias) => Vec::from_iter(target::permit_of_alias(transaction, &question, &alias)?),
            None => permits_of_damaged(transaction, &question, &name)?,
        };
        for permit in permits {
            remove(transaction, permit.key(), &name)?;
        }
        transaction.delete(RecordName::alias(&arn.account, &arn.region, &arn.resource));
        Ok(())
    }
}

/// The permits for the keys that say that a damaged alias names them: there is one, unless it was damaged, too. The alias
/// cannot be read any more, but its name is wanted back.
fn permits_of_damaged(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    name: &AliasName,
) -> Result<Vec<Permit>> {
    let caller = question.caller;
    let named = |key: &KeyRecord| key.account == *caller.account() && key.aliases.contains(name.as_str());
    // All keys of the Region, and not the index of the account's, which decides nothing.
    let keys = transaction.list(&RecordName::keys(caller.region()), None, usize::MAX, named)?;
    let mut permits = Vec::new();
    for (_, key) in keys {
        // Read again, as part of what the commit expects.
        if let Some(key) = target::by_id(transaction, caller, key.id.as_bytes())? {
            permits.extend(target::permit_for(transaction, question, key)?);
        }
    }
    Ok(permits)
}

/// The aliases of a key, which its record names. Those that are damaged are noted and passed over.
fn aliases_of(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Vec<(RecordName, AliasRecord)>> {
    let names = key.aliases.iter().map(|name| RecordName::alias(&key.account, &key.region, name));
    // All of them before the first is looked at: a host that fetches is asked for them together.
    let read: Vec<_> = names.map(|name| (transaction.peek::<AliasRecord>(name.clone()), name)).collect();
    let mut found = Vec::new();
    for (alias, name) in read {
        // What an alias names stands in its own record.
        let alias = unless_damaged(alias)?.flatten().filter(|alias| alias.target == key.id);
        found.extend(alias.map(|alias| (name, (*alias).clone())));
    }
    Ok(found)
}

impl Execute for ListAliasesRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListAliasesResponse> {
        let question = Question::new(caller, Self::OPERATION);
        let permit = target::account_permit(transaction, &question)?;
        let arguments: Vec<_> = self.key_id.iter().map(|id| &**id).collect();
        let list = List {
            arguments: &arguments,
            default: 50,
            ..List::of(Self::OPERATION.name(), self.limit, self.marker.as_deref())
        };
        let page = Page::of(&list, transaction, caller)?;
        // The list may be had without a permission for the key, whose aliases are in the whole list, too.
        let key = self.key_id.as_ref().map(|id| target::own(transaction, &question, id)).transpose()?;
        let prefix = RecordName::aliases(permit.account(), permit.region());
        let (found, next_marker) = if let Some(key) = key {
            let position = page.after.as_deref().unwrap_or_default();
            let mut found = aliases_of(transaction, &key)?;
            found.retain(|(name, _)| name.after(&prefix).is_some_and(|name| name > position));
            page.cut(transaction, found, |(name, _)| name.after(&prefix).unwrap_or_default())
        } else {
            let expired = expired_keys(transaction, permit.region())?;
            page.records(transaction, &prefix, None, |alias: &AliasRecord| !expired.contains(&alias.target))?
        };
        let entry = |(name, alias): (RecordName, AliasRecord)| {
            let alias_name = name.after(&prefix).unwrap_or_default();
            AliasListEntry {
                alias_arn: target::alias_arn(caller, &alias_name).to_string(),
                alias_name: alias_name.to_string(),
                target_key_id: Some(alias.target.to_string()),
                creation_date: alias.created,
                last_updated_date: alias.updated,
            }
        };
        Ok(ListAliasesResponse {
            aliases: found.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}
