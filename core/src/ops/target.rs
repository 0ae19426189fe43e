//! From the text in a request to the key that it names, with a permit to act on it, brought up to the present.

use super::{need, settle, whereabouts::whereabouts};
use crate::{
    access::{Caller, Permit, authorize, check_grant_tokens},
    api::Operation,
    error::{Echo, Error, ErrorKind, Result},
    key::{AliasRecord, Arn, Due, KeyRecord, KeyReference, Region},
    store::{RecordName, Transaction, is_damage},
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
    text: &str,
    named: Named,
    grant_tokens: Option<&[String]>,
) -> Result<Permit> {
    let permit = match find(transaction, caller, operation, text, named)? {
        Some(key) => permit_for(transaction, caller, operation, key, grant_tokens)?,
        None => None,
    };
    permit.ok_or_else(|| not_found(transaction, caller, text))
}

/// The permit for an operation on a key that was found by other means, its state checked. `None`: its time had come, and it
/// is gone.
pub(super) fn permit_for(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    key: Arc<KeyRecord>,
    grant_tokens: Option<&[String]>,
) -> Result<Option<Permit>> {
    check_grant_tokens(grant_tokens)?;
    let Some(permit) = permit_in_any_state(transaction, caller, operation, key)? else { return Ok(None) };
    permit.key().state.check(need(operation), || permit.key().arn())?;
    Ok(Some(permit))
}

/// As [`permit_for`], whatever the key's state.
///
/// The caller is asked for its permission before time does its work at the key: whoever may not use a key cannot make the
/// vault write either, whatever ARN or ciphertext they send.
fn permit_in_any_state(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    mut key: Arc<KeyRecord>,
) -> Result<Option<Permit>> {
    loop {
        let permit = authorize(caller, operation, Arc::clone(&key))?;
        let due = transaction.vault().due(&key, transaction.now());
        if due == Due::Nothing {
            return Ok(Some(permit));
        }
        // What time did to the key is a change of its own, and stands whatever becomes of the operation.
        let name = RecordName::key(&key.region, key.id.as_bytes());
        match settle::settle_for(transaction, &name) {
            Ok(()) => {}
            // Only what encrypts needs the material that cannot be made, and asks for it itself (`materials::current`). What
            // decrypts goes on without it whatever the reason, also over a store that takes no changes.
            Err(error)
                if matches!(due, Due::Rotations(..)) && (operation == Operation::Decrypt || is_damage(&error)) =>
            {
                return Ok(Some(permit));
            }
            Err(error) => return Err(error),
        }
        transaction.forget(&name);
        let Some(settled) = transaction.get::<KeyRecord>(name)? else { return Ok(None) };
        key = settled;
    }
}

/// The key that a request names, as it is stored; `None` where there is none.
fn find(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    text: &str,
    named: Named,
) -> Result<Option<Arc<KeyRecord>>> {
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
                return Err(elsewhere(&region));
            }
            let alias = alias(transaction, caller, &Arn { region, account, resource: name.to_string() })?;
            // The target of an alias is a key of the alias's own account; it is no news to who may use the alias.
            return by_id(transaction, caller, alias.target.as_bytes());
        }
    };
    if let Some((_, region)) = place.as_ref().filter(|(_, region)| region != caller.region()) {
        return Err(elsewhere(region));
    }
    // Without an ARN a key id means a key of the caller's own account.
    let account = place.map_or_else(|| caller.account().clone(), |(account, _)| account);
    let key = by_id(transaction, caller, id.as_bytes())?;
    Ok(key.filter(|key| key.id == id && key.account == account))
}

/// The key with that id in the caller's Region, as it is stored: nobody has asked yet whether the caller may use it.
pub(super) fn by_id(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &[u8; 16],
) -> Result<Option<Arc<KeyRecord>>> {
    transaction.get(RecordName::key(caller.region(), id))
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
    found.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("Alias {arn} is not found.")).explain(whereabouts(transaction, caller))
    })
}

/// The permit for an operation on the key that an alias names, whatever the key's state; `None` where it is gone.
pub(super) fn permit_of_alias(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    alias: &AliasRecord,
) -> Result<Option<Permit>> {
    match by_id(transaction, caller, alias.target.as_bytes())? {
        Some(key) => permit_in_any_state(transaction, caller, operation, key),
        None => Ok(None),
    }
}

/// The ARN of one of the caller's own aliases.
pub(super) fn alias_arn(caller: &Caller, name: &dyn core::fmt::Display) -> Arn {
    Arn { region: caller.region().clone(), account: caller.account().clone(), resource: name.to_string() }
}

/// In AWS's words: a key id alone is one of the caller's account and Region.
fn not_found(transaction: &Transaction<'_>, caller: &Caller, text: &str) -> Error {
    let arn = match text.parse() {
        Ok(KeyReference::Key(id, None)) => Arn::text(caller.region(), caller.account(), &format_args!("key/{id}")),
        _ => text.to_string(),
    };
    Error::new(ErrorKind::NotFound, format!("Key '{}' does not exist", Echo(&arn)))
        .explain(whereabouts(transaction, caller))
}

/// `NotFoundException` of every operation, as AWS answers, and not the model's `InvalidArnException`.
fn elsewhere(region: &Region) -> Error {
    Error::new(ErrorKind::NotFound, format!("Invalid arn {region}"))
        .explain("the ARN names another Region than the caller's: call with a caller of that Region")
}

/// Some operations have no `InvalidArnException` in the service model: there a bad ARN is a `NotFoundException`.
fn for_operation(operation: Operation, error: Error) -> Error {
    let knows_invalid_arn = operation.errors().contains(&ErrorKind::InvalidArn);
    if error.kind() == ErrorKind::InvalidArn && !knows_invalid_arn {
        return error.with_kind(ErrorKind::NotFound);
    }
    error
}
