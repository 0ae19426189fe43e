//! `CreateAlias`, `UpdateAlias`, `DeleteAlias`, `ListAliases`.

use super::{
    Execute,
    page::Page,
    target::{self, Named, permit},
    validate::{Validator, invalid},
};
use crate::{
    access::Caller,
    api::{
        AliasListEntry, CreateAliasRequest, DeleteAliasRequest, ListAliasesRequest, ListAliasesResponse, Request,
        UpdateAliasRequest,
    },
    error::{Echo, Error, ErrorKind, Result},
    key::{ALIAS_PREFIX, AliasName, AliasRecord, KeyRecord, KeySpec},
    store::{RecordName, Transaction},
};
use alloc::{format, string::ToString, vec::Vec};

/// The most aliases of one key (AWS KMS Developer Guide, "Resource quotas").
const MAX_ALIASES_PER_KEY: u32 = 50;
/// Aliases that begin so are for keys that AWS manages.
const RESERVED: &str = "alias/aws/";

/// An alias name of a form that can exist.
fn alias_name(name: &str) -> Result<AliasName> {
    Validator::new()
        .length("aliasName", name.chars().count(), 1..=256)
        .require(
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/_-".contains(&byte)),
            "aliasName",
            "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        )
        .finish()?;
    // The pattern has the colon for alias ARNs; the name itself cannot hold one (CreateAlias, AliasName).
    name.parse::<AliasName>().ok().filter(|_| !name.contains(':')).ok_or_else(|| {
        invalid(format!(
            "Invalid alias name '{}': it must begin with '{ALIAS_PREFIX}', followed by letters, digits, /, _ and -",
            Echo(name)
        ))
    })
}

/// Notes that a key has one alias more or less.
fn count(transaction: &mut Transaction<'_>, key: &KeyRecord, change: i32) -> Result<()> {
    let aliases = key.aliases.saturating_add_signed(change);
    transaction.put(RecordName::key(&key.region, key.id.as_bytes()), &KeyRecord { aliases, ..key.clone() })
}

/// Notes that a key has one alias more, if it may.
fn add(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<()> {
    if key.aliases >= MAX_ALIASES_PER_KEY {
        return Err(Error::new(
            ErrorKind::LimitExceeded,
            format!("A KMS key can have at most {MAX_ALIASES_PER_KEY} aliases."),
        ));
    }
    count(transaction, key, 1)
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
        let target = ("targetKeyId", &*self.target_key_id);
        let permit = permit(transaction, caller, Self::OPERATION, target, Named::ById, None)?;
        let arn = target::alias_arn(caller, &name);
        let record = RecordName::alias(&arn.account, &arn.region, &arn.resource);
        if let Some(alias) = transaction.get::<AliasRecord>(record.clone())? {
            // One whose key fell due goes with it, and the name is free.
            if target::by_id(transaction, caller, alias.target.as_bytes())?.is_some() {
                let message = format!("An alias with the name {arn} already exists");
                return Err(Error::new(ErrorKind::AlreadyExists, message));
            }
        }
        add(transaction, permit.key())?;
        let now = transaction.now();
        transaction.put(record, &AliasRecord { target: permit.key().id, created: now, updated: now })
    }
}

impl Execute for UpdateAliasRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let name = alias_name(&self.alias_name)?;
        Validator::new().key_name("targetKeyId", &self.target_key_id).finish()?;
        let arn = target::alias_arn(caller, &name);
        let alias = target::alias(transaction, caller, &arn)?;
        let new = ("targetKeyId", &*self.target_key_id);
        let permit = permit(transaction, caller, Self::OPERATION, new, Named::ById, None)?;
        if let Some(old) = target::by_id(transaction, caller, alias.target.as_bytes())? {
            let new = permit.key();
            let symmetric = |key: &KeyRecord| key.spec == KeySpec::SymmetricDefault;
            if old.usage != new.usage || symmetric(&old) != symmetric(new) {
                return Err(invalid(
                    "The current and the new KMS key of an alias must be of the same type and have the same key usage. \
                     Use DeleteAlias and CreateAlias instead.",
                ));
            }
            if old.id != new.id {
                count(transaction, &old, -1)?;
                add(transaction, new)?;
            }
        }
        let record = RecordName::alias(&arn.account, &arn.region, &arn.resource);
        let updated = transaction.now();
        transaction.put(record, &AliasRecord { target: permit.key().id, created: alias.created, updated })
    }
}

impl Execute for DeleteAliasRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<()> {
        let arn = target::alias_arn(caller, &alias_name(&self.alias_name)?);
        let alias = target::alias(transaction, caller, &arn)?;
        // Permission is asked of the key; an alias that outlived its key can be cleared away.
        if let Some(key) = target::by_id(transaction, caller, alias.target.as_bytes())? {
            let permit = target::permit_for(caller, Self::OPERATION, key, None)?;
            count(transaction, permit.key(), -1)?;
        }
        transaction.delete(RecordName::alias(&arn.account, &arn.region, &arn.resource));
        Ok(())
    }
}

impl Execute for ListAliasesRequest {
    fn execute(&self, transaction: &mut Transaction<'_>, caller: &Caller) -> Result<ListAliasesResponse> {
        let page = Page::new(self.limit, self.marker.as_deref(), 50, 100)?;
        let target = match &self.key_id {
            Some(id) => {
                let permit = permit(transaction, caller, Self::OPERATION, ("keyId", id), Named::ById, None)?;
                Some(permit.key().id)
            }
            None => None,
        };
        let prefix = RecordName::aliases(caller.account(), caller.region());
        let mut found: Vec<(RecordName, AliasRecord)> = Vec::new();
        let mut after = page.after.as_ref().map(|position| [prefix.as_str(), position].concat());
        while found.len() < page.wanted() {
            let records = transaction.scan::<AliasRecord>(&prefix, after.as_deref(), page.wanted())?;
            let Some((last, _)) = records.last() else { break };
            after = Some(last.as_str().to_string());
            found.extend(records.into_iter().filter(|(_, alias)| target.is_none_or(|target| target == alias.target)));
        }
        let name = |record: &RecordName| record.after(&prefix).unwrap_or_default().to_string();
        let entries: Vec<_> = found.iter().map(|(record, alias)| (name(record), alias)).collect();
        let (entries, next_marker) = page.cut(entries, |(name, _)| name);
        let entry = |(name, alias): (alloc::string::String, &AliasRecord)| AliasListEntry {
            alias_arn: target::alias_arn(caller, &name).to_string(),
            alias_name: name,
            target_key_id: Some(alias.target.to_string()),
            creation_date: alias.created,
            last_updated_date: alias.updated,
        };
        Ok(ListAliasesResponse {
            aliases: entries.into_iter().map(entry).collect(),
            truncated: next_marker.is_some(),
            next_marker,
        })
    }
}
