//! From the text in a request to the key that it names, with a permit to act on it, brought up to the present.

use super::{due::apply_due_for, grant_store, managed_keys, quotas::count_by_key, registry, whereabouts::whereabouts};
use crate::{
    access::{
        AccountPermit, Caller, GrantRecord, Guard, KeyPolicyRecord, Permit, Question, authorize, authorize_key,
        bad_token, denied,
    },
    api::{KeyIdForm, Operation},
    error::{Echo, Error, ErrorKind, Result},
    key::{ALIAS_PREFIX, AliasRecord, Arn, Due, KeyId, KeyRecord, KeyReference, KeySpec, Region},
    store::{RecordName, Transaction, is_damage},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

/// The permit for an operation on the key that a request names, its state checked.
pub(super) fn permit(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Permit> {
    let question = Question { request_alias: request_alias(text), ..*question };
    managed_keys::make_on_first_use(transaction, &question, text)?;
    let of_another = is_of_another(question.caller, text);
    let key = find(transaction, &question, text)?;
    // A bad token is refused before anyone can learn from the answer whether another account has the key. Those of a key that is
    // there are read with what guards it.
    if key.is_none() && of_another {
        granted_by_tokens(transaction, &question)?;
    }
    let permit = match key {
        Some(key) => permit_for(transaction, &question, key).map_err(|error| match error.kind() {
            // One answer, whatever forbids it; the decision's own text has the key's ARN where the request has an alias.
            ErrorKind::AccessDenied if of_another => denied(&question, text),
            _ => error,
        })?,
        None => None,
    };
    permit.ok_or_else(|| not_found(transaction, &question, text))
}

/// The ids of the grants whose tokens came with the request. A token that names no grant is not silently ignored.
pub(super) fn granted_by_tokens(transaction: &mut Transaction<'_>, question: &Question<'_>) -> Result<Vec<String>> {
    let region = question.caller.region();
    let grant = |token: &String| {
        let (key, id) = grant_store::read_token(token)?;
        let name = RecordName::grant(region, &key, &id);
        transaction.get::<GrantRecord>(name)?.map(|_| id).ok_or_else(bad_token)
    };
    question.grant_tokens.iter().map(grant).collect()
}

/// The permit for an operation on an alias, or on nothing that has an ARN.
pub(super) fn account_permit<'a>(
    transaction: &mut Transaction<'_>,
    question: &Question<'a>,
) -> Result<AccountPermit<'a>> {
    let owner = question.resource.account().cloned();
    authorize(question, &registry::guard(transaction, question.caller, owner.as_ref())?)
}

/// What decides about a key together with a question. A key that says that it has a policy, and whose policy is gone, is
/// no one's to use.
pub(super) fn guard_of(transaction: &mut Transaction<'_>, question: &Question<'_>, key: &KeyRecord) -> Result<Guard> {
    let mut guard = registry::guard(transaction, question.caller, Some(&key.account))?;
    guard.tokens_of = granted_by_tokens(transaction, question)?;
    guard.policy = policy_of(transaction, key)?;
    Ok(guard)
}

/// Asks for the permission to act on a key. Policies are asked first, and grants only where they do not allow it: a grant can only
/// give. An explicit deny stands whatever grants there are.
fn authorized(transaction: &mut Transaction<'_>, question: &Question<'_>, key: &Arc<KeyRecord>) -> Result<Permit> {
    transaction.touched.key(key);
    let mut guard = guard_of(transaction, question, key)?;
    let denied = match authorize_key(question, Arc::clone(key), &guard) {
        Err(error) if key.grants > 0 && question.action.is_grantable() => error,
        answer => return answer,
    };
    guard.grants = grant_store::reaching(transaction, key, &guard, &question.of_key(key))?;
    if guard.grants.is_empty() { Err(denied) } else { authorize_key(question, Arc::clone(key), &guard) }
}

/// The policy that was put to a key; `None` where it has the default one.
pub(super) fn policy_of(transaction: &mut Transaction<'_>, key: &KeyRecord) -> Result<Option<Arc<KeyPolicyRecord>>> {
    if !key.has_policy {
        return Ok(None);
    }
    let gone =
        || Error::new(ErrorKind::RecordCorrupted, format!("the key policy of {} is gone from the store", key.arn()));
    transaction.get(RecordName::policy(&key.region, &key.id))?.ok_or_else(gone).map(Some)
}

/// The permit for an operation on a key that was found by other means, its state checked. `None`: its time had come, and it
/// is gone.
pub(super) fn permit_for(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    key: Arc<KeyRecord>,
) -> Result<Option<Permit>> {
    let Some(permit) = permit_in_any_state(transaction, question, key)? else { return Ok(None) };
    let state = permit.key().state_at(transaction.now());
    state.check(question.operation.state_rule(), || permit.key().arn())?;
    Ok(Some(permit))
}

/// As [`permit_for`], whatever the key's state.
///
/// The caller is asked for its permission before time does its work at the key: a caller that may not use a key cannot make the
/// vault write either, whatever ARN or ciphertext they send.
pub(super) fn permit_in_any_state(
    transaction: &mut Transaction<'_>,
    question: &Question<'_>,
    mut key: Arc<KeyRecord>,
) -> Result<Option<Permit>> {
    loop {
        let permit = authorized(transaction, question, &key)?;
        transaction.wipe_missing(&key);
        let due = transaction.vault().due(&key, transaction.now());
        if due == Due::Nothing {
            return Ok(Some(permit));
        }
        // What time did to the key is a change of its own, and stands whatever becomes of the operation.
        let name = RecordName::key(&key.region, key.id.as_bytes());
        match apply_due_for(transaction, &name) {
            Ok(()) => {}
            // Only what encrypts needs the material that cannot be made, and asks for it itself (`materials::current`). What
            // decrypts goes on without it whatever the reason, also over a store that takes no changes.
            Err(error)
                if matches!(due, Due::Rotations(..))
                    && (question.operation == Operation::Decrypt || is_damage(&error)) =>
            {
                return Ok(Some(permit));
            }
            // What has expired is not used either where it cannot be removed: the key's state says so.
            Err(_) if due == Due::Expiry => return Ok(Some(permit)),
            Err(error) => return Err(error),
        }
        transaction.forget_key(&key);
        let Some(changed) = transaction.get_key(name)? else { return Ok(None) };
        key = changed;
    }
}

/// The key that a request names, before anything has checked whether the caller may use it.
pub(super) fn key_of(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Arc<KeyRecord>> {
    let key = find(transaction, question, text)?;
    let key = key.filter(|key| transaction.vault().due(key, transaction.now()) != Due::Deletion);
    key.ok_or_else(|| not_found(transaction, question, text))
}

/// The ARN of the key that a request names, for what has to be known before the question can be asked.
pub(super) fn arn_of(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<String> {
    let key = find(transaction, question, text)?;
    key.map(|key| key.arn()).ok_or_else(|| not_found(transaction, question, text))
}

/// The id of the key that a request names; `None` also where that fails, since asking for a permit reports the failure.
pub(super) fn id_of(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Option<KeyId>> {
    let key = look_up(transaction, question, text).ok().flatten();
    count_by_key(transaction, question, key.as_deref())?;
    Ok(key.map(|key| key.id))
}

/// The answer to a request that counts by the key that it names; also where it was found before any key was looked for.
pub(crate) fn counted<T>(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    operation: Operation,
    text: Option<&str>,
    answer: Result<T>,
) -> Result<T> {
    let Some(text) = text.filter(|_| transaction.is_uncounted) else { return answer };
    let is_refused = answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Throttling);
    // What could not be read, since the vault's key was replaced, is done again.
    let is_again = answer.is_err() && transaction.is_outdated();
    if !is_refused && !is_again {
        id_of(transaction, &Question::new(caller, operation), text)?;
    }
    answer
}

/// The spec of the key that a request names; `None` where the caller's account has none. Before a permit nothing may depend on
/// another account's keys.
pub(crate) fn spec_of(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Option<KeySpec> {
    let key = look_up(transaction, question, text).ok().flatten();
    key.filter(|key| key.account == *question.caller.account()).map(|key| key.spec)
}

/// A key of the caller's own account, for an operation that only looks for what names it: it needs no permission for the key.
pub(super) fn own(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Arc<KeyRecord>> {
    match find(transaction, question, text)? {
        Some(key) if key.account != *question.caller.account() => Err(denied(question, &key.arn())),
        Some(key) if transaction.vault().due(&key, transaction.now()) != Due::Deletion => Ok(key),
        _ => Err(not_found(transaction, question, text)),
    }
}

/// The alias name in what a request has for a key.
pub(super) fn request_alias(text: &str) -> Option<&str> {
    let resource = if text.starts_with("arn:") { text.splitn(6, ':').nth(5)? } else { text };
    resource.starts_with(ALIAS_PREFIX).then_some(resource)
}

/// The key that a request names, as it is stored; `None` where there is none. What there is decides about the quota of a request that
/// counts by its key.
fn find(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Option<Arc<KeyRecord>>> {
    let key = look_up(transaction, question, text)?;
    count_by_key(transaction, question, key.as_deref())?;
    Ok(key)
}

fn look_up(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Result<Option<Arc<KeyRecord>>> {
    let Question { caller, operation, .. } = *question;
    let (id, place) = match KeyReference::parse(text, operation.error_of_bad_arn())? {
        KeyReference::Key(id, place) => (id, place),
        KeyReference::Alias(..) if operation.key_id_form() != KeyIdForm::Any => {
            let kind = if text.starts_with("arn:") { operation.error_of_bad_arn() } else { ErrorKind::NotFound };
            return Err(Error::new(kind, format!("Invalid keyId '{}'", Echo(text)))
                .explain(format!("{} takes a key id or key ARN, not an alias", operation.name())));
        }
        KeyReference::Alias(name, place) => {
            let (account, region) = place.unwrap_or_else(|| (caller.account().clone(), caller.region().clone()));
            if region != *caller.region() {
                return Err(elsewhere(&region));
            }
            let arn = Arn { region, account, resource: name.to_string() };
            if arn.account != *caller.account() {
                let alias =
                    transaction.get::<AliasRecord>(RecordName::alias(&arn.account, &arn.region, &arn.resource))?;
                return match alias.filter(|_| question.action.crosses_accounts()) {
                    Some(alias) => by_id(transaction, caller, alias.target.as_bytes()),
                    None => Ok(None),
                };
            }
            let alias = alias(transaction, caller, &arn)?;
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

/// The key with that id in the caller's Region, as it is stored: no one has asked yet whether the caller may use it.
pub(super) fn by_id(
    transaction: &mut Transaction<'_>,
    caller: &Caller,
    id: &[u8; 16],
) -> Result<Option<Arc<KeyRecord>>> {
    transaction.get_key(RecordName::key(caller.region(), id))
}

/// Writes a changed key back, if it did change.
pub(super) fn update(
    transaction: &mut Transaction<'_>,
    permit: &Permit,
    change: impl FnOnce(&mut KeyRecord),
) -> Result<()> {
    let mut key = permit.key().clone();
    change(&mut key);
    transaction.put_changed(permit.key(), &key)
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
    question: &Question<'_>,
    alias: &AliasRecord,
) -> Result<Option<Permit>> {
    match by_id(transaction, question.caller, alias.target.as_bytes())? {
        Some(key) => permit_in_any_state(transaction, question, key),
        None => Ok(None),
    }
}

/// The ARN of one of the caller's own aliases.
pub(super) fn alias_arn(caller: &Caller, name: &dyn core::fmt::Display) -> Arn {
    Arn { region: caller.region().clone(), account: caller.account().clone(), resource: name.to_string() }
}

/// Whether an ARN is of another account than the caller's.
fn is_of_another(caller: &Caller, text: &str) -> bool {
    // What is no ARN is mostly an id or an alias, and to say in words why it is none would cost more than the rest of the look-up.
    text.starts_with("arn:") && text.parse::<Arn>().is_ok_and(|arn| arn.account != *caller.account())
}

/// In AWS's words: a key id alone is one of the caller's account and Region. What another account does not have is answered as
/// what it does not let the caller use, so that no one learns which keys others have.
fn not_found(transaction: &mut Transaction<'_>, question: &Question<'_>, text: &str) -> Error {
    let caller = question.caller;
    if is_of_another(caller, text) {
        return denied(question, text);
    }
    let arn = match KeyReference::parse(text, ErrorKind::NotFound) {
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
