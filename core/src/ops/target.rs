//! From the text in a request to the key that it names, brought up to the present, with a permit to act on it.

use super::{need, settle, validate::Validator};
use crate::{
    access::{Caller, Permit, authorize, check_grant_tokens},
    api::Operation,
    error::{Echo, Error, ErrorKind, Result},
    key::{AliasRecord, Arn, Due, KeyRecord, KeyReference},
    store::{RecordName, Transaction},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
};

/// How an operation lets its key be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// By key id, key ARN, alias name or alias ARN.
    Any,
    /// By key id or key ARN.
    ById,
}

/// The permit for an operation on the key that a request names, its state checked.
pub(super) fn permit(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    (member, text): (&str, &str),
    named: Named,
    grant_tokens: Option<&[String]>,
) -> Result<Permit> {
    Validator::new().key_name(member, text).grant_tokens(grant_tokens).finish()?;
    let key = find(transaction, caller, operation, text, named)?;
    permit_for(caller, operation, key, grant_tokens)
}

/// The permit for an operation on a key that was found by other means.
pub(super) fn permit_for(
    caller: &Caller,
    operation: Operation,
    key: Arc<KeyRecord>,
    grant_tokens: Option<&[String]>,
) -> Result<Permit> {
    check_grant_tokens(grant_tokens)?;
    let permit = authorize(caller, operation, key)?;
    permit.key().state.check(need(operation), || permit.key().arn())?;
    Ok(permit)
}

/// The key that a request names, brought up to the present.
fn find(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    text: &str,
    named: Named,
) -> Result<Arc<KeyRecord>> {
    let reference: KeyReference = text.parse().map_err(|error| for_operation(operation, error))?;
    let (id, place) = match reference {
        KeyReference::Key(id, place) => (id, place),
        KeyReference::Alias(..) if named == Named::ById => {
            let kind = if text.starts_with("arn:") { ErrorKind::InvalidArn } else { ErrorKind::NotFound };
            let error = Error::new(kind, format!("Invalid keyId '{}'", Echo(text)))
                .explain(format!("{} takes a key id or key ARN, not an alias", operation.name()));
            return Err(for_operation(operation, error));
        }
        KeyReference::Alias(name, place) => {
            let (account, region) = place.unwrap_or_else(|| (caller.account().clone(), caller.region().clone()));
            if region != *caller.region() {
                return Err(elsewhere(operation, text));
            }
            let alias = alias(transaction, caller, &Arn { region, account, resource: name.to_string() })?;
            // The target of an alias is a key of the alias's own account; it is no news to who may use the alias.
            return by_id(transaction, caller, alias.target.as_bytes())?.ok_or_else(|| not_found(text));
        }
    };
    if place.as_ref().is_some_and(|(_, region)| region != caller.region()) {
        return Err(elsewhere(operation, text));
    }
    // Without an ARN a key id means a key of the caller's own account.
    let account = place.map_or_else(|| caller.account().clone(), |(account, _)| account);
    by_id(transaction, caller, id.as_bytes())?
        .filter(|key| key.id == id && key.account == account)
        .ok_or_else(|| not_found(text))
}

/// The key with that id in the caller's Region, brought up to the present; `None` where there is none any more.
pub(super) fn by_id(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &[u8; 16],
) -> Result<Option<Arc<KeyRecord>>> {
    loop {
        let Some(key) = transaction.get::<KeyRecord>(RecordName::key(caller.region(), id))? else { return Ok(None) };
        if key.due(transaction.now()) == Due::Nothing {
            return Ok(Some(key));
        }
        // What time did to the key is a change of its own, and stands whatever becomes of the operation.
        let name = RecordName::key(caller.region(), id);
        settle::settle(transaction.vault(), &name, transaction.now())?;
        transaction.forget(&name);
    }
}

/// Writes a changed key back, if it did change.
pub(super) fn update(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    change: impl FnOnce(&mut KeyRecord),
) -> Result<()> {
    let mut key = permit.key().clone();
    change(&mut key);
    if key == *permit.key() {
        return Ok(());
    }
    transaction.put(RecordName::key(&key.region, key.id.as_bytes()), &key)
}

/// An alias of the account and Region in `arn`.
pub(super) fn alias(transaction: &mut Transaction<'_>, caller: &Caller, arn: &Arn) -> Result<Arc<AliasRecord>> {
    let name = RecordName::alias(&arn.account, &arn.region, &arn.resource);
    let found = if arn.account == *caller.account() { transaction.get(name)? } else { None };
    found.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("Alias {arn} is not found.")))
}

/// The ARN of one of the caller's own aliases.
pub(super) fn alias_arn(caller: &Caller, name: &dyn core::fmt::Display) -> Arn {
    Arn { region: caller.region().clone(), account: caller.account().clone(), resource: name.to_string() }
}

fn not_found(text: &str) -> Error {
    Error::new(ErrorKind::NotFound, format!("Key '{}' does not exist", Echo(text)))
}

fn elsewhere(operation: Operation, text: &str) -> Error {
    let error = Error::new(ErrorKind::InvalidArn, format!("Invalid arn '{}'", Echo(text)))
        .explain("the ARN names another Region than the caller's: call with a caller of that Region");
    for_operation(operation, error)
}

/// Some operations have no `InvalidArnException` in the service model: there a bad ARN is a `NotFoundException`.
fn for_operation(operation: Operation, error: Error) -> Error {
    let knows_invalid_arn = !matches!(
        operation,
        Operation::Encrypt
            | Operation::Decrypt
            | Operation::ReEncrypt
            | Operation::GenerateDataKey
            | Operation::GenerateDataKeyWithoutPlaintext
            | Operation::CreateAlias
            | Operation::UpdateAlias
            | Operation::DeleteAlias
    );
    if error.kind() == ErrorKind::InvalidArn && !knows_invalid_arn {
        return error.with_kind(ErrorKind::NotFound);
    }
    error
}
